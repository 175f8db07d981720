//! A session that has a successor is over, and its game is told.
//!
//! Judged when everything has healed and had time to find out: before the fresh server starts, and at the end. Servers that are
//! gone have nobody to tell.

use dupeproof_sim::Global;
use dupeproof_sim::id::SessionRef;
use serde::{Deserialize, Serialize};

use crate::fact::{Detail, Fact, Servers};
use crate::finding::Finding;
use crate::history::{History, SessionIndex, SessionState};

/// A session nobody ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Silence {
    /// The session that was never told.
    pub session: SessionRef,
    /// Its successor.
    pub later: SessionRef,
}

impl Detail for Silence {
    fn servers(&self) -> Servers {
        [Some(self.session.server), Some(self.later.server)]
    }
}

/// Remembers which sessions it has reported.
#[derive(Clone, Debug, Default)]
pub struct SilentEnd {
    reported: Vec<SessionIndex>,
}

impl SilentEnd {
    /// By now every session with a successor must have ended.
    pub(super) fn judge(&mut self, at: Global, history: &History, findings: &mut Vec<Finding>) {
        for (index, session) in history.sessions().iter().enumerate() {
            // Where its server is gone, it has died.
            if session.state != SessionState::Running || self.reported.contains(&index) {
                continue;
            }
            let newest = history.latest(session.player);
            let Some(later) = newest.filter(|&newest| history.precedes(index, newest)) else { continue };
            let later = history.sessions()[later].id;
            self.reported.push(index);
            findings.push(Finding {
                at,
                player: Some(session.player),
                lasted: None,
                fact: Fact::SilentEnd(Silence { session: session.id, later }),
            });
        }
    }
}
