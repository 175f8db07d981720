//! One broken promise in one run: typed, with ids, so that whoever words it needs to parse nothing.

use dupeproof_core::Span;
use dupeproof_sim::id::{PlayerId, ServerId};
use dupeproof_sim::{FindingKind, Global};
use serde::{Deserialize, Serialize};

use crate::fact::Fact;

/// One broken promise in one run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// When it broke.
    pub at: Global,
    /// Whose profile it is about, if it is about one.
    pub player: Option<PlayerId>,
    /// How long it lasted, for kinds that last.
    pub lasted: Option<Span>,
    /// What happened.
    pub fact: Fact,
}

impl Finding {
    /// Which promise was broken.
    pub fn kind(&self) -> FindingKind {
        self.fact.kind()
    }

    /// The servers it is about, the earlier session's first.
    pub fn servers(&self) -> impl Iterator<Item = ServerId> {
        self.fact.servers().into_iter().flatten()
    }
}
