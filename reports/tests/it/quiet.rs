//! `--quiet`: verdicts and errors, and nothing else.

use crate::terminal::{Answer, Terminal};

/// Runs it with `--quiet`: the exit code is as ever, and nothing goes to stderr. Returns the lines of stdout.
fn quiet(terminal: &Terminal, words: &str, code: i32) -> Vec<String> {
    let Answer { code: ended, stdout, stderr } = terminal.dupeproof(&format!("{words} --quiet"));
    assert_eq!((ended, &*stderr), (code, ""), "{words}: {stdout}");
    stdout.lines().map(str::to_owned).collect()
}

#[test]
fn a_search_says_its_verdict() {
    let terminal = Terminal::new();
    let lines = quiet(&terminal, "run --subject naive --cases 40 --seed 3 --causes 1 --save-failing kept", 1);
    assert!(lines.len() == 1 && lines[0].starts_with("Unsafe: in 40 schedules"), "{lines:?}");
    let json = terminal.dupeproof("run --subject naive --cases 40 --causes 1 --out other --json -q");
    assert_eq!((json.code, &*json.stderr), (1, ""));
    assert!(json.stdout.starts_with('{'));
}

#[test]
fn files_say_what_is_still_there_and_how_many_there_are() {
    let terminal = Terminal::new();
    terminal.dupeproof("run --subject naive --cases 40 --seed 3 --causes 1");
    let file = terminal.failure("dupeproof-out", "ItemDuplicated");
    let lines = quiet(&terminal, &format!("replay {file}"), 1);
    assert!(lines.iter().all(|line| line.starts_with("finding ") || line.starts_with("now ")), "{lines:?}");
    assert_eq!(lines.last().map(String::as_str), Some("now      still there"));
    terminal.write("kept/there.json", &terminal.read(&file));
    // Of another version, whose runs may be others.
    let version = concat!("\"dupeproof\": \"", env!("CARGO_PKG_VERSION"), "\"");
    let fixed = terminal.read(&file).replace("\"subject\": \"naive\"", "\"subject\": \"core\"");
    terminal.write("kept/fixed.json", &fixed.replace(version, "\"dupeproof\": \"0.0.1\""));
    let all = terminal.dupeproof("replay kept").stdout;
    let lines = quiet(&terminal, "replay kept", 1);
    assert!(lines[0].starts_with("still there ") && lines[0].ends_with("there.json"), "{lines:?}");
    assert_eq!((lines.last().map(String::as_str), lines.len()), (all.lines().last(), 2), "what is fixed is not said");
    terminal.write("dupeproof.toml", "corpus = [\"kept\"]\n[[test]]\nname = \"calm\"\nworld = \"calm\"\ncases = 20\n");
    let lines = quiet(&terminal, "test", 1);
    assert!(
        lines[0].starts_with("FAILED ") && lines.last().is_some_and(|line| line.starts_with("3 tests: ")),
        "{lines:?}"
    );
}

#[test]
fn comparisons_have_a_line_for_what_they_say() {
    let terminal = Terminal::new();
    let lines = quiet(&terminal, "bakeoff --cases 40 --seed 3", 0);
    assert!(lines.len() == 2 && lines[0].starts_with("core: broke no promise"), "{lines:?}");
    assert!(lines[1].starts_with("naive: broke ItemDuplicated"), "{lines:?}");
    assert_eq!(quiet(&terminal, "compare core core --suite calm --cases 16", 0).len(), 1);
    assert_eq!(quiet(&terminal, "sweep --param AUTO_SAVE_PERIOD=30..60:2 --suite calm --cases 4", 0).len(), 1);
    let lines = quiet(&terminal, "prove cancel --deviations 0", 0);
    assert!(lines.len() == 1 && lines[0].ends_with("complete"), "{lines:?}");
}

#[test]
fn errors_are_told_as_ever() {
    Terminal::new().dupeproof("run --suite none -q").refuses(&["`none`", "hint: "]);
}
