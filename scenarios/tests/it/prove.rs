//! Exhaustive exploration: it ends, it is the same on any number of threads, it finds mistakes, and the core has none.

use dupeproof_core::{Config, Sabotage};
use dupeproof_scenarios::prove::{Choice, Explored, Proof, ResumeError, Script, ScriptError};
use dupeproof_sim::FindingKind;

fn script(name: &str) -> Script {
    Script::built_in().into_iter().find(|script| script.name == name).unwrap()
}

fn explore(name: &str, deviations: u8, sabotage: Option<Sabotage>) -> (Proof, Explored) {
    let proof = Proof::new(script(name), Config { sabotage, ..Config::default() });
    let explored = proof.explore(deviations, &mut |_| true);
    (proof, explored)
}

#[track_caller]
fn holds(name: &str, deviations: u8) -> Explored {
    let (_, explored) = explore(name, deviations, None);
    assert!(explored.complete, "{name} with {deviations}: {:?}", explored.counterexample);
    explored
}

/// A mistake is found, and the run that shows it shows it again.
#[track_caller]
fn finds(sabotage: Sabotage, name: &str, deviations: u8) -> FindingKind {
    let (proof, explored) = explore(name, deviations, Some(sabotage));
    let found = explored.counterexample.unwrap_or_else(|| panic!("{sabotage:?} is not found"));
    let mut lines = Vec::new();
    let again = proof.replay(found.fast, &found.choices, &mut |line| lines.push(line.to_owned()));
    assert_eq!(again.as_ref(), Some(&found.violation));
    assert!(lines.len() >= found.choices.len());
    found.violation.kind()
}

#[test]
fn no_order_of_anything_breaks_a_promise_in_a_healthy_world() {
    for script in Script::built_in() {
        holds(&script.name, 0);
    }
}

#[test]
fn no_single_deviation_breaks_a_promise_of_one_key() {
    // The small ones: the others take seconds in a release build, and are in `scenarios/proofs/RESULTS.md`.
    for name in ["rejoin", "steal", "set", "removal", "message", "first_message", "gift", "purchase"] {
        holds(name, 1);
    }
}

#[test]
fn no_two_deviations_break_a_promise_of_a_message_or_of_joining_again() {
    holds("message", 2);
    holds("rejoin", 2);
}

#[test]
fn the_number_of_states_does_not_depend_on_the_number_of_threads() {
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let explored = holds("gift", 1);
            (explored.states, explored.transitions, explored.depth)
        })
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn an_exploration_can_be_stopped() {
    let proof = Proof::new(script("crash"), Config::default());
    let explored = proof.explore(2, &mut |progress| progress.states < 100);
    assert!(!explored.complete && explored.counterexample.is_none());
}

#[test]
fn an_exploration_that_was_saved_goes_on_as_if_it_had_not_stopped() {
    let whole = holds("gift", 1);
    let proof = Proof::new(script("gift"), Config::default());
    let mut saved = Vec::new();
    {
        let mut exploration = proof.begin(1);
        let stopped = exploration.run(&mut |progress| progress.states < whole.states / 2);
        assert!(!stopped.complete && stopped.states < whole.states);
        exploration.save(&mut saved).unwrap();
    }
    let again = proof.resume(&mut &saved[..]).unwrap().run(&mut |_| true);
    assert!(again.complete);
    assert_eq!((again.states, again.transitions, again.depth), (whole.states, whole.transitions, whole.depth));

    let other = Proof::new(script("message"), Config::default());
    assert!(matches!(other.resume(&mut &saved[..]), Err(ResumeError::OtherScript)));
    assert!(matches!(proof.resume(&mut &b"no such"[..]), Err(ResumeError::Read(_))));
    assert!(matches!(proof.resume(&mut &b"no such file"[..]), Err(ResumeError::NotSaved)));
    // Another core makes other states.
    let changed = Proof::new(script("gift"), Config { drift: (1, 10), ..Config::default() });
    assert!(matches!(changed.resume(&mut &saved[..]), Err(ResumeError::OtherProgram)));
}

#[test]
fn a_fence_that_is_missing_is_found_without_any_deviation() {
    assert_eq!(finds(Sabotage::NoFence, "removal", 0), FindingKind::UnfencedWrite);
}

