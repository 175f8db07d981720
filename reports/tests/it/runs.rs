//! `dupeproof run`, from outside.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::terminal::Terminal;

const NAIVE: &str = "run --subject naive --cases 300";

#[test]
fn a_simple_save_script_is_unsafe_and_the_last_line_replays_the_worst_of_it() {
    let terminal = Terminal::new();
    let answer = terminal.dupeproof(NAIVE);
    assert_eq!(answer.code, 1, "{}", answer.stderr);
    assert!(answer.stdout.starts_with("Unsafe: in 300 schedules"), "{}", answer.stdout);
    let last = answer.stdout.lines().last().expect("there is a last line");
    assert!(last.starts_with("dupeproof replay dupeproof-out/failures/ItemDuplicated-swarm-naive-event-1-"), "{last}");
    assert_eq!(terminal.dupeproof(last.trim_start_matches("dupeproof ")).code, 1);
}

#[test]
fn a_calm_run_of_the_core_is_safe() {
    let terminal = Terminal::new();
    let answer = terminal.dupeproof("--suite calm --cases 300");
    assert_eq!(answer.code, 0, "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stdout.starts_with("Safe: "), "{}", answer.stdout);
    assert!(answer.stdout.lines().any(|line| line.starts_with("hand-over by the holder") && line.ends_with(" starts")));
    assert!(!answer.stdout.contains("dupeproof replay"), "{}", answer.stdout);
    assert!(terminal.read("dupeproof-out/report.html").contains("<h1>Safe: "));
}

#[test]
fn json_is_one_object_with_every_field_that_is_promised() {
    let terminal = Terminal::new();
    let json = terminal.json(&format!("{NAIVE} --json --out elsewhere"));
    assert_eq!(json["schedules"], 300);
    assert_eq!((&json["suite"], &json["subject"]), (&Json::from("swarm"), &Json::from("naive")));
    assert_eq!((&json["network"], &json["seed"]), (&Json::from("event"), &Json::from(1)));
    assert_eq!(json["verdict"], "unsafe");
    assert_eq!(json["digest"].as_str().map(str::len), Some(16));
    assert_eq!(json["version"], env!("CARGO_PKG_VERSION"));
    assert!(json["simulated_seconds"].as_f64().is_some_and(|seconds| seconds > 300.0));
    assert!(json["wall_seconds"].as_f64().is_some_and(|seconds| seconds > 0.0));
    assert_eq!(json["measures"]["hand_over"]["count"], 0, "a script without locks hands nothing over");
    let free = &json["measures"]["free_start"];
    assert!(free["median"].as_f64() <= free["p99"].as_f64() && free["median"].as_f64() > Some(0.0), "{free}");
    assert!(json["cpu_seconds"].is_number() && json["coverage"].is_object() && json["unseen"].is_array());
    let findings = json["findings"].as_array().expect("an array");
    for found in findings {
        assert!(found["count"].as_u64().is_some_and(|count| count > 0), "{found}");
        assert!(found["in_contract"].is_boolean() && found["first_case"].is_u64(), "{found}");
        assert_eq!(found["first_seed"], 1, "{found}");
        assert!(found["worst_seconds"].is_null() || found["worst_seconds"].is_number(), "{found}");
        let causes = found["causes"].as_array().expect("an array");
        assert!((1..=6).contains(&causes.len()) && found["looked_at"].as_u64() <= found["count"].as_u64(), "{found}");
        for cause in causes {
            assert!(cause["count"].as_u64().is_some_and(|count| count > 0), "{found}");
            assert!(cause["steps"].is_u64() && cause["needs"].is_array() && cause["at_60hz"].is_null(), "{found}");
            assert!(terminal.path(cause["file"].as_str().expect("a path")).is_file(), "{found}");
        }
    }
    let of = |kind: &str| findings.iter().find(|found| found["kind"] == kind).expect("this kind is found");
    assert_eq!(of("LostUpdate")["in_contract"], false, "it is promised never to show");
    assert_eq!(of("DoubleLive")["in_contract"], true, "a script without a lock promises nothing of the kind");
    assert!(of("DoubleLive")["worst_seconds"].as_f64().is_some_and(|seconds| seconds > 0.0));
}

#[test]
fn the_step_at_fault_of_a_dupe_is_in_the_json_and_before_the_finding_that_replay_tells() {
    let terminal = Terminal::new();
    let json = terminal.json(&format!("{NAIVE} --json"));
    let causes = |kind: &str| {
        let found = json["findings"].as_array().expect("an array").iter().find(|found| found["kind"] == kind);
        found.expect("this kind is found")["causes"].as_array().expect("an array").clone()
    };
    for cause in causes("ItemDuplicated") {
        let (step, file) = (&cause["step_at_fault"], cause["file"].as_str().expect("a path"));
        let replayed = terminal.dupeproof(&format!("replay {file}")).stdout;
        let mut lines = replayed.lines().skip_while(|line| !line.starts_with("finding  ItemDuplicated"));
        let line = lines.nth(1).and_then(|line| line.strip_prefix("at fault ")).expect("replay tells it");
        let (at, what) = line.split_once(" s: ").expect("when, and what");
        assert_eq!(
            step["at_seconds"].as_f64().map(|at| format!("{:.3}", (at * 1e3).floor() / 1e3)).as_deref(),
            Some(at),
            "{step}"
        );
        assert_eq!(step["what"], what);
        for named in ["server", "key"] {
            assert!(step[named].as_str().is_some_and(|name| what.contains(name)), "{named}: {step}");
        }
    }
    assert!(causes("UnfencedWrite").iter().all(|cause| cause["step_at_fault"].is_null()), "the write is the finding");
    let stored: Json = serde_json::from_str(&terminal.read("dupeproof-out/summary.json")).expect("it is JSON");
    assert_eq!(stored["findings"][0]["causes"][0]["step_at_fault"], causes("ItemDuplicated")[0]["step_at_fault"]);
}

#[test]
fn a_finding_is_as_real_as_the_least_real_of_what_it_needs_and_the_most_real_comes_first() {
    let json = Terminal::new().json(&format!("{NAIVE} --json"));
    let known = ["ordinary", "documented", "reported", "inferred", "developing", "never_seen"];
    let place = |json: &Json| known.iter().position(|name| json["evidence"] == *name).expect("a kind of evidence");
    let findings = json["findings"].as_array().expect("an array");
    assert!(findings.is_sorted_by_key(place), "{findings:?}");
    for found in findings {
        let causes = found["causes"].as_array().expect("an array");
        assert!(causes.is_sorted_by_key(place) && place(&causes[0]) == place(found), "{found}");
        for cause in causes {
            let conditions = cause["conditions"].as_array().expect("an array");
            assert_eq!(place(cause), conditions.iter().map(place).max().unwrap_or(0), "{cause}");
            assert!(conditions.iter().all(|one| one["words"].is_string() && one["source"].is_string()), "{cause}");
        }
    }
}

#[test]
fn what_is_not_believed_is_left_out_and_that_is_said() {
    let terminal = Terminal::new();
    let json = terminal.json(&format!("{NAIVE} --believe documented --json"));
    assert_eq!((&json["believe"], &json["believe_given"]), (&Json::from("documented"), &Json::from(true)));
    let has = |list: &str, name: &str| json[list].as_array().expect("an array").iter().any(|one| one == name);
    assert!(has("left_out", "freeze") && has("limited", "clock_offset") && !has("left_out", "crash"), "{json}");
    for found in json["findings"].as_array().expect("an array") {
        assert!(["ordinary", "documented"].contains(&found["evidence"].as_str().expect("a word")), "{found}");
    }
    let answer = terminal.dupeproof(&format!("{NAIVE} --believe documented"));
    assert!(answer.flowing().contains("left out, since only what Roblox documents counts"), "{}", answer.stdout);
    assert!(answer.stdout.contains("--subject naive --believe documented --cases 300"), "{}", answer.stdout);
    assert!(
        answer.flowing().split("finding found").next().is_some_and(|verdict| verdict.contains("on an ordinary day")),
        "{}",
        answer.stdout
    );
}

#[test]
fn the_replay_command_of_a_json_run_is_the_last_line_of_the_talk() {
    let answer = Terminal::new().dupeproof(&format!("{NAIVE} --json"));
    assert_eq!(answer.code, 1);
    assert_eq!(answer.stdout.lines().count(), 1);
    assert!(
        answer.stderr.lines().last().is_some_and(|line| line.starts_with("dupeproof replay ")),
        "{}",
        answer.stderr
    );
}

#[test]
fn the_number_of_jobs_changes_nothing_but_the_time() {
    let terminal = Terminal::new();
    let timeless = |jobs: u32| {
        let mut json = terminal.json(&format!("{NAIVE} --json --jobs {jobs}"));
        let object = json.as_object_mut().expect("an object");
        object.remove("wall_seconds");
        object.remove("cpu_seconds");
        json
    };
    assert_eq!(timeless(1), timeless(2));
}

#[test]
fn another_seed_is_another_search() {
    let terminal = Terminal::new();
    let digest = |seed: u64| terminal.json(&format!("run --cases 50 --json --seed {seed}"))["digest"].clone();
    assert_ne!(digest(1), digest(2));
    assert_eq!(digest(18_446_744_073_709_551_615), digest(18_446_744_073_709_551_615));
}

#[test]
fn a_second_run_takes_the_place_of_the_first() {
    let terminal = Terminal::new();
    terminal.dupeproof(NAIVE);
    assert_eq!(terminal.dupeproof("run --suite calm --cases 250").code, 0);
    assert!(terminal.read("dupeproof-out/summary.json").contains("\"subject\": \"core\""));
    assert!(terminal.read("dupeproof-out/report.html").contains("<h1>Safe: "));
    let left = std::fs::read_dir(terminal.path("dupeproof-out")).expect("it is there");
    let names: Vec<_> = left.map(|entry| entry.expect("it is there").file_name()).collect();
    assert!(names.iter().all(|name| !name.to_string_lossy().starts_with('.')), "nothing unfinished: {names:?}");
}

#[test]
fn a_run_leaves_no_failure_file_of_the_run_before_and_touches_nobody_elses() {
    let terminal = Terminal::new();
    terminal.dupeproof(NAIVE);
    let first = terminal.failure("dupeproof-out", "LostUpdate");
    terminal.write("dupeproof-out/failures/mine.json", "my own words");
    terminal.write("kept.json", &terminal.read(&first));
    let summary = terminal.read("dupeproof-out/summary.json");
    let stray = summary.replace(&first["dupeproof-out/".len()..], "failures/../../kept.json");
    assert_ne!(stray, summary);
    terminal.write("dupeproof-out/summary.json", &stray);
    terminal.dupeproof("run --subject naive --cases 300 --seed 2");
    assert!(terminal.path(&first).is_file(), "the summary did not name it");
    let names = terminal.failures("dupeproof-out");
    assert!(names.contains(&"mine.json".to_owned()) && terminal.path("kept.json").is_file(), "{names:?}");
    assert_eq!(names.iter().filter(|name| name.contains("-naive-event-1-")).count(), 1, "{names:?}");
    assert!(names.iter().any(|name| name.starts_with("LostUpdate-swarm-naive-event-2-")), "{names:?}");
}

#[test]
fn too_few_schedules_to_see_everything_are_no_proof_and_say_how_many_would_do() {
    let answer = Terminal::new().dupeproof("run --cases 3");
    assert_eq!(answer.code, 3, "{}", answer.stdout);
    let said = answer.flowing();
    assert!(said.starts_with("Unknown: in 3 schedules"), "{said}");
    assert!(
        said.contains("too few schedules for a verdict: ")
            && said.contains(" probes were not seen; run at least 5,000")
    );
    assert!(answer.stdout.contains("not seen in so few schedules: "), "{}", answer.stdout);
}

#[test]
fn where_no_finding_is_forbidden_there_is_no_verdict() {
    let terminal = Terminal::new();
    for suite in ["swarm", "market"] {
        let answer = terminal.dupeproof(&format!("run --suite {suite} --world january_2019 --cases 250"));
        assert_eq!(answer.code, 3, "{}{}", answer.stdout, answer.stderr);
        let said = answer.flowing();
        assert!(said.starts_with("Unknown: 250 schedules") && said.contains("give no verdict on `core`"), "{said}");
        assert!(said.contains(&format!("in world `january_2019`, suite `{suite}` forbids no finding")), "{said}");
        assert!(
            !answer.stdout.contains("swaps items in memory"),
            "items are lost for another reason: {}",
            answer.stdout
        );
    }
    assert!(terminal.read("dupeproof-out/summary.json").contains("\"verdict\": \"unknown\""));
    assert!(terminal.read("dupeproof-out/report.html").contains("<h1>Unknown: "));
}

#[test]
fn items_that_a_suite_swaps_in_memory_are_explained_where_their_loss_is_allowed() {
    let answer = Terminal::new().dupeproof("run --cases 1000 --causes 1");
    assert_eq!(answer.code, 0, "{}{}", answer.stdout, answer.stderr);
    let exposures = answer.stdout.split("known exposure").nth(1).expect("there are some");
    assert!(exposures.lines().any(|line| line.trim_start().starts_with("ItemDuplicated ")), "{}", answer.stdout);
    assert!(answer.stdout.contains(": this suite swaps items in memory"), "{}", answer.stdout);
    let broken = Terminal::new().dupeproof(NAIVE);
    assert!(!broken.stdout.contains("swaps items in memory"), "where it breaks a promise, nothing excuses it");
}

#[test]
fn a_suite_and_its_twin_stand_side_by_side_over_the_same_cases() {
    let terminal = Terminal::new();
    let json = terminal.json("run --suite market --cases 800 --json");
    let comparison = &json["comparison"];
    assert_eq!((&comparison["twin"], &comparison["schedules"]), (&Json::from("market_in_memory"), &Json::from(800)));
    let twin = terminal.json("run --suite market_in_memory --cases 800 --json --out twin");
    assert_eq!(comparison["digest"], twin["digest"], "the same cases as in a search of its own");
    assert_eq!(twin["comparison"], Json::Null);
    for compared in comparison["kinds"].as_array().expect("an array") {
        let in_search = |json: &Json| {
            let findings = json["findings"].as_array().expect("an array").clone();
            findings.into_iter().find(|found| found["kind"] == compared["kind"])
        };
        let count = |json: &Json| in_search(json).map_or(Json::from(0), |found| found["count"].clone());
        assert_eq!((&compared["here"]["count"], &compared["twin"]["count"]), (&count(&json), &count(&twin)));
        assert_eq!(compared["file"].is_string(), in_search(&twin).is_some());
    }
    let worst = comparison["kinds"][0]["file"].as_str().expect("trades in memory are torn apart");
    let replayed = terminal.dupeproof(&format!("replay {worst}"));
    assert!(replayed.stdout.contains("compare  the same finding"), "{}", replayed.stdout);
}

/// The scenario file that the book shows.
fn of_the_book() -> &'static str {
    let page = include_str!("../../book/src/guide/scenario.md");
    let (_, rest) = page.split_once("```toml\n").expect("the book shows a scenario file");
    rest.split_once("```").expect("it ends").0
}

