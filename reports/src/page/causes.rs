//! The causes of each finding, at a glance.

use dupeproof_scenarios::Factor;
use maud::{Markup, html};

use crate::format;
use crate::summary::{FoundCause, FoundKind, Summary};

/// Every cause of every finding, with a link to its schedule.
pub(super) fn table(summary: &Summary) -> Markup {
    html! {
        div.scroll { table.causes {
            thead { tr {
                th scope="col" { "Finding" }
                th scope="col" { "Cause" }
                th scope="col" { "Schedules that have it" }
                th scope="col" { "Shrunk to" }
            } }
            tbody { @for (found, cause) in summary.causes() { (row(found, cause)) } }
        } }
    }
}

fn row(found: &FoundKind, cause: &FoundCause) -> Markup {
    let about = |name: &String| Factor::all().iter().find(|one| one.name() == name).map(|one| one.about());
    let meaning: Vec<&str> = cause.needs.iter().filter_map(about).collect();
    html! {
        tr {
            th scope="row" { a href={ "#" (super::anchor(found, cause)) } { (found.kind.name()) } }
            td {
                (cause.words())
                @if !meaning.is_empty() { br; small { (format::capital(&meaning.join("; "))) } }
            }
            td { (format::count(cause.count)) " of " (format::count(found.looked_at)) " examined" }
            td { (format::counted(cause.steps, "step")) }
        }
    }
}
