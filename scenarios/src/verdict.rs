//! What a search concludes about a subject.

use serde::{Deserialize, Serialize};

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
