//! What runs on a server does not fail as a whole, and no part of it is stopped for what it uses.

use std::sync::Arc;

use dupeproof_sim::Global;
use dupeproof_sim::trace::ServerId;

use super::{Breach, Fact};

/// What failed, as its server tells it, with where it was.
#[derive(Clone, Debug)]
pub struct Crash {
    server: ServerId,
    text: Arc<str>,
}

impl Crash {
    pub(super) fn story(&self) -> String {
        format!("on {}: {}", self.server.job_id(), self.text.trim_end())
    }
}

/// A server told it.
pub(super) fn entry(at: Global, server: ServerId, text: &Arc<str>, breaches: &mut Vec<Breach>) {
    let fact = Fact::Crashed(Crash { server, text: Arc::clone(text) });
    breaches.push(Breach { at, player: None, lasted: None, servers: [Some(server), None], fact });
}
