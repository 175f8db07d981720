//! One schedule, run and judged.

use dupeproof_sim::network::{Network, RunEnd};
use dupeproof_sim::{Observer, Schedule, Subject};

use crate::finding::Finding;
use crate::invariant::{Breach, Invariants};
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
pub fn run_case(schedule: &Schedule, subject: &dyn Subject, network: Network, also: &mut dyn Observer) -> CaseResult {
    let (end, breaches, seen) = judge(schedule, subject, network, also);
    CaseResult { end, findings: breaches.iter().map(Breach::finding).collect(), seen }
}

/// The same, with nothing written out.
pub(crate) fn judge(
    schedule: &Schedule,
    subject: &dyn Subject,
    network: Network,
    also: &mut dyn Observer,
) -> (RunEnd, Vec<Breach>, Seen) {
    let mut observer = (Invariants::new(schedule), also);
    let end = network.run(schedule, subject, &mut observer);
    let (breaches, seen) = observer.0.into_verdict();
    (end, breaches, seen)
}
