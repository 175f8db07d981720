//! The promises of the suite, each with what became of it.

use dupeproof_sim::FindingKind;
use maud::{Markup, html};

use super::fold::Fold;
use super::prose;
use crate::summary::Summary;
use crate::{format, reality};

/// A row for each kind of finding.
pub(super) fn section(summary: &Summary) -> Fold {
    let body = html! {
        p {
            "A finding breaks a promise where the table says never. After everything has recovered, "
            code { (summary.subject) } " also promises that a start takes at most "
            (format::span(summary.contract.start_bound_seconds)) " and that final saves finish within "
            (format::span(summary.contract.drain_bound_seconds)) "."
        }
        div.scroll { table {
            thead { tr { th scope="col" { "Finding" } th scope="col" { "Promise" } th scope="col" { "Result" } th scope="col" { "Meaning" } } }
            tbody { @for kind in FindingKind::ALL { (promise(summary, kind)) } }
        } }
    };
    let broken = summary.findings.iter().filter(|found| !found.in_contract).count();
    let note = format!("{broken} of {} broken", format::counted(summary.promises_tried(), "promise"));
    Fold { id: "promises", title: "Promises of this suite, and results", note, is_open: false, body }
}

fn promise(summary: &Summary, kind: FindingKind) -> Markup {
    let promised = summary.contract.never.contains(&kind);
    let found = summary.findings.iter().find(|found| found.kind == kind);
    let broken = found.is_some_and(|found| !found.in_contract);
    html! {
        tr {
            th scope="row" { @if found.is_some() { a href={ "#" (kind.name()) } { (kind.name()) } } @else { (kind.name()) } }
            td { @if promised { "never" } @else { "none (known exposure)" } }
            td {
                @match found {
                    None => {
                        @match summary.not_tried.iter().find(|not_tried| not_tried.kind == kind) {
                            Some(not_tried) => { strong { "not tried" } ": " (prose(&not_tried.why)) }
                            None => "not found",
                        }
                    }
                    Some(found) => {
                        strong { @if broken { "✗ broken" } @else if promised { "not believed" } @else { "known exposure" } }
                        ": " (format::counted(found.count, "schedule"))
                        " (" (format::rate(found.count, summary.schedules)) ")"
                        @if let Some(worst) = found.worst_seconds { ", longest " (format::span(worst)) }
                        ", " (reality::of_finding(found))
                    }
                }
            }
            td { (kind.about()) }
        }
    }
}
