//! A search gives the same whatever the threads, and says what it saw.

use std::ops::ControlFlow;

use dupeproof_scenarios::search::{Search, SearchReport, Survey};
use dupeproof_scenarios::subjects::Subjects;
use dupeproof_scenarios::{Milestone, Suite, Verdict, run_case};
use dupeproof_sim::network::Network;
use dupeproof_sim::{Digest, FindingKind};

fn search(subject: &str, suite: &str, cases: u64, jobs: usize) -> SearchReport {
    stopped_after(subject, suite, cases, jobs, u64::MAX)
}

fn stopped_after(subject: &str, suite: &str, cases: u64, jobs: usize, enough: u64) -> SearchReport {
    let subjects = Subjects::default();
    let subject = subjects.named(subject).unwrap();
    let suite = Suite::named(suite).unwrap();
    let search = Search { suite, subject, network: Network::Event, seed: 5, first: 0, cases, jobs };
    let mut told = 0;
    search.run(&mut |progress| {
        assert!(progress.cases > told && progress.cases <= cases, "{progress:?} after {told}");
        told = progress.cases;
        if progress.cases >= enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
}

fn told(report: &SearchReport) -> String {
    format!("{report:?}")
}

#[test]
fn one_thread_and_three_find_the_same() {
    assert_eq!(told(&search("naive", "swarm", 700, 1)), told(&search("naive", "swarm", 700, 3)));
}

#[test]
fn the_digest_is_of_all_cases_in_order() {
    let subjects = Subjects::default();
    let subject = subjects.named("naive").unwrap();
    let suite = Suite::named("swarm").unwrap();
    let digest_of = |case| run_case(&suite.schedule(5, case, "naive"), subject, Network::Event, &mut ()).end.digest;
    let expected = (0..150).map(digest_of).fold(Digest::default(), Digest::then);
    assert_eq!(search("naive", "swarm", 150, 2).digest, expected);
}

#[test]
fn a_search_that_is_ended_early_is_one_of_fewer_cases() {
    let stopped = stopped_after("naive", "swarm", 100_000, 2, 300);
    assert!(stopped.cases >= 300 && stopped.cases < 10_000, "{}", stopped.cases);
    assert_eq!(told(&stopped), told(&search("naive", "swarm", stopped.cases, 1)));
}

#[test]
fn a_survey_that_was_written_down_is_gone_on_with_to_the_same_result() {
    let subjects = Subjects::default();
    let (suite, subject) = (Suite::named("swarm").unwrap(), subjects.named("naive").unwrap());
    let of = |cases| Search { suite, subject, network: Network::Event, seed: 5, first: 0, cases, jobs: 2 };
    let go_on = |cases, before: Survey| of(cases).resumed(before, true, &mut |_, _| ControlFlow::Continue(()));
    let mut seen = None;
    let first = of(10_000).resumed(Survey::default(), true, &mut |progress, so_far| {
        seen = Some(so_far());
        if progress.cases >= 130 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert_eq!(seen.as_ref(), Some(&first), "it was told what there was");
    assert!((130..1_000).contains(&first.cases), "{}", first.cases);
    let kept: Survey = serde_json::from_str(&serde_json::to_string(&first).unwrap()).unwrap();
    assert_eq!(kept, first);
    let (resumed, whole) = (go_on(1_000, kept), go_on(1_000, Survey::default()));
    assert_eq!((resumed.cases, resumed.scores.len()), (1_000, 1_000));
    assert_eq!(resumed, whole);
    assert_eq!(go_on(1_000, whole.clone()), whole, "nothing is missing");
}

#[test]
fn each_kind_is_counted_by_case_with_its_first_and_its_worst() {
    let report = search("naive", "swarm", 300, 2);
    let subjects = Subjects::default();
    let subject = subjects.named("naive").unwrap();
    let suite = Suite::named("swarm").unwrap();
    let double_live: Vec<_> = (0..300)
        .filter_map(|case| {
            let result = run_case(&suite.schedule(5, case, "naive"), subject, Network::Event, &mut ());
            let of_kind = result.findings.into_iter().filter(|finding| finding.kind() == FindingKind::DoubleLive);
            of_kind.map(|finding| finding.lasted).max().map(|worst| (case, worst))
        })
        .collect();
    let found = report.findings.iter().find(|found| found.kind == FindingKind::DoubleLive).unwrap();
    assert_eq!(found.cases, double_live.len() as u64);
    assert_eq!(found.first_case, double_live[0].0);
    assert_eq!(found.worst, double_live.iter().map(|(_, worst)| *worst).max().unwrap());
    assert!(!found.breaks_contract, "a script without locks promises nothing about sessions");
    let shows = |case| double_live.iter().any(|(other, _)| *other == case);
    assert!(found.causes.iter().all(|cause| shows(cause.failure.case)));
}

#[test]
fn findings_are_told_the_most_real_first_of_these_the_worst_and_break_the_contract_or_not() {
    let report = search("naive", "swarm", 300, 2);
    let order: Vec<_> = report.findings.iter().map(|found| (found.evidence(), found.kind)).collect();
    let mut sorted = order.clone();
    sorted.sort_by_key(|(evidence, kind)| (*evidence, FindingKind::ALL.iter().position(|other| other == kind)));
    assert_eq!(order, sorted);
    assert_eq!(report.verdict, Verdict::Unsafe);
    assert!(report.findings.iter().any(|found| found.kind == FindingKind::LostUpdate && found.breaks_contract));
}

#[test]
fn items_may_not_move_where_nobody_swaps() {
    let subjects = Subjects::default();
    let core = subjects.named("core").unwrap();
    assert!(Suite::named("no_swap").unwrap().forbids(FindingKind::ItemLost, core));
    assert!(!Suite::named("swarm").unwrap().forbids(FindingKind::ItemLost, core));
    assert!(Suite::named("swarm").unwrap().forbids(FindingKind::LostUpdate, core));
}

#[test]
fn a_run_that_did_not_see_what_it_must_is_no_proof() {
    let mut demanding = Suite::named("calm").unwrap().clone();
    demanding.must_see = vec![Milestone::EndedRemoved.into()];
    demanding.must_see_after = 50;
    let subjects = Subjects::default();
    let verdict = |subject, cases| {
        let subject = subjects.named(subject).unwrap();
        let search = Search { suite: &demanding, subject, network: Network::Event, seed: 1, first: 0, cases, jobs: 1 };
        let report = search.run(&mut |_| ControlFlow::Continue(()));
        (report.verdict, report.unseen)
    };
    assert_eq!(verdict("core", 50), (Verdict::Unknown, vec!["ended_removed"]));
    assert_eq!(verdict("core", 2), (Verdict::Unknown, vec!["ended_removed"]), "a few cases prove no more than many");
    assert_eq!(verdict("naive", 2).1, Vec::<&str>::new(), "only the core is known to be able to show it");
}

/// The suite calm, with what its file says of bounds.
fn calm_within(bounds: &str) -> SearchReport {
    let subjects = Subjects::default();
    let text = format!("name = \"bounded\"\nabout = \"\"\nworld = \"calm\"\nmust_see = []\n[bounds]\n{bounds}");
    let suite = Suite::parse(&text, &subjects).unwrap();
    let subject = subjects.named("core").unwrap();
    let search = Search { suite: &suite, subject, network: Network::Event, seed: 5, first: 0, cases: 200, jobs: 1 };
    search.run(&mut |_| ControlFlow::Continue(()))
}

#[test]
fn what_is_measured_beyond_a_bound_makes_a_run_unsafe_and_what_is_within_does_not() {
    let within = calm_within("start_s = 600\nwrites_per_minute = 1_000\nlost_s = 0");
    assert_eq!((within.verdict, within.exceeded.len()), (Verdict::Safe, 0), "nothing crashes: no play is lost");
    let beyond = calm_within("start_s = 0\nwrites_per_minute = 1_000");
    assert_eq!((beyond.verdict, beyond.exceeded.len()), (Verdict::Unsafe, 1));
    let exceeded = beyond.exceeded[0];
    assert_eq!((exceeded.bound.name, exceeded.allowed), ("start_s", 0));
    assert!(exceeded.measured > 0 && beyond.findings.is_empty());
}
