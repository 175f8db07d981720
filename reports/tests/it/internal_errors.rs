//! Mistakes of this program: each command says so, keeps what it has, and ends with 3.

use serde_json::Value as Json;

use crate::terminal::{Answer, Terminal};

const CASES: &str = "--subject planted --seed 1 --cases 60";

/// The first case that ends in the mistake.
fn says_so(answer: &Answer) -> u64 {
    assert_eq!(answer.code, 3, "{}\n{}", answer.stdout, answer.stderr);
    let words = format!("{}\n{}", answer.stdout, answer.stderr);
    let line = words.lines().find(|line| line.contains("internal error")).unwrap_or_else(|| panic!("{words}"));
    assert!(line.contains("please report") && line.contains("<planted> after 60 inputs"), "{line}");
    assert!(line.contains("planted.rs:") && !words.contains("panicked"), "{words}");
    let (_, rest) = line.split_once("case ").unwrap_or_else(|| panic!("{line}"));
    rest.split(|c: char| !c.is_ascii_digit())
        .next()
        .and_then(|number| number.parse().ok())
        .unwrap_or_else(|| panic!("{line}"))
}

#[test]
fn a_search_keeps_what_the_other_cases_show() {
    let terminal = Terminal::new();
    says_so(&terminal.dupeproof(&format!("run {CASES} --jobs 2")));
    let summary: Json = serde_json::from_str(&terminal.read("dupeproof-out/summary.json")).expect("it is JSON");
    assert!(summary["findings"].as_array().is_some_and(|findings| !findings.is_empty()), "{summary}");
    let page = terminal.read("dupeproof-out/report.html");
    assert!(page.contains("internal error in case") && page.contains("&lt;planted&gt;"));
    let answer = terminal.dupeproof("report dupeproof-out");
    assert!(answer.code == 0 && terminal.read("dupeproof-out/report.html") == page, "{}", answer.stderr);
}

#[test]
fn a_replay_of_such_a_case_ends_with_it() {
    let terminal = Terminal::new();
    let case = says_so(&terminal.dupeproof(&format!("run {CASES}")));
    let answer = terminal.dupeproof(&format!("replay --subject planted --seed 1 --case {case}"));
    assert_eq!(answer.code, 3, "{}", answer.stderr);
    let words = format!("{}\n{}", answer.stdout, answer.stderr);
    assert!(words.contains("internal error") && words.contains("<planted>") && !words.contains("panicked"), "{words}");
}

#[test]
fn a_bakeoff_shows_its_other_columns() {
    let terminal = Terminal::new();
    let answer = terminal.dupeproof("bakeoff --subjects naive,planted --seed 1 --cases 60");
    says_so(&answer);
    assert!(answer.stdout.contains("naive") && answer.stdout.contains("planted"), "{}", answer.stdout);
}

#[test]
fn so_do_a_comparison_and_a_sweep() {
    let terminal = Terminal::new();
    says_so(&terminal.dupeproof("compare naive planted --cases 60"));
    says_so(&terminal.dupeproof(&format!("sweep {CASES} --param datastore_latency_max_ms=200..2000:2")));
}
