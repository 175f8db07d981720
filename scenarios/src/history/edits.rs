//! The states of one player's data: which was made from which, by which session, and which were ever stored.

use super::SessionIndex;
use dupeproof_sim::id::Stamp;

/// The edits of one player's data, in the order in which they were made in memory.
#[derive(Clone, Debug, Default)]
pub struct Edits(Vec<Edit>);

/// One state of the data, made in memory.
#[derive(Clone, Copy, Debug)]
pub struct Edit {
    /// The state.
    pub stamp: Stamp,
    /// The state it was made from.
    pub parent: Stamp,
    /// The session that made it.
    pub session: SessionIndex,
    /// Whether it, or a state made from it, was ever in the store.
    pub stored: bool,
    /// Whether it cannot be stored.
    pub overfull: bool,
}

impl Edits {
    /// A session has made a new state.
    pub(super) fn push(&mut self, stamp: Stamp, parent: Stamp, session: SessionIndex) {
        self.0.push(Edit { stamp, parent, session, stored: false, overfull: false });
    }

    /// This state, which was made just now, cannot be stored.
    pub(super) fn mark_overfull(&mut self, stamp: Stamp) {
        if let Some(edit) = self.0.last_mut().filter(|edit| edit.stamp == stamp) {
            edit.overfull = true;
        }
    }

    /// In the order in which they were made.
    pub fn iter(&self) -> impl Iterator<Item = &Edit> {
        self.0.iter()
    }

    /// The edit that made a state; `None` for the untouched one, and for one that nobody says to have made.
    pub fn of(&self, stamp: Stamp) -> Option<&Edit> {
        self.0.iter().rev().find(|edit| edit.stamp == stamp)
    }

    /// Whether `later` is `earlier`, or was made from it. Every state was made from the untouched one.
    pub fn descends(&self, later: Stamp, earlier: Stamp) -> bool {
        let mut stamp = later;
        // A state is always made after its parent, so one walk backwards meets all ancestors.
        for edit in self.0.iter().rev() {
            if stamp == earlier {
                return true;
            }
            if edit.stamp == stamp {
                stamp = edit.parent;
            }
        }
        stamp == earlier || earlier == Stamp(0)
    }

    /// The newest edit of each session, where it is in no stored state and could be.
    pub fn unstored(&self) -> impl Iterator<Item = &Edit> {
        let newest = |index: usize| self.0[index + 1..].iter().all(|later| later.session != self.0[index].session);
        let lost = (0..self.0.len()).filter(move |&index| !self.0[index].stored && newest(index));
        let lost = lost.filter(|&index| !self.0[index].overfull);
        lost.map(|index| &self.0[index])
    }

    /// Whether the newest edit of a session is in no stored state.
    pub fn has_unstored_of(&self, session: SessionIndex) -> bool {
        self.0.iter().rev().find(|edit| edit.session == session).is_some_and(|edit| !edit.stored)
    }

    /// This state, and all that it was made from, are stored.
    pub(super) fn mark_stored(&mut self, stored: Stamp) {
        let mut stamp = stored;
        for edit in self.0.iter_mut().rev() {
            if edit.stamp == stamp {
                // Its ancestors were marked when it was.
                if edit.stored {
                    return;
                }
                edit.stored = true;
                stamp = edit.parent;
            }
        }
    }
}
