//! What people read on the terminal.

use dupeproof_sim::FindingKind;

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
fn the_help_of_replay_says_what_the_exit_codes_mean() {
    insta::assert_snapshot!(stdout("replay --help"));
}

#[test]
fn list_has_a_line_for_everything() {
    insta::assert_snapshot!(stdout("list"));
}

#[test]
fn the_readme_words_each_finding_as_its_kind_does() {
    let readme = include_str!("../../../README.md");
    let table =
        readme.split("| finding, worst first | meaning |\n|---|---|\n").nth(1).expect("the README has the table");
    let rows: Vec<&str> = table.lines().take_while(|line| line.starts_with('|')).collect();
    let expected = FindingKind::ALL.map(|kind| format!("| `{}` | {} |", kind.name(), kind.about()));
    assert_eq!(rows, expected);
}
