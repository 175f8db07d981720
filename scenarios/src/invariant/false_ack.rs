//! What a game was told is stored, is stored: that state of the data, or one made from it, and before it was told.

use dupeproof_sim::id::{SessionRef, Stamp};
use dupeproof_sim::trace::Event;
use dupeproof_sim::{Global, GuestEvent};
use serde::{Deserialize, Serialize};

use crate::fact::{Detail, Fact, Servers};
use crate::finding::Finding;
use crate::history::{History, SessionIndex};

/// A state that the game took for stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unstored {
    /// The session whose game was told.
    pub session: SessionRef,
    /// The state that is not stored.
    pub state: Stamp,
}

impl Detail for Unstored {
    fn servers(&self) -> Servers {
        [Some(self.session.server), None]
    }
}

/// A guest spoke of a session.
pub(super) fn observe(at: Global, event: &Event, index: SessionIndex, history: &History, findings: &mut Vec<Finding>) {
    let Event::Guest { event: GuestEvent::Saved { stamp, .. }, .. } = event else { return };
    let session = &history.sessions()[index];
    if history.was_stored(session.player, *stamp) {
        return;
    }
    findings.push(Finding {
        at,
        player: Some(session.player),
        lasted: None,
        fact: Fact::FalseAck(Unstored { session: session.id, state: *stamp }),
    });
}
