//! What a game was told is stored, is stored: that state of the data, or one made from it, and before it was told.

use dupeproof_sim::trace::{Event, SessionRef};
use dupeproof_sim::{Global, GuestEvent, Stamp};

use super::{Breach, Fact};
use crate::history::{History, SessionIndex};

/// A state that the game took for stored.
#[derive(Clone, Copy, Debug)]
pub struct Unstored {
    session: SessionRef,
    state: Stamp,
}

impl Unstored {
    pub(super) fn story(&self, key: &str) -> String {
        let server = self.session.server.job_id();
        format!("{server} was told that state {:#x} of {key} is stored, and it never had been", self.state.0)
    }
}

/// A guest spoke of a session.
pub(super) fn observe(at: Global, event: &Event, index: SessionIndex, history: &History, breaches: &mut Vec<Breach>) {
    let Event::Guest { event: GuestEvent::Saved { stamp, .. }, .. } = event else { return };
    let session = &history.sessions()[index];
    if history.was_stored(session.player, *stamp) {
        return;
    }
    breaches.push(Breach {
        at,
        player: Some(session.player),
        lasted: None,
        servers: [Some(session.id.server), None],
        fact: Fact::FalseAck(Unstored { session: session.id, state: *stamp }),
    });
}
