//! The takings of one record's lock: who held it, in which order, and how each taking ended.
//!
//! Everything that asks whose a lock is asks here. A session has the newest taking of its own server; a server that
//! writes a record and leaves its lock as it is gets none.

use dupeproof_core::Stored;
use dupeproof_sim::id::{ServerId, Stamp};
use dupeproof_sim::record_layout::RecordLayout;
use dupeproof_sim::{KeyLock, LockChange, LockTaking};

/// A taking's place in the lock order of its record: smaller is older.
pub type TakingIndex = usize;

/// All takings of one record's lock, in lock order. Only the last one can still hold the lock.
#[derive(Clone, Debug, Default)]
pub struct LockTakings {
    lock: KeyLock,
    takings: Vec<Taking>,
}

/// One taking, and what became of it.
#[derive(Clone, Copy, Debug)]
struct Taking {
    id: LockTaking,
    /// It made a record where an admin had removed one: perhaps by a write from before the removal, which its server
    /// has long given up and knows nothing of.
    after_removal: bool,
    /// `None`: it holds the lock.
    end: Option<TakingEnd>,
}

/// How a taking ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakingEnd {
    /// Its own server cleared the lock.
    Released,
    /// Its own server took the lock again, which is the next taking: a lock that says until when it holds changes each time that
    /// it is renewed.
    Renewed,
    /// Another server cleared the lock and did not take it: a foreign write.
    Cleared,
    /// Another server took the lock.
    TakenOver,
    /// Another server took the lock because it was told to steal, or an admin's write lifted it. The previous holder
    /// may not have known yet that it had the lock, and may begin its session with the state that was stored then.
    Forced {
        /// The state of the data at that moment.
        stored: Stamp,
    },
}

/// A write, as far as it matters to the lock.
#[derive(Clone, Copy, Debug)]
pub(super) struct LockWrite<'a> {
    /// The taking that it is if it changes the lock.
    pub(super) id: LockTaking,
    pub(super) before: Option<&'a Stored>,
    pub(super) after: Option<&'a Stored>,
    /// The state of the data before.
    pub(super) stored: Stamp,
    /// An admin asked for it.
    pub(super) asked_for: bool,
    /// An admin has removed the record at least once.
    pub(super) removed: bool,
    /// Its server was told to steal the lock.
    pub(super) steals: bool,
}

impl TakingEnd {
    /// Whether another server, or an admin, took the lock away: what its session had not stored by then is lost, and
    /// may be. A foreign write that only clears the lock exempts nobody.
    pub fn is_overtaken(self) -> bool {
        matches!(self, TakingEnd::TakenOver | TakingEnd::Forced { .. })
    }
}

impl LockTakings {
    /// How many there were.
    pub fn len(&self) -> usize {
        self.takings.len()
    }

    /// Whether the lock was never taken.
    pub fn is_empty(&self) -> bool {
        self.takings.is_empty()
    }

    /// The taking that holds the lock now.
    pub fn holding(&self) -> Option<LockTaking> {
        self.lock.taking()
    }

    /// The taking that holds the lock now, if its server can know that it has one.
    pub fn known_holding(&self) -> Option<LockTaking> {
        self.holding().filter(|_| self.takings.last().is_some_and(|taking| !taking.after_removal))
    }

    /// The taking by which a session that starts on this server now has begun: the newest of its server. One that its
    /// server has released belongs to an earlier session.
    pub fn begun_by(&self, server: ServerId) -> Option<TakingIndex> {
        let newest = self.takings.iter().rposition(|taking| taking.id.server == server)?;
        (self.takings[newest].end != Some(TakingEnd::Released)).then_some(newest)
    }

    /// The taking of this name, if it was ended on purpose, by a steal or an admin's write.
    pub fn forced(&self, id: LockTaking) -> Option<TakingIndex> {
        let index = self.takings.iter().rposition(|taking| taking.id == id)?;
        matches!(self.takings[index].end, Some(TakingEnd::Forced { .. })).then_some(index)
    }

    /// Whether a server has taken the lock again after this taking.
    pub fn taken_again(&self, taking: TakingIndex, server: ServerId) -> bool {
        self.takings[taking + 1..].iter().any(|later| later.id.server == server)
    }

    /// How a taking ended; `None` while it holds the lock.
    pub fn end(&self, taking: TakingIndex) -> Option<TakingEnd> {
        self.takings[taking].end
    }

    /// How a taking ended, or the one by which its server renewed it, unless a session began by that one.
    pub fn last_end(&self, taking: TakingIndex, begins: impl Fn(TakingIndex) -> bool) -> Option<TakingEnd> {
        let renewed = |taking: &TakingIndex| (self.end(*taking) == Some(TakingEnd::Renewed)).then_some(taking + 1);
        let last = std::iter::successors(Some(taking), |taking| renewed(taking).filter(|next| !begins(*next)));
        last.last().and_then(|last| self.end(last))
    }

    /// Takes in the next write to the record.
    pub(super) fn observe(&mut self, write: LockWrite<'_>, layout: &RecordLayout) {
        let held = self.lock.taking();
        let change = self.lock.observe(layout, write.id, write.before, write.after);
        if change == LockChange::Kept {
            return;
        }
        // A lock that was there before anything was written has no taking that could end.
        if let (Some(held), Some(last)) = (held, self.takings.last_mut()) {
            last.end = Some(write.ends(held, change));
        }
        if change == LockChange::Taken {
            let after_removal = write.removed && write.before.is_none();
            self.takings.push(Taking { id: write.id, after_removal, end: None });
        }
    }
}

impl LockWrite<'_> {
    /// How the taking that held the lock ends by this write.
    fn ends(self, held: LockTaking, change: LockChange) -> TakingEnd {
        let forced = TakingEnd::Forced { stored: self.stored };
        match change {
            _ if self.asked_for => forced,
            // A server cannot be cut off from itself: a later session there exempts nobody.
            LockChange::Taken if held.server == self.id.server => TakingEnd::Renewed,
            _ if held.server == self.id.server => TakingEnd::Released,
            LockChange::Taken if self.steals => forced,
            LockChange::Taken => TakingEnd::TakenOver,
            LockChange::Kept | LockChange::Cleared => TakingEnd::Cleared,
        }
    }
}
