//! One schedule, run and judged.

use std::cell::Cell;

use dupeproof_sim::network::{Network, RunEnd, event};
use dupeproof_sim::{Event, FindingKind, Global, Observer, Schedule, Subject};

use crate::coverage::Coverage;
use crate::finding::Finding;
use crate::invariant::{Breach, Invariants};
use crate::measure::{Measures, Sample};

/// What came of one run.
#[derive(Clone, Debug)]
pub struct CaseResult {
    /// Digest, length, events.
    pub end: RunEnd,
    /// In order of time.
    pub findings: Vec<Finding>,
    /// What happened.
    pub coverage: Coverage,
    /// How long it took and what it cost.
    pub measures: Measures,
}

/// One run, judged, with nothing written out.
pub(crate) struct Judged {
    pub(crate) end: RunEnd,
    pub(crate) breaches: Vec<Breach>,
    pub(crate) coverage: Coverage,
    pub(crate) samples: Vec<Sample>,
}

/// Runs a schedule under all invariants. `also` watches too (a trace writer, a picture); `&mut ()` for nobody.
pub fn run_case(schedule: &Schedule, subject: &dyn Subject, network: Network, also: &mut dyn Observer) -> CaseResult {
    let Judged { end, breaches, coverage, samples } = judge(schedule, subject, network, also);
    let mut measures = Measures::default();
    measures.take(&samples);
    CaseResult { end, findings: breaches.iter().map(Breach::finding).collect(), coverage, measures }
}

/// The same, with nothing written out.
pub(crate) fn judge(schedule: &Schedule, subject: &dyn Subject, network: Network, also: &mut dyn Observer) -> Judged {
    let mut observer = (Invariants::new(schedule, subject.layout()), also);
    let end = network.run(schedule, subject, &mut observer);
    let (breaches, coverage, samples) = observer.0.into_verdict();
    Judged { end, breaches, coverage, samples }
}

/// Whether a run shows this kind of finding. On the event network it goes no further than that: most of a run is what
/// comes after.
pub(crate) fn shows(schedule: &Schedule, kind: FindingKind, subject: &dyn Subject, network: Network) -> bool {
    if network == Network::Turmoil {
        return judge(schedule, subject, network, &mut ()).breaches.iter().any(|breach| breach.kind() == kind);
    }
    let enough = Cell::new(false);
    let mut lookout =
        Lookout { invariants: Invariants::new(schedule, subject.layout()), kind, known: 0, enough: &enough };
    event::run_until(schedule, subject, &mut lookout, &enough);
    enough.get()
}

/// Waits for one kind of finding.
struct Lookout<'a> {
    invariants: Invariants,
    kind: FindingKind,
    /// Breaches of which none is of the kind.
    known: usize,
    enough: &'a Cell<bool>,
}

impl Observer for Lookout<'_> {
    fn observe(&mut self, at: Global, event: &Event) {
        self.invariants.observe(at, event);
        let breaches = self.invariants.breaches();
        if breaches[self.known..].iter().any(|breach| breach.kind() == self.kind) {
            self.enough.set(true);
        }
        self.known = breaches.len();
    }
}

#[cfg(test)]
mod tests {
    use super::{judge, shows};
    use crate::Suite;
    use crate::subjects::Subjects;
    use dupeproof_sim::FindingKind;
    use dupeproof_sim::network::Network;

    #[test]
    fn a_run_that_ends_early_shows_what_the_whole_run_does() {
        let subjects = Subjects::default();
        let naive = subjects.named("naive").expect("it is built in");
        let mut shown = 0;
        for case in 0..60 {
            let schedule = Suite::all()[0].schedule(3, case, "naive");
            let breaches = judge(&schedule, naive, Network::Event, &mut ()).breaches;
            for kind in FindingKind::ALL {
                let whole = breaches.iter().any(|breach| breach.kind() == kind);
                assert_eq!(shows(&schedule, kind, naive, Network::Event), whole, "{kind:?} in case {case}");
                shown += u32::from(whole);
            }
        }
        assert!(shown > 50, "{shown}");
    }
}