#[test]
fn the_scenario_file_of_the_book_runs_and_replays() {
    let terminal = Terminal::new();
    terminal.write("friday_sale.toml", of_the_book());
    let json = terminal.json("run --scenario friday_sale.toml --cases 200 --json");
    assert_eq!((&json["suite"], &json["scenario"]), (&Json::from("friday_sale"), &Json::from("friday_sale.toml")));
    assert_eq!((&json["world"], &json["world_given"]), (&Json::from("flaky_replies"), &Json::from(false)));
    assert_eq!((&json["verdict"], &json["unseen"]), (&Json::from("safe"), &Json::from(Vec::<Json>::new())));
    let text = terminal.dupeproof("run --scenario friday_sale.toml --cases 50").stdout;
    let again = text.lines().find_map(|line| line.strip_prefix("run again:  dupeproof ")).expect("how to run it again");
    assert!(again.starts_with("run --scenario friday_sale.toml --subject core --cases 50"), "{again}");
    assert_eq!(terminal.dupeproof(again).stdout.lines().next(), text.lines().next());
    assert_eq!(terminal.dupeproof("replay --seed 1 --case 3 --scenario friday_sale.toml").code, 0);
}

#[test]
fn a_failure_of_a_scenario_replays_without_the_scenario() {
    let terminal = Terminal::new();
    let naive = of_the_book().replace("\"core\"", "\"naive\"").replace("AUTO_SAVE_PERIOD = 120", "");
    terminal.write("naive.toml", &naive);
    let answer = terminal.dupeproof("run --scenario naive.toml --cases 100");
    assert_eq!(answer.code, 1, "{}{}", answer.stdout, answer.stderr);
    std::fs::remove_file(terminal.path("naive.toml")).expect("it was there");
    let replay = answer.stdout.lines().last().expect("a command").trim_start_matches("dupeproof ").to_owned();
    let replayed = terminal.dupeproof(&replay);
    assert_eq!(replayed.code, 1, "{}", replayed.stderr);
    assert!(replayed.stdout.contains("breaks a promise") && replayed.stdout.contains("the same digest"));
}

