//! What people read on the terminal.

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
