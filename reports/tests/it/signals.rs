//! A run that is stopped or killed is not lost: the real binary, real signals.

use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value as Json;

use crate::terminal::{Answer, Terminal, timeless};

/// More than anybody waits for.
const ENDLESS: u64 = 1_000_000_000;

/// The longest that a test waits for something of a process.
const PATIENCE: Duration = Duration::from_secs(60);

fn send(child: &Child, signal: Signal) {
    let id = i32::try_from(child.id()).expect("process ids are small");
    kill_process(Pid::from_raw(id).expect("it is one"), signal).expect("it runs");
}

/// Waits until a file is there.
#[expect(clippy::disallowed_methods, reason = "a process is waited for in real time")]
fn wait_for(terminal: &Terminal, file: &str) {
    let began = Instant::now();
    while !terminal.path(file).exists() {
        assert!(began.elapsed() < PATIENCE, "`{file}` does not come");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Starts it, waits until it has written the file, and sends a signal.
fn stopped(terminal: &Terminal, words: &str, file: &str, signal: Signal) -> Answer {
    let child = terminal.start(words);
    wait_for(terminal, file);
    send(&child, signal);
    Answer::of(&child.wait_with_output().expect("it ends"))
}

/// The same, by a signal that nobody can handle.
fn killed(terminal: &Terminal, words: &str, file: &str) {
    let mut child = terminal.start(words);
    wait_for(terminal, file);
    send(&child, Signal::KILL);
    child.wait().expect("it ends");
}

fn json(terminal: &Terminal, file: &str) -> Json {
    serde_json::from_str(&terminal.read(file)).expect("it is JSON")
}

#[test]
fn a_signal_ends_a_search_with_what_it_has_and_it_can_be_gone_on_with() {
    let terminal = Terminal::new();
    let words = format!("run --subject naive --cases {ENDLESS} --causes 1");
    let answer = stopped(&terminal, &words, "dupeproof-out/resume.json", Signal::INT);
    assert_eq!(answer.code, 1, "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stderr.contains("a second signal ends at once"), "{}", answer.stderr);
    let summary = json(&terminal, "dupeproof-out/summary.json");
    let ran = summary["schedules"].as_u64().expect("a number");
    assert!(ran > 0);
    let stopped = serde_json::json!({ "after": ran, "of": ENDLESS, "why": "signal", "during": "running" });
    assert_eq!((&summary["stopped"], &summary["verdict"]), (&stopped, &Json::from("unsafe")));
    let said = answer.flowing();
    assert!(said.starts_with("Unsafe: ") && said.contains("; stopped after "), "{said}");
    assert!(said.contains(" of 1,000,000,000 schedules finding found "), "{said}");
    assert!(terminal.read("dupeproof-out/report.html").contains("of 1,000,000,000 schedules."));
    let file = terminal.failure("dupeproof-out", "LostUpdate");
    assert_eq!(terminal.dupeproof(&format!("replay {file}")).code, 1);
    // The command that it names goes on; with a number of cases that ends soon.
    let go_on = answer.stdout.lines().find_map(|line| line.strip_prefix("go on with:  dupeproof ")).expect("a command");
    assert!(
        go_on.contains(&format!("--cases {ENDLESS}")) && go_on.ends_with("--out dupeproof-out --resume"),
        "{go_on}"
    );
    let cases = ran + 500;
    let go_on = go_on.replace(&ENDLESS.to_string(), &cases.to_string());
    let resumed = terminal.json(&format!("{go_on} --causes 1 --json"));
    assert_eq!((&resumed["schedules"], &resumed["stopped"]), (&Json::from(cases), &Json::Null));
    let whole = terminal.json(&format!("run --subject naive --cases {cases} --causes 1 --json --out dupeproof-out"));
    assert_eq!(timeless(resumed), timeless(whole), "the same as in one go");
    assert!(!terminal.path("dupeproof-out/resume.json").exists(), "it is done");
}

#[test]
fn what_was_not_broken_when_a_search_was_stopped_is_not_known_to_be_safe() {
    let terminal = Terminal::new();
    let words = format!("run --suite calm --cases {ENDLESS} --json");
    let answer = stopped(&terminal, &words, "dupeproof-out/resume.json", Signal::TERM);
    assert_eq!(answer.code, 130, "{}{}", answer.stdout, answer.stderr);
    let summary: Json = serde_json::from_str(&answer.stdout).expect("it is JSON");
    assert_eq!((&summary["verdict"], &summary["stopped"]["why"]), (&Json::from("unknown"), &Json::from("signal")));
    assert!(answer.stderr.contains("go on with:  dupeproof run --suite calm"), "{}", answer.stderr);
    let page = terminal.read("dupeproof-out/report.html");
    assert!(
        page.contains("<h1>Unknown: stopped after ") && page.contains("until then, <code>core</code> broke no promise")
    );
    // Another search takes its place, and does not go on with it.
    let other = terminal.dupeproof("run --suite calm --cases 250 --seed 2 --resume");
    other.refuses(&["`dupeproof-out/resume.json` cannot be resumed: its seed is 1, and 2 was asked for", "--resume"]);
    let other = terminal.dupeproof("run --suite calm --cases 250");
    assert_eq!(other.code, 0, "{}", other.stderr);
    assert!(other.stderr.contains("begins anew; an earlier run of it ended after"), "{}", other.stderr);
    assert!(!terminal.path("dupeproof-out/resume.json").exists());
    assert_eq!(terminal.dupeproof("run --suite calm --cases 250 --resume").code, 0, "there is nothing to go on with");
}

#[test]
fn a_second_signal_ends_at_once() {
    let terminal = Terminal::new();
    // Each of its schedules takes seconds.
    let child = terminal.start("run --suite fleet --network turmoil --cases 100 --out out");
    wait_for(&terminal, "out/.dupeproof-lock");
    // Two of one kind that come at once are one.
    send(&child, Signal::INT);
    send(&child, Signal::TERM);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), output.stdout.len()), (Some(130), 0));
}

