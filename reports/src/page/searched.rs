//! What was searched, and how to search it again.

use maud::html;

use super::fold::Fold;
use super::prose;
use crate::args::network_name;
use crate::format;
use crate::summary::Summary;

/// The facts of the search.
pub(super) fn section(summary: &Summary) -> Fold {
    let facts = [
        ("Subject", format!("{}: {}", summary.subject, summary.contract.about)),
        (
            "Suite",
            summary
                .scenario
                .as_ref()
                .map_or_else(|| summary.suite.clone(), |file| format!("{} ({file})", summary.suite)),
        ),
        ("World", summary.world.clone()),
        ("Believed", format!("{}: {}", summary.believe.name(), summary.believe.about())),
        ("Network", network_name(summary.network).to_owned()),
        ("Schedules", format::count(summary.schedules)),
        ("Simulated time", format::span(summary.simulated_seconds)),
        ("Wall time", format::span(summary.wall_seconds)),
        ("CPU time", format::span(summary.cpu_seconds)),
        ("Seed and cases", summary.cases_words()),
    ];
    let body = html! {
        dl {
            @for (term, fact) in facts { div { dt { (term) } dd { (prose(&fact)) } } }
            div { dt { "Digest" } dd { code { (summary.digest) } } }
        }
        p { "This command runs the same search again and gives the same digest:" }
        p.command { code { (summary.again()) } }
    };
    let note = format!("{} of suite {}", format::counted(summary.schedules, "schedule"), summary.suite);
    Fold { id: "tried", title: "What was searched", note, is_open: false, body }
}
