//! `dupeproof compare`, from outside.

use serde_json::Value as Json;

use crate::terminal::Terminal;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../sim/luau/tests/fixtures");

/// A module whose lock is in a memory store.
const LEASED: &str = include_str!("../../../sim/luau/tests/fixtures/leased.luau");

/// A place with the module as it is and an edited one.
fn edited(edits: &[(&str, &str)]) -> Terminal {
    let terminal = Terminal::new();
    let mut text = LEASED.to_owned();
    for (from, to) in edits {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    terminal.write("base.luau", LEASED);
    terminal.write("edited.luau", &text);
    terminal
}

fn words(rest: &str) -> String {
    format!("compare base.luau edited.luau --adapter {FIXTURES}/leased_adapter.luau {rest}")
}

fn row<'a>(json: &'a Json, question: &str) -> &'a Json {
    let mut rows = json["rows"].as_array().expect("a list").iter();
    rows.find(|row| row["question"] == question).unwrap_or_else(|| panic!("{question}: {json}"))
}

#[test]
fn a_subject_compared_with_itself_has_not_changed() {
    let answer = Terminal::new().dupeproof("compare core core --cases 64");
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    let says = "Nothing changed: in 384 schedules, `core` gives the same results as `core` in every one";
    assert!(answer.flowing().starts_with(says), "{}", answer.stdout);
}

#[test]
fn an_edit_that_changes_nothing_changes_nothing() {
    let count = "\tlocal left = 0\n\tfor session in table.clone(open) do\n\t\tleft += 1";
    let terminal = edited(&[
        ("local SAVE_TRIES = 3\n", ""),
        ("local LOCK_SECONDS = 90\n", "-- how often, and how long\nlocal SAVE_TRIES = 3\nlocal LOCK_SECONDS = 90\n"),
        (count, "\tlocal left = 0\n\tlocal copy = table.clone(open)\n\tfor session in copy do\n\t\tleft += 1"),
        ("local id = HttpService", "local name = HttpService"),
        ("holder == nil or holder == id then id else", "holder == nil or holder == name then name else"),
        ("taken and holder == id then", "taken and holder == name then"),
        ("key = key, id = id", "key = key, id = name"),
    ]);
    let json = terminal.json(&words("--cases 8 --json"));
    assert_eq!(json["outcome"], "nothing_changed", "{json}");
    assert!(
        json["sentence"].as_str().expect("words").ends_with("the same results as `base.luau` in every one"),
        "{json}"
    );
}

