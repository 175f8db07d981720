//! What is known of one player's profile.

use dupeproof_sim::id::{ServerId, Stamp};

use super::SessionIndex;
use super::edits::Edits;
use super::lock_takings::LockTakings;
use super::writes::Writes;

/// One player's sessions, and the record over time.
#[derive(Clone, Debug, Default)]
pub struct Player {
    /// The sessions, in order of start.
    pub sessions: Vec<SessionIndex>,
    /// The state of the data in the store.
    pub committed: Stamp,
    /// All states that were in the store, without repeats in a row; the untouched one is not among them.
    pub(super) stored: Vec<Stamp>,
    /// The states that were made in memory.
    pub edits: Edits,
    /// Who held the lock.
    pub takings: LockTakings,
    /// Who wrote the record; only noted if it has no lock.
    pub(super) writes: Writes,
    /// Servers that were told to steal the lock.
    pub(super) stealers: Vec<ServerId>,
    /// An admin has removed the record at least once.
    pub(super) removed: bool,
}

impl Player {
    /// Whether this state of the data, or one made from it, was ever stored.
    pub fn was_stored(&self, stamp: Stamp) -> bool {
        match self.edits.of(stamp) {
            Some(edit) => edit.stored,
            // The untouched state needs no storing; nobody made any other one.
            None => stamp == Stamp(0) || stamp == self.committed,
        }
    }

    /// The state that is stored has changed.
    pub(super) fn store(&mut self, stamp: Stamp) {
        self.committed = stamp;
        self.stored.push(stamp);
        self.edits.mark_stored(stamp);
    }
}
