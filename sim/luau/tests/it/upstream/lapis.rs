//! The tests that Lapis brings along, unmodified, against this DataStore. What they hold for a mock of DataStoreService
//! drives and observes the simulated one: `tests/upstream/lapis/data_store_service.luau`.

use std::path::Path;

use dupeproof_core::Span;
use dupeproof_luau::{Fidelity, Files, LuauSubject, Options};
use dupeproof_sim::id::ServiceName;
use dupeproof_sim::network::Network;
use dupeproof_sim::schedule::{
    FaultRates, Latency, Limits, RequestClass, RequestFault, RequestFaultRates, ServiceProfile,
};
use dupeproof_sim::{Action, Contract, Schedule, ServerPlan, Step};

use super::package;
use crate::common::Lines;

/// In `init.test.luau` and `Document.test.luau` of version 0.3.8.
const TESTS: usize = 84;

/// The tests that do not pass: where they fail (what they look at before is as they expect), and why that is right.
const DIFFERENCES: [(&str, &str, &str); 5] = [
    ("Document.test > Document:beforeSave > throws when yielding", "Document.test:248", ITERATORS),
    ("Document.test > Document:beforeClose > throws when yielding", "Document.test:321", ITERATORS),
    ("Document.test > Document:beforeClose > keyInfo > gets load key info", "Document.test:427", INSTANCE),
    ("Document.test > Document:beforeClose > keyInfo > key info is updated after :save", "Document.test:452", VERSIONS),
    (
        "Document.test > Document:beforeClose > keyInfo > key info is updated after :close",
        "Document.test:465",
        VERSIONS,
    ),
];

/// luau-lang/luau, pull request 2411, 2026-05-22.
const ITERATORS: &str = "(Lapis calls it from a `for` loop, as an iterator: since Luau 0.722 an iterator may wait, so \
                         nothing keeps the callback from it any more)";
const INSTANCE: &str = "(a DataStoreKeyInfo is an Instance, the mock's is a table)";
const VERSIONS: &str = "(versions are identifiers without a meaning, the mock's count from 0)";

/// When the service refuses a read of a test that waits for it.
const REFUSAL: Span = Span::secs(5);

/// How long a test may take.
const SECONDS: u64 = 10;

/// The package, what its tests want beside it, and which of them is to be run: none tells their names.
fn options(test: Option<usize>, deferred: bool) -> Options {
    let harness = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/upstream/lapis");
    let mut files = Files::new();
    let module = files.mount_module(&package("@rbxts/lapis")).unwrap_or_else(|problem| panic!("{problem}"));
    assert_eq!(module, ["node_modules", "@rbxts", "lapis", "out"]);
    let mut mount = |at: &[&str], file: &str| {
        files.mount(at, &harness.join(file)).unwrap_or_else(|problem| panic!("{problem}"));
    };
    mount(&["ServerScriptService", "Main"], "main.luau");
    mount(&["DevPackages", "DataStoreServiceMock"], "data_store_service.luau");
    mount(&["Packages", "Promise"], "promise.luau");
    let test = test.map_or("nil".into(), |test| (test + 1).to_string());
    let refusal = REFUSAL.as_secs_f64();
    let order = format!("return {{ test = {test}, seconds = {SECONDS}, refusal = {refusal}, queue = 0 }}");
    files.add(&["Order"], &order);
    let script = Some(vec!["ServerScriptService".into(), "Main".into()]);
    // The tests wait for a tenth of a second where they expect an answer.
    Options { script, deferred, fidelity: Fidelity::Sixty, ..Options::new(files) }
}

/// A world of its own for each test. The tests expect answers within a few frames, and in the order of the questions;
/// a request without budget to be an error; one of them, that a request fails.
fn schedule(faults: RequestFaultRates) -> Schedule {
    let legs = Latency { min: Span::millis(2), max: Span::millis(2) };
    let limits = Limits { queue: 0, ..Limits::default() };
    let refusal = Action::FailNext {
        server: 0,
        service: ServiceName::DataStore,
        class: RequestClass::Read,
        fault: RequestFault::Refused,
    };
    let length = Span::secs(SECONDS + 1);
    let timeline = [(REFUSAL, refusal), (length, Action::Crash { server: 0 })];
    Schedule {
        seed: 1,
        subject: "lapis' own tests".into(),
        servers: vec![ServerPlan::default()],
        services: ServiceProfile { datastore_latency: legs, limits, faults, ..ServiceProfile::default() },
        timeline: timeline.map(|(at, action)| Step { at, action }).into(),
        length,
        ..Schedule::default()
    }
}

/// What the test's server has logged.
fn lines(test: Option<usize>, deferred: bool, faults: RequestFaultRates) -> Vec<String> {
    let contract = Contract::none(Span::ZERO, Span::ZERO);
    let subject = LuauSubject::new(&options(test, deferred), contract).unwrap_or_else(|problem| panic!("{problem}"));
    let mut lines = Lines::default();
    Network::Event.run(&schedule(faults), &subject, &mut lines);
    lines.0
}

/// A test, and what became of it: whether that is as expected, and all that was logged.
struct Outcome {
    name: String,
    passed: bool,
    as_expected: bool,
    log: String,
}

/// Runs all of them.
fn outcomes(deferred: bool, faults: RequestFaultRates) -> Vec<Outcome> {
    let listed = lines(None, deferred, faults);
    let names = listed.iter().filter_map(|line| line.strip_prefix("test: "));
    let outcome = |(test, name): (usize, &str)| {
        let lines = lines(Some(test), deferred, faults);
        let results = lines.iter().filter(|line| *line == "passed" || line.starts_with("failed at "));
        let results: Vec<&str> = results.map(String::as_str).collect();
        let difference = DIFFERENCES.iter().find(|(listed, ..)| *listed == name);
        let as_expected = match (results.as_slice(), difference) {
            (["passed"], None) => true,
            ([failed], Some((_, place, _))) => failed.starts_with(&format!("failed at {place}: ")),
            _ => false,
        };
        let why = difference.map_or("", |(.., why)| why);
        println!("{name}: {} {why}", results.join(" and "));
        Outcome { name: name.into(), passed: results == ["passed"], as_expected, log: lines.join("\n") }
    };
    names.enumerate().map(outcome).collect()
}

fn run(deferred: bool) {
    let outcomes = outcomes(deferred, RequestFaultRates::default());
    for Outcome { name, as_expected, log, .. } in &outcomes {
        assert!(as_expected, "{name}: the list of differences is wrong about it:\n{log}");
    }
    assert_eq!(outcomes.len(), TESTS);
    assert_eq!(outcomes.iter().filter(|outcome| outcome.passed).count(), TESTS - DIFFERENCES.len());
}

#[test]
#[ignore = "needs packages from npm: run sim/luau/tests/upstream.sh"]
fn lapis_passes_its_own_tests() {
    run(false);
}

#[test]
#[ignore = "needs packages from npm: run sim/luau/tests/upstream.sh"]
fn lapis_passes_its_own_tests_with_deferred_signals() {
    run(true);
}

#[test]
#[ignore = "needs packages from npm: run sim/luau/tests/upstream.sh"]
fn lapis_does_not_pass_its_own_tests_in_a_data_store_that_finds_nothing() {
    let outcomes =
        outcomes(false, RequestFaultRates::all(FaultRates { nil_read_ppm: 1_000_000, ..FaultRates::default() }));
    let lock = outcomes.iter().find(|outcome| outcome.name == "init.test > should session lock the document");
    assert!(lock.is_some_and(|lock| !lock.passed));
    assert!(outcomes.iter().filter(|outcome| outcome.passed).count() < TESTS / 2);
}
