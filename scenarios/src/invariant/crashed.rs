//! What runs on a server does not fail as a whole, and no part of it is stopped for what it uses.

use std::sync::Arc;

use dupeproof_sim::Global;
use dupeproof_sim::id::ServerId;
use serde::{Deserialize, Serialize};

use crate::fact::{Detail, Fact, Servers};
use crate::finding::Finding;

/// What failed, as its server tells it, with where it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crash {
    /// Where.
    pub server: ServerId,
    /// The error with its traceback.
    pub text: Arc<str>,
}

impl Detail for Crash {
    fn servers(&self) -> Servers {
        [Some(self.server), None]
    }
}

/// A server told it.
pub(super) fn entry(at: Global, server: ServerId, text: &Arc<str>, findings: &mut Vec<Finding>) {
    let fact = Fact::Crashed(Crash { server, text: Arc::clone(text) });
    findings.push(Finding { at, player: None, lasted: None, fact });
}
