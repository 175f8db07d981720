//! A failure, kept: the shrunk schedule and the finding it must reproduce.

use dupeproof_sim::network::Network;
use dupeproof_sim::{Digest, Schedule};
use serde::{Deserialize, Serialize};

use crate::finding::Finding;

/// The format this version reads and writes.
pub const FORMAT: u32 = 1;

/// A failure file. JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FailureFile {
    /// [`FORMAT`].
    pub format: u32,
    /// The version of dupeproof that wrote it.
    pub dupeproof: String,
    /// The suite it was found by.
    pub suite: String,
    /// The root seed.
    pub seed: u64,
    /// The case of that seed, before shrinking.
    pub case: u64,
    /// The network it was found on.
    pub network: Network,
    /// What it must reproduce.
    pub finding: Finding,
    /// The digest of the shrunk run on that network.
    pub digest: Digest,
    /// The shrunk schedule.
    pub schedule: Schedule,
}

/// Why a failure file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FailureFileError {
    /// Not JSON of this shape.
    #[error("not a failure file: {0}")]
    Malformed(#[from] serde_json::Error),
    /// From a newer version.
    #[error("failure file format {found} is newer than {FORMAT}, the newest this version reads")]
    Newer {
        /// Its format.
        found: u64,
    },
    /// Readable, but its schedule makes no sense.
    #[error("the schedule makes no sense: {0}")]
    Senseless(String),
}

impl FailureFile {
    /// Reads one.
    pub fn parse(_text: &str) -> Result<FailureFile, FailureFileError> {
        unimplemented!()
    }

    /// Writes one.
    pub fn to_json(&self) -> String {
        unimplemented!()
    }
}
