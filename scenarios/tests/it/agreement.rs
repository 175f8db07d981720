//! Both networks show the same kinds of finding over a set of schedules, though single races may end differently.

use std::collections::BTreeMap;

use dupeproof_scenarios::subjects::Subjects;
use dupeproof_scenarios::{Suite, run_case};
use dupeproof_sim::FindingKind;
use dupeproof_sim::network::Network;
use rayon::prelude::*;

/// Schedules run on each network, for each subject.
const CASES: u64 = 200;

/// How many of the cases showed each kind.
fn kinds(subject: &str, network: Network) -> BTreeMap<FindingKind, u32> {
    let subjects = Subjects::default();
    let subject = subjects.named(subject).unwrap();
    let suite = Suite::named("brief").unwrap();
    let of_case = |case| {
        let schedule = suite.schedule(11, case, subject.name());
        let found = run_case(&schedule, subject, network, &mut ()).findings;
        found.into_iter().map(|finding| (finding.kind(), 1)).collect::<BTreeMap<_, u32>>()
    };
    let all: Vec<_> = (0..CASES).into_par_iter().map(of_case).collect();
    let mut kinds = BTreeMap::new();
    for (kind, _) in all.into_iter().flatten() {
        *kinds.entry(kind).or_default() += 1;
    }
    kinds
}

fn agree(subject: &str) -> Vec<FindingKind> {
    let (event, turmoil) = (kinds(subject, Network::Event), kinds(subject, Network::Turmoil));
    assert!(event.keys().eq(turmoil.keys()), "{subject}: {event:?} on event, {turmoil:?} on turmoil");
    event.into_keys().collect()
}

#[test]
fn both_networks_show_the_same_kinds_for_the_naive_script() {
    let kinds = agree("naive");
    for kind in [FindingKind::LostUpdate, FindingKind::ItemDuplicated, FindingKind::ItemLost] {
        assert!(kinds.contains(&kind), "{kind:?} is not in {kinds:?}");
    }
}

#[test]
fn both_networks_show_the_same_kinds_for_the_core() {
    let kinds = agree("core");
    // In-memory swaps are safe on no single-key lock.
    assert_eq!(kinds, [FindingKind::ItemDuplicated, FindingKind::ItemLost]);
}

#[test]
fn both_networks_show_the_same_kinds_for_the_core_as_it_is_embedded() {
    let kinds = agree("embed");
    assert_eq!(kinds, [FindingKind::ItemDuplicated, FindingKind::ItemLost]);
}
