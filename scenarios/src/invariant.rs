//! What must hold: one small machine per promise, all fed from the trace and from nothing else.

pub mod admin_undone;
pub mod coordinators;
pub mod crashed;
pub mod double_live;
pub mod edit_not_live;
pub mod false_ack;
mod hindrance;
pub mod items;
mod leftovers;
pub mod lock_stuck;
pub mod lost_update;
pub mod messages;
pub mod older_start_won;
pub mod overdue;
mod presence;
pub mod purchases;
pub mod request_storm;
pub mod shutdown_overrun;
pub mod silent_end;
pub mod stale_start;
pub mod start_refused;
mod subscriptions;
pub mod unasked_end;
pub mod undated_save;
pub mod unfenced_write;

use dupeproof_core::Span;
use dupeproof_sim::id::PlayerId;
use dupeproof_sim::record_layout::RecordLayout;
use dupeproof_sim::trace::{Event, Observer};
use dupeproof_sim::{Action, Command, FindingKind, Global, GuestEvent, LockTaking, Reading, Schedule, Subject};

use crate::coverage::{Coverage, CoverageObserver};
use crate::finding::Finding;
use crate::history::{Entry, History};
use crate::measure::{Meter, Sample};

/// All invariants and counters over one run.
#[derive(Debug)]
pub struct Invariants {
    history: History,
    coverage_observer: CoverageObserver,
    meter: Meter,
    hindrances: hindrance::Hindrances,
    presence: presence::Presence,
    double_live: double_live::DoubleLive,
    unfenced_write: unfenced_write::UnfencedWrite,
    silent_end: silent_end::SilentEnd,
    lock_stuck: lock_stuck::LockStuck,
    edit_not_live: edit_not_live::EditNotLive,
    notices: overdue::Notices,
    hand_overs: overdue::HandOvers,
    unsaved: overdue::Unsaved,
    items: items::Items,
    messages: messages::Messages,
    purchases: purchases::Purchases,
    shutdown_overrun: shutdown_overrun::ShutdownOverrun,
    request_storm: request_storm::RequestStorm,
    subscriptions: subscriptions::Subscriptions,
    undated_save: undated_save::UndatedSave,
    unasked_end: unasked_end::UnaskedEnd,
    start_refused: start_refused::StartRefused,
    admin_undone: admin_undone::AdminUndone,
    findings: Vec<Finding>,
    /// Tells the trace of a subject with names of its own.
    reading: Reading,
    /// Kinds that cannot be told for the subject.
    not_tried: Vec<FindingKind>,
}

impl Invariants {
    /// Before a run of this schedule with a subject that stores things like this.
    pub fn new(schedule: &Schedule, layout: RecordLayout) -> Invariants {
        Invariants {
            history: History::new(schedule, layout),
            coverage_observer: CoverageObserver::of(schedule),
            meter: Meter::new(schedule),
            hindrances: hindrance::Hindrances::default(),
            presence: presence::Presence::new(schedule),
            double_live: double_live::DoubleLive::default(),
            unfenced_write: unfenced_write::UnfencedWrite::default(),
            silent_end: silent_end::SilentEnd::default(),
            lock_stuck: lock_stuck::LockStuck::new(schedule),
            edit_not_live: edit_not_live::EditNotLive::default(),
            notices: overdue::Notices::new(schedule),
            hand_overs: overdue::HandOvers::new(schedule),
            unsaved: overdue::Unsaved::new(schedule),
            items: items::Items::new(schedule),
            messages: messages::Messages::default(),
            purchases: purchases::Purchases::new(schedule),
            shutdown_overrun: shutdown_overrun::ShutdownOverrun::default(),
            request_storm: request_storm::RequestStorm::new(schedule),
            subscriptions: subscriptions::Subscriptions::default(),
            undated_save: undated_save::UndatedSave::default(),
            unasked_end: unasked_end::UnaskedEnd::default(),
            start_refused: start_refused::StartRefused::default(),
            admin_undone: admin_undone::AdminUndone::default(),
            findings: Vec::new(),
            reading: Reading::default(),
            not_tried: Vec::new(),
        }
    }

