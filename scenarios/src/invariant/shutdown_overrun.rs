//! A closing server is done within its 30 s, unless something hinders it.
//!
//! Hindered is a server that was hindered at any time between its `BindToClose` and its kill, or in the minute before: a
//! request unanswered since, or the longest pause after an error, may reach into the closing.

use dupeproof_sim::Global;
use dupeproof_sim::id::ServerId;
use dupeproof_sim::trace::Event;
use serde::{Deserialize, Serialize};

use super::hindrance::Hindrances;
use crate::fact::{Detail, Fact, Servers};
use crate::finding::Finding;
use crate::history::History;

/// A server that took too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overrun {
    /// The server that was killed.
    pub server: ServerId,
}

impl Detail for Overrun {
    fn servers(&self) -> Servers {
        [Some(self.server), None]
    }
}

/// Remembers which servers are closing.
#[derive(Clone, Debug, Default)]
pub struct ShutdownOverrun {
    closing: Vec<(ServerId, Global)>,
}

impl ShutdownOverrun {
    /// A server is gone, or begins to close.
    pub(super) fn observe(
        &mut self,
        at: Global,
        event: &Event,
        (history, hindrances): (&History, &Hindrances),
        findings: &mut Vec<Finding>,
    ) {
        match event {
            Event::ServerClosing { server } => self.closing.push((*server, at)),
            Event::ServerKilled { server } => {
                let closing = self.closing.iter().find(|(closing, _)| closing == server);
                let Some((_, closing)) = closing else { return };
                if hindrances.suffers(*server, *closing) {
                    return;
                }
                let sessions = history.sessions_on(*server);
                findings.push(Finding {
                    at,
                    player: sessions.last().map(|&index| history.sessions()[index].player),
                    lasted: None,
                    fact: Fact::ShutdownOverrun(Overrun { server: *server }),
                });
            }
            _ => {}
        }
    }
}
