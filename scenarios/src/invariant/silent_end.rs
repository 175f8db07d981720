//! A session that has a successor is over, and its game is told.
//!
//! Judged when everything has healed and had time to find out: before the probe, and at the end. Servers that are
//! gone have nobody to tell.

use dupeproof_sim::Global;
use dupeproof_sim::trace::SessionId;

use super::{Breach, Fact};
use crate::ledger::{Ledger, Place, SessionState};

/// A session nobody ended.
#[derive(Clone, Copy, Debug)]
pub struct Silence {
    session: SessionId,
    later: SessionId,
}

impl Silence {
    pub(super) fn story(&self, key: &str) -> String {
        let (server, later) = (self.session.server.job_id(), self.later.server.job_id());
        format!("{server} was never told that its session of {key} was over, though {later} had begun a later one")
    }
}

/// Remembers which sessions it has accused.
#[derive(Clone, Debug, Default)]
pub struct SilentEnd {
    accused: Vec<Place>,
}

impl SilentEnd {
    /// By now every session with a successor must have ended.
    pub(super) fn judge(&mut self, at: Global, ledger: &Ledger, breaches: &mut Vec<Breach>) {
        for (place, session) in ledger.sessions().iter().enumerate() {
            let silent = session.state == SessionState::Running && ledger.is_up(session.id.server);
            if !silent || self.accused.contains(&place) {
                continue;
            }
            let newest = ledger.latest(session.player);
            let Some(later) = newest.filter(|&newest| ledger.precedes(place, newest)) else { continue };
            let later = ledger.sessions()[later].id;
            self.accused.push(place);
            breaches.push(Breach {
                at,
                player: Some(session.player),
                lasted: None,
                servers: [Some(session.id.server), Some(later.server)],
                fact: Fact::SilentEnd(Silence { session: session.id, later }),
            });
        }
    }
}
