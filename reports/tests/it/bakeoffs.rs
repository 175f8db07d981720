//! `dupeproof bakeoff`, from outside.

use crate::terminal::Terminal;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../sim/luau/tests/fixtures");

#[test]
fn subjects_and_modules_are_compared_over_the_same_seeds_whatever_the_threads() {
    let terminal = Terminal::new();
    let words = format!(
        "bakeoff --subjects core,naive --module bare=:naive --module \
         locked={FIXTURES}/fenced.luau:{FIXTURES}/fenced_adapter.luau --cases 20"
    );
    let answer = terminal.dupeproof(&format!("{words} --jobs 1"));
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    for word in ["core", "naive", "bare", "locked", "LostUpdate", "hand-over, median", "session-hour"] {
        assert!(answer.stdout.contains(word), "`{word}`: {}", answer.stdout);
    }
    let table = terminal.read("dupeproof-bakeoff/bakeoff.json");
    let json: serde_json::Value = serde_json::from_str(&table).expect("it is JSON");
    let lost = |row: usize| json["rows"][row]["findings"]["LostUpdate"]["schedules"].as_u64().unwrap_or(0);
    assert_eq!((lost(0), lost(3)), (0, 0), "{json}");
    assert!(lost(1) > 0 && lost(2) > 0, "{json}");
    assert!(json["rows"][0]["hand_over_median_seconds"].as_f64() > Some(0.0), "{json}");
    let naive = &json["rows"][1]["findings"]["LostUpdate"];
    let rate = |field: &str| naive[field].as_f64().expect("a number");
    assert!(rate("low") < rate("per_thousand_sessions") && rate("per_thousand_sessions") < rate("high"), "{naive}");
    let none = json["rows"][0]["none_below"].as_f64().expect("a number");
    assert!(none > 0.0 && answer.stdout.contains('▲') == (rate("low") > none), "{json}");
    let page = terminal.read("dupeproof-bakeoff/bakeoff.html");
    assert!(page.contains("<svg class=\"rate\"") && page.contains("dupeproof run --suite swarm --adapter naive"));
    let plot = terminal.read("dupeproof-bakeoff/bakeoff.svg");
    assert!(plot.contains("LostUpdate") && plot.contains("locked") && plot.matches("<rect").count() > 8, "{plot}");
    let markdown = terminal.read("dupeproof-bakeoff/bakeoff.md");
    assert!(markdown.lines().all(|line| line.matches(" | ").count() == 4), "{markdown}");
    assert!(markdown.contains("| `LostUpdate` | none | **"), "a broken promise is bold: {markdown}");
    assert_eq!(terminal.dupeproof(&format!("{words} --jobs 2")).code, 0);
    assert_eq!(terminal.read("dupeproof-bakeoff/bakeoff.json"), table);
}

#[test]
fn a_bake_off_that_makes_no_sense_is_refused_before_it_runs() {
    let terminal = Terminal::new();
    terminal.dupeproof("bakeoff --subjects prayer").refuses(&["unknown subject `prayer`"]);
    terminal.dupeproof("bakeoff --subjects core,core").refuses(&["`core` takes part twice"]);
    terminal.dupeproof("bakeoff --module src").refuses(&["`src`", "NAME=PATH:ADAPTER", "hint: "]);
    terminal.dupeproof("bakeoff --module a=gone:naive").refuses(&["the module `gone`"]);
    assert!(!terminal.path("dupeproof-bakeoff").exists(), "a refused one leaves nothing");
    terminal.write("out/bakeoff.json", "mine");
    terminal.dupeproof("bakeoff --cases 1 --out out").refuses(&["was not written by dupeproof"]);
    assert_eq!(terminal.read("out/bakeoff.json"), "mine");
}