    /// Before a run of this schedule with this subject: by its names, and without what cannot be told for it.
    pub fn of(schedule: &Schedule, subject: &dyn Subject) -> Invariants {
        let mut invariants = Invariants::new(schedule, subject.layout());
        invariants.reading = Reading::of(subject);
        invariants.not_tried = FindingKind::ALL.into_iter().filter(|kind| subject.not_tried(*kind).is_some()).collect();
        if invariants.not_tried.contains(&FindingKind::PurchaseLost) {
            invariants.purchases.ignore_stored();
        }
        if !subject.knows_lock() {
            invariants.history.ignore_unseen_locks();
            invariants.start_refused.ignore_unseen_locks();
        }
        invariants.promise(subject.start_bound(schedule), subject.auto_save(schedule));
        invariants
    }

    /// A start takes no longer than `start_bound`, whoever held the lock, and each session is saved once in every `auto_save`,
    /// if the subject says so.
    pub fn promise(&mut self, start_bound: Span, auto_save: Option<Span>) {
        self.start_refused.promise(start_bound);
        if let Some(period) = auto_save {
            self.unsaved.promise(period);
            self.silent_end.promise(Span(2 * period.0));
        }
    }

    /// What was broken so far, as it came to light. None is taken back; those of a kind that cannot be told do not count.
    pub(crate) fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Whether findings of this kind count.
    pub(crate) fn tells(&self, kind: FindingKind) -> bool {
        !self.not_tried.contains(&kind)
    }

    /// What was broken, in order of time, what was seen, and what was measured.
    pub fn into_verdict(mut self) -> (Vec<Finding>, Coverage, Vec<Sample>) {
        self.edit_not_live.end(&mut self.findings);
        self.subscriptions.peaks().for_each(|most| self.meter.subscribed(most));
        let not_tried = &self.not_tried;
        self.findings.retain(|finding| !not_tried.contains(&finding.kind()));
        self.findings.sort_by_key(|finding| finding.at);
        (self.findings, self.coverage_observer.into_coverage(), self.meter.into_samples())
    }
}

impl Observer for Invariants {
    fn observe(&mut self, at: Global, event: &Event) {
        let told = self.reading.read(event);
        self.take(at, &told);
    }
}

impl Invariants {
    fn take(&mut self, at: Global, event: &Event) {
        let entry = self.history.entry(event);
        self.coverage_observer.observe(at, event, entry, &self.history);
        self.meter.observe(at, event, entry, &self.history);
        self.hindrances.observe(at, event);
        self.visits(at, event, entry);
        let Invariants { history, meter, findings, .. } = self;
        self.subscriptions.observe(event);
        self.request_storm.observe(at, event, entry, history, findings);
        self.double_live.pass(at, event, history, findings);
        self.edit_not_live.pass(at, findings);
        self.notices.pass(at, (&self.double_live, &self.hindrances, history), findings);
        if self.unfenced_write.waits() {
            self.unfenced_write.listen(at, event, history, findings);
        }
        match entry {
            Entry::Session(index) => {
                self.double_live.observe(at, event, index, history, findings);
                self.unsaved.told(at, event, index, (history, &self.hindrances), findings);
                self.notices.told(at, event, index, history, findings);
                self.edit_not_live.observe(at, event, index, (&self.double_live, history));
                stale_start::observe(at, event, index, history, findings);
                false_ack::observe(at, event, index, history, findings);
                self.lock_stuck.observe(at, event, findings);
            }
            Entry::Down(server) => {
                self.double_live.down(at, server, history, findings);
                let lost = self.unsaved.down(at, server, (history, &self.hindrances), findings);
                lost.into_iter().for_each(|age| meter.lost(age));
                self.start_refused.down(at, server);
                self.shutdown_overrun.observe(at, event, (history, &self.hindrances), findings);
            }
            Entry::Commit { player, before, after, asked_for, held_by } => {
                let commit = Commit { at, player, before, after, asked_for, held_by };
                lost_update::observe(commit, event, history, findings);
                if !self.admin_undone.commit(commit, event, (history, &self.presence), findings) {
                    self.unfenced_write.observe(commit, event, history, findings);
                }
                self.undated_save.commit(commit, event, history, findings);
                self.purchases.commit(player, event, history);
                self.unasked_end.commit(commit, event);
                self.notices.commit(commit, event, history);
                self.hand_overs.commit(commit, event, &self.hindrances, findings);
                let age = self.unsaved.commit(commit, event, (history, &self.hindrances), findings);
                age.into_iter().for_each(|age| meter.saved(age));
            }
            Entry::Other => {
                self.hand_overs.observe(at, event);
                self.other(at, event);
            }
        }
    }

