//! What the operating system refuses is an error of one line with what to do, and exit code 2.

use std::process::Command;

use crate::terminal::{Answer, Terminal};

/// The example of an adapter: each of its servers needs 256 MiB of address space.
const ADAPTER: &str = include_str!("../../../sim/luau/src/adapter/naive.luau");

/// Runs dupeproof under limits that the shell sets.
fn limited(terminal: &Terminal, limits: &str, words: &str) -> Answer {
    let script = format!("{limits} && exec {} {words}", env!("CARGO_BIN_EXE_dupeproof"));
    let output = Command::new("bash").args(["-c", &script]).current_dir(terminal.path("")).output();
    Answer::of(&output.expect("bash is there"))
}

fn refuses(answer: &Answer, words: &[&str]) {
    assert_eq!(answer.code, 2, "{}{}", answer.stdout, answer.stderr);
    assert!(!answer.stderr.contains("panicked"), "{}", answer.stderr);
    let error = answer.stderr.lines().find(|line| line.starts_with("error: ")).expect("an error");
    let hint = answer.stderr.lines().find(|line| line.starts_with("hint: ")).expect("a hint");
    for word in words {
        assert!(error.contains(word) || hint.contains(word), "`{word}`: {}", answer.stderr);
    }
}

#[test]
fn without_address_space_for_one_server_it_says_so_and_with_little_it_runs_fewer_at_once() {
    let terminal = Terminal::new();
    terminal.write("adapter.luau", ADAPTER);
    let words = "run --suite calm --cases 6 --adapter adapter.luau --jobs 6 --json";
    // The program itself takes some; the first server does not fit.
    let answer = limited(&terminal, "ulimit -v 300000", words);
    refuses(&answer, &["address space", "ulimit -v"]);
    let whole: serde_json::Value = serde_json::from_str(&terminal.dupeproof(words).stdout).expect("JSON");
    // Room for the servers of one case or two, and not for those of six.
    let answer = limited(&terminal, "ulimit -v 3500000", words);
    let little: serde_json::Value =
        serde_json::from_str(&answer.stdout).unwrap_or_else(|_| panic!("{}", answer.stderr));
    assert_eq!(whole["digest"], little["digest"]);
}

#[test]
fn threads_that_the_system_does_not_give_are_told() {
    let terminal = Terminal::new();
    // The stacks of a thousand threads do not fit.
    for words in ["run --subject naive --cases 10 --jobs 1024", "prove two_starts --jobs 1024"] {
        refuses(&limited(&terminal, "ulimit -v 1000000", words), &["threads", "--jobs"]);
    }
}

#[test]
fn the_end_of_the_cpu_time_is_told() {
    let terminal = Terminal::new();
    let endless = "run --subject naive --cases 18446744073709551615";
    refuses(&limited(&terminal, "ulimit -t 2", endless), &["CPU time", "ulimit -t"]);
    refuses(&limited(&terminal, "ulimit -St 1", endless), &["CPU time", "ulimit -t"]);
}

#[test]
fn a_limit_on_the_size_of_files_is_told() {
    let terminal = Terminal::new();
    let answer = limited(&terminal, "ulimit -f 8", "run --subject naive --cases 200");
    refuses(&answer, &["cannot be written to", "ulimit -f"]);
    assert!(
        answer.stdout.starts_with("Unsafe: in ") && !answer.stdout.contains("report:"),
        "the result is told: {}",
        answer.stdout
    );
    let answer = limited(&terminal, "ulimit -f 8", "replay --seed 1 --subject naive --trace trace.jsonl");
    refuses(&answer, &["`trace.jsonl` cannot be written"]);
    assert!(!terminal.path("trace.jsonl").exists(), "nothing half written has its name");
}

#[test]
fn a_reader_who_goes_away_is_no_error() {
    let terminal = Terminal::new();
    let answer = terminal.unheard("list");
    assert_eq!((answer.code, &*answer.stderr), (0, ""));
}
