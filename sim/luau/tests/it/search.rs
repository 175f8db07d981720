use std::ops::ControlFlow;

use dupeproof_luau::{LuauSubject, Options, read_adapter};
use dupeproof_scenarios::Suite;
use dupeproof_scenarios::search::{Search, SearchReport};
use dupeproof_sim::FindingKind;
use dupeproof_sim::network::Network;

use crate::common::{contract, fenced, script};

fn search(options: &Options, suite: &str, cases: u64) -> SearchReport {
    let subject = LuauSubject::new(options, contract(&[])).unwrap_or_else(|problem| panic!("{problem}"));
    let suite = Suite::named(suite).expect("it is there");
    Search { suite, subject: &subject, network: Network::Event, seed: 1, first: 0, cases, jobs: 1 }
        .run(&mut |_| ControlFlow::Continue(()))
}

fn kinds(report: &SearchReport) -> Vec<FindingKind> {
    report.findings.iter().map(|found| found.kind).collect()
}

#[test]
fn a_module_without_a_lock_is_found_to_dupe() {
    let naive = Options { adapter: Some(read_adapter("naive").expect("built in")), ..script("") };
    let kinds = kinds(&search(&naive, "swarm", 20));
    for kind in [FindingKind::DoubleLive, FindingKind::LostUpdate] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
}

#[test]
fn a_module_that_locks_and_never_takes_over_is_only_found_to_lock_players_out() {
    let report = search(&fenced(), "no_swap", 20);
    let kinds = kinds(&report);
    let unsafe_kinds = [FindingKind::DoubleLive, FindingKind::UnfencedWrite, FindingKind::ItemDuplicated];
    assert!(!kinds.iter().any(|kind| unsafe_kinds.contains(kind)), "{:#?}", report.findings);
    assert!(kinds.contains(&FindingKind::LockStuck), "crashes leave its locks: {kinds:?}");
}
