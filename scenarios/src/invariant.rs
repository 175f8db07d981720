//! What must hold: one small machine per promise, all fed from the trace and from nothing else.

pub mod coordinators;
pub mod crashed;
pub mod double_live;
pub mod false_ack;
pub mod items;
pub mod lock_stuck;
pub mod lost_update;
pub mod messages;
pub mod purchases;
pub mod request_storm;
pub mod shutdown_overrun;
pub mod silent_end;
pub mod stale_start;
pub mod unfenced_write;

use dupeproof_core::Span;
use dupeproof_sim::guest::{PlayerId, key_of};
use dupeproof_sim::record_layout::RecordLayout;
use dupeproof_sim::trace::{Event, Observer, ServerId};
use dupeproof_sim::{FindingKind, Global, Schedule};

use crate::coverage::{Coverage, CoverageObserver};
use crate::finding::Finding;
use crate::history::{Entry, History};
use crate::measure::{Meter, Sample};

/// A broken promise, as an invariant notes it: nothing formatted, nothing allocated.
#[derive(Clone, Debug)]
pub struct Breach {
    /// When it broke.
    pub at: Global,
    /// Whose profile it is about, if it is about one.
    pub player: Option<PlayerId>,
    /// How long it lasted, for kinds that last.
    pub lasted: Option<Span>,
    /// The servers it is about, the earlier session's first.
    pub servers: [Option<ServerId>; 2],
    /// What happened.
    pub fact: Fact,
}

/// What happened, by kind.
#[derive(Clone, Debug)]
pub enum Fact {
    /// [`FindingKind::DoubleLive`].
    DoubleLive(double_live::Overlap),
    /// [`FindingKind::UnfencedWrite`].
    UnfencedWrite(unfenced_write::Unfenced),
    /// [`FindingKind::LostUpdate`].
    LostUpdate(lost_update::Overwrite),
    /// [`FindingKind::StaleStart`].
    StaleStart(stale_start::Stale),
    /// [`FindingKind::SilentEnd`].
    SilentEnd(silent_end::Silence),
    /// [`FindingKind::FalseAck`].
    FalseAck(false_ack::Unstored),
    /// [`FindingKind::LockStuck`].
    LockStuck(lock_stuck::Stuck),
    /// [`FindingKind::ItemDuplicated`].
    ItemDuplicated(items::Duplicated),
    /// [`FindingKind::ItemLost`].
    ItemLost(items::Lost),
    /// [`FindingKind::MessageDuplicated`].
    MessageDuplicated(messages::Duplicated),
    /// [`FindingKind::MessageLost`].
    MessageLost(messages::Lost),
    /// [`FindingKind::PurchaseDuplicated`].
    PurchaseDuplicated(purchases::Duplicated),
    /// [`FindingKind::PurchaseLost`].
    PurchaseLost(purchases::Lost),
    /// [`FindingKind::ShutdownOverrun`].
    ShutdownOverrun(shutdown_overrun::Overrun),
    /// [`FindingKind::RequestStorm`].
    RequestStorm(request_storm::Storm),
    /// [`FindingKind::Crashed`].
    Crashed(crashed::Crash),
}

impl Breach {
    /// Which promise.
    pub fn kind(&self) -> FindingKind {
        match &self.fact {
            Fact::DoubleLive(_) => FindingKind::DoubleLive,
            Fact::UnfencedWrite(_) => FindingKind::UnfencedWrite,
            Fact::LostUpdate(_) => FindingKind::LostUpdate,
            Fact::StaleStart(_) => FindingKind::StaleStart,
            Fact::SilentEnd(_) => FindingKind::SilentEnd,
            Fact::FalseAck(_) => FindingKind::FalseAck,
            Fact::LockStuck(_) => FindingKind::LockStuck,
            Fact::ItemDuplicated(_) => FindingKind::ItemDuplicated,
            Fact::ItemLost(_) => FindingKind::ItemLost,
            Fact::MessageDuplicated(_) => FindingKind::MessageDuplicated,
            Fact::MessageLost(_) => FindingKind::MessageLost,
            Fact::PurchaseDuplicated(_) => FindingKind::PurchaseDuplicated,
            Fact::PurchaseLost(_) => FindingKind::PurchaseLost,
            Fact::ShutdownOverrun(_) => FindingKind::ShutdownOverrun,
            Fact::RequestStorm(_) => FindingKind::RequestStorm,
            Fact::Crashed(_) => FindingKind::Crashed,
        }
    }

    /// The finding, written out for people.
    pub fn finding(&self) -> Finding {
        let servers = self.servers.iter().flatten();
        Finding {
            kind: self.kind(),
            at: self.at,
            key: self.key(),
            lasted: self.lasted,
            story: self.story(),
            servers: servers.map(|server| (server.slot, server.life)).collect(),
        }
    }

    fn key(&self) -> Option<String> {
        match &self.fact {
            Fact::RequestStorm(storm) => Some(storm.key()),
            Fact::LockStuck(stuck) if stuck.key().is_some() => stuck.key(),
            _ => self.player.map(|player| key_of(player).to_string()),
        }
    }

