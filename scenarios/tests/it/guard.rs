//! A mistake of this program in one case is told, and the search goes on.

use std::ops::ControlFlow;

use dupeproof_core::{Mono, Stored};
use dupeproof_scenarios::subjects::naive::NaiveSubject;
use dupeproof_scenarios::{Search, SearchReport, Suite, Verdict};
use dupeproof_sim::id::PlayerId;
use dupeproof_sim::network::Network;
use dupeproof_sim::subject::Boot;
use dupeproof_sim::{Command, Contract, FindingKind, Guest, Input, Output, Refusal, Subject, Turn};

/// The simple save script, with a program that fails now and then when a player leaves.
struct Failing {
    fails: fn(&Boot) -> bool,
    how: fn(),
}

struct FailingGuest {
    inner: Box<dyn Guest>,
    how: fn(),
}

impl Guest for FailingGuest {
    fn handle(&mut self, turn: &Turn<'_>, input: Input, out: &mut Vec<Output>) -> Option<Mono> {
        if matches!(input, Input::Command(Command::Leave(_))) {
            (self.how)();
        }
        self.inner.handle(turn, input, out)
    }
}

impl Subject for Failing {
    fn name(&self) -> &str {
        "naive"
    }

    fn about(&self) -> &str {
        "fails now and then"
    }

    fn contract(&self) -> &Contract {
        NaiveSubject.contract()
    }

    fn guest(&self, boot: &Boot) -> Box<dyn Guest> {
        let inner = NaiveSubject.guest(boot);
        if (self.fails)(boot) { Box::new(FailingGuest { inner, how: self.how }) } else { inner }
    }

    fn record(&self, player: PlayerId, items: &[u32]) -> Stored {
        NaiveSubject.record(player, items)
    }
}

fn search(subject: &dyn Subject, network: Network, cases: u64, jobs: usize) -> SearchReport {
    let suite = Suite::named(if network == Network::Event { "swarm" } else { "brief" }).expect("it is built in");
    Search { suite, subject, network, seed: 5, first: 0, cases, jobs }.run(&mut |_| ControlFlow::Continue(()))
}

fn planted() {
    panic!("planted: a player has left");
}

#[test]
fn a_case_that_panics_is_told_and_the_others_are_kept_whatever_the_threads() {
    // One server life in twelve fails, so that many cases do and many do not.
    let failing = Failing { fails: |boot| boot.seed.is_multiple_of(12), how: planted };
    let report = search(&failing, Network::Event, 400, 1);
    assert!((20..300).contains(&report.failed.count), "{}", report.failed.count);
    assert_eq!(report.cases, 400);
    let first = &report.failed.first[0];
    assert_eq!(first.error.message, "planted: a player has left");
    assert!(first.error.place.contains("guard.rs:") && !first.shrinking, "{:?}", first.error);
    assert_eq!(report.verdict, Verdict::Unsafe, "the findings of the others stay");
    assert!(report.findings.iter().any(|found| found.kind == FindingKind::LostUpdate && !found.causes.is_empty()));
    assert_eq!(format!("{report:?}"), format!("{:?}", search(&failing, Network::Event, 400, 3)));
}

#[test]
fn a_search_with_a_failed_case_is_never_safe_and_one_without_has_none() {
    let never = Failing { fails: |_| false, how: planted };
    let report = search(&never, Network::Event, 100, 2);
    assert_eq!(report.failed.count, 0);
    let always = Failing { fails: |_| true, how: planted };
    for network in [Network::Event, Network::Turmoil] {
        let report = search(&always, network, 3, 2);
        assert!(report.failed.count > 0, "{network:?}");
        assert_ne!(report.verdict, Verdict::Safe);
    }
}

#[test]
fn what_is_refused_ends_the_search_and_is_no_mistake_of_this_program() {
    let refused = || Refusal::Subject("planted".into()).raise();
    let failing = Failing { fails: |boot| boot.seed.is_multiple_of(12), how: refused };
    let ended = dupeproof_scenarios::guard::guarded(|| search(&failing, Network::Event, u64::MAX, 2));
    assert_eq!(ended.err(), Some(dupeproof_scenarios::guard::Ended::Refused(Refusal::Subject("planted".into()))));
}
