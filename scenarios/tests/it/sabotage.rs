//! A check that cannot fail is a defect: the core is broken on purpose, one mistake at a time, and every mistake is
//! found. Two-sided: on the same schedules the unmodified core is never accused.

use dupeproof_core::{Config, Sabotage};
use dupeproof_scenarios::subjects::core::CoreSubject;
use dupeproof_scenarios::{FindingKind, Suite, run_case};
use dupeproof_sim::Subject;
use dupeproof_sim::network::Network;
use rayon::prelude::*;

/// The root seed of these searches.
const SEED: u64 = 12;

/// The suites a mistake may show itself in, each searched in turn.
const SUITES: [&str; 2] = ["swarm", "no_swap"];

/// Each mistake, and how many schedules are enough to find it (about ten times what was needed when it was written).
const MISTAKES: [(Sabotage, u64); 22] = [
    (Sabotage::NoFence, 2_000),
    (Sabotage::FenceByAnyLock, 20_000),
    (Sabotage::NoLockIsOwnLock, 20_000),
    (Sabotage::LeaseFromReply, 20_000),
    (Sabotage::NoWait, 2_000),
    (Sabotage::WaitWithoutDrift, 50_000),
    (Sabotage::WaitByWallClock, 2_000),
    (Sabotage::WaitFromRequest, 50_000),
    (Sabotage::MarkerNotRechecked, 20_000),
    (Sabotage::NoMarker, 2_000),
    (Sabotage::FinalSaveNotRetried, 2_000),
    (Sabotage::ReleaseDoesNotCompare, 20_000),
    (Sabotage::CheckIgnoresMarker, 2_000),
    (Sabotage::CheckIgnoresLock, 20_000),
    (Sabotage::SaveIgnoresMarker, 20_000),
    (Sabotage::ResumeWithoutConfirming, 2_000),
    (Sabotage::NoLease, 2_000),
    (Sabotage::SameServerIsSameSession, 20_000),
    (Sabotage::LossNotTold, 20_000),
    (Sabotage::CancelLeavesLock, 20_000),
    (Sabotage::WithdrawalLeavesLateWrite, 50_000),
    (Sabotage::ReleaseKeepsLock, 2_000),
];

/// The first schedule, counted over the suites in turn, on which the subject breaks the core's contract.
fn schedules_to_find(subject: &CoreSubject, limit: u64) -> Option<(u64, FindingKind)> {
    (0..usize::try_from(limit).unwrap()).into_par_iter().by_exponential_blocks().find_map_first(|number| {
        let number = u64::try_from(number).unwrap();
        let suite = Suite::named(SUITES[usize::try_from(number).unwrap() % SUITES.len()]).unwrap();
        let case = number / u64::try_from(SUITES.len()).unwrap();
        let schedule = suite.schedule(SEED, case, "core");
        let result = run_case(&schedule, subject, Network::Event, &mut ());
        let never = subject.contract().never;
        let broken = result.findings.iter().map(|finding| finding.kind).find(|kind| never.contains(&kind.name()));
        broken.map(|kind| (number + 1, kind))
    })
}

#[test]
fn every_deliberate_protocol_mistake_is_found() {
    let mut missed = Vec::new();
    for (sabotage, limit) in MISTAKES {
        let subject = CoreSubject::with_config(Config { sabotage: Some(sabotage), ..Config::default() });
        match schedules_to_find(&subject, limit) {
            Some((schedules, kind)) => println!("{sabotage:?}: {kind:?} after {schedules} schedules"),
            None => missed.push(sabotage),
        }
    }
    assert!(missed.is_empty(), "not found: {missed:?}");
}

#[test]
fn the_unmodified_core_is_never_accused_on_the_same_schedules() {
    assert_eq!(schedules_to_find(&CoreSubject::default(), 20_000), None);
}