#[test]
fn a_small_mistake_is_worse_with_its_cause_whatever_the_threads() {
    // The lock runs out before it is renewed. Twice two hundred runs of two modules, because the second look has to come.
    let terminal = edited(&[("LOCK_SECONDS = 90", "LOCK_SECONDS = 45")]);
    let answer = terminal.dupeproof(&words("--suite calm --cases 192 --jobs 1"));
    assert_eq!(answer.code, 1, "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stdout.starts_with("Worse"), "{}", answer.stdout);
    assert!(answer.stdout.contains("schedules, since the answer is clear"), "{}", answer.stdout);
    let text = terminal.read("dupeproof-compare/compare.json");
    let json: Json = serde_json::from_str(&text).expect("it is JSON");
    let twice = row(&json, "DoubleLive");
    assert_eq!(
        (&twice["change"], &twice["cause"]["needs"]),
        (&"worse".into(), &Json::Array(vec!["two_devices".into()])),
        "{json}"
    );
    assert!(twice["p"].as_f64() <= Some(0.001) && twice["worse_cases"].as_u64() > twice["better_cases"].as_u64());
    let page = terminal.read("dupeproof-compare/compare.html");
    assert!(page.contains("✗ worse") && page.contains("dupeproof replay dupeproof-compare/failures/DoubleLive-"));
    assert!(
        page.contains("<svg") && page.contains("data-kind=\"DoubleLive\""),
        "what got worse has its picture and story"
    );
    let file = twice["cause"]["file"].as_str().expect("a failure file");
    let replay = terminal.dupeproof(&format!("replay {file}"));
    assert!(replay.stdout.contains("the same finding (DoubleLive), the same digest"), "{}", replay.stdout);
    let innocent =
        terminal.dupeproof(&format!("replay {file} --module base.luau --adapter {FIXTURES}/leased_adapter.luau"));
    assert!(innocent.stdout.contains("not the finding (DoubleLive)"), "{}", innocent.stdout);
    let again = terminal.dupeproof(&words("--suite calm --cases 192 --jobs 2"));
    assert_eq!(again.stdout, answer.stdout);
    assert_eq!(terminal.read("dupeproof-compare/compare.json"), text);
}

#[test]
fn a_script_without_a_lock_is_worse_than_one_with_and_the_other_way_round_it_is_better() {
    let terminal = Terminal::new();
    let json = terminal.json("compare core naive --suite no_swap --cases 512 --json");
    assert!(json["outcome"] == "worse" || json["outcome"] == "both", "{json}");
    assert_eq!(row(&json, "LostUpdate")["change"], "worse", "{json}");
    assert!(json["schedules"].as_u64() < json["at_most"].as_u64(), "it is clear early: {json}");
    let back = terminal.json("compare naive core --suite no_swap --cases 512 --json");
    assert_eq!(row(&back, "LostUpdate")["change"], "better", "{back}");
    assert!(back["schedules"] == back["at_most"], "what gets better ends nothing: {back}");
}

#[test]
fn results_that_were_saved_stand_for_the_base() {
    let terminal = Terminal::new();
    assert_eq!(terminal.dupeproof("compare core core --suite calm --cases 48 --seed 5 --out first").code, 0);
    let same = terminal.dupeproof("compare first/base.json core --out second");
    assert_eq!(same.code, 0, "{}", same.stderr);
    assert!(same.stdout.starts_with("Nothing changed: in 48 schedules"), "{}", same.stdout);
    assert!(same.stdout.contains("--suite calm --cases 48 --seed 5"), "{}", same.stdout);
    let run = "run --subject naive --suite swarm --cases 256 --save-cases --out run";
    assert_eq!(terminal.dupeproof(run).code, 1);
    let better = terminal.dupeproof("compare run/cases.json core --out third");
    // It is better where it matters, and makes more requests.
    assert_eq!(better.code, 1, "{}", better.stderr);
    assert!(better.flowing().contains("is worse than `run/cases.json`: "), "{}", better.stdout);
    assert!(better.flowing().contains("LostUpdate got better, clearest in: swarm "), "{}", better.stdout);
    let asked = |words: &str| terminal.dupeproof(&format!("compare first/base.json core {words}"));
    asked("--seed 6").refuses(&["`first/base.json` has seed 5, and 6 was asked for", "hint: "]);
    asked("--suite swarm").refuses(&["has the suites calm, and swarm was asked for"]);
    asked("--suite calm --world stormy").refuses(&["has the world calm, and stormy was asked for"]);
    asked("--cases 49").refuses(&["the cases 48, and 49 was asked for"]);
    let drawn = terminal.read("first/base.json");
    terminal.write("other.json", &drawn.replace("\"drawn\":\"", "\"drawn\":\"1"));
    terminal.write("none.json", "{}");
    terminal.write("cut.json", &drawn[..drawn.len() / 2]);
    terminal.dupeproof("compare none.json core").refuses(&["is not a file of results", "hint: "]);
    terminal.dupeproof("compare cut.json core").refuses(&["is not a file of results", "written or copied to the end"]);
    assert_eq!(terminal.dupeproof("compare other.json core").code, 2);
}

#[test]
fn a_side_that_does_not_work_is_named_and_nothing_is_compared() {
    let terminal = edited(&[(
        "function Leased.load(key, cancelled)\n",
        "function Leased.load(key, cancelled)\n\terror('planted')\n",
    )]);
    let answer = terminal.dupeproof(&words("--cases 8"));
    assert_eq!(answer.code, 2, "{}{}", answer.stdout, answer.stderr);
    let says = "Broken: the candidate `edited.luau` does not work even in a calm world";
    assert!(answer.stdout.starts_with(says) && answer.stdout.contains("planted"), "{}", answer.stdout);
}

#[test]
fn sides_that_make_no_sense_are_refused_before_anything_runs() {
    let terminal = Terminal::new();
    terminal.write("folder/init.luau", LEASED);
    terminal.dupeproof("compare core prayer").refuses(&["no subject, module or file of results `prayer`", "hint: "]);
    terminal.write("core/init.luau", LEASED);
    terminal.dupeproof("compare ./core naive").refuses(&["the module `./core` needs an adapter"]);
    terminal.dupeproof("compare core folder").refuses(&["the module `folder` needs an adapter", "--adapter"]);
    terminal.dupeproof("compare core gone.json").refuses(&["`gone.json` could not be read"]);
    terminal.dupeproof("compare core naive --suite gone").refuses(&["unknown suite `gone`"]);
    assert!(!terminal.path("dupeproof-compare").exists(), "a refused one leaves nothing");
    terminal.write("out/compare.json", "mine");
    terminal.dupeproof("compare core naive --cases 1 --out out").refuses(&["was not written by dupeproof"]);
    let alone = terminal.dupeproof("compare :naive naive --suite calm --cases 4");
    assert!(alone.code < 2, "{}", alone.stderr);
}
