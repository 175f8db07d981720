//! Makes a failing schedule short.

use dupeproof_sim::network::Network;
use dupeproof_sim::{Digest, FindingKind, Schedule, Subject};
use proptest::strategy::ValueTree;

use crate::case::{run_case, shows};
use crate::finding::Finding;
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
    if !shows(schedule, kind, subject, network) {
        return None;
    }
    let mut short = schedule.clone();
    let mut spent = 1;
    let mut tree = ScheduleTree::of(schedule.clone());
    let mut more = tree.simplify();
    while more && spent < tries {
        let candidate = tree.current();
        spent += 1;
        more = if shows(&candidate, kind, subject, network) {
            short = candidate;
            tree.simplify()
        } else {
            tree.complicate()
        };
    }
    let result = run_case(&short, subject, network, &mut ());
    let finding = result.first(kind).expect("it has just shown one").clone();
    Some(Shrunk { finding, digest: result.end.digest, tries: spent, schedule: short })
}
