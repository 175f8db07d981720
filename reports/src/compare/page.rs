//! The comparison as one HTML file that opens offline.

use std::path::Path;

use maud::{Markup, html};

use super::row::{Row, places_words};
use super::table::name;
use super::{Difference, Outcome};
use crate::args::network_name;
use crate::page::FindingSection;
use crate::{format, page as report};

/// The whole page.
pub(super) fn page(difference: &Difference, sections: &[FindingSection]) -> String {
    let title = format!("dupeproof: {} against {}", difference.candidate, difference.base);
    let changed: Vec<&Row> = difference.rows.iter().filter(|row| row.is_worse() || row.is_better()).collect();
    report::frame(
        &title,
        &difference.version,
        &html! {
            header class={ "verdict " (class(difference.outcome)) } {
                p.brand { "dupe-safety comparison" }
                h1 { (report::prose(&difference.sentence)) "." }
                @for note in difference.notes() { p { (format::capital(&note)) "." } }
                @for error in &difference.internal_errors { p.warning { (error) } }
            }
            (tables(difference))
            @if !changed.is_empty() {
                section aria-labelledby="changed" {
                    h2 id="changed" { "What changed" }
                    @for row in changed { (changed_row(difference, row)) }
                }
            }
            @if !sections.is_empty() { (report::findings(sections)) }
            (tried(difference))
        },
        (!sections.is_empty()).then(report::script),
    )
}

fn class(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Better | Outcome::NothingChanged => "safe",
        Outcome::NothingTried => "unknown",
        Outcome::Worse | Outcome::Both => "unsafe",
        Outcome::Broken => "broken",
    }
}

fn tables(difference: &Difference) -> Markup {
    html! {
        section aria-labelledby="compared" {
            h2 id="compared" { "Findings of both" }
            p {
                "Schedules that showed a finding on each side, and those that only one side showed. p is how probable it is that "
                "chance alone makes such a difference, corrected for the number of questions and of looks. ✗ and ✓ mark what "
                "chance does not explain."
            }
            @if difference.rows.iter().any(Row::is_finding) {
                (table(difference, true))
            } @else { p { "Neither side showed a finding." } }
        }
        section aria-labelledby="measures" {
            h2 id="measures" { "Waiting times and costs" }
            p { "The mean of all schedules, and the schedules in which the candidate is better or worse." }
            (table(difference, false))
        }
    }
}

fn table(difference: &Difference, findings: bool) -> Markup {
    let (first, better, worse) =
        if findings { ("Finding", "Only base", "Only candidate") } else { ("Measure", "Better in", "Worse in") };
    html! {
        div.scroll { table.compare {
            thead { tr {
                @for head in [first, "Base", "Candidate", better, worse, "p", "Result"] { th scope="col" { (head) } }
            } }
            tbody { @for row in difference.rows.iter().filter(|row| row.is_finding() == findings) {
                tr {
                    th scope="row" title=(row.about) { (name(row)) }
                    td { (row.told(row.base)) }
                    td { (row.told(row.candidate)) }
                    td { (format::count(row.better_cases)) }
                    td { (format::count(row.worse_cases)) }
                    td { (row.p_words()) }
                    td { @if row.is_worse() { strong { (row.verdict()) } } @else { (row.verdict()) } }
                }
            } }
        } }
    }
}

fn changed_row(difference: &Difference, row: &Row) -> Markup {
    let (places, side) = if row.is_worse() { (&row.worse_places, true) } else { (&row.better_places, false) };
    html! {
        h3 { (name(row)) " " small { (row.verdict()) } }
        @if row.is_finding() { p { (format::capital(&row.about)) "." } }
        @if let Some(cause) = &row.cause {
            p {
                "Cause: " strong { (cause.words()) } ", " (cause.reality()) "; in a schedule of " (format::counted(cause.steps, "step"))
                ", shrunk for as long as the candidate stays worse."
            }
            @if let Some(file) = &cause.file { p.command { code { (format::replay_command(Path::new(file))) } } }
        }
        p { "Cases that changed sides, the first or the clearest: " (places_words(places)) "." }
        @if let Some(replay) = places.first().and_then(|seen| difference.replay(seen, side)) {
            p.command { code { (replay) } }
        }
    }
}

fn tried(difference: &Difference) -> Markup {
    html! {
        section aria-labelledby="tried" {
            h2 id="tried" { "What was compared" }
            dl {
                div { dt { "Base" } dd { code { (difference.base) } } }
                div { dt { "Candidate" } dd { code { (difference.candidate) } } }
                div { dt { "Network" } dd { (network_name(difference.network)) } }
                div { dt { "Seed" } dd { (difference.seed) } }
                @for stretch in &difference.suites {
                    div { dt { "Suite" } dd {
                        (stretch.suite) " in world " (stretch.world) ", " (format::counted(stretch.cases, "schedule"))
                    } }
                }
            }
            p { "This command compares the same again:" }
            p.command { code { (difference.again) } }
        }
    }
}
