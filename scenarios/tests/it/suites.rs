//! The suites, case by case through proptest: a failing case shrinks and prints the command that replays it.
//!
//! Deterministic. `DUPEPROOF_CASES` sets how many cases each suite gets on the event network.

use dupeproof_scenarios::strategy;
use dupeproof_scenarios::subjects::Subjects;
use dupeproof_scenarios::{Seen, Suite, run_case};
use dupeproof_sim::network::Network;
use dupeproof_sim::{Schedule, Subject};
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestCaseError, TestError};

use crate::corpus;

const SEED: u64 = 1;

/// One suite for one subject on one network.
struct Run<'a> {
    suite: &'a Suite,
    subject: &'a dyn Subject,
    network: Network,
}

impl Run<'_> {
    /// Runs so many cases; what a failure says ends with the command that replays it.
    fn cases(&self, cases: u64) -> Result<Seen, String> {
        let mut seen = Seen::default();
        (0..cases).try_for_each(|case| self.case(case, &mut seen))?;
        Ok(seen)
    }

    fn case(&self, case: u64, seen: &mut Seen) -> Result<(), String> {
        let Run { suite, subject, network } = self;
        let max_shrink_iters = if *network == Network::Event { 3_000 } else { 30 };
        let config = Config { failure_persistence: None, max_shrink_iters, ..Config::default() };
        let mut runner = strategy::runner_with(config, SEED, case);
        let tree = suite.schedules(subject.name()).new_tree(&mut runner).expect("every draw is a schedule");
        let total = std::cell::RefCell::new(Seen::default());
        let outcome = runner.run_one(tree, |schedule| {
            let seen = self.judge(&schedule)?;
            total.borrow_mut().add(&seen);
            Ok(())
        });
        seen.add(&total.into_inner());
        outcome.map(drop).map_err(|error| match error {
            TestError::Fail(why, schedule) => format!(
                "{} case {case}: {why}\nshrunk: {}\nreplay: dupeproof replay --seed {SEED} --case {case} --suite {} \
                 --subject {} --network {}",
                suite.name,
                serde_json::to_string(&schedule).expect("a schedule is JSON"),
                suite.name,
                subject.name(),
                serde_json::to_value(network).expect("a network has a name").as_str().unwrap_or_default(),
            ),
            TestError::Abort(why) => format!("{} case {case}: {why}", suite.name),
        })
    }

    fn judge(&self, schedule: &Schedule) -> Result<Seen, TestCaseError> {
        let result = run_case(schedule, self.subject, self.network, &mut ());
        match result.findings.iter().find(|finding| self.suite.forbids(finding.kind, self.subject)) {
            Some(finding) => Err(TestCaseError::fail(format!("{}: {}", finding.kind.name(), finding.story))),
            None => Ok(result.seen),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "how many cases to run is asked of the person, not of the run")]
fn cases_wanted() -> Option<u64> {
    std::env::var("DUPEPROOF_CASES").ok().map(|cases| cases.parse().expect("DUPEPROOF_CASES is a number"))
}

/// Runs a suite on the core, and demands that it has seen what it must.
fn core_is_safe(suite: &str) {
    std::sync::LazyLock::force(&corpus::REPLAYED);
    let subjects = Subjects::default();
    let subject = subjects.named("core").unwrap();
    let suite = Suite::named(suite).unwrap();
    let cases = cases_wanted().unwrap_or(suite.must_see_after);
    let seen = Run { suite, subject, network: Network::Event }.cases(cases).unwrap_or_else(|why| panic!("{why}"));
    if cases >= suite.must_see_after {
        let unseen: Vec<_> = suite.must_see.iter().filter(|counter| seen.of(**counter) == 0).collect();
        assert!(unseen.is_empty(), "{} has not seen {unseen:?} in {cases} cases", suite.name);
    }
}

fn core_is_safe_on_turmoil(suite: &str, cases: u64) {
    std::sync::LazyLock::force(&corpus::REPLAYED);
    let subjects = Subjects::default();
    let subject = subjects.named("core").unwrap();
    let run = Run { suite: Suite::named(suite).unwrap(), subject, network: Network::Turmoil };
    let seen = run.cases(cases).unwrap_or_else(|why| panic!("{why}"));
    assert!(seen.named("sessions_started") > 0);
}

#[test]
fn core_is_safe_in_a_swarm_of_faults() {
    core_is_safe("swarm");
}

#[test]
fn core_keeps_every_item_where_nobody_swaps() {
    core_is_safe("no_swap");
}

#[test]
fn core_is_safe_in_calm_weather() {
    core_is_safe("calm");
}

#[test]
fn core_is_safe_when_messages_are_lost() {
    core_is_safe("hand_over");
}

#[test]
fn core_is_safe_through_crashes_and_freezes() {
    core_is_safe("crash");
}

#[test]
fn core_is_safe_with_a_failing_datastore() {
    core_is_safe("services");
}

#[test]
fn core_is_safe_with_wrong_clocks() {
    core_is_safe("clocks");
}

#[test]
fn core_is_safe_within_a_minute_of_everything() {
    core_is_safe("brief");
}

#[test]
fn core_is_safe_in_a_fleet() {
    core_is_safe("fleet");
}

#[test]
fn core_loses_and_doubles_nothing_on_the_market() {
    core_is_safe("market");
}

#[test]
fn core_keeps_its_promises_where_trades_are_made_in_memory() {
    core_is_safe("market_in_memory");
}

#[test]
fn core_tells_whom_admins_befall() {
    core_is_safe("admin");
}

#[test]
fn core_is_safe_on_the_market_over_sockets() {
    core_is_safe_on_turmoil("market", 6);
}

#[test]
fn core_is_safe_over_sockets() {
    core_is_safe_on_turmoil("brief", 40);
}

#[test]
fn core_is_safe_in_a_swarm_of_faults_over_sockets() {
    core_is_safe_on_turmoil("swarm", 6);
}

#[test]
fn core_is_safe_in_a_fleet_of_two_dozen_servers_over_sockets() {
    core_is_safe_on_turmoil("fleet", 4);
}

#[test]
fn a_failing_case_prints_the_one_command_that_replays_it() {
    let subjects = Subjects::default();
    let subject = subjects.named("naive").unwrap();
    let run = Run { suite: Suite::named("swarm").unwrap(), subject, network: Network::Event };
    let why = run.cases(50).unwrap_err();
    let (_, command) = why.rsplit_once("replay: dupeproof replay --seed 1 --case ").expect(&why);
    let (case, rest) = command.split_once(' ').unwrap();
    assert_eq!(rest, "--suite swarm --subject naive --network event");
    let schedule = run.suite.schedule(SEED, case.parse().unwrap(), "naive");
    assert!(run.judge(&schedule).is_err(), "case {case} fails when it is run again");
    let (_, shrunk) = why.split_once("shrunk: ").unwrap();
    let shrunk: Schedule = serde_json::from_str(shrunk.lines().next().unwrap()).unwrap();
    assert!(shrunk.timeline.len() <= 8, "{why}");
}
