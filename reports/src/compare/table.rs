//! The comparison for a terminal.

use std::path::Path;

use super::row::{Row, places_words};
use super::{Difference, Outcome};
use crate::format;
use crate::text_table::TextTable;
use crate::wrap::wrapped;

/// All of it, without the path of the report. Only commands are not broken, because they are copied.
pub(super) fn text(difference: &Difference) -> String {
    let mut text = wrapped(&format!("{}\n", difference.sentence));
    if let Some(broken) = &difference.broken {
        text.push_str(&wrapped(&broken.calm_run.text()));
        return text;
    }
    text.extend(difference.notes().iter().map(|note| wrapped(&format!("{note}\n"))));
    for finding in [true, false] {
        let rows: Vec<&Row> = difference.rows.iter().filter(|row| row.is_finding() == finding).collect();
        if !rows.is_empty() {
            text.push_str(&format!("\n{}", table(&rows, finding)));
        }
    }
    let p = "(p: how probable chance alone makes this difference, corrected for all questions and looks)\n";
    text.push_str(&wrapped(p));
    for row in difference.rows.iter().filter(|row| row.is_worse()) {
        text.push_str(&worse(difference, row));
    }
    for row in difference.rows.iter().filter(|row| row.is_better()) {
        let places = places_words(&row.better_places);
        text.push_str(&wrapped(&format!("\n{} got better, clearest in: {places}\n", name(row))));
    }
    text.push_str(&format!("\ncompare again:  {}", difference.again));
    if let Some(replay) = clearest(difference) {
        text.push_str(&format!("\n\nreplay the clearest difference:\n{replay}"));
    }
    text
}

fn table(rows: &[&Row], findings: bool) -> TextTable {
    let heads = if findings {
        ["finding", "base", "candidate", "only base", "only candidate", "p", ""]
    } else {
        ["measure, mean", "base", "candidate", "better in", "worse in", "p", ""]
    };
    let mut table = TextTable::new(heads).right(1..=5);
    for row in rows {
        table.row([
            name(row).to_owned(),
            row.told(row.base),
            row.told(row.candidate),
            format::count(row.better_cases),
            format::count(row.worse_cases),
            row.p_words(),
            row.verdict().to_owned(),
        ]);
    }
    table
}

/// What people know it by.
pub(super) fn name(row: &Row) -> &str {
    if row.is_finding() { &row.question } else { &row.about }
}

/// The cause of what got worse, and where it shows.
fn worse(difference: &Difference, row: &Row) -> String {
    let places = places_words(&row.worse_places);
    let mut text = wrapped(&format!("\n{} got worse, clearest in: {places}\n", name(row)));
    let Some(cause) = &row.cause else { return text };
    let steps = format::counted(cause.steps, "step");
    text.push_str(&wrapped(&format!(
        "  cause: {}, {}; in {steps} (case {} of {}, shrunk for as long as the candidate stays worse)\n",
        cause.words(),
        cause.reality(),
        cause.case.case,
        cause.case.suite
    )));
    match &cause.file {
        Some(file) => text.push_str(&format!("  replay it:  {}\n", format::replay_command(Path::new(file)))),
        None => text.extend(difference.replay(&cause.case, true).map(|replay| format!("  replay it:  {replay}\n"))),
    }
    text
}

/// The command for what got worse first.
fn clearest(difference: &Difference) -> Option<String> {
    if !matches!(difference.outcome, Outcome::Worse | Outcome::Both) {
        return None;
    }
    let row = difference.rows.iter().find(|row| row.is_worse())?;
    match row.cause.as_ref().and_then(|cause| cause.file.as_ref()) {
        Some(file) => Some(format::replay_command(Path::new(file))),
        None => difference.replay(row.worse_places.first()?, true),
    }
}
