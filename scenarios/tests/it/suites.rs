//! The suites and the worlds, case by case through proptest: a failing case shrinks and prints the command that
//! replays it.
//!
//! Deterministic. `DUPEPROOF_CASES` sets how many cases each suite gets on the event network; `DUPEPROOF_LOG` shows what
//! happens in those that fail.

use dupeproof_scenarios::strategy;
use dupeproof_scenarios::subjects::Subjects;
use dupeproof_scenarios::{Coverage, Suite, World, run_case, schedules};
use dupeproof_sim::network::Network;
use dupeproof_sim::{Schedule, Subject};
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestCaseError, TestError};
use rayon::prelude::*;

use crate::{corpus, log};

const SEED: u64 = 1;

/// One suite for one subject on one network.
struct Run<'a> {
    suite: &'a Suite,
    /// The world that took the place of the suite's own.
    world: Option<&'a str>,
    subject: &'a dyn Subject,
    network: Network,
}

impl Run<'_> {
    /// Runs so many cases; what a failure says ends with the command that replays it.
    fn cases(&self, cases: u64) -> Result<Coverage, String> {
        let mut coverage = Coverage::default();
        (0..cases).try_for_each(|case| self.case(case, &mut coverage))?;
        Ok(coverage)
    }

    fn case(&self, case: u64, coverage: &mut Coverage) -> Result<(), String> {
        let Run { suite, world, subject, network } = self;
        let in_world = world.map_or(String::new(), |world| format!(" --world {world}"));
        let max_shrink_iters = if *network == Network::Event { 3_000 } else { 30 };
        let config = Config { failure_persistence: None, max_shrink_iters, ..Config::default() };
        let mut runner = strategy::runner_with(config, SEED, case);
        let tree = schedules(suite, *subject).new_tree(&mut runner).expect("every draw is a schedule");
        let total = std::cell::RefCell::new(Coverage::default());
        let outcome = runner.run_one(tree, |schedule| {
            let coverage = self.judge(&schedule)?;
            total.borrow_mut().add(&coverage);
            Ok(())
        });
        coverage.add(&total.into_inner());
        outcome.map(drop).map_err(|error| match error {
            TestError::Fail(why, schedule) => {
                log::run_shown(&schedule, *subject, *network);
                format!(
                    "{} case {case}: {why}\nshrunk: {}\nreplay: dupeproof replay --seed {SEED} --case {case} --suite \
                     {}{in_world} --subject {} --network {}",
                    suite.name,
                    serde_json::to_string(&schedule).expect("a schedule is JSON"),
                    suite.name,
                    subject.name(),
                    serde_json::to_value(network).expect("a network has a name").as_str().unwrap_or_default(),
                )
            }
            TestError::Abort(why) => format!("{} case {case}: {why}", suite.name),
        })
    }

    fn judge(&self, schedule: &Schedule) -> Result<Coverage, TestCaseError> {
        let result = run_case(schedule, self.subject, self.network, &mut ());
        match result.findings.iter().find(|finding| self.suite.forbids(finding.kind(), self.subject)) {
            Some(finding) => Err(TestCaseError::fail(format!("{finding:?}"))),
            None => Ok(result.coverage),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "how many cases to run is asked of the person, not of the run")]
fn cases_wanted() -> Option<u64> {
    std::env::var("DUPEPROOF_CASES").ok().map(|cases| cases.parse().expect("DUPEPROOF_CASES is a number"))
}

fn core_is_safe(suite: &str) {
    is_safe("core", suite);
}

fn embed_is_safe(suite: &str) {
    is_safe("embed", suite);
}

/// Runs a suite on the event network, and demands that it has seen what it must.
fn is_safe(subject: &str, suite: &str) {
    let enough = Suite::named(suite).unwrap().must_see_after;
    let cases = cases_wanted().unwrap_or(enough);
    let coverage = all_are_safe(subject, suite, Network::Event, cases);
    if cases >= enough {
        has_seen_what_it_must(suite, &coverage, cases);
    }
}

fn is_safe_on_turmoil(subject: &str, suite: &str, cases: u64) {
    let coverage = all_are_safe(subject, suite, Network::Turmoil, cases);
    assert!(coverage.named("sessions_started") > 0);
}

fn all_are_safe(subject: &str, suite: &str, network: Network, cases: u64) -> Coverage {
    std::sync::LazyLock::force(&corpus::REPLAYED);
    let subjects = Subjects::default();
    let (suite, subject) = (Suite::named(suite).unwrap(), subjects.named(subject).unwrap());
    let run = Run { suite, world: None, subject, network };
    run.cases(cases).unwrap_or_else(|why| panic!("{why}"))
}

