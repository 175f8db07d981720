//! Whatever is wrong is named, with what to do about it; nothing is overwritten and nothing is searched.

use crate::terminal::Terminal;

const RUN: &str = "run --subject naive --cases 200";

#[test]
fn an_unknown_suite_or_subject_is_named_with_those_that_exist() {
    let terminal = Terminal::new();
    terminal.dupeproof("run --suite storm").refuses(&["unknown suite `storm`", "hint: ", "`swarm`", "dupeproof list"]);
    terminal.dupeproof("run --subject prayer").refuses(&["unknown subject `prayer`", "`core`", "`naive`"]);
    let nope = terminal.dupeproof("run --subject nope");
    nope.refuses(&["unknown subject `nope`", "expected one of `core`"]);
    assert!(!nope.stderr.contains("did you mean"), "nothing is like it: {}", nope.stderr);
    terminal.dupeproof("run --world sunny").refuses(&["unknown world `sunny`", "`stormy`", "dupeproof list"]);
    terminal.dupeproof("audit --world stromy").refuses(&["unknown world `stromy`", "did you mean `stormy`?"]);
    terminal.dupeproof("replay --seed 1 --world sunny").refuses(&["unknown world `sunny`"]);
    terminal.dupeproof("replay --seed 1 --suite storm").refuses(&["unknown suite `storm`"]);
    terminal.dupeproof("replay --seed 1 --subject prayer").refuses(&["unknown subject `prayer`"]);
    assert!(!terminal.path("dupeproof-out").exists(), "a refused run leaves nothing");
}

#[test]
fn a_scenario_file_that_makes_no_sense_is_refused_with_the_line_and_what_is_allowed() {
    let terminal = Terminal::new();
    terminal.dupeproof("run --scenario nowhere.toml").refuses(&["`nowhere.toml` could not be read", "--scenario"]);
    terminal.write("a.toml", "name = \"a\"\nabout = \"\"\n[knobs]\nwrite_lost_replies_ppm = 5\n");
    for command in ["run", "replay --seed 1", "audit"] {
        let said = ["`a.toml`, line 4: unknown knob `write_lost_replies_ppm`", "did you mean `write_lost_reply_ppm`?"];
        terminal.dupeproof(&format!("{command} --scenario a.toml")).refuses(&said);
    }
    terminal.write("b.toml", "name = \"b\"\nabout = \"\"\n[knobs]\nwrite_lost_reply_ppm = 5_000_000\n");
    terminal
        .dupeproof("run --scenario b.toml")
        .refuses(&["line 4: write_lost_reply_ppm: 5000000 is not between 0 and"]);
    terminal.write("c.toml", "name = \"c\"\nabout = \"\"\nsubject = \"prayer\"\n");
    terminal.dupeproof("run --scenario c.toml").refuses(&["line 3: unknown subject `prayer`", "`core`"]);
    terminal.write("e.toml", "name = \"e\"\nabout = \"\"\n[constants]\nAUTOSAVE_PERIOD = 60\n");
    let said = ["line 4: unknown constant `AUTOSAVE_PERIOD`", "did you mean `AUTO_SAVE_PERIOD`?"];
    terminal.dupeproof("run --scenario e.toml").refuses(&said);
    terminal.write("f.toml", "name = \"f\"\nabout = \"\"\nworld = \"flaky_reply\"\n");
    let said = ["line 3: unknown world `flaky_reply`", "did you mean `flaky_replies`?"];
    terminal.dupeproof("run --scenario f.toml").refuses(&said);
    terminal.write("d.toml", "name = \"d\"\nabout = \"\"\n[constants]\nLEASE = 60\n");
    terminal.dupeproof("run --scenario d.toml --subject naive").refuses(&["LEASE", "leave --subject out"]);
    terminal.dupeproof("run --scenario d.toml --suite swarm").refuses(&["cannot be used with"]);
    assert!(!terminal.path("dupeproof-out").exists(), "a refused run leaves nothing");
}

#[test]
fn flag_values_that_make_no_sense_are_refused() {
    let terminal = Terminal::new();
    for words in [
        "--cases 0",
        "--cases -1",
        "--cases many",
        "--jobs 0",
        "--jobs 100000",
        "--seed yes",
        "--seed 18446744073709551616",
        "--network carrier-pigeon",
        "--fast",
        "--cases",
    ] {
        terminal.dupeproof(&format!("run {words}")).refuses(&[words.split(' ').next().expect("a flag")]);
        terminal.dupeproof(words).refuses(&[]);
    }
    terminal.dupeproof("run --cases 0").refuses(&["must be at least 1"]);
    terminal.dupeproof("dance").refuses(&["dance"]);
}

#[test]
fn replay_wants_a_file_or_a_seed_and_not_both() {
    let terminal = Terminal::new();
    terminal.dupeproof("replay").refuses(&["FILE", "--seed"]);
    terminal.dupeproof("replay a.json --seed 1").refuses(&["cannot be used with"]);
    for flag in ["--subject naive", "--suite calm", "--world calm", "--scenario a.toml"] {
        terminal.dupeproof(&format!("replay a.json {flag}")).refuses(&["cannot be used with"]);
    }
    terminal.dupeproof("replay --seed 1 --force").refuses(&["--trace"]);
}

