//! `--log` and `DUPEPROOF_LOG`: what happens in the runs, on stderr.

use serde_json::Value as Json;

use crate::terminal::Terminal;

/// The time that a line begins with.
fn time(line: &str) -> f64 {
    line.split_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or_else(|| panic!("no time: {line}"))
}

#[test]
fn a_replay_prints_what_happens_for_people_and_its_result_stays_the_same() {
    let terminal = Terminal::new();
    let replay = "replay --seed 3 --subject naive";
    let answer = terminal.dupeproof(&format!("{replay} --log info"));
    let quiet = terminal.dupeproof(replay);
    assert_eq!((answer.code, &answer.stdout, &*quiet.stderr), (quiet.code, &quiet.stdout, ""));
    let times: Vec<f64> = answer.stderr.lines().map(time).collect();
    assert!(times.len() > 50 && times.is_sorted(), "{}", answer.stderr);
    assert!(answer.stderr.starts_with("    0.000000  INFO server{slot=0 life=0}: dupeproof::server: started\n"));
    let session = "server{slot=0 life=0}:session{no=1 player=0}";
    assert!(answer.stderr.lines().any(|line| line.contains(session)), "{}", answer.stderr);
    assert!(!answer.stderr.contains("DEBUG"));
}

#[test]
fn each_line_of_json_has_time_level_target_fields_and_spans() {
    let terminal = Terminal::new();
    let answer = terminal.dupeproof("replay --seed 3 --subject naive --log dupeproof=debug --log-format json");
    let lines: Vec<Json> =
        answer.stderr.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect();
    for line in &lines {
        assert!(line["time_s"].is_f64() && line["timestamp"].is_null(), "{line}");
        assert!(line["target"].as_str().is_some_and(|target| target.starts_with("dupeproof::")), "{line}");
        assert!(line["level"].is_string() && line["fields"]["message"].is_string(), "{line}");
    }
    let saved = lines.iter().filter(|line| line["fields"]["message"] == "saved");
    let said: Vec<&Json> = saved.map(|line| &line["span"]["name"]).collect();
    assert!(said.contains(&&Json::from("ended_session")), "the last save comes after the end: {said:?}");
    assert!(said.iter().all(|name| ["session", "ended_session"].iter().any(|known| *name == known)), "{said:?}");
    let edited = lines.iter().find(|line| line["fields"]["message"] == "edited").expect("somebody edits");
    assert!(edited["fields"]["stamp"].is_u64(), "{edited}");
    let names: Vec<&Json> = edited["spans"].as_array().expect("a list").iter().map(|span| &span["name"]).collect();
    assert_eq!(names, ["server", "session"], "{edited}");
}

#[test]
fn what_comes_late_says_by_how_many_seconds() {
    let terminal = Terminal::new();
    let print = |format: &str| terminal.dupeproof(&format!("replay --seed 1 --case 17 --log warn {format}")).stderr;
    assert!(print("").contains("request fault id=11 kind=CompareAndSet fault=LateReply late_by_s=21.694164\n"));
    assert!(print("--log-format json").contains("\"fault\":\"LateReply\",\"late_by_s\":21.694164"));
}

#[test]
fn two_replays_print_the_same_on_both_networks() {
    let terminal = Terminal::new();
    for network in ["event", "turmoil"] {
        let replay = format!("replay --seed 1 --suite brief --network {network}");
        let print = || terminal.dupeproof(&format!("{replay} --log trace"));
        let (one, other) = (print(), print());
        assert!(one.stderr.lines().count() > 100, "{}", one.stderr);
        assert!(one.stderr == other.stderr, "{network}");
        assert_eq!((&one.stdout, &one.stdout), (&other.stdout, &terminal.dupeproof(&replay).stdout));
    }
}

#[test]
fn one_case_of_a_search_can_be_picked_out_and_the_digest_stays() {
    let terminal = Terminal::new();
    let run = "run --subject naive --cases 300 --jobs 2 --json";
    let answer = terminal.dupeproof(&format!("{run} --log [case{{seed=1,case=17}}]=debug,dupeproof::session=off"));
    // The last line says how to replay the worst.
    let lines: Vec<&str> = answer.stderr.lines().filter(|line| !line.starts_with("dupeproof ")).collect();
    assert!(lines.len() > 50, "{}", answer.stderr);
    assert!(lines.iter().all(|line| line.contains(" case{seed=1 case=17}")), "{}", answer.stderr);
    let json: Json = serde_json::from_str(&answer.stdout).expect("it is JSON");
    assert_eq!(json["digest"], terminal.json(run)["digest"]);
}

#[test]
fn the_environment_can_say_it_too_and_the_command_line_comes_first() {
    let terminal = Terminal::new();
    let replay = "replay --seed 3 --subject naive";
    let wanted = terminal.dupeproof(&format!("{replay} --log warn")).stderr;
    assert!(wanted.lines().count() > 5, "{wanted}");
    assert_eq!(terminal.dupeproof_with_log("warn", replay).stderr, wanted);
    assert_eq!(terminal.dupeproof_with_log("trace", &format!("{replay} --log warn")).stderr, wanted);
    for silent in ["", "off"] {
        assert_eq!(terminal.dupeproof_with_log(silent, replay).stderr, "");
    }
    assert_eq!(terminal.dupeproof_with_log("warn", "list").code, 0, "commands that run nothing do not mind");
}

#[test]
fn a_filter_that_makes_no_sense_is_refused_and_nothing_is_run() {
    let terminal = Terminal::new();
    let bad = "info,dupeproof::request=loud";
    for command in ["run", "replay --seed 1", "bakeoff"] {
        let said = ["the log directive `dupeproof::request=loud` makes no sense", "hint: ", "--log"];
        terminal.dupeproof(&format!("{command} --log {bad}")).refuses(&said);
        terminal.dupeproof_with_log(bad, command).refuses(&said);
    }
    terminal
        .dupeproof("run --log debgu")
        .refuses(&["`debgu` is neither a level nor one of the targets", "dupeproof::"]);
    assert!(!terminal.path("dupeproof-out").exists(), "a refused run leaves nothing");
}
