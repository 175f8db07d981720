//! A session begins with the data that is stored at that moment, or with data made from it.
//!
//! Exact for anything that locks: between the write that takes the lock and the moment the game gets the session,
//! nobody else may change the data, and the session itself has not begun to. An admin may: a session that does not
//! know yet that its lock was lifted begins with the data from before that.

use dupeproof_sim::id::{ServerId, SessionRef, Stamp};
use dupeproof_sim::trace::Event;
use dupeproof_sim::{Global, GuestEvent};
use serde::{Deserialize, Serialize};

use crate::fact::{Detail, Fact, Servers};
use crate::finding::Finding;
use crate::history::{History, SessionIndex};

/// A session that began in the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stale {
    /// The session.
    pub session: SessionRef,
    /// The state that it began with.
    pub got: Stamp,
    /// The state that was stored.
    pub stored: Stamp,
    /// The server that made what was stored, if one did.
    pub writer: Option<ServerId>,
}

impl Detail for Stale {
    fn servers(&self) -> Servers {
        [self.writer, Some(self.session.server)]
    }
}

/// A guest spoke of a session.
pub(super) fn observe(at: Global, event: &Event, index: SessionIndex, history: &History, findings: &mut Vec<Finding>) {
    let Event::Guest { event: GuestEvent::SessionStarted { player, stamp, .. }, .. } = event else { return };
    let stored = history.committed(*player);
    let session = history.sessions()[index].id;
    // A server may hand on what was made on it and is not stored yet: that is newer than what is stored, not older.
    // Only an admin puts an older state, or none, back on purpose.
    let maker = history.editor(*player, *stamp).map(|index| history.sessions()[index].id.server);
    let undone = history.admin().has_orders() && history.was_stored(*player, *stamp);
    let newer = maker == Some(session.server) && history.descends(*player, *stamp, stored) && !undone;
    if *stamp == stored || newer || history.may_begin_with(index, *stamp) {
        return;
    }
    let writer = history.editor(*player, stored).map(|index| history.sessions()[index].id.server);
    findings.push(Finding {
        at,
        player: Some(*player),
        lasted: None,
        fact: Fact::StaleStart(Stale { session, got: *stamp, stored, writer }),
    });
}
