//! The book: its commands are run, and print what it says; its formats are those of this
//! version; its links lead somewhere. README's commands, and those of the book that take long or need a network, are understood.

use clap::Parser;
use dupeproof::args::Arguments;
use dupeproof::{proof_file, saved_cases, summary};
use dupeproof_scenarios::failure;
use dupeproof_sim::trace::jsonl;

use crate::documents::{document, links, root};
use crate::terminal::Terminal;

/// Where the pages are, from the root of the repository.
const PAGES: &str = "reports/book/src";

/// A block of a page, between two fences.
struct Block<'a> {
    /// The last line of prose before it.
    before: &'a str,
    /// Its language, and words for this test: `sh parse`, `sh exit=1`.
    info: &'a str,
    text: &'a str,
}

fn page(name: &str) -> String {
    document(&format!("{PAGES}/{name}"))
}

fn blocks(page: &str) -> Vec<Block<'_>> {
    let parts: Vec<&str> = page.split("```").collect();
    parts
        .chunks_exact(2)
        .map(|pair| {
            let before = pair[0].lines().rfind(|line| !line.is_empty()).unwrap_or_default();
            let (info, text) = pair[1].split_once('\n').expect("what follows a fence has a line of its own");
            Block { before, info, text }
        })
        .collect()
}

/// Does what a page says, from its first block to its last.
fn follow(name: &str) {
    let (page, terminal) = (page(name), Terminal::new());
    let mut printed = None;
    for block in blocks(&page) {
        let (language, note) = block.info.split_once(' ').unwrap_or((block.info, ""));
        match (language, note, printed.take()) {
            ("sh", "parse", _) => understand(block.text),
            ("sh", exit, _) => printed = Some(run(&terminal, block.text, exit)),
            ("text", _, Some(printed)) => assert_shown(block.text, &printed),
            _ => write(&terminal, &block),
        }
    }
}

/// Runs lines of a shell, as a reader would. They end with exit code 0, or with that of a note `exit=N`.
fn run(terminal: &Terminal, lines: &str, note: &str) -> String {
    let expected: i32 = note.strip_prefix("exit=").map_or(0, |code| code.parse().expect("a number"));
    let answer = terminal.shell(lines);
    assert_eq!(answer.code, expected, "{lines}{}{}", answer.stdout, answer.stderr);
    answer.stdout
}

/// Each command of dupeproof in lines of a shell makes sense; whether the files that it names are there is not asked.
fn understand(lines: &str) {
    for command in lines.replace("\\\n", " ").lines().flat_map(|line| line.split(" && ")) {
        let words = shlex::split(command).unwrap_or_else(|| panic!("a quote is not closed: {command}"));
        if words.first().is_some_and(|word| word == "dupeproof") {
            let understood = Arguments::try_parse_from(&words);
            assert!(understood.is_ok(), "{command}: {}", understood.expect_err("it is an error"));
        }
    }
}

/// Each line that a page shows is printed, in this order. A line `...` stands for any lines, and one that ends in `...` for any
/// that begins so. Words with digits are taken for equal: what is drawn changes from version to version.
fn assert_shown(shown: &str, printed: &str) {
    let mut lines = printed.lines();
    for line in shown.lines().map(str::trim).filter(|line| !line.is_empty() && *line != "...") {
        assert!(
            lines.any(|printed| is_shown_as(printed, line)),
            "not printed, or not in this place: {line}\n{printed}"
        );
    }
}

fn is_shown_as(printed: &str, shown: &str) -> bool {
    match shown.strip_suffix("...") {
        Some(beginning) => words(printed).starts_with(&words(beginning)),
        None => words(printed) == words(shown),
    }
}

fn words(line: &str) -> Vec<&str> {
    let has_digit = |word: &str| word.contains(|character: char| character.is_ascii_digit());
    line.split_whitespace().map(|word| if has_digit(word) { "0" } else { word }).collect()
}

/// Writes the file that the line before a block names, or other lines into it.
fn write(terminal: &Terminal, Block { before, text, .. }: &Block<'_>) {
    let names: Vec<&str> = before.split('`').skip(1).step_by(2).collect();
    if before.starts_with("In `") && before.ends_with("`:") {
        let old = terminal.read(names[0]);
        terminal.write(names[0], &replaced(&old, names[1], names[names.len() - 1], text));
    } else if before.starts_with('`') && before.ends_with("`:") {
        terminal.write(names[0], text);
    }
}

