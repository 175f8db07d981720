//! `dupeproof prove`, in a process of its own.

use dupeproof::proof_file::{Kind, ProofFile};
use dupeproof_scenarios::prove::{Choice, FlightDeviation, Script};

use crate::terminal::Terminal;

/// One server, one player who joins.
const JOIN: &str = "about = \"one join\"\ndeviations = 1\nleases = [45]\nitems = [1]\nactors = [[\"0 join 0\"]]\n";

/// The game sends two messages with one number, and the world counts them as one: handled more than once.
const TWICE: &str = "about = \"one message, sent twice\"\ndeviations = 1\nleases = [45]\nitems = [1]\n\
                     prelude = [\"0 join 0\"]\nactors = [[\"0 send 0 5\", \"0 send 0 5\"]]\n";

fn proof_file(choices: Vec<Choice>) -> ProofFile {
    ProofFile {
        format: 1,
        kind: Kind::Proof,
        script: "join".into(),
        text: JOIN.into(),
        deviations: 1,
        fast: 0,
        choices,
        violation: "item 0 is nowhere".into(),
    }
}

#[test]
fn every_run_of_a_small_script_is_explored_with_no_deviation_and_then_with_one() {
    let terminal = Terminal::new();
    terminal.write("join.toml", JOIN);
    let answer = terminal.dupeproof("prove --script join.toml");
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    let lines: Vec<&str> = answer.stdout.lines().collect();
    assert!(
        matches!(&lines[..], [none, one] if none.starts_with("join  0 deviations") && one.starts_with("join   1 deviation ")
            && lines.iter().all(|line| line.ends_with("/CPU s  complete"))),
        "{}",
        answer.stdout
    );
    assert!(terminal.dupeproof("prove --script join.toml --deviations 0").stdout.lines().count() == 1);
}

#[test]
fn the_json_counts_the_same_with_any_number_of_threads() {
    let terminal = Terminal::new();
    terminal.write("join.toml", JOIN);
    let [one, two] = [1, 2].map(|jobs| {
        let mut json = terminal.json(&format!("prove --script join.toml --json --jobs {jobs}"));
        for bound in json["scripts"][0]["bounds"].as_array_mut().expect("a list") {
            let bound = bound.as_object_mut().expect("an object");
            bound.retain(|name, _| !name.ends_with("_seconds"));
        }
        json
    });
    assert_eq!(one, two);
    let script = &one["scripts"][0];
    assert_eq!((&script["script"], &script["violation"]), (&"join".into(), &serde_json::Value::Null));
    let [none, with_one] = [0, 1].map(|bound| &script["bounds"][bound]);
    assert_eq!((&none["outcome"], &with_one["outcome"]), (&"complete".into(), &"complete".into()));
    assert!(none["states"].as_u64() < with_one["states"].as_u64(), "{script}");
}

#[test]
fn a_script_that_takes_longer_than_it_may_is_stopped() {
    let terminal = Terminal::new();
    let answer = terminal.dupeproof("prove two_starts --deviations 9 --seconds 1");
    assert_eq!(answer.code, 3, "{}", answer.stderr);
    assert!(answer.stdout.trim_end().ends_with("stopped"), "{}", answer.stdout);
}

#[test]
fn a_violation_is_printed_and_kept_and_shown_again_by_replay() {
    let terminal = Terminal::new();
    terminal.write("twice.toml", TWICE);
    let answer = terminal.dupeproof("prove --script twice.toml --out out");
    assert_eq!(answer.code, 1, "{}", answer.stderr);
    let file = terminal.failure("out", "MessageDuplicated-prove-twice");
    assert!(answer.stdout.contains(&format!("dupeproof replay {file}")), "{}", answer.stdout);
    let replay = terminal.dupeproof(&format!("replay {file}"));
    assert_eq!(replay.code, 1, "{}", replay.stderr);
    let (run, compare) = replay.stdout.split_once("\ncompare  ").expect("it is compared");
    assert_eq!(compare, "the same violation (MessageDuplicated)\n");
    assert!(run.contains("\n  1  ") && answer.stdout.contains(run), "{run}\n{}", answer.stdout);
    terminal.dupeproof(&format!("replay {file} --trace trace.jsonl")).refuses(&["dupeproof prove", "--trace"]);
}

