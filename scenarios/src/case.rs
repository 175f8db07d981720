//! One schedule, run and judged.

use dupeproof_sim::network::{Network, RunEnd};
use dupeproof_sim::{Observer, Schedule, Subject};

use crate::finding::Finding;
use crate::invariant::{Breach, Invariants};
use crate::measure::{Measures, Sample};
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
    /// How long it took and what it cost.
    pub measures: Measures,
}

/// One run, judged, with nothing written out.
pub(crate) struct Judged {
    pub(crate) end: RunEnd,
    pub(crate) breaches: Vec<Breach>,
    pub(crate) seen: Seen,
    pub(crate) samples: Vec<Sample>,
}

/// Runs a schedule under all invariants. `also` watches too (a trace writer, a picture); `&mut ()` for nobody.
pub fn run_case(schedule: &Schedule, subject: &dyn Subject, network: Network, also: &mut dyn Observer) -> CaseResult {
    let Judged { end, breaches, seen, samples } = judge(schedule, subject, network, also);
    let mut measures = Measures::default();
    measures.take(&samples);
    CaseResult { end, findings: breaches.iter().map(Breach::finding).collect(), seen, measures }
}

/// The same, with nothing written out.
pub(crate) fn judge(schedule: &Schedule, subject: &dyn Subject, network: Network, also: &mut dyn Observer) -> Judged {
    let mut observer = (Invariants::new(schedule, subject.layout()), also);
    let end = network.run(schedule, subject, &mut observer);
    let (breaches, seen, samples) = observer.0.into_verdict();
    Judged { end, breaches, seen, samples }
}
