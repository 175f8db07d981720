//! What a search concludes about a subject.

use serde::{Deserialize, Serialize};

/// What a run, or many, say of a subject; later is worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// No promise of the suite was broken, and what had to be seen was.
    Safe,
    /// No promise was broken, but not enough was seen to call it safe, or no finding is forbidden in that suite and world.
    Unknown,
    /// A promise of the suite was broken.
    Unsafe,
    /// The subject does not even work in a calm world, so that nothing was judged.
    Broken,
}
