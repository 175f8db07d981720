//! The result in Markdown, as GitHub shows it on the page of a workflow run.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use crate::error::CliError;
use crate::escape;
use crate::test::{Outcome, TestResult};
use crate::told::Told;

/// Adds a section to the end of a file, as GitHub asks for it.
///
/// # Errors
/// When it cannot be written.
pub fn append(path: &Path, text: &str) -> Result<(), CliError> {
    let append = || File::options().append(true).create(true).open(path)?.write_all(text.as_bytes());
    append().map_err(|error: std::io::Error| {
        CliError::new(format!("`{}` cannot be written: {error}", escape::path(path)))
            .hint("give another file with --markdown, or unset GITHUB_STEP_SUMMARY")
    })
}

/// What a command came to: its verdict, its tests if there are more than one, and the findings.
pub fn section(heading: &str, sentence: &str, results: &[TestResult], told: &[Told]) -> String {
    let mut text = format!("## dupeproof: {}\n\n{}\n", escape::markdown(heading), escape::markdown(sentence));
    if !results.is_empty() {
        text.push_str("\n| test | result | |\n| --- | --- | --- |\n");
        for result in results {
            let (name, word) = (escape::markdown_code(&result.name), word(result.outcome));
            text.push_str(&format!("| {name} | {word} | {} |\n", escape::markdown(&result.text)));
        }
    }
    if !told.is_empty() {
        text.push_str(
            "\n| finding | promise | what it means for players | where | replay |\n| --- | --- | --- | --- | --- |\n",
        );
        text.extend(told.iter().map(row));
    }
    text.push('\n');
    text
}

fn row(told: &Told) -> String {
    let promise = if told.is_broken { "**broken**" } else { "none" };
    let place = format!("{}:{}", told.location.file, told.location.line);
    format!(
        "| {} | {promise} | {} | {} | {} |\n",
        escape::markdown(&told.title),
        escape::markdown(&told.consequence),
        escape::markdown_code(&place),
        escape::markdown_code(&told.replay)
    )
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passed",
        Outcome::Failed => "**failed**",
        Outcome::Unknown => "no verdict",
        Outcome::Error => "**could not be run**",
        Outcome::Skipped => "skipped",
    }
}