    fn story(&self) -> String {
        let key = self.key().unwrap_or_default();
        match &self.fact {
            Fact::DoubleLive(overlap) => overlap.story(&key, self.lasted),
            Fact::UnfencedWrite(unfenced) => unfenced.story(&key),
            Fact::LostUpdate(overwrite) => overwrite.story(&key),
            Fact::StaleStart(stale) => stale.story(&key),
            Fact::SilentEnd(silence) => silence.story(&key),
            Fact::FalseAck(unstored) => unstored.story(&key),
            Fact::LockStuck(stuck) => stuck.story(&key),
            Fact::ItemDuplicated(duplicated) => duplicated.story(),
            Fact::ItemLost(lost) => lost.story(),
            Fact::MessageDuplicated(duplicated) => duplicated.story(),
            Fact::MessageLost(lost) => lost.story(&key),
            Fact::PurchaseDuplicated(duplicated) => duplicated.story(),
            Fact::PurchaseLost(lost) => lost.story(&key),
            Fact::ShutdownOverrun(overrun) => overrun.story(),
            Fact::RequestStorm(storm) => storm.story(),
            Fact::Crashed(crash) => crash.story(),
        }
    }
}

/// All invariants and counters over one run.
#[derive(Debug)]
pub struct Invariants {
    history: History,
    coverage_observer: CoverageObserver,
    meter: Meter,
    double_live: double_live::DoubleLive,
    unfenced_write: unfenced_write::UnfencedWrite,
    silent_end: silent_end::SilentEnd,
    lock_stuck: lock_stuck::LockStuck,
    items: items::Items,
    messages: messages::Messages,
    purchases: purchases::Purchases,
    shutdown_overrun: shutdown_overrun::ShutdownOverrun,
    request_storm: request_storm::RequestStorm,
    breaches: Vec<Breach>,
}

impl Invariants {
    /// Before a run of this schedule with a subject that stores things like this.
    pub fn new(schedule: &Schedule, layout: RecordLayout) -> Invariants {
        Invariants {
            history: History::new(schedule, layout),
            coverage_observer: CoverageObserver::of(schedule),
            meter: Meter::new(schedule),
            double_live: double_live::DoubleLive::default(),
            unfenced_write: unfenced_write::UnfencedWrite::default(),
            silent_end: silent_end::SilentEnd::default(),
            lock_stuck: lock_stuck::LockStuck::new(schedule),
            items: items::Items::new(schedule),
            messages: messages::Messages::default(),
            purchases: purchases::Purchases::default(),
            shutdown_overrun: shutdown_overrun::ShutdownOverrun::default(),
            request_storm: request_storm::RequestStorm::new(schedule),
            breaches: Vec::new(),
        }
    }

    /// What was broken so far, as it came to light. None is taken back.
    pub(crate) fn breaches(&self) -> &[Breach] {
        &self.breaches
    }

    /// What was broken, in order of time, what was seen, and what was measured.
    pub fn into_verdict(mut self) -> (Vec<Breach>, Coverage, Vec<Sample>) {
        self.breaches.sort_by_key(|breach| breach.at);
        (self.breaches, self.coverage_observer.into_coverage(), self.meter.into_samples())
    }
}

impl Observer for Invariants {
    fn observe(&mut self, at: Global, event: &Event) {
        let Invariants { history, coverage_observer, meter, breaches, .. } = self;
        let entry = history.entry(event);
        coverage_observer.observe(at, event, entry, history);
        meter.observe(at, event, entry, history);
        self.request_storm.observe(at, event, entry, history, breaches);
        if self.unfenced_write.waits() {
            self.unfenced_write.listen(at, event, history, breaches);
        }
        match entry {
            Entry::Session(index) => {
                self.double_live.observe(at, event, index, history, breaches);
                stale_start::observe(at, event, index, history, breaches);
                false_ack::observe(at, event, index, history, breaches);
                self.lock_stuck.observe(at, event, breaches);
            }
            Entry::Down(server) => {
                self.double_live.down(at, server, history, breaches);
                self.shutdown_overrun.observe(at, event, history, breaches);
            }
            Entry::Commit { player, before, after, asked_for, held_by } => {
                let commit = Commit { at, player, before, after, asked_for, held_by };
                lost_update::observe(commit, event, history, breaches);
                self.unfenced_write.observe(commit, event, history, breaches);
            }
            Entry::Other => self.other(at, event),
        }
    }
}

impl Invariants {
    fn other(&mut self, at: Global, event: &Event) {
        let Invariants { history, breaches, .. } = self;
        match event {
            Event::Acted { step, action } => {
                if step.is_none() {
                    self.lock_stuck.observe(at, event, breaches);
                }
                self.messages.acted(*action);
            }
            Event::Guest { event, .. } => {
                self.messages.told(event);
                self.purchases.told(event);
            }
            Event::ScriptCrashed { server, text } => {
                crashed::entry(at, *server, text, breaches);
                self.shutdown_overrun.observe(at, event, history, breaches);
            }
            Event::ProbeBegan { server } => {
                self.lock_stuck.begin(at, *server, history, breaches);
                lost_update::judge(at, history, breaches);
                self.silent_end.judge(at, history, breaches);
            }
            Event::Ended { store } => {
                self.double_live.end(at, breaches);
                self.unfenced_write.end(history, breaches);
                self.silent_end.judge(at, history, breaches);
                self.lock_stuck.end(at, breaches);
                coordinators::judge(at, store, history, breaches);
                self.items.judge(at, store, history, breaches);
                self.messages.judge(at, store, history, breaches);
                self.purchases.judge(at, store, history, breaches);
            }
            _ => self.shutdown_overrun.observe(at, event, history, breaches),
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
    /// Who held the lock before.
    pub held_by: Option<ServerId>,
}
