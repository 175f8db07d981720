//! What a row of cases came to.

use dupeproof_core::Span;
use dupeproof_sim::network::Network;
use dupeproof_sim::{Digest, Schedule, Subject};

use crate::case::{Judged, judge};
use crate::finding::FindingKind;
use crate::measure::Measures;
use crate::seen::Seen;

/// The sum of consecutive cases.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) cases: u64,
    pub(super) simulated: Span,
    pub(super) with_findings: u64,
    /// Of all cases, in order.
    pub(super) digest: Digest,
    pub(super) seen: Seen,
    pub(super) measures: Measures,
    /// By kind, as the enum numbers them.
    pub(super) kinds: [Option<Sighted>; FindingKind::ALL.len()],
    /// Each case's own, so that rows of any length can be put together.
    digests: Vec<Digest>,
}

/// One kind of finding in a row of cases.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sighted {
    pub(super) cases: u64,
    pub(super) first_case: u64,
    pub(super) worst: Option<Span>,
}

impl Tally {
    /// Runs the next case of a row.
    pub(super) fn run(&mut self, case: u64, schedule: &Schedule, subject: &dyn Subject, network: Network) {
        let Judged { end, breaches, seen, samples } = judge(schedule, subject, network, &mut ());
        self.cases += 1;
        self.simulated = self.simulated + Span(end.at.0);
        self.seen.add(&seen);
        self.measures.take(&samples);
        self.digests.push(end.digest);
        self.with_findings += u64::from(!breaches.is_empty());
        let mut counted = [false; FindingKind::ALL.len()];
        for breach in breaches {
            let kind = breach.kind() as usize;
            let cases = u64::from(!std::mem::replace(&mut counted[kind], true));
            self.sight(kind, Sighted { cases, first_case: case, worst: breach.lasted });
        }
    }

    /// Appends the row that follows.
    pub(super) fn append(&mut self, next: &Tally) {
        self.cases += next.cases;
        self.simulated = self.simulated + next.simulated;
        self.with_findings += next.with_findings;
        self.seen.add(&next.seen);
        self.measures.add(&next.measures);
        self.digest = next.digests.iter().fold(self.digest, |all, digest| all.then(*digest));
        for (kind, sighted) in next.kinds.iter().enumerate() {
            if let Some(sighted) = sighted {
                self.sight(kind, *sighted);
            }
        }
    }

    fn sight(&mut self, kind: usize, next: Sighted) {
        match &mut self.kinds[kind] {
            Some(sighted) => {
                sighted.cases += next.cases;
                sighted.worst = sighted.worst.max(next.worst);
            }
            none => *none = Some(next),
        }
    }
}
