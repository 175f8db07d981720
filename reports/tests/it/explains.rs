//! `dupeproof explain`, from outside.

use crate::terminal::Terminal;

#[test]
fn a_failure_file_is_told_with_its_meaning_its_line_how_real_it_is_what_to_change_and_its_story() {
    let terminal = Terminal::new();
    terminal.dupeproof("run --adapter naive --suite swarm --cases 40 --seed 3 --causes 1");
    let file = terminal.failure("dupeproof-out", "ItemDuplicated");
    let answer = terminal.dupeproof(&format!("explain {file}"));
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    let lines: Vec<&str> = answer.stdout.lines().collect();
    assert!(
        lines[0].starts_with("ItemDuplicated (breaks a promise): ") && lines[0].contains(" both have item "),
        "{}",
        lines[0]
    );
    for name in ["where ", "how real ", "what to change ", "run it again   dupeproof replay "] {
        assert!(lines.iter().any(|line| line.starts_with(name)), "{name}: {}", answer.stdout);
    }
    assert!(
        lines.iter().any(|line| line.trim_start().starts_with("in naive")),
        "the line of the script: {}",
        answer.stdout
    );
    assert!(lines.iter().any(|line| line.trim_start().starts_with("changed Items from ")), "{}", answer.stdout);
    assert!(lines.iter().any(|line| line.starts_with("> ")), "the finding is marked: {}", answer.stdout);
}

#[test]
fn what_is_mended_and_what_is_no_failure_file_cannot_be_explained() {
    let terminal = Terminal::new();
    terminal.dupeproof("run --subject naive --suite swarm --cases 40 --seed 3 --causes 1");
    let file = terminal.failure("dupeproof-out", "ItemDuplicated");
    let mended = terminal.read(&file).replace("\"subject\": \"naive\"", "\"subject\": \"core\"");
    terminal.write("mended.json", &mended);
    terminal.dupeproof("explain mended.json").refuses(&["does not show ItemDuplicated any more", "hint: "]);
    terminal.write("other.json", "{}");
    terminal.dupeproof("explain other.json").refuses(&["`other.json`", "hint: "]);
    terminal.dupeproof("explain gone.json").refuses(&["`gone.json`", "hint: "]);
}
