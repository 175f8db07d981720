//! What people read on the terminal.

use dupeproof_scenarios::World;
use dupeproof_scenarios::audit::Audited;
use dupeproof_scenarios::prove::Script;

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
fn the_help_of_run_defines_every_field_of_its_json() {
    insta::assert_snapshot!(stdout("run --help"));
}

#[test]
fn the_help_of_compare_says_what_a_side_is_and_defines_every_field_of_its_json() {
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
fn the_help_of_report_says_what_its_exit_codes_mean() {
    insta::assert_snapshot!(stdout("report --help"));
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
fn the_help_of_prove_says_what_a_deviation_is_and_defines_every_field_of_its_json() {
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
