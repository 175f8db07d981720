//! Makes a failing schedule short.

use dupeproof_sim::network::Network;
use dupeproof_sim::{Digest, Schedule, Subject};
use proptest::strategy::ValueTree;

use crate::case::{Judged, judge};
use crate::finding::{Finding, FindingKind};
use crate::strategy::ScheduleTree;

/// A schedule that shows a finding of the same kind and is as short as could be made in `tries` runs.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// The short schedule.
    pub schedule: Schedule,
    /// The first finding of that kind in it.
    pub finding: Finding,
    /// The fingerprint of its run.
    pub digest: Digest,
    /// Runs spent.
    pub tries: u32,
}

/// Shrinks by re-running candidates, along the same tree that proptest would. `None` if the schedule itself does not
/// show such a finding.
pub fn shrink(
    schedule: &Schedule,
    kind: FindingKind,
    subject: &dyn Subject,
    network: Network,
    tries: u32,
) -> Option<Shrunk> {
    let (finding, digest) = shows(schedule, kind, subject, network)?;
    let mut shrunk = Shrunk { schedule: schedule.clone(), finding, digest, tries: 1 };
    let mut tree = ScheduleTree::of(schedule.clone());
    let mut more = tree.simplify();
    while more && shrunk.tries < tries {
        let candidate = tree.current();
        shrunk.tries += 1;
        more = match shows(&candidate, kind, subject, network) {
            Some((finding, digest)) => {
                (shrunk.schedule, shrunk.finding, shrunk.digest) = (candidate, finding, digest);
                tree.simplify()
            }
            None => tree.complicate(),
        };
    }
    Some(shrunk)
}

/// The first finding of this kind in a run, and the run's fingerprint.
fn shows(schedule: &Schedule, kind: FindingKind, subject: &dyn Subject, network: Network) -> Option<(Finding, Digest)> {
    let Judged { end, breaches, .. } = judge(schedule, subject, network, &mut ());
    let breach = breaches.iter().find(|breach| breach.kind() == kind)?;
    Some((breach.finding(), end.digest))
}
