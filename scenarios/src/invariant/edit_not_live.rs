//! A game changes the data of a profile only while its session is live: whatever it changes before, while the session is
//! suspended, or afterwards, may never be stored.
//!
//! Exact for every subject: one that does not say until when a session is live has a session that is live until it ends.

use dupeproof_sim::id::{SessionRef, Stamp};
use dupeproof_sim::trace::Event;
use dupeproof_sim::{Global, GuestEvent};
use serde::{Deserialize, Serialize};

use super::double_live::DoubleLive;
use crate::fact::{Detail, Fact, Servers};
use crate::finding::Finding;
use crate::history::{History, SessionIndex};

/// A change that its session could not vouch for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotLive {
    /// The session whose data was changed.
    pub session: SessionRef,
    /// The state that was made.
    pub state: Stamp,
}

impl Detail for NotLive {
    fn servers(&self) -> Servers {
        [Some(self.session.server), None]
    }
}

/// A guest spoke of a session.
pub(super) fn observe(
    at: Global,
    event: &Event,
    index: SessionIndex,
    (live, history): (&DoubleLive, &History),
    findings: &mut Vec<Finding>,
) {
    let Event::Guest { event: GuestEvent::Edited { stamp, .. }, .. } = event else { return };
    if live.is_live(index, at) {
        return;
    }
    let session = &history.sessions()[index];
    findings.push(Finding {
        at,
        player: Some(session.player),
        lasted: None,
        fact: Fact::EditNotLive(NotLive { session: session.id, state: *stamp }),
    });
}
