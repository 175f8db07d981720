//! Failures that a repository keeps: `run --save-failing`, `replay DIR` and `dupeproof test`.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::terminal::Terminal;

/// A script without a lock, and the failures that it has kept.
fn with_corpus() -> Terminal {
    let terminal = Terminal::new();
    let answer = terminal.dupeproof("run --subject naive --cases 300 --causes 1 --save-failing dupes");
    assert_eq!(answer.code, 1, "{}", answer.stderr);
    let kept = answer.stdout.lines().filter(|line| line.starts_with("kept: dupes/")).count();
    assert_eq!(kept, corpus(&terminal).len(), "{}", answer.stdout);
    terminal
}

/// What is in the corpus, by name.
fn corpus(terminal: &Terminal) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(terminal.path("dupes")).expect("it is there");
    let names = entries.map(|entry| entry.expect("it is there").file_name().to_string_lossy().into_owned());
    names.map(|name| (name.clone(), terminal.read(&format!("dupes/{name}")))).collect()
}

/// A kept failure of this kind, changed.
fn edited(terminal: &Terminal, kind: &str, edit: impl Fn(&mut Json)) -> String {
    let found = corpus(terminal).into_iter().find(|(name, _)| name.starts_with(kind)).expect("it was found").1;
    let mut json: Json = serde_json::from_str(&found).expect("it is JSON");
    edit(&mut json);
    json.to_string()
}

/// The file of another version, about a finding that its schedule does not show.
fn fixed(terminal: &Terminal) -> String {
    edited(terminal, "LostUpdate", |json| {
        json["dupeproof"] = "0.0.9".into();
        json["finding"]["fact"] = json!({ "LockStuck": { "coordinator": { "trade": 4 } } });
    })
}

/// The same with one more step: a request fails that the script never makes.
fn idle(terminal: &Terminal) -> String {
    let mut json: Json = serde_json::from_str(&fixed(terminal)).expect("it is JSON");
    let at = json["schedule"]["length"].clone();
    let step = json!({ "at": at, "action": { "fail_next": { "server": 0, "class": "list", "fault": "refused" } } });
    json["schedule"]["timeline"].as_array_mut().expect("steps").push(step);
    json.to_string()
}

/// A file whose script is gone.
fn changed(terminal: &Terminal) -> String {
    edited(terminal, "LostUpdate", |json| json["scripts"] = json!({ "adapter": "gone.luau", "fidelity": "coarse" }))
}

#[test]
fn what_breaks_a_promise_is_kept_by_a_name_that_stays_and_is_still_there() {
    let terminal = with_corpus();
    let first = corpus(&terminal);
    let plain =
        |name: &&String| name.split_once('-').is_some_and(|(_, rest)| rest.len() == "0123456789abcdef.json".len());
    assert!(first.keys().all(|name| plain(&name)), "{:?}", first.keys());
    terminal.write("dupes/README.md", "what we once broke");
    let again = terminal.dupeproof("run --subject naive --cases 300 --causes 1 --save-failing dupes");
    assert!(!again.stdout.contains("kept: "), "nothing is new: {}", again.stdout);
    let answer = terminal.dupeproof("replay dupes");
    assert_eq!(answer.code, 1, "{}", answer.stderr);
    for name in first.keys() {
        assert!(answer.stdout.contains(&format!("still there  dupes/{name}\n")), "{}", answer.stdout);
    }
    let total = format!("{0} files: {0} still there", first.len());
    assert_eq!(answer.stdout.lines().last(), Some(&*total));
    // A file of somebody else's with that name stays, too.
    let (name, _) = first.first_key_value().expect("there is one");
    terminal.write(&format!("dupes/{name}"), "my own words");
    let third = terminal.dupeproof("run --subject naive --cases 300 --causes 1 --save-failing dupes");
    assert!(
        third.stdout.contains(&format!("kept: dupes/{}-2.json", name.trim_end_matches(".json"))),
        "{}",
        third.stdout
    );
    assert_eq!(terminal.read(&format!("dupes/{name}")), "my own words");
}

