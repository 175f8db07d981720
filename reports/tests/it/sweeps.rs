//! `dupeproof sweep`, from outside.

use crate::terminal::Terminal;

const WORDS: &str =
    "sweep --subject core --param AUTO_SAVE_PERIOD=30..300:3 --param datastore_latency_max_ms=200..2000:2 --cases 60";

#[test]
fn saving_less_often_costs_fewer_requests_and_more_play_whatever_the_threads() {
    let terminal = Terminal::new();
    let answer = terminal.dupeproof(&format!("{WORDS} --jobs 1"));
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert!(answer.stdout.starts_with("6 settings of `core`, 60 schedules each of suite `swarm`"), "{}", answer.stdout);
    let text = terminal.read("dupeproof-sweep/sweep.json");
    let json: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    let points = json["points"].as_array().expect("a list");
    let numbers = |field: &str| points.iter().map(|point| point[field].as_f64().expect("a number")).collect::<Vec<_>>();
    assert_eq!(points[0]["setting"], serde_json::json!([30, 200]), "{json}");
    assert_eq!(points[5]["setting"], serde_json::json!([300, 2000]), "{json}");
    let (requests, unsaved) = (numbers("requests_per_session_hour"), numbers("unsaved_p99_seconds"));
    assert!(requests[0] > requests[4] && unsaved[0] < unsaved[4], "{requests:?} {unsaved:?}");
    assert!(points.iter().any(|point| point["unbeaten"] == true), "{json}");
    let page = terminal.read("dupeproof-sweep/sweep.html");
    assert!(
        page.matches("<circle").count() >= 18 && page.contains("AUTO_SAVE_PERIOD 30, datastore_latency_max_ms 200")
    );
    assert_eq!(terminal.dupeproof(&format!("{WORDS} --jobs 2")).stdout, answer.stdout);
    assert_eq!(terminal.read("dupeproof-sweep/sweep.json"), text);
}

#[test]
fn a_sweep_that_makes_no_sense_is_refused_before_it_runs() {
    let terminal = Terminal::new();
    let refuses = |params: &str, words: &[&str]| terminal.dupeproof(&format!("sweep {params}")).refuses(words);
    refuses("", &["--param"]);
    refuses("--param AUTO_SAVE_PERIOD=9..3", &["not NAME=LO..HI", "hint: "]);
    refuses("--param PRAYER=1..2", &["`PRAYER`", "no knob", "hint: "]);
    refuses("--param AUTO_SAVE_PERIOD=60..90 --param AUTO_SAVE_PERIOD=30..60", &["turned twice"]);
    refuses("--param two_wrongs_ppm=1..2", &["two_wrongs_ppm"]);
    refuses("--param datastore_latency_max_ms=1..99999999999", &["datastore_latency_max_ms", "is not between"]);
    assert!(!terminal.path("dupeproof-sweep").exists(), "a refused one leaves nothing");
}
