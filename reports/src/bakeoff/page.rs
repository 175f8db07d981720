//! The table as one HTML file that opens offline, with bars.

use dupeproof_sim::FindingKind;
use maud::{Markup, html};

use super::{Bakeoff, Row, table};
use crate::args::network_name;
use crate::{format, page as report};

/// The longest bar, in pixels.
const LONGEST: f64 = 120.0;

/// The whole page.
pub(super) fn page(bakeoff: &Bakeoff) -> String {
    let names: Vec<&str> = bakeoff.rows.iter().map(|row| row.name.as_str()).collect();
    let title = format!("dupeproof: {}", names.join(", "));
    report::frame(
        &title,
        &bakeoff.version,
        &html! {
            header.verdict {
                p.brand { "dupe-safety bake-off" }
                h1 { (names.join(", ")) }
                p {
                    (format::counted(bakeoff.schedules, "schedule")) " each of suite " code { (bakeoff.suite) } " in world "
                    code { (bakeoff.world) } " on " (network_name(bakeoff.network)) ", seed " (bakeoff.seed) (bakeoff.stopped_words()) "."
                }
            }
            section aria-labelledby="findings" {
                h2 id="findings" { "Findings" }
                p {
                    "Schedules that showed a finding, per 1,000 sessions of players. The bars of one line share a scale. "
                    "✗ marks findings that a subject promises never to show. In brackets is where the true rate lies, with 95 % "
                    "confidence; ▲ marks a rate that is above another subject's, where the two do not meet."
                }
                @if table::kinds(bakeoff).is_empty() { p { "No subject showed a finding." } } @else { (findings(bakeoff)) }
            }
            section aria-labelledby="measures" {
                h2 id="measures" { "Waiting times and costs" }
            p {
                "A hand-over is any start of a session whose lock another server held when the player arrived. 99 of 100 "
                "starts took at most the 99th percentile. The bars show requests."
            }
                (measures(bakeoff))
            }
            section aria-labelledby="again" {
                h2 id="again" { "Search one subject alone" }
                @for row in &bakeoff.rows {
                    h3 { (row.name) }
                    p { (row.about) }
                    p.command { code { (row.command) } }
                }
            }
        },
        None,
    )
}

fn findings(bakeoff: &Bakeoff) -> Markup {
    html! {
        div.scroll { table.compare {
            (head(bakeoff, "Finding"))
            tbody { @for kind in table::kinds(bakeoff) {
                tr {
                    th scope="row" title=(kind.about()) { (kind.name()) }
                    @for row in &bakeoff.rows { td.share { (cell(bakeoff, row, kind)) } }
                }
            } }
        } }
    }
}

fn cell(bakeoff: &Bakeoff, row: &Row, kind: FindingKind) -> Markup {
    let rates = bakeoff.rows.iter().filter_map(|row| row.shown(kind)).map(|shown| shown.per_thousand_sessions);
    let most = rates.fold(f64::MIN_POSITIVE, f64::max);
    html! {
        @match row.shown(kind) {
            None => { "none [" (table::interval(row, kind)) "]" }
            Some(shown) => {
                @if !shown.in_contract { strong { "✗ " } }
                (format::per_thousand(shown.per_thousand_sessions))
                " [" (table::interval(row, kind)) "]"
                @if table::is_more(bakeoff, row, kind) { " ▲" }
                @if let Some(worst) = shown.worst_seconds { ", longest " (format::span(worst)) }
                (bar(shown.per_thousand_sessions / most))
            }
        }
    }
}

fn measures(bakeoff: &Bakeoff) -> Markup {
    let most = bakeoff.rows.iter().map(|row| row.requests_per_session_hour).max().unwrap_or(0).max(1);
    html! {
        div.scroll { table.compare {
            (head(bakeoff, "Measure"))
            tbody {
                @for measure in table::Measure::ALL {
                    tr {
                        th scope="row" { (format::capital(measure.name())) }
                        @for row in &bakeoff.rows { td.share { (measure.words(row)) } }
                    }
                }
                tr {
                    th scope="row" { "" }
                    @for row in &bakeoff.rows { td.share { (bar(share(row.requests_per_session_hour, most))) } }
                }
            }
        } }
    }
}

fn head(bakeoff: &Bakeoff, first: &str) -> Markup {
    html! { thead { tr {
        th scope="col" { (first) }
        @for row in &bakeoff.rows { th scope="col" { code { (row.name) } } }
    } } }
}

fn bar(share: f64) -> Markup {
    let width = (LONGEST * share).max(1.0);
    html! {
        svg.rate viewBox={ "0 0 " (LONGEST) " 8" } width=(LONGEST) height="8" aria-hidden="true" {
            rect x="0" y="0" width=(format!("{width:.1}")) height="8" {}
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a width in pixels")]
fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}