#[test]
fn what_is_gone_is_fixed_and_what_cannot_be_told_has_changed() {
    let terminal = with_corpus();
    terminal.write("fixed.json", &fixed(&terminal));
    terminal.write("changed.json", &changed(&terminal));
    let digest = edited(&terminal, "LostUpdate", |json| json["digest"] = "0123456789abcdef".into());
    terminal.write("digest.json", &digest);
    terminal.write("idle.json", &idle(&terminal));
    let answer = terminal.dupeproof("replay fixed.json changed.json digest.json idle.json");
    assert_eq!(answer.code, 3, "{}{}", answer.stdout, answer.stderr);
    let lines: Vec<&str> = answer.stdout.lines().collect();
    assert_eq!(lines[0], "fixed        fixed.json");
    assert!(lines[1].starts_with("changed      changed.json: the adapter `gone.luau`"), "{}", lines[1]);
    assert!(lines[2].starts_with("changed      digest.json: the version of dupeproof that wrote"), "{}", lines[2]);
    assert!(lines[3].starts_with("changed      idle.json: step "), "{}", lines[3]);
    assert!(lines[3].ends_with(" lets a request fail that the game does not make any more"), "{}", lines[3]);
    assert_eq!(lines[4], "4 files: 1 fixed, 3 changed");
    let one = terminal.dupeproof("replay fixed.json");
    assert_eq!((one.code, one.stdout.lines().last()), (0, Some("now      fixed")), "{}", one.stderr);
    terminal.write("scrap.json", "{}");
    let worst = terminal.dupeproof("replay scrap.json fixed.json");
    assert_eq!((worst.code, worst.stdout.lines().next().map(|line| line.starts_with("error "))), (2, Some(true)));
    std::fs::create_dir(terminal.path("empty")).expect("it can be made");
    terminal.dupeproof("replay empty").refuses(&["`empty` holds no failure file", "--save-failing"]);
}

#[test]
fn a_script_that_does_not_work_any_more_has_not_been_fixed() {
    let terminal = Terminal::new();
    let adapter = include_str!("../../../sim/luau/src/adapter/naive.luau");
    terminal.write("adapter.luau", adapter);
    let answer =
        terminal.dupeproof("run --adapter adapter.luau --believe all --cases 60 --causes 1 --save-failing dupes");
    assert_eq!(answer.code, 1, "{}{}", answer.stdout, answer.stderr);
    assert_eq!(terminal.dupeproof("replay dupes").code, 1);
    terminal.write("dupeproof.toml", "corpus = [\"dupes\"]\n");
    let told = terminal.dupeproof("test --annotations").stderr;
    let lines: Vec<&str> = told.lines().filter(|line| line.starts_with("::error ")).collect();
    let is_at_a_save = |line: &&str| {
        let place = line.strip_prefix("::error file=adapter.luau,line=").and_then(|rest| rest.split(',').next());
        place.and_then(|line| line.parse::<usize>().ok()).is_some_and(|line| line > 1)
    };
    assert!(lines.iter().any(is_at_a_save), "the line that did it: {told}");
    let load = "function adapter.load(visit)\n";
    terminal.write("adapter.luau", &adapter.replace(load, &format!("{load}\terror(\"boom\")\n")));
    let broken = terminal.dupeproof("replay dupes");
    assert_eq!(broken.code, 3, "{}{}", broken.stdout, broken.stderr);
    assert!(
        broken
            .stdout
            .lines()
            .all(|line| line.starts_with("changed ") || line.contains(" files: ") || line.contains(" file: "))
    );
}

const FILE: &str = r#"
corpus = ["dupes"]

[defaults]
cases = 250

[[test]]
name = "a calm day"
suite = "calm"

[[test]]
name = "a script without a lock"
subject = "naive"
causes = 1
"#;

