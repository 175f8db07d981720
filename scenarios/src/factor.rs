//! What a finding can need: faults, and what games and admins do.

mod stays;

use std::sync::LazyLock;

use dupeproof_core::Span;
use dupeproof_sim::guest::Command;
use dupeproof_sim::id::ServiceName;
use dupeproof_sim::schedule::{Action, GamePlan, RequestClass, Schedule};

use crate::catalogue::catalogue;
use crate::fault::{CauseRow, Evidence, Fault, Group, READS, WRITES};
use stays::Route;
pub(crate) use stays::TRAVEL;

catalogue! {
    /// What players, a game or an admin do that a finding can need.
    pub enum Intervention {
        Steal "steal" "a game starts a session with Steal",
        Removal "removal" "an admin removes a record",
        Rollback "rollback" "an admin writes an old record back",
        Errands "errands" "a game goes on with a session that is over or suspended",
        MessageDelay "message_delay" "a game handles messages one after the other, and the newest first",
        Constants "constants" "a game has constants of its own",
        Overfill "overfill" "a game has data that cannot be stored",
        FullRecord "full_record" "a record is full of what it remembers only so much of",
        Lease "lease" "a server has a lease of its own, or changes its lease",
        TwoDevices "two_devices" "a player joins a server while still on another",
        Rejoin "rejoin" "a player comes back to the server that they left",
        QuickHop "quick_hop" "a player joins a server within 5 seconds of leaving another",
        QuickRejoin "quick_rejoin" "a player joins a server within 5 seconds of leaving it",
        LongStay "long_stay" "a player stays on a server for more than two minutes",
    }
}

impl Intervention {
    /// How much is known of it: of most, that it is up to the players, the game and its admins.
    pub fn evidence(self) -> Evidence {
        match self {
            Intervention::QuickHop => Evidence::Documented,
            Intervention::QuickRejoin => Evidence::Inferred,
            _ => Evidence::Ordinary,
        }
    }

    /// Those that are about when players come and go: taking a step away can bring one of them about.
    pub(crate) const OF_STAYS: [Intervention; 5] = [
        Intervention::TwoDevices,
        Intervention::Rejoin,
        Intervention::QuickHop,
        Intervention::QuickRejoin,
        Intervention::LongStay,
    ];

    /// Where that is documented; empty for what needs no source.
    pub fn source(self) -> &'static str {
        match self {
            Intervention::QuickHop => {
                "player-data-purchasing: \"you can't assume that data from one session is always saved before the next session starts\""
            }
            Intervention::QuickRejoin => {
                "nobody has reported one; a place has to be loaded, but the server may hear of the leaving late"
            }
            _ => "",
        }
    }
}

/// Something that can be taken out of a schedule as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Factor {
    /// A fault that is like no other.
    Fault(Fault),
    /// Faults that make the same thing go wrong.
    Group(Group),
    /// What players, a game or an admin do.
    Intervention(Intervention),
}

/// In the order of their first fault; then what people do.
static ALL: LazyLock<Vec<Factor>> = LazyLock::new(|| {
    let mut all: Vec<Factor> = Vec::new();
    for factor in Fault::ALL.iter().flat_map(|fault| Factor::all_of(*fault)) {
        if !all.contains(&factor) {
            all.push(factor);
        }
    }
    all.extend(Intervention::ALL.iter().copied().map(Factor::Intervention));
    all
});