fn has_seen_what_it_must(suite: &str, coverage: &Coverage, cases: u64) {
    let must_see = &Suite::named(suite).unwrap().must_see;
    let unseen: Vec<_> = must_see.iter().filter(|counter| coverage.of(**counter) == 0).collect();
    assert!(unseen.is_empty(), "{suite} has not seen {unseen:?} in {cases} cases");
}

/// Runs a suite in every world on the core; says what was seen in each.
fn core_is_safe_in_worlds(suite: &str, network: Network, cases: u64) -> Vec<(&'static World, u64, Coverage)> {
    std::sync::LazyLock::force(&corpus::REPLAYED);
    let subjects = Subjects::default();
    let subject = subjects.named("core").unwrap();
    let in_world = |world: &'static World| {
        let suite = Suite::named(suite).unwrap().in_world(world);
        // No more than the world needs to show what it is for; `.ci/run` searches each world for longer.
        let cases = cases_wanted().unwrap_or(cases.min(world.must_see_after));
        let run = Run { suite: &suite, world: Some(&world.name), subject, network };
        (world, cases, run.cases(cases).unwrap_or_else(|why| panic!("{}: {why}", world.name)))
    };
    World::all().par_iter().map(in_world).collect()
}

#[test]
fn core_is_safe_in_every_world_and_each_shows_what_it_is_for() {
    for (world, cases, coverage) in core_is_safe_in_worlds("swarm", Network::Event, 2_000) {
        assert!(world.must_see_after <= 5_000 && !world.must_see.is_empty(), "{}", world.name);
        if cases >= world.must_see_after {
            let unseen: Vec<_> = world.must_see.iter().filter(|counter| coverage.of(**counter) == 0).collect();
            assert!(unseen.is_empty(), "{} has not seen {unseen:?} in {cases} cases", world.name);
        }
    }
}

#[test]
fn core_loses_and_doubles_nothing_on_the_market_of_any_world() {
    for (world, _, coverage) in core_is_safe_in_worlds("market", Network::Event, 500) {
        assert!(coverage.named("trade_committed") > 0 && coverage.named("purchase_granted") > 0, "{}", world.name);
    }
}

#[test]
fn core_tells_whom_admins_befall_in_any_world() {
    core_is_safe_in_worlds("admin", Network::Event, 500);
}

#[test]
fn core_is_safe_in_every_world_over_sockets() {
    for (world, _, coverage) in core_is_safe_in_worlds("brief", Network::Turmoil, 6) {
        assert!(coverage.named("sessions_started") > 0, "{}", world.name);
    }
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
fn core_is_safe_while_servers_are_cut_off() {
    core_is_safe("cut_off");
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
fn embedded_it_is_safe_in_a_swarm_of_faults() {
    embed_is_safe("swarm");
}

#[test]
fn embedded_it_loses_and_doubles_nothing_on_the_market() {
    embed_is_safe("market");
}

#[test]
fn embedded_it_tells_whom_admins_befall() {
    embed_is_safe("admin");
}

#[test]
fn core_is_safe_on_the_market_over_sockets() {
    is_safe_on_turmoil("core", "market", 6);
}

#[test]
fn core_is_safe_over_sockets() {
    is_safe_on_turmoil("core", "brief", 40);
}

#[test]
fn core_is_safe_in_a_swarm_of_faults_over_sockets() {
    is_safe_on_turmoil("core", "swarm", 6);
}

#[test]
fn core_is_safe_in_a_fleet_of_two_dozen_servers_over_sockets() {
    is_safe_on_turmoil("core", "fleet", 4);
}

#[test]
fn embedded_it_is_safe_on_the_market_over_sockets() {
    is_safe_on_turmoil("embed", "market", 6);
}

#[test]
fn embedded_it_is_safe_over_sockets_and_sees_what_it_must() {
    let cases = 60;
    let coverage = all_are_safe("embed", "brief", Network::Turmoil, cases);
    has_seen_what_it_must("brief", &coverage, cases);
}

#[test]
fn embedded_it_is_safe_in_a_swarm_of_faults_over_sockets() {
    is_safe_on_turmoil("embed", "swarm", 6);
}

#[test]
fn embedded_it_is_safe_in_a_fleet_of_two_dozen_servers_over_sockets() {
    is_safe_on_turmoil("embed", "fleet", 4);
}

#[test]
fn a_failing_case_prints_the_one_command_that_replays_it() {
    let subjects = Subjects::default();
    let subject = subjects.named("naive").unwrap();
    let run = Run { suite: Suite::named("swarm").unwrap(), world: None, subject, network: Network::Event };
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