/// A text with another one instead of the lines from that with `from` to the next one with `to`.
fn replaced(text: &str, from: &str, to: &str, other: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let place = |lines: &[&str], words: &str| lines.iter().position(|line| line.contains(words));
    let first = place(&lines[..], from).unwrap_or_else(|| panic!("no line has `{from}`: {text}"));
    let last = place(&lines[first..], to).unwrap_or_else(|| panic!("no line after that has `{to}`: {text}")) + first;
    let (before, after) = (lines[..first].join("\n"), lines[last + 1..].join("\n"));
    format!("{before}\n{}\n{after}\n", other.trim_end())
}

/// A test for each page with commands that are run.
macro_rules! pages {
    ($($test:ident $name:literal,)*) => {
        const FOLLOWED: &[&str] = &[$($name),*];
        $(#[test] fn $test() { follow($name); })*
    };
}

// Searches of Luau modules take seconds each without optimisation. They are as small as their findings let them be.
pages! {
    a_rojo_game_gets_its_verdict "start/rojo.md",
    a_place_file_gets_its_verdict "start/place.md",
    a_module_gets_its_verdict "start/module.md",
    a_rust_crate_gets_its_verdict "start/crate.md",
    it_is_had_without_rust "start/install.md",
    a_report_can_be_read "guide/report.md",
    an_adapter_can_be_written "guide/adapter.md",
    it_can_be_said_how_records_look "guide/records.md",
    a_scenario_can_be_written "guide/scenario.md",
    a_fault_can_be_turned_on "guide/fault.md",
    it_can_be_said_what_must_hold "guide/promise.md",
    a_run_can_be_watched "guide/log.md",
    a_repository_can_be_tested "guide/tests.md",
    other_programs_are_told "guide/ci.md",
    a_run_can_be_stopped "guide/resume.md",
    a_search_can_be_long_and_in_parts "guide/machines.md",
    subjects_can_be_compared "guide/compare.md",
    a_script_can_be_proved "guide/prove.md",
    the_commands_run "reference/commands.md",
    the_options_work "reference/options.md",
    the_formats_are_written "reference/formats.md",
}

#[test]
fn no_page_has_commands_that_are_not_run() {
    let summary = page("SUMMARY.md");
    for name in links(&summary).into_iter().filter(|name| !FOLLOWED.contains(name)) {
        let text = page(name);
        for block in blocks(&text).iter().filter(|block| block.info.starts_with("sh")) {
            assert_eq!(block.info, "sh parse", "{name}: {}", block.text);
            understand(block.text);
        }
    }
}

#[test]
fn the_commands_of_the_readme_make_sense() {
    let text = document("README.md");
    blocks(&text).iter().filter(|block| block.info.starts_with("sh")).for_each(|block| understand(block.text));
    assert!(text.contains("\ndupeproof run "), "it has commands");
}

#[test]
fn every_link_of_the_book_leads_to_a_file() {
    let summary = page("SUMMARY.md");
    for name in [vec!["SUMMARY.md"], links(&summary)].concat() {
        let text = page(name);
        let prose: String = text.split("```").step_by(2).collect();
        for target in links(&prose).into_iter().filter(|target| !target.contains("://") && !target.starts_with('#')) {
            let (path, _) = target.split_once('#').unwrap_or((target, ""));
            let page = root().join(PAGES).join(name);
            assert!(page.parent().expect("it is in a folder").join(path).exists(), "{name}: {target}");
        }
    }
}

#[test]
fn the_book_names_the_formats_of_this_version() {
    let text = page("reference/formats.md");
    for row in [
        format!("| `run`, `merge` | `report` | {} |", summary::FORMAT),
        format!("| `run`, `merge`, `compare` | `replay` | {} |", failure::FORMAT),
        format!("| `run --save-cases`, `compare` | `compare` | {} |", saved_cases::FORMAT),
        format!("| `replay --trace` | | {} |", jsonl::FORMAT),
        format!("| `prove` | `replay` | {} |", proof_file::FORMAT),
    ] {
        assert!(text.contains(&row), "{row}");
    }
}

#[test]
fn a_line_that_is_not_printed_is_seen() {
    let printed = "Unsafe: in 12 schedules, bad\n a  1\n b  2\n";
    assert_shown("Unsafe: in 99 schedules, ...\n...\n b 7\n", printed);
    for wrong in ["Safe: in 12 schedules, ...", "b 2\na 1", "a"] {
        assert!(std::panic::catch_unwind(|| assert_shown(wrong, printed)).is_err(), "{wrong}");
    }
}

#[test]
fn lines_of_a_file_are_replaced() {
    assert_eq!(replaced("a\nb 1\nc\nb 2\nd\n", "b", "b 2", "x\ny\n"), "a\nx\ny\nd\n");
    assert_eq!(replaced("a\nb\nc\n", "b", "b", "x\n"), "a\nx\nc\n");
}
