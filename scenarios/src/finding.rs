//! A broken promise, and what many of them make of a subject.

use dupeproof_core::Span;
use dupeproof_sim::{FindingKind, Global};
use serde::{Deserialize, Serialize};

/// One broken promise in one run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Which promise.
    pub kind: FindingKind,
    /// When it broke.
    pub at: Global,
    /// The DataStore key, if it is about one.
    pub key: Option<String>,
    /// How long it lasted, for kinds that last.
    pub lasted: Option<Span>,
    /// What happened, in one sentence, with servers, sessions and values.
    pub story: String,
    /// The servers it is about, as slot and life, the earlier session's first.
    pub servers: Vec<(u16, u16)>,
}

/// What a run, or many, say of a subject; later is worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing outside the contract was found, and what had to be seen was.
    Safe,
    /// Nothing was found, but not enough was seen to say so.
    Unknown,
    /// A finding outside the contract.
    Unsafe,
}