    /// Who comes, waits and plays: what ends is judged by who is still there.
    fn visits(&mut self, at: Global, event: &Event, entry: Entry) {
        let Invariants { history, hindrances, presence, meter, findings, .. } = self;
        match (event, entry) {
            (Event::Guest { event: told, .. }, Entry::Session(index)) => {
                let is_playing = presence.playing(index, history).is_some();
                meter.spoke(is_playing, told);
                self.unasked_end.told(at, event, index, (history, hindrances, presence), findings);
                presence.observe(at, event, entry, history);
                if matches!(told, GuestEvent::SessionStarted { .. }) {
                    older_start_won::started(at, index, (history, hindrances, presence), findings);
                }
                return;
            }
            (Event::Guest { server, event: GuestEvent::StartFailed { player, failure }, .. }, _) => {
                meter.refused(presence.waiting(server.slot, *player).is_some());
                let seen = (&*history, &*hindrances, &*presence);
                self.start_refused.failed(at, (*server, *player, *failure), seen, findings);
                older_start_won::failed(at, (*server, *player), seen, findings);
            }
            (Event::Acted { action: Action::Command { server, command: Command::Leave(player) }, .. }, _) => {
                self.silent_end.left(at, (*server, *player), (history, hindrances, presence), findings);
            }
            _ => {}
        }
        presence.observe(at, event, entry, history);
    }

    fn other(&mut self, at: Global, event: &Event) {
        let Invariants { history, presence, findings, .. } = self;
        match event {
            Event::Acted { action, .. } => {
                self.lock_stuck.observe(at, event, findings);
                self.messages.acted(*action);
                self.undated_save.acted(*action);
            }
            Event::Guest { server, event, .. } => {
                self.messages.told(event);
                self.purchases.told(at, *server, event, findings);
            }
            Event::ScriptCrashed { server, text } => crashed::entry(at, *server, text, findings),
            Event::FinalCheckBegan { server } => {
                self.lock_stuck.begin(at, *server, history, findings);
                lost_update::judge(at, history, findings);
                self.silent_end.judge(at, history, presence, findings);
            }
            Event::Ended { store } => {
                self.double_live.end(at, findings);
                self.unfenced_write.end(history, findings);
                self.silent_end.judge(at, history, presence, findings);
                self.lock_stuck.end(at, findings);
                self.subscriptions.judge(at, history, findings);
                coordinators::judge(at, store, history, findings);
                leftovers::judge(at, store, self.lock_stuck.fresh(), history, findings);
                self.items.judge(at, store, history, findings);
                self.messages.judge(at, store, history, findings);
                self.purchases.judge(at, store, history, findings);
            }
            _ => self.shutdown_overrun.observe(at, event, (history, &self.hindrances), findings),
        }
    }
}

/// A write to a player's record.
#[derive(Clone, Copy, Debug)]
pub struct Commit {
    /// When.
    pub at: Global,
    /// Whose record.
    pub player: PlayerId,
    /// The state of the data before.
    pub before: dupeproof_sim::Stamp,
    /// The state now; `None` after a removal.
    pub after: Option<dupeproof_sim::Stamp>,
    /// Whether an admin asked for it.
    pub asked_for: bool,
    /// The taking that held the lock before.
    pub held_by: Option<LockTaking>,
}
