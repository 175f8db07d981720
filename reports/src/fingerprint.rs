//! The fingerprint of what a search runs, by which results that were kept are known to be of the same.

use dupeproof_sim::Digest;
use serde::{Deserialize, Serialize};

use crate::scripts::Loaded;

/// The program that runs a subject: this version of dupeproof, and the user's scripts as they were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Code(Digest);

impl Code {
    /// Of scripts, or of a subject that is built in.
    pub fn of(loaded: Option<&Loaded>) -> Code {
        let version = Digest::of_text(env!("CARGO_PKG_VERSION"));
        Code(loaded.map_or(version, |loaded| version.then(loaded.digest())))
    }
}