#[test]
fn a_failure_file_of_a_proof_is_never_overwritten_by_another() {
    let terminal = Terminal::new();
    terminal.write("twice.toml", TWICE);
    terminal.write("out/failures/MessageDuplicated-prove-twice.json", "mine");
    for _ in 0..2 {
        assert_eq!(terminal.dupeproof("prove --script twice.toml --out out").code, 1);
        assert_eq!(terminal.read("out/failures/MessageDuplicated-prove-twice.json"), "mine");
        assert_eq!(terminal.failures("out").len(), 2, "the same run is kept once");
    }
}

#[test]
fn a_name_that_is_not_known_gets_the_nearest() {
    let terminal = Terminal::new();
    let said = ["unknown script `trades`", "did you mean `trade`?", "`two_starts`", "dupeproof list"];
    terminal.dupeproof("prove trades").refuses(&said);
    terminal.dupeproof("prove trade --script join.toml").refuses(&["cannot be used with"]);
    terminal.dupeproof("prove --script nowhere.toml").refuses(&["`nowhere.toml` could not be read", "--script"]);
    for flag in ["--deviations -1", "--deviations 256", "--seconds 0", "--jobs 0"] {
        terminal.dupeproof(&format!("prove {flag}")).refuses(&[flag.split(' ').next().expect("a flag")]);
    }
    assert!(!terminal.path("dupeproof-prove").exists(), "a refused command leaves nothing");
}

#[test]
fn a_script_that_makes_no_sense_is_refused_with_the_actor_and_the_step() {
    let terminal = Terminal::new();
    terminal.write("a.toml", &JOIN.replace("\"0 join 0\"", "\"0 join 0\", \"0 jion 0\""));
    terminal.dupeproof("prove --script a.toml").refuses(&["`a.toml`, actor 1, step 2: `0 jion 0`", "join P"]);
    terminal.write("b.toml", &JOIN.replace("0 join 0", "1 join 0"));
    terminal.dupeproof("prove --script b.toml").refuses(&["`b.toml`, actor 1, step 1", "there are 1 servers"]);
    terminal.write("d.toml", &JOIN.replace("45", "601"));
    terminal.dupeproof("prove --script d.toml").refuses(&["`d.toml`, each of `leases` is from 1 to 600 seconds"]);
    terminal.write("e.toml", &JOIN.replace("0 join 0", "0 lease 601"));
    terminal.dupeproof("prove --script e.toml").refuses(&["`e.toml`, actor 1, step 1", "1 to 600 seconds"]);
    terminal.write("c.toml", &JOIN.replace("leases", "locks"));
    terminal.dupeproof("prove --script c.toml").refuses(&["`c.toml`", "locks", "book"]);
}

#[test]
fn a_failure_file_of_a_proof_is_read_as_it_was_written() {
    let choices = vec![Choice::Step(0), Choice::Flight(0, FlightDeviation::ApplyThenError), Choice::Advance];
    let file = proof_file(choices);
    let terminal = Terminal::new();
    terminal.write("file.json", &file.to_json());
    assert_eq!(ProofFile::read(&terminal.path("file.json")), Ok(Some(file)));
    assert_eq!(Script::parse("join", JOIN).expect("it is a script").text, JOIN);
}

#[test]
fn a_run_that_does_not_show_its_violation_again_is_told_apart() {
    let terminal = Terminal::new();
    terminal.write("file.json", &proof_file(vec![Choice::Step(0), Choice::Arrive(0)]).to_json());
    let answer = terminal.dupeproof("replay file.json");
    assert_eq!(answer.code, 3, "{}", answer.stderr);
    assert!(answer.stdout.contains("join: no promise is broken, with 0 deviations"), "{}", answer.stdout);
    assert!(answer.stdout.contains("compare  not the violation of the file: item 0 is nowhere"), "{}", answer.stdout);
    terminal.write("other.json", &proof_file(vec![Choice::Thaw(200)]).to_json());
    let answer = terminal.dupeproof("replay other.json");
    assert_eq!(answer.code, 3, "{}", answer.stderr);
    assert!(answer.stdout.contains("cannot happen here: Thaw(200)"), "{}", answer.stdout);
}

