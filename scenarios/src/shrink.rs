//! Makes a failing schedule short.

use dupeproof_sim::network::Network;
use dupeproof_sim::{Schedule, Subject};

use crate::finding::Finding;

/// A schedule that shows a finding of the same kind and is as short as could be made in `tries` runs.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// The short schedule.
    pub schedule: Schedule,
    /// The first finding of that kind in it.
    pub finding: Finding,
    /// Runs spent.
    pub tries: u32,
}

/// Shrinks by re-running candidates.
pub fn shrink(
    _schedule: &Schedule,
    _finding: &Finding,
    _subject: &dyn Subject,
    _network: Network,
    _tries: u32,
) -> Shrunk {
    unimplemented!()
}
