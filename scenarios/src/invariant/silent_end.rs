//! A session that has a successor is over, and its game is told.
//!
//! Judged when everything has healed and had time to find out: before the probe, and at the end. Servers that are
//! gone have nobody to tell.

use dupeproof_sim::Global;
use dupeproof_sim::trace::SessionRef;

use super::{Breach, Fact};
use crate::history::{History, SessionIndex, SessionState};

/// A session nobody ended.
#[derive(Clone, Copy, Debug)]
pub struct Silence {
    session: SessionRef,
    later: SessionRef,
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
    accused: Vec<SessionIndex>,
}

impl SilentEnd {
    /// By now every session with a successor must have ended.
    pub(super) fn judge(&mut self, at: Global, history: &History, breaches: &mut Vec<Breach>) {
        for (index, session) in history.sessions().iter().enumerate() {
            let silent = session.state == SessionState::Running && history.is_up(session.id.server);
            if !silent || self.accused.contains(&index) {
                continue;
            }
            let newest = history.latest(session.player);
            let Some(later) = newest.filter(|&newest| history.precedes(index, newest)) else { continue };
            let later = history.sessions()[later].id;
            self.accused.push(index);
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