#[test]
fn a_failure_file_of_a_proof_that_cannot_be_read_says_why() {
    let terminal = Terminal::new();
    let text = proof_file(Vec::new()).to_json();
    terminal.write("newer.json", &text.replace("\"format\": 1", "\"format\": 2"));
    terminal.dupeproof("replay newer.json").refuses(&["`newer.json`", "its format is 2", "hint: "]);
    terminal.write("other.json", &text.replace("\"fast\"", "\"quick\""));
    terminal.dupeproof("replay other.json").refuses(&["`other.json`", "quick", "dupeproof prove"]);
    terminal.write("script.json", &text.replace("join 0", "jion 0"));
    terminal.dupeproof("replay script.json").refuses(&["script `join` makes no sense", "actor 1, step 1"]);
}

#[test]
fn one_fault_at_every_point_of_a_script_breaks_no_promise_of_the_core() {
    let terminal = Terminal::new();
    let answer = terminal.dupeproof("prove hop --subject core");
    assert_eq!(answer.code, 0, "{}{}", answer.stdout, answer.stderr);
    let lines: Vec<&str> = answer.stdout.lines().collect();
    assert!(lines[0].starts_with("hop ") && lines[0].ends_with(": holds"), "{}", answer.stdout);
    assert!(lines[2].starts_with("No schedule with one fault breaks a promise of `core`: 1,"), "{}", answer.stdout);
    assert_eq!(terminal.dupeproof("prove hop --subject core --quiet").stdout.lines().count(), 1);
}

#[test]
fn one_fault_that_breaks_a_promise_of_a_module_is_told_with_its_line_and_kept() {
    let terminal = Terminal::new();
    terminal.write("adapter.luau", include_str!("../../../sim/luau/src/adapter/naive.luau"));
    let answer = terminal.dupeproof("prove hop --adapter adapter.luau");
    assert_eq!(answer.code, 1, "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stdout.contains("by a refused write (at 1 of "), "{}", answer.stdout);
    let [one, two] = [1, 2].map(|jobs| {
        let mut json = terminal.json(&format!("prove hop --adapter adapter.luau --out out{jobs} --json --jobs {jobs}"));
        let script = json["scripts"][0].as_object_mut().expect("an object");
        script.retain(|name, _| !name.ends_with("_seconds"));
        let files: Vec<String> = script["broken"]
            .as_array_mut()
            .expect("a list")
            .iter_mut()
            .map(|broken| {
                let file = broken["file"].take();
                file.as_str().expect("a path").to_owned()
            })
            .collect();
        (json, files)
    });
    assert_eq!(one.0, two.0, "the same with any number of threads");
    let broken = one.0["scripts"][0]["broken"].as_array().expect("a list");
    for (broken, file) in broken.iter().zip(&one.1) {
        assert!(broken["calls"].as_array().is_some_and(|calls| !calls.is_empty()), "{broken}");
        let again = terminal.dupeproof(&format!("replay {file}"));
        assert!(again.code == 1 && again.stdout.contains("still there"), "{}{}", again.stdout, again.stderr);
    }
}

#[test]
fn what_is_for_the_explorer_alone_is_refused_for_a_subject() {
    let terminal = Terminal::new();
    let answer = terminal.dupeproof("prove --subject core --deviations 1");
    assert_eq!(answer.code, 2);
    assert!(answer.stderr.contains("--deviations is for the scripts of the core"), "{}", answer.stderr);
    let answer = terminal.dupeproof("prove hop");
    assert!(answer.code == 2 && answer.stderr.contains("--subject"), "{}", answer.stderr);
    let answer = terminal.dupeproof("prove hopp --subject core");
    assert!(answer.code == 2 && answer.stderr.contains("hop"), "{}", answer.stderr);
    terminal.write("broken.luau", "return { name = 'broken' }");
    let answer = terminal.dupeproof("prove hop --adapter broken.luau");
    assert_eq!(answer.code, 2, "{}", answer.stdout);
}

#[test]
fn what_a_module_cannot_do_is_not_tried_and_does_not_hold() {
    let terminal = Terminal::new();
    let answer = terminal.dupeproof("prove purchase --adapter naive");
    assert_eq!(answer.code, 3, "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stdout.contains("purchase not tried: ") && !answer.stdout.contains("holds"), "{}", answer.stdout);
    assert!(answer.stdout.contains("can do none of these scripts"), "{}", answer.stdout);
}