#[test]
fn a_failure_file_that_cannot_be_read_says_why() {
    let terminal = Terminal::new();
    terminal.dupeproof("replay nowhere.json").refuses(&["`nowhere.json` could not be read", "hint: "]);
    terminal.write("prose.json", "once upon a time");
    terminal.dupeproof("replay prose.json").refuses(&["`prose.json`", "not a failure file", "line 1"]);
    terminal.write("friday_sale.toml", "name = \"friday_sale\"\n");
    terminal.dupeproof("replay friday_sale.toml").refuses(&["`friday_sale.toml` is not JSON", "use --scenario"]);
    terminal.write("other.json", "{\"format\": 3, \"shoes\": 2}");
    terminal.dupeproof("replay other.json").refuses(&["`other.json`", "not a failure file"]);
    terminal.write("older.json", "{\"format\": 1, \"shoes\": 2}");
    terminal.dupeproof("replay older.json").refuses(&["`older.json`", "format 1 is older than 3", "find it again"]);
    terminal.write("newer.json", "{\"format\": 99}");
    terminal.dupeproof("replay newer.json").refuses(&["`newer.json`", "99 is newer", "newer one"]);
    terminal.write("directory/file", "");
    terminal.dupeproof("replay directory").refuses(&["`directory`"]);
}

#[test]
fn a_failure_file_about_an_unknown_subject_or_a_senseless_schedule_is_refused() {
    let terminal = Terminal::new();
    terminal.dupeproof(RUN);
    let text = terminal.read(&terminal.failure("dupeproof-out", "LostUpdate"));
    terminal.write("subject.json", &text.replace("\"naive\"", "\"prayer\""));
    terminal.dupeproof("replay subject.json").refuses(&["unknown subject `prayer`"]);
    let mut json: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    json["schedule"]["servers"] = serde_json::json!([]);
    terminal.write("empty.json", &json.to_string());
    terminal.dupeproof("replay empty.json").refuses(&["`empty.json`", "makes no sense"]);
    json["schedule"]["weather"] = serde_json::json!("fine");
    terminal.write("unknown.json", &json.to_string());
    terminal.dupeproof("replay unknown.json").refuses(&["weather"]);
}

#[test]
fn an_output_directory_that_cannot_be_written_to_is_refused_before_the_search() {
    let terminal = Terminal::new();
    terminal.write("file", "mine");
    let endless = "run --cases 18446744073709551615";
    terminal.dupeproof(&format!("{endless} --out file")).refuses(&["`file` cannot be written to", "--out"]);
    terminal.dupeproof(&format!("{endless} --out file/below")).refuses(&["`file/below`"]);
    terminal.dupeproof(&format!("{endless} --out /proc/nowhere")).refuses(&["`/proc/nowhere`"]);
    assert_eq!(terminal.read("file"), "mine");
}

#[test]
fn a_directory_with_somebody_elses_files_is_left_alone() {
    let terminal = Terminal::new();
    terminal.write("out/thesis.txt", "ten years of work");
    terminal.dupeproof(&format!("{RUN} --out out")).refuses(&[
        "`out` is not empty",
        "hint: ",
        "nothing was overwritten",
    ]);
    terminal.write("out/summary.json", "{\"summary\": \"of my thesis\"}");
    terminal.dupeproof(&format!("{RUN} --out out")).refuses(&["`out` is not empty"]);
    assert_eq!(terminal.read("out/thesis.txt"), "ten years of work");
    assert_eq!(terminal.read("out/summary.json"), "{\"summary\": \"of my thesis\"}");
    assert_eq!(std::fs::read_dir(terminal.path("out")).expect("it is there").count(), 2);
}

#[test]
fn a_report_that_is_not_ours_stays_even_beside_our_summary() {
    let terminal = Terminal::new();
    terminal.dupeproof(RUN);
    terminal.write("dupeproof-out/report.html", "<p>my own words");
    terminal.dupeproof(RUN).refuses(&["report.html` exists and was not written by dupeproof"]);
    assert_eq!(terminal.read("dupeproof-out/report.html"), "<p>my own words");
}

#[test]
fn a_trace_never_overwrites_a_file_unless_forced() {
    let terminal = Terminal::new();
    terminal.write("trace.jsonl", "precious");
    let words = "replay --seed 1 --subject naive --trace trace.jsonl";
    terminal.dupeproof(words).refuses(&["`trace.jsonl` exists", "--force"]);
    assert_eq!(terminal.read("trace.jsonl"), "precious");
    terminal.dupeproof(&format!("{words} --force"));
    assert!(terminal.read("trace.jsonl").lines().count() > 10);
    terminal.dupeproof("replay --seed 1 --trace nowhere/trace.jsonl").refuses(&["`nowhere/trace.jsonl`"]);
}

#[test]
fn report_wants_a_directory_that_a_run_has_written() {
    let terminal = Terminal::new();
    terminal.dupeproof("report nowhere").refuses(&["summary.json", "hint: "]);
    terminal.write("empty/readme", "");
    terminal.dupeproof("report empty").refuses(&["summary.json", "dupeproof run"]);
    terminal.write("newer/summary.json", "{\"format\": 99}");
    terminal.dupeproof("report newer").refuses(&["format 99, newer than 9"]);
    terminal.write("older/summary.json", "{\"format\": 1}");
    terminal.dupeproof("report older").refuses(&["format 1, older than 9", "dupeproof run"]);
    terminal.write("other/summary.json", "[]");
    terminal.dupeproof("report other").refuses(&["is not a summary"]);
    terminal.dupeproof(RUN);
    std::fs::remove_file(terminal.path(&terminal.failure("dupeproof-out", "LostUpdate"))).expect("it was there");
    terminal.dupeproof("report dupeproof-out").refuses(&["LostUpdate", "could not be read"]);
}
