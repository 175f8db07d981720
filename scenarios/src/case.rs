//! One schedule, run and judged.

use std::cell::Cell;

use dupeproof_sim::network::{Network, RunEnd, event};
use dupeproof_sim::{Event, FindingKind, Global, Observer, Schedule, Subject};

use crate::coverage::Coverage;
use crate::finding::Finding;
use crate::guard::{Ended, guarded_beside_others};
use crate::invariant::Invariants;
use crate::measure::Sample;

/// The result of one run.
#[derive(Clone, Debug)]
pub struct CaseResult {
    /// Digest, length, events.
    pub end: RunEnd,
    /// In order of time.
    pub findings: Vec<Finding>,
    /// What happened, counted.
    pub coverage: Coverage,
    /// How long things took and what they cost, for [`crate::Measures`].
    pub samples: Vec<Sample>,
}

impl CaseResult {
    /// Whether the run shows this kind of finding.
    pub fn shows(&self, kind: FindingKind) -> bool {
        self.first(kind).is_some()
    }

    /// The first finding of this kind.
    pub fn first(&self, kind: FindingKind) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.kind() == kind)
    }
}

/// Runs a schedule under all invariants. `also` watches too (a trace writer, a picture); `&mut ()` for nobody.
pub fn run_case(schedule: &Schedule, subject: &dyn Subject, network: Network, also: &mut dyn Observer) -> CaseResult {
    let mut observer = (Invariants::of(schedule, subject), also);
    let end = network.run(schedule, subject, &mut observer);
    let (findings, coverage, samples) = observer.0.into_verdict();
    CaseResult { end, findings, coverage, samples }
}

/// The same, for whoever goes on if it fails. `also` is made for each try.
///
/// # Errors
/// This program made a mistake, or the run was refused what it needs.
pub fn try_case<O: Observer>(
    schedule: &Schedule,
    subject: &dyn Subject,
    network: Network,
    mut also: impl FnMut() -> O,
) -> Result<(CaseResult, O), Ended> {
    guarded_beside_others(|| {
        let mut observer = also();
        let result = run_case(schedule, subject, network, &mut observer);
        (result, observer)
    })
}

/// Whether a run shows this kind of finding. On the event network it goes no further than that: most of a run is what
/// comes after.
///
/// # Errors
/// As [`try_case`].
pub(crate) fn try_shows(
    schedule: &Schedule,
    kind: FindingKind,
    subject: &dyn Subject,
    network: Network,
) -> Result<bool, Ended> {
    guarded_beside_others(|| shows(schedule, kind, subject, network))
}

fn shows(schedule: &Schedule, kind: FindingKind, subject: &dyn Subject, network: Network) -> bool {
    if network == Network::Turmoil {
        return run_case(schedule, subject, network, &mut ()).shows(kind);
    }
    let enough = Cell::new(false);
    let mut lookout = Lookout { invariants: Invariants::of(schedule, subject), kind, known: 0, enough: &enough };
    event::run_until(schedule, subject, &mut lookout, &enough);
    enough.get()
}

/// Waits for one kind of finding.
struct Lookout<'a> {
    invariants: Invariants,
    kind: FindingKind,
    /// So many findings were looked at, of which none is of the kind.
    known: usize,
    enough: &'a Cell<bool>,
}

impl Observer for Lookout<'_> {
    fn observe(&mut self, at: Global, event: &Event) {
        self.invariants.observe(at, event);
        let findings = self.invariants.findings();
        let shown = findings[self.known..].iter().any(|finding| finding.kind() == self.kind);
        if shown && self.invariants.tells(self.kind) {
            self.enough.set(true);
        }
        self.known = findings.len();
    }
}

#[cfg(test)]
mod tests {
    use super::{run_case, shows};
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
            let result = run_case(&schedule, naive, Network::Event, &mut ());
            for kind in FindingKind::ALL {
                let whole = result.shows(kind);
                assert_eq!(shows(&schedule, kind, naive, Network::Event), whole, "{kind:?} in case {case}");
                shown += u32::from(whole);
            }
        }
        assert!(shown > 50, "{shown}");
    }
}
