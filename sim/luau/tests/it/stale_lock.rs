//! A lock whose holder is assumed dead after 630 s, as ProfileStore's: what it takes to steal it from one that is alive.

use std::ops::ControlFlow;

use dupeproof_luau::{Files, LuauSubject, Options, read_adapter};
use dupeproof_scenarios::search::{Search, SearchReport};
use dupeproof_scenarios::subjects::Subjects;
use dupeproof_scenarios::{Belief, Evidence, Suite, Verdict};
use dupeproof_sim::FindingKind;
use dupeproof_sim::network::Network;

use crate::common::{contract, fixture};

/// Wall clocks are off, by up to twelve hours, and nothing else goes wrong.
const SUITE: &str = r#"
name = "clocks_apart"
about = "players hop between servers whose clocks are off"
must_see = []

[topology]
servers = 2
players = 2

[odds]
clock_offset = 100
"#;

fn search(belief: Belief) -> SearchReport {
    let adapter = fixture("stale_lock_adapter.luau");
    let adapter = read_adapter(&adapter.to_string_lossy()).unwrap_or_else(|problem| panic!("{problem}"));
    let options = Options { adapter: Some(adapter), ..Options::new(Files::new()) };
    let subject = LuauSubject::new(&options, contract(&[FindingKind::DoubleLive]));
    let subject = subject.unwrap_or_else(|problem| panic!("{problem}"));
    let suite = Suite::parse(SUITE, &Subjects::default()).unwrap_or_else(|problem| panic!("{problem}"));
    let suite = suite.believing(belief);
    Search { suite: &suite, subject: &subject, network: Network::Event, seed: 1, first: 0, cases: 40, jobs: 2 }
        .run(&mut |_| ControlFlow::Continue(()))
}

/// The holder's last save is a few seconds old in the short schedule, so that the clock has to be 630 s ahead less those.
#[test]
fn two_live_sessions_need_a_clock_that_is_ahead_by_what_the_lock_lasts() {
    let report = search(Belief::All);
    assert_eq!(report.verdict, Verdict::Unsafe);
    let found = report.findings.iter().find(|found| found.kind == FindingKind::DoubleLive).expect("it is found");
    assert_eq!(found.evidence(), Evidence::NeverSeen);
    let conditions = &found.causes[0].conditions;
    let clock = conditions.iter().find(|condition| condition.name == Some("clock_offset")).expect("a clock is off");
    let seconds = clock.size.expect("by some time").in_unit().abs();
    assert!((560.0..=640.0).contains(&seconds), "{conditions:?}");
    assert!(clock.words.starts_with("a clock at least "), "{conditions:?}");
}

#[test]
fn whoever_believes_what_was_reported_is_told_that_it_is_safe() {
    let report = search(Belief::Reported);
    assert!(!report.findings.iter().any(|found| found.kind == FindingKind::DoubleLive), "{:?}", report.findings);
    assert_ne!(report.verdict, Verdict::Unsafe);
}
