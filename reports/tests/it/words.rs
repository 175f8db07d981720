//! What people read on the terminal.

use clap::CommandFactory;
use dupeproof::args::Arguments;
use dupeproof_scenarios::World;
use dupeproof_scenarios::audit::Audited;
use dupeproof_scenarios::prove::Script;
use serde_json::Value as Json;

use crate::documents::document;
use crate::terminal::Terminal;

fn stdout(words: &str) -> String {
    let answer = Terminal::new().dupeproof(words);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    answer.stdout
}

#[test]
fn the_help_says_what_there_is_to_do() {
    insta::assert_snapshot!(stdout("-h"));
}

#[test]
fn the_help_of_run_has_a_line_or_two_for_each_option() {
    insta::assert_snapshot!(stdout("run --help"));
}

#[test]
fn the_help_of_compare_says_what_a_side_is() {
    insta::assert_snapshot!(stdout("compare --help"));
}

#[test]
fn the_help_of_sweep_says_what_a_parameter_is() {
    insta::assert_snapshot!(stdout("sweep --help"));
}

#[test]
fn the_help_of_audit_says_which_subjects_it_runs_and_what_its_exit_codes_mean() {
    let help = stdout("audit --help");
    let enough = format!("in {} schedules or more", Audited::ENOUGH);
    assert!(help.contains(&enough) && document("reports/book/src/guide/fault.md").contains(&enough), "{enough}");
    insta::assert_snapshot!(help);
}

#[test]
fn the_help_of_every_command_fits_80_columns_and_a_screen_or_two() {
    for command in Arguments::command().get_subcommands().map(|command| command.get_name()) {
        let help = stdout(&format!("{command} --help"));
        // What `list` can list needs a line for each.
        let is_all = help == stdout(&format!("{command} -h"));
        assert!(is_all || command == "list", "{command}: nothing more is behind --help");
        let wide: Vec<&str> = help.lines().filter(|line| line.chars().count() > 80).collect();
        assert_eq!(wide, Vec::<&str>::new(), "{command}");
        assert!(help.lines().count() <= LINES_MAX, "{command}: {} lines", help.lines().count());
    }
}

/// With as many options as `run` has, and the meaning of its exit codes.
const LINES_MAX: usize = 64;

#[test]
fn list_json_defines_every_field_of_json() {
    insta::assert_snapshot!(stdout("list json"));
}

#[test]
fn the_help_of_report_says_what_its_exit_codes_mean() {
    insta::assert_snapshot!(stdout("report --help"));
}

#[test]
fn the_help_of_explain_says_which_scripts_run() {
    insta::assert_snapshot!(stdout("explain --help"));
}

#[test]
fn the_help_of_watch_says_what_its_keys_do() {
    insta::assert_snapshot!(stdout("watch --help"));
}

#[test]
fn the_help_of_replay_says_what_the_exit_codes_mean() {
    insta::assert_snapshot!(stdout("replay --help"));
}

#[test]
fn the_help_of_test_says_what_its_file_holds() {
    insta::assert_snapshot!(stdout("test --help"));
}

#[test]
fn the_help_of_prove_says_what_a_deviation_is() {
    insta::assert_snapshot!(stdout("prove --help"));
}

#[test]
fn the_book_shows_every_verb_of_a_proof_script() {
    let book = document("reports/book/src/guide/prove.md");
    let wrong = "about = \"\"\ndeviations = 0\nleases = [45]\nitems = [1]\nactors = [[\"0 dance\"]]";
    let error = Script::parse("wrong", wrong).expect_err("nobody dances").to_string();
    let verbs = error.split("expected ").nth(1).expect("it lists the verbs");
    for verb in verbs.split(", ").flat_map(|verbs| verbs.split(" or ")) {
        assert!(book.contains(&format!("| `{verb}` |")), "{verb}");
    }
}

#[test]
fn list_has_a_line_for_everything() {
    insta::assert_snapshot!(stdout("list"));
}

#[test]
fn each_topic_of_the_list_is_there_by_itself_and_as_json() {
    let all: Json = serde_json::from_str(&stdout("list --json")).expect("it is JSON");
    let topics = all["topics"].as_array().expect("a list of topics");
    assert_eq!((&all["format"], topics.len()), (&1.into(), 19), "{all}");
    for topic in topics {
        let name = topic["topic"].as_str().expect("a name");
        let alone: Json = serde_json::from_str(&stdout(&format!("list {name} --json"))).expect("it is JSON");
        assert_eq!(alone["topics"], Json::Array(vec![topic.clone()]));
        let text = stdout(&format!("list {name}"));
        let entries = topic["entries"].as_array().expect("a list of entries");
        assert_eq!(text.lines().count(), entries.len() + 1, "{name}");
        for (entry, line) in entries.iter().zip(text.lines().skip(1)) {
            let part = |field: &str| entry[field].as_str().unwrap_or_default();
            let parts = ["name", "about", "detail"].map(part);
            assert!(
                parts.iter().all(|part| line.contains(part)) && !parts[0].is_empty() && !parts[1].is_empty(),
                "{line}"
            );
        }
    }
    let host: Json = serde_json::from_str(&stdout("list host --json")).expect("it is JSON");
    assert_eq!(host["topics"][0]["title"], "services");
    assert!(serde_json::from_str::<Json>(&stdout("list schema --json")).is_ok());
}

#[test]
fn list_host_says_what_of_roblox_is_there() {
    let text = stdout("list host");
    for (name, state) in [("DataStoreService", "works"), ("PathfindingService", "inert"), ("SharedTable", "missing")] {
        let line = text.lines().find(|line| line.split_whitespace().next() == Some(name));
        assert!(line.is_some_and(|line| line.ends_with(state)), "{name}: {line:?}");
    }
}

#[test]
fn the_documents_count_the_faults_of_the_swarm_as_its_world_does() {
    let world = World::find("swarm").expect("it is built in");
    let stated = world.about.split(" (").next().expect("it counts them");
    assert!(stated.ends_with(" kinds of fault"), "{stated}");
    let book = document("reports/book/src/guide/scenario.md");
    let starter = include_str!("../../src/init/scenario.toml");
    assert!(book.contains(stated) && starter.contains(stated), "{stated}");
}
