//! A session begins with the data that is stored at that moment.
//!
//! Exact for anything that locks: between the write that takes the lock and the moment the game gets the session,
//! nobody else may change the data, and the session itself has not begun to. An admin may: a session that does not
//! know yet that its lock was lifted begins with the data from before that.

use dupeproof_sim::trace::{Event, SessionRef};
use dupeproof_sim::{Global, GuestEvent, Stamp};

use super::{Breach, Fact};
use crate::history::{History, SessionIndex};

/// A session that began in the past.
#[derive(Clone, Copy, Debug)]
pub struct Stale {
    session: SessionRef,
    got: Stamp,
    stored: Stamp,
}

impl Stale {
    pub(super) fn story(&self, key: &str) -> String {
        let server = self.session.server.job_id();
        format!("{server} began a session of {key} with state {:#x}, but {:#x} was stored", self.got.0, self.stored.0)
    }
}

/// A guest spoke of a session.
pub(super) fn observe(at: Global, event: &Event, index: SessionIndex, history: &History, breaches: &mut Vec<Breach>) {
    let Event::Guest { event: GuestEvent::SessionStarted { player, stamp, .. }, .. } = event else { return };
    let stored = history.committed(*player);
    let session = history.sessions()[index].id;
    if *stamp == stored || history.may_begin_with(index, *stamp) {
        return;
    }
    let writer = history.editor(*player, stored).map(|index| history.sessions()[index].id.server);
    breaches.push(Breach {
        at,
        player: Some(*player),
        lasted: None,
        servers: [writer, Some(session.server)],
        fact: Fact::StaleStart(Stale { session, got: *stamp, stored }),
    });
}