#[test]
fn a_vote_without_a_bound_escrow_is_found_with_a_steal() {
    finds(Sabotage::VoteWithoutBinding, "trade_and_steal", 0);
}

#[test]
fn a_vote_in_a_coordinator_that_was_made_anew_is_found_with_a_steal() {
    finds(Sabotage::AnyCoordinatorWillDo, "trade_and_steal", 0);
}

/// Small mistakes that the search does not find, or not soon; each with a script and the deviations that show it.
const SMALL_MISTAKES: [(Sabotage, &str, u8); 14] = [
    (Sabotage::SaveNotNumbered, "trade", 0),
    (Sabotage::MessageJoinsOneInFlight, "first_message", 0),
    (Sabotage::VoteAfterAbortCounts, "trade", 0),
    (Sabotage::BindingOneWriteEarly, "trade_and_crash", 0),
    (Sabotage::StolenLeaseNotKept, "steal_from_second_side", 0),
    (Sabotage::ClosesAtOnce, "steal_from_second_side", 0),
    (Sabotage::FailedStartNotTold, "two_starts", 1),
    (Sabotage::FailedQueuedStartNotTold, "rejoin", 2),
    (Sabotage::ShutdownForgetsMessages, "shutdown", 0),
    (Sabotage::SettlingOneWriteEarly, "trade_and_crash", 1),
    (Sabotage::ConfirmationIgnoresMarker, "two_starts", 1),
    (Sabotage::ConfirmationIgnoresLock, "two_starts", 1),
    (Sabotage::WaitByOwnLease, "lease_change", 1),
    (Sabotage::LeaseOutlastsStart, "long_lease", 0),
];

#[test]
fn what_shows_small_mistakes_is_no_finding_on_the_unmodified_core() {
    for (script, deviations) in [("two_starts", 1), ("rejoin", 2), ("shutdown", 1)] {
        holds(script, deviations);
    }
}

#[test]
fn small_mistakes_are_found() {
    for (sabotage, script, deviations) in SMALL_MISTAKES {
        println!("{sabotage:?}: {:?} in {script} with {deviations}", finds(sabotage, script, deviations));
    }
}

#[test]
fn a_frozen_server_does_not_freeze_again() {
    let proof = Proof::new(script("message"), Config::default());
    let mut told = Vec::new();
    // The message is asked for; its first read is on its way.
    let choices = [Choice::Step(1), Choice::Freeze(1), Choice::Freeze(1)];
    assert_eq!(proof.replay(0, &choices, &mut |line| told.push(line.to_owned())), None);
    assert_eq!((told.len(), told[2].as_str()), (3, "cannot happen here: Freeze(1)"));
}

#[test]
fn a_step_is_told_as_the_script_says_it() {
    let steps = [
        "join 0",
        "steal 0",
        "leave 0",
        "edit 0",
        "save 0",
        "remove 0",
        "set 0",
        "trade 0 1 7",
        "gift 0 1 9",
        "buy 0 3",
    ];
    for text in steps.into_iter().chain(["send 0 5", "close", "crash", "restart", "lease 90"]) {
        let file = format!("about = \"a\"\ndeviations = 0\nleases = [45]\nitems = [1, 1]\nactors = [[\"0 {text}\"]]\n");
        let script = Script::parse("mine", &file).unwrap();
        assert_eq!(script.actors[0][0].deed.to_string(), text);
    }
}

#[test]
fn a_script_that_makes_no_sense_is_refused_with_its_place() {
    let error = |text: &str| Script::parse("mine", text).unwrap_err();
    let with = |steps: &str| format!("about = \"a\"\ndeviations = 1\nleases = [45]\nitems = [1]\nactors = [{steps}]\n");
    let Err(ScriptError::Step { actor, step, why, .. }) = Script::parse("mine", &with("[\"0 join 0\", \"3 join 0\"]"))
    else {
        panic!("there is no server 3")
    };
    assert_eq!((&*actor, step, &*why), ("actor 1", 2, "there are 1 servers: 0 to 0"));
    assert!(error(&with("[\"0 jump 0\"]")).to_string().starts_with("actor 1, step 1: `0 jump 0`: expected join P"));
    assert!(matches!(error("about = 3"), ScriptError::Toml(_)));
    assert!(matches!(error(&with("").replace("leases = [45]", "leases = []")), ScriptError::TooLarge(_)));
}