#[test]
fn in_another_world_the_report_says_which() {
    let terminal = Terminal::new();
    let answer = terminal.dupeproof("run --suite market --world calm --cases 250");
    assert_eq!(answer.code, 0, "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stdout.contains("run again:  dupeproof run --suite market --world calm --subject core --cases 250"));
    assert!(!answer.stdout.contains("crashed"), "nothing goes wrong there: {}", answer.stdout);
    let summary: Json = serde_json::from_str(&terminal.read("dupeproof-out/summary.json")).expect("it is JSON");
    assert_eq!((&summary["world"], &summary["world_given"]), (&Json::from("calm"), &Json::from(true)));
    let page = terminal.read("dupeproof-out/report.html");
    assert!(page.contains("<dt>World</dt>") && page.contains("calm"), "the page names the world");
}

#[test]
fn an_audit_tells_faults_that_do_something_from_those_that_do_nothing() {
    let terminal = Terminal::new();
    let works = terminal.dupeproof("audit --suite crash --cases 30");
    assert_eq!(works.code, 0, "{}{}", works.stdout, works.stderr);
    assert!(works.flowing().starts_with("`crash` in world `calm`, 30 schedules: every fault has an effect ("));
    assert!(works.stdout.lines().any(|line| line.contains("freeze") && line.contains("works")), "{}", works.stdout);
    let measured = "every effect is as large as recorded (each fault alone, in 30 schedules, per schedule):";
    assert!(works.flowing().contains(measured) && works.stdout.contains("as recorded"), "{}", works.stdout);
    terminal.write("inert.toml", "name = \"inert\"\nabout = \"\"\n[knobs]\nlist_refused_ppm = 500_000\n");
    let few = terminal.dupeproof("audit --scenario inert.toml --cases 19");
    assert_eq!(few.code, 3, "{}{}", few.stdout, few.stderr);
    let said = "no effect seen yet (20 schedules are enough to tell): refused in 19 schedules; run more cases";
    assert!(few.flowing().contains("not measured: that takes 20 schedules"), "{}", few.stdout);
    assert!(few.flowing().contains(said) && !few.flowing().contains("NO EFFECT"), "{}", few.stdout);
    let inert = terminal.dupeproof("audit --scenario inert.toml --cases 20");
    assert_eq!(inert.code, 1, "{}{}", inert.stdout, inert.stderr);
    assert!(
        inert.flowing().contains("no effect on `core`, `embed`, `naive`: refused")
            && inert.stdout.contains("NO EFFECT")
    );
    let harmless = terminal.dupeproof("audit --scenario inert.toml --subject naive --cases 20");
    assert!(harmless.flowing().contains("no effect on `naive`: refused"), "{}", harmless.stdout);
    terminal.write("rare.toml", "name = \"rare\"\nabout = \"\"\n[odds]\ncrash = 1\n");
    let rare = terminal.dupeproof("audit --scenario rare.toml --cases 1");
    assert_eq!(rare.code, 3, "{}{}", rare.stdout, rare.stderr);
    assert!(rare.flowing().contains("never occurred: crash; run more cases"), "{}", rare.stdout);
}

#[test]
fn what_a_killed_run_left_unfinished_does_not_stand_in_the_way() {
    let terminal = Terminal::new();
    terminal.write("dupeproof-out/.dupeproof-abc123", "half a rep");
    assert_eq!(terminal.dupeproof("run --suite calm --cases 250").code, 0);
}

#[test]
fn turmoil_carries_a_run_too() {
    let terminal = Terminal::new();
    let json = terminal.json("run --suite calm --cases 1 --network turmoil --json");
    assert_eq!((&json["network"], &json["schedules"]), (&Json::from("turmoil"), &Json::from(1)));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let terminal = Terminal::new();
    for words in ["list", "--help", "run --suite calm --cases 250", "--version"] {
        let answer = terminal.unheard(words);
        assert_eq!(answer.code, 0, "{words}: {}", answer.stderr);
        assert!(!answer.stderr.contains("panicked"), "{}", answer.stderr);
    }
}

#[test]
fn the_lines_of_a_module_that_did_it_are_in_the_json_in_replay_and_on_the_page() {
    let terminal = Terminal::new();
    terminal.json("run --adapter naive --suite swarm --cases 40 --seed 3 --out out --json");
    let stored: Json = serde_json::from_str(&terminal.read("out/summary.json")).expect("it is JSON");
    let causes = stored["findings"].as_array().expect("an array").iter().flat_map(|found| {
        let kind = found["kind"].as_str().expect("a kind");
        found["causes"].as_array().expect("an array").iter().map(move |cause| (kind, cause))
    });
    let mut seen = BTreeSet::new();
    for (kind, cause) in causes {
        let step = &cause["step_at_fault"];
        let calls = if step.is_null() { &cause["calls"] } else { &step["calls"] };
        let Some(line) = calls[0].as_str() else { continue };
        assert!(line.starts_with("naive"), "{kind}: {calls}");
        let file = cause["file"].as_str().expect("a path");
        let replayed = terminal.dupeproof(&format!("replay out/{file}")).stdout;
        assert!(replayed.contains(&format!("in       {line}")), "{kind}: {replayed}");
        assert!(terminal.read("out/report.html").contains(line), "{line}");
        seen.insert(kind);
    }
    for kind in ["UnfencedWrite", "ItemDuplicated"] {
        assert!(seen.contains(kind), "{kind} has a line: {seen:?}");
    }
}