#[test]
fn two_runs_into_one_folder_do_not_mix_and_a_killed_one_is_gone_on_with() {
    let terminal = Terminal::new();
    let words = format!("run --subject naive --cases {ENDLESS} --causes 1");
    let mut first = terminal.start(&words);
    wait_for(&terminal, "dupeproof-out/resume.json");
    let process = format!("(process {})", first.id());
    for other in [
        "run --cases 10",
        "compare core naive --out dupeproof-out",
        "sweep --param AUTO_SAVE_PERIOD=60..90 --out dupeproof-out",
    ] {
        terminal.dupeproof(other).refuses(&["another dupeproof", &process, "`dupeproof-out`", "--out"]);
    }
    send(&first, Signal::KILL);
    first.wait().expect("it ends");
    let checkpoint = json(&terminal, "dupeproof-out/resume.json");
    let ran = checkpoint["survey"]["cases"].as_u64().expect("a number");
    let cases = ran + 200;
    let resumed = terminal.json(&format!("run --subject naive --cases {cases} --causes 1 --resume --json"));
    let whole = terminal.json(&format!("run --subject naive --cases {cases} --causes 1 --json"));
    assert_eq!(timeless(resumed), timeless(whole));
}

#[test]
fn what_a_killed_search_has_written_is_removed_by_the_next() {
    let terminal = Terminal::new();
    // Shrinking goes on for long: the first failure files are there before the last.
    let words = "run --subject naive --cases 20000 --causes 20";
    killed(&terminal, words, "dupeproof-out/failures");
    let first: Vec<String> = terminal.failures("dupeproof-out");
    terminal.write("dupeproof-out/failures/mine.json", "my own words");
    assert_eq!(terminal.dupeproof("run --suite calm --cases 250").code, 0);
    let left = terminal.failures("dupeproof-out");
    assert!(first.iter().all(|name| !left.contains(name) || name.starts_with('.')), "{left:?}");
    assert!(left.contains(&"mine.json".to_owned()));
}

#[test]
fn a_bakeoff_a_sweep_and_a_comparison_keep_what_they_have() {
    // As many cases as let a signal come while some are missing.
    let terminal = Terminal::new();
    let bakeoff = "bakeoff --subjects naive,core --cases 8000 --out bakeoff";
    let sweep = "sweep --param AUTO_SAVE_PERIOD=60..300:5 --cases 1500 --out sweep --json";
    let compare = "compare core embed --cases 1600 --suite calm --suite swarm --out compare --json";
    for (words, file, page) in [
        (bakeoff, "bakeoff/bakeoff.json", "bakeoff/bakeoff.html"),
        (sweep, "sweep/sweep.json", "sweep/sweep.html"),
        (compare, "compare/base.json", "compare/compare.html"),
    ] {
        let answer = stopped(&terminal, words, file, Signal::INT);
        assert_eq!(answer.code, 130, "{words}: {}{}", answer.stdout, answer.stderr);
        let told = ["stopped after ", "\"stopped\":{\"after\":"];
        assert!(told.iter().any(|told| answer.stdout.contains(told)), "{words}: {}", answer.stdout);
        assert!(answer.stderr.contains("--resume goes on from there"), "{words}: {}", answer.stderr);
        assert!(terminal.read(page).contains("stopped after "), "{words}");
    }
    assert_eq!(json(&terminal, "bakeoff/bakeoff.json")["rows"].as_array().expect("rows").len(), 1);
    for (words, file) in
        [(bakeoff, "bakeoff/bakeoff.json"), (sweep, "sweep/sweep.json"), (compare, "compare/compare.json")]
    {
        let answer = terminal.dupeproof(&format!("{words} --resume"));
        assert!([0, 1].contains(&answer.code), "{words}: {}", answer.stderr);
        let resumed = json(&terminal, file);
        assert_eq!(resumed["stopped"], Json::Null, "{words}");
        let (_, out) = words.split_once("--out ").expect("an output");
        let whole = words.replace(&format!("--out {out}"), &format!("--out again/{out}"));
        assert_eq!(terminal.dupeproof(&whole).code, answer.code, "{words}");
        let again = json(&terminal, &Path::new("again").join(file).to_string_lossy());
        assert_eq!(resumed, again, "{words}");
    }
}

#[test]
fn results_of_something_else_are_not_gone_on_with() {
    let terminal = Terminal::new();
    let sweep = "sweep --param AUTO_SAVE_PERIOD=60..300:2 --out out";
    assert_eq!(terminal.dupeproof(&format!("{sweep} --cases 50")).code, 0);
    let other = terminal.dupeproof(&format!("{sweep} --cases 60 --resume"));
    other.refuses(&["`out/sweep.json` cannot be gone on with", "--resume"]);
    assert_eq!(terminal.dupeproof(&format!("{sweep} --cases 50 --resume")).code, 0);
}
