//! A save of a held session moves `MetaData.LastUpdate`: servers without leases take a session for dead by it, and then
//! take its lock.
//!
//! `LastUpdate` is in whole seconds by the wall clock of the server that saves. A save reads the record after the write
//! before it was applied. So if that was two seconds or more after the session's `LastUpdate` was written, the save has
//! a later one, unless the server's wall clock was ever set. Only records in ProfileStore's shape are judged, and
//! only writes that change the data: those are saves.

use dupeproof_core::{Span, Stored};
use dupeproof_sim::id::{ServerId, Slot};
use dupeproof_sim::schedule::Action;
use dupeproof_sim::trace::Event;
use dupeproof_sim::{Global, LockTaking};
use serde::{Deserialize, Serialize};

use super::Commit;
use crate::fact::{Detail, Fact, Servers};
use crate::finding::Finding;
use crate::history::History;

/// A save that looks older than it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Undated {
    /// The server that saved.
    pub server: ServerId,
    /// `LastUpdate`, in Unix seconds.
    pub last_update: i64,
}

impl Detail for Undated {
    fn servers(&self) -> Servers {
        [Some(self.server), None]
    }
}

/// In this time every clock counts more than a second.
const MOVES: Span = Span::secs(2);

/// Knows when each record was last dated.
#[derive(Clone, Debug, Default)]
pub struct UndatedSave {
    /// By player.
    records: Vec<Dates>,
    /// Slots whose wall clock was set: a write that was under way then has an older time than it seems.
    stepped: Vec<Slot>,
}

/// The dates of one record.
#[derive(Clone, Copy, Debug, Default)]
struct Dates {
    /// The write that last changed `LastUpdate`, if that was the holder's.
    dated: Option<Dated>,
    /// The last write, whoever's.
    written: Global,
}

#[derive(Clone, Copy, Debug)]
struct Dated {
    taking: LockTaking,
    at: Global,
    last_update: i64,
}

impl UndatedSave {
    /// A wall clock was set: what is written by it is no measure any more.
    pub(super) fn acted(&mut self, action: Action) {
        if let Action::ClockStep { server, .. } = action {
            self.stepped.push(server);
        }
    }

    /// A write was applied.
    pub(super) fn commit(&mut self, commit: Commit, event: &Event, history: &History, findings: &mut Vec<Finding>) {
        let Event::Committed { server, before, after, .. } = event else { return };
        let player = usize::from(commit.player.0);
        if player >= self.records.len() {
            self.records.resize(player + 1, Dates::default());
        }
        let record = &mut self.records[player];
        let (earlier, written) = (record.dated, record.written);
        record.written = commit.at;
        let Some(last_update) = after.as_ref().and_then(last_update) else {
            record.dated = None;
            return;
        };
        let saves = commit.after.is_some_and(|after| after != commit.before) && !commit.asked_for;
        if let Some(earlier) = earlier
            && commit.held_by == Some(earlier.taking)
            && earlier.taking.server == *server
            && saves
            && !self.stepped.contains(&server.slot)
            && last_update == earlier.last_update
            && written.since(earlier.at) >= MOVES
        {
            let fact = Fact::UndatedSave(Undated { server: *server, last_update });
            findings.push(Finding { at: commit.at, player: Some(commit.player), lasted: None, fact });
        }
        let holds = history.holding(commit.player).filter(|taking| taking.server == *server);
        let new_taking = holds.is_some() && holds != commit.held_by;
        if new_taking || before.as_ref().and_then(self::last_update) != Some(last_update) {
            record.dated = holds.map(|taking| Dated { taking, at: commit.at, last_update });
        }
    }
}

fn last_update(stored: &Stored) -> Option<i64> {
    match stored {
        Stored::Record(record) => record.profile.as_ref().map(|profile| profile.meta.last_update),
        Stored::Other(_) => None,
    }
}