#[test]
fn the_tests_of_a_repository_are_one_line_each_with_its_corpus_first() {
    let terminal = with_corpus();
    terminal.write("dupeproof.toml", FILE);
    let list = terminal.dupeproof("test --list");
    let names: Vec<&str> = list.stdout.lines().collect();
    assert!(names[0].starts_with("dupes/") && names.ends_with(&["a calm day", "a script without a lock"]), "{names:?}");
    let answer = terminal.dupeproof("test --junit results.xml");
    assert_eq!(answer.code, 1, "{}", answer.stderr);
    let line = |start: &str| answer.stdout.lines().find(|line| line.starts_with(start)).unwrap_or_default();
    assert!(line("FAILED   dupes/").ends_with(": still there"), "{}", answer.stdout);
    assert!(line("ok       a calm day: Safe: in 250 schedules").ends_with("of this suite"), "{}", answer.stdout);
    assert!(!line("FAILED   a script without a lock: Unsafe: in 250 schedules").is_empty(), "{}", answer.stdout);
    assert!(answer.stdout.contains("\n         dupeproof replay dupeproof-test/a-script-without-a-lock/failures/"));
    // What is still there is told at its file, if no script did it.
    let told = terminal.dupeproof("test --filter dupes --annotations").stderr;
    assert!(told.contains(&format!("::error file={},line=1,title=dupeproof%3A dupes/", names[0])), "{told}");
    let total = answer.stdout.lines().last().expect("a line");
    assert_eq!(total, format!("{} tests: 1 passed, {} failed", names.len(), names.len() - 1));
    let xml = terminal.read("results.xml");
    let document = roxmltree::Document::parse(&xml).expect("it is XML");
    let cases: Vec<_> = document.descendants().filter(|node| node.has_tag_name("testcase")).collect();
    let failures = document.descendants().filter(|node| node.has_tag_name("failure")).count();
    assert_eq!((cases.len(), failures), (names.len(), names.len() - 1));
    assert_eq!(document.root_element().attribute("failures"), Some(&*failures.to_string()));
    assert!(terminal.path("dupeproof-test/a-calm-day/report.html").is_file());
    // Some of them, also from elsewhere.
    let some = terminal.dupeproof("test --filter calm");
    assert_eq!((some.code, some.stdout.lines().count()), (0, 3), "{}", some.stdout);
    std::fs::create_dir(terminal.path("elsewhere")).expect("it can be made");
    terminal.write("elsewhere/dupeproof.toml", &FILE.replace("\"dupes\"", "\"../dupes\""));
    assert_eq!(terminal.dupeproof("test elsewhere/dupeproof.toml --filter still").code, 2, "no such name");
    let from_above = terminal.dupeproof("test elsewhere/dupeproof.toml --filter dupes --annotations");
    assert_eq!(from_above.code, 1);
    assert!(
        from_above.stdout.contains("\n         cd elsewhere && dupeproof replay ../dupes/"),
        "{}",
        from_above.stdout
    );
    assert!(from_above.stderr.contains("::error file=elsewhere/../dupes/"), "{}", from_above.stderr);
}

#[test]
fn a_file_of_tests_that_makes_no_sense_is_refused_with_the_place() {
    let terminal = Terminal::new();
    terminal.dupeproof("test").refuses(&["`dupeproof.toml` could not be read"]);
    for (text, words) in [
        (FILE.replace("cases = 250", "cass = 250"), &["line 5", "cass", "expected one of"][..]),
        (FILE.replace("corpus = [\"dupes\"]", "corpora = []"), &["line 2", "corpora"][..]),
        (FILE.replace("corpus = [\"dupes\"]\n", "").replace("\"calm\"", "\"clam\""), &["unknown suite `clam`"][..]),
        (
            FILE.replace("corpus = [\"dupes\"]\n", "").replace("\"a calm day\"", "\"A script, without a lock\""),
            &["two tests are called"][..],
        ),
        (FILE.replace("corpus = [\"dupes\"]\n", "").replace("name = \"a calm day\"", ""), &["test 1 has no name"][..]),
        (FILE.replace("corpus = [\"dupes\"]\n", "").replace("suite = \"calm\"", "seed = -1"), &["line 8", "seed"][..]),
        (String::new(), &["it tests nothing"][..]),
    ] {
        terminal.write("dupeproof.toml", &text);
        let answer = terminal.dupeproof("test --filter calm");
        let said = format!("{}{}", answer.stdout, answer.stderr);
        assert_eq!(answer.code, 2, "{text}: {said}");
        assert!(words.iter().all(|word| said.contains(word)), "{words:?}: {said}");
    }
}
