//! One schedule, run and judged.

use dupeproof_sim::network::{Network, RunEnd};
use dupeproof_sim::{Observer, Schedule, Subject};

use crate::finding::Finding;
use crate::seen::Seen;

/// What came of one run.
#[derive(Clone, Debug)]
pub struct CaseResult {
    /// Digest, length, events.
    pub end: RunEnd,
    /// In order of time.
    pub findings: Vec<Finding>,
    /// What happened.
    pub seen: Seen,
}

/// Runs a schedule under all invariants. `also` watches too (a trace writer, a picture); `&mut ()` for nobody.
pub fn run_case(
    _schedule: &Schedule,
    _subject: &dyn Subject,
    _network: Network,
    _also: &mut dyn Observer,
) -> CaseResult {
    unimplemented!()
}