impl Factor {
    /// All of them: what happens to servers, clocks, and services; then what people do.
    pub fn all() -> &'static [Factor] {
        &ALL
    }

    /// The name, as reports use it.
    pub fn name(self) -> &'static str {
        match self {
            Factor::Fault(fault) => fault.name(),
            Factor::Group(group) => group.name(),
            Factor::Intervention(intervention) => intervention.name(),
        }
    }

    /// One line for people.
    pub fn about(self) -> &'static str {
        match self {
            Factor::Fault(fault) => fault.about(),
            Factor::Group(group) => group.about(),
            Factor::Intervention(intervention) => intervention.about(),
        }
    }

    /// Which one a step of the timeline is, if any.
    pub(crate) fn of_action(action: &Action) -> Option<Factor> {
        match action {
            Action::Command { command: Command::Steal(_), .. } => Some(Factor::Intervention(Intervention::Steal)),
            Action::Command { command: Command::Remove(_), .. } => Some(Factor::Intervention(Intervention::Removal)),
            Action::Command { command: Command::Rollback(_), .. } => Some(Factor::Intervention(Intervention::Rollback)),
            Action::Command { command: Command::Overfill(_), .. } => Some(Factor::Intervention(Intervention::Overfill)),
            Action::Command { command: Command::Errands { .. }, .. } => {
                Some(Factor::Intervention(Intervention::Errands))
            }
            Action::SetLease { .. } => Some(Factor::Intervention(Intervention::Lease)),
            Action::Command { .. } => None,
            other => {
                let fault = Fault::of_action(other)?;
                match (fault.cause(), other) {
                    (
                        CauseRow::ByService(group_of),
                        Action::Partition { service, .. } | Action::Disconnect { service, .. },
                    ) => Some(Factor::Group(group_of(*service))),
                    (CauseRow::ByRequest { reads, writes }, Action::FailNext { class, .. }) => {
                        Some(Factor::Group(if READS.contains(class) { reads } else { writes }))
                    }
                    _ => Factor::of_fault(fault),
                }
            }
        }
    }

    /// Which one a fault is; `None` if that depends on the step, or on the request that meets it.
    fn of_fault(fault: Fault) -> Option<Factor> {
        match fault.cause() {
            CauseRow::Itself => Some(Factor::Fault(fault)),
            CauseRow::As(group) => Some(Factor::Group(group)),
            CauseRow::ByService(_) | CauseRow::ByRequest { .. } => None,
        }
    }

    /// What the causes of a finding call a fault: one factor, one for each service that it can be about, or one for
    /// requests that read and one for those that write.
    pub fn all_of(fault: Fault) -> Vec<Factor> {
        match (Factor::of_fault(fault), fault.cause()) {
            (Some(factor), _) => vec![factor],
            (None, CauseRow::ByService(group_of)) => {
                ServiceName::ALL.into_iter().map(|service| Factor::Group(group_of(service))).collect()
            }
            (None, CauseRow::ByRequest { reads, writes }) => vec![Factor::Group(reads), Factor::Group(writes)],
            (None, CauseRow::Itself | CauseRow::As(_)) => Vec::new(),
        }
    }

    /// Whether it is a fault, by the same name; any other stands for several faults, or for what a game or an admin does.
    pub fn is_fault(self) -> bool {
        matches!(self, Factor::Fault(_))
    }

    /// Those of a schedule, in the order of [`Factor::all`].
    pub fn all_in(schedule: &Schedule) -> Vec<Factor> {
        Factor::all().iter().copied().filter(|factor| factor.is_in(schedule)).collect()
    }

    pub(crate) fn is_in(self, schedule: &Schedule) -> bool {
        let mut twin = schedule.clone();
        self.take_out(&mut twin);
        twin != *schedule
    }

    /// Takes it out of a schedule, and nothing else.
    pub fn take_out(self, schedule: &mut Schedule) {
        schedule.timeline.retain(|step| Factor::of_action(&step.action) != Some(self));
        for fault in Fault::ALL.iter().filter(|fault| Factor::of_fault(**fault) == Some(self)) {
            fault.take_out(schedule);
        }
        self.take_out_of_requests(schedule);
        match self {
            Factor::Intervention(Intervention::Lease) => {
                schedule.servers.iter_mut().for_each(|server| server.lease = Span::ZERO);
            }
            Factor::Intervention(Intervention::FullRecord) => schedule.game.remembered = 0,
            Factor::Intervention(Intervention::Constants) => {
                let GamePlan { remembered, message_delay, .. } = schedule.game;
                schedule.game = GamePlan { remembered, message_delay, ..GamePlan::default() };
            }
            Factor::Intervention(Intervention::MessageDelay) => schedule.game.message_delay = Span::ZERO,
            Factor::Intervention(Intervention::TwoDevices) => stays::one_at_a_time(schedule),
            Factor::Intervention(Intervention::Rejoin) => stays::nobody_comes_back(schedule),
            Factor::Intervention(Intervention::QuickHop) => stays::nobody_hurries(schedule, Route::Hop),
            Factor::Intervention(Intervention::QuickRejoin) => stays::nobody_hurries(schedule, Route::Back),
            Factor::Intervention(Intervention::LongStay) => stays::nobody_stays_long(schedule),
            _ => {}
        }
    }

    /// Takes it out of what requests meet throughout.
    fn take_out_of_requests(self, schedule: &mut Schedule) {
        for fault in Fault::ALL {
            let (CauseRow::ByRequest { reads, writes }, Some(row)) = (fault.cause(), fault.request()) else { continue };
            let of = |group, classes: &'static [RequestClass]| if self == Factor::Group(group) { classes } else { &[] };
            for class in of(reads, &READS).iter().chain(of(writes, &WRITES)) {
                *schedule.services.faults.of_mut(*class).of_mut((row.fault)(Span::ZERO)) = 0;
            }
        }
    }

    /// Whether requests that meet a fault throughout are it.
    pub(crate) fn is_met_by_requests(self, fault: Fault, schedule: &Schedule) -> bool {
        let Some(row) = fault.request() else { return false };
        let classes: &[RequestClass] = match fault.cause() {
            CauseRow::ByRequest { reads, .. } if self == Factor::Group(reads) => &READS,
            CauseRow::ByRequest { writes, .. } if self == Factor::Group(writes) => &WRITES,
            _ => return false,
        };
        let rate = |class: &RequestClass| schedule.services.faults.of(*class).of((row.fault)(Span::ZERO));
        classes.iter().any(|class| rate(class) > 0)
    }

    /// How long the longest stay is, if it is this that a stay is long.
    pub(crate) fn longest_stay(self, schedule: &Schedule) -> Option<Span> {
        let is_it = self == Factor::Intervention(Intervention::LongStay);
        is_it.then(|| stays::longest(schedule)).flatten()
    }
}
