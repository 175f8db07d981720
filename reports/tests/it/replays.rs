//! `dupeproof replay`, in a process of its own.

use crate::terminal::{Answer, Terminal};

const RUN: &str = "run --subject naive --cases 300";

fn line<'a>(answer: &'a Answer, word: &str) -> &'a str {
    answer.stdout.lines().find(|line| line.starts_with(word)).unwrap_or_else(|| panic!("{}", answer.stdout))
}

#[test]
fn a_file_shows_its_finding_and_its_digest_again_in_another_process() {
    let terminal = Terminal::new();
    terminal.dupeproof(RUN);
    for kind in ["ItemDuplicated", "LostUpdate", "DoubleLive"] {
        let file = terminal.failure("dupeproof-out", kind);
        let (one, other) =
            (terminal.dupeproof(&format!("replay {file}")), terminal.dupeproof(&format!("replay {file}")));
        assert_eq!((one.code, &one.stdout), (1, &other.stdout), "{}", one.stderr);
        assert_eq!(line(&one, "compare"), format!("compare  the same finding ({kind}), the same digest"));
        let json: serde_json::Value = serde_json::from_str(&terminal.read(&file)).expect("it is JSON");
        assert_eq!(line(&one, "digest"), format!("digest   {}", json["digest"].as_str().expect("a digest")));
    }
}

#[test]
fn a_seed_replays_the_case_that_the_run_found() {
    let terminal = Terminal::new();
    let json = terminal.json(&format!("{RUN} --seed 7 --json"));
    let found = &json["findings"][0];
    let words = format!("replay --seed 7 --case {} --subject naive", found["first_case"]);
    let answer = terminal.dupeproof(&words);
    assert_eq!(answer.code, 1, "{}", answer.stderr);
    assert!(answer.stdout.contains(found["kind"].as_str().expect("a name")), "{}", answer.stdout);
    assert_eq!(answer.stdout, terminal.dupeproof(&words).stdout);
}

#[test]
fn a_case_without_a_finding_that_counts_is_clean() {
    let terminal = Terminal::new();
    let answer = terminal.dupeproof("replay --seed 1 --suite calm");
    assert_eq!(answer.code, 0, "{}", answer.stdout);
}

#[test]
fn a_digest_or_finding_that_does_not_come_again_is_told_apart_from_both() {
    let terminal = Terminal::new();
    terminal.dupeproof(RUN);
    let text = terminal.read(&terminal.failure("dupeproof-out", "LostUpdate"));
    let mut json: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    json["digest"] = "0123456789abcdef".into();
    terminal.write("digest.json", &json.to_string());
    let answer = terminal.dupeproof("replay digest.json");
    assert_eq!(answer.code, 3);
    assert!(
        line(&answer, "compare").contains("the same finding (LostUpdate), a digest other than"),
        "{}",
        answer.stdout
    );
    assert!(answer.stderr.contains("has changed since"), "{}", answer.stderr);
    json["finding"]["fact"] = serde_json::json!({ "LockStuck": { "coordinator": { "trade": 4 } } });
    terminal.write("finding.json", &json.to_string());
    assert_eq!(terminal.dupeproof("replay finding.json").code, 3);
}

#[test]
fn the_digest_of_another_version_is_not_held_against_a_file() {
    let terminal = Terminal::new();
    terminal.dupeproof(RUN);
    let text = terminal.read(&terminal.failure("dupeproof-out", "LostUpdate"));
    let mut json: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    json["digest"] = "0123456789abcdef".into();
    json["dupeproof"] = "0.0.9".into();
    terminal.write("older.json", &json.to_string());
    let answer = terminal.dupeproof("replay older.json");
    assert_eq!(answer.code, 1, "{}", answer.stdout);
    assert!(answer.stdout.contains("from version 0.0.9"), "{}", answer.stdout);
}

#[test]
fn a_file_can_be_replayed_on_the_other_network() {
    let terminal = Terminal::new();
    terminal.dupeproof(RUN);
    let file = terminal.failure("dupeproof-out", "LostUpdate");
    let answer = terminal.dupeproof(&format!("replay {file} --network turmoil"));
    assert!(matches!(answer.code, 0 | 1), "{}", answer.stderr);
    assert!(
        line(&answer, "compare").starts_with("compare  the file is from event; its LostUpdate"),
        "{}",
        answer.stdout
    );
}

#[test]
fn a_trace_has_a_line_for_every_event() {
    let terminal = Terminal::new();
    let answer = terminal.dupeproof("replay --seed 3 --subject naive --trace trace.jsonl");
    let events: usize = line(&answer, "ran")
        .rsplit(", ")
        .next()
        .and_then(|count| count.strip_suffix(" events"))
        .map(|count| count.replace(',', "").parse().expect("a number"))
        .expect("the count of events is told last");
    let trace = terminal.read("trace.jsonl");
    let lines: Vec<serde_json::Value> =
        trace.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect();
    assert_eq!(lines.iter().filter(|line| line.get("event").is_some()).count(), events);
}

#[test]
fn an_error_of_a_script_is_named_with_its_line() {
    let terminal = Terminal::new();
    let adapter = include_str!("../../../sim/luau/src/adapter/naive.luau");
    let load = "function adapter.load(visit)\n";
    terminal.write("adapter.luau", &adapter.replace(load, &format!("{load}\terror(\"boom\")\n")));
    let answer = terminal.dupeproof("replay --seed 1 --suite calm --adapter adapter.luau");
    assert_eq!(answer.code, 1, "{}{}", answer.stdout, answer.stderr);
    let told = line(&answer, "script");
    assert!(told.starts_with("script   error at ") && told.ends_with(": boom"), "{told}");
    assert!(told.contains(" on job-") && told.contains(": adapter (adapter):"), "{told}");
    terminal.write("adapter.luau", &adapter.replace(load, &format!("{load}\twhile true do end\n")));
    let answer = terminal.dupeproof("replay --seed 1 --suite calm --adapter adapter.luau");
    let told = line(&answer, "script");
    assert!(told.contains(": Script timeout: ") && told.contains(" (adapter (adapter):"), "{told}");
}
