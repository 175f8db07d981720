//! What each finding comes from, at a glance.

use dupeproof_scenarios::Ingredient;
use maud::{Markup, html};

use crate::figures;
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
    let about = |name: &String| Ingredient::ALL.iter().find(|one| one.name() == name).map(|one| one.about());
    let meaning: Vec<&str> = cause.needs.iter().filter_map(about).collect();
    html! {
        tr {
            th scope="row" { a href={ "#" (super::anchor(found, cause)) } { (found.kind) } }
            td {
                (cause.words())
                @if !meaning.is_empty() { br; small { (figures::capital(&meaning.join("; "))) } }
            }
            td { (figures::count(cause.count)) " of " (figures::count(found.looked_at)) " looked at" }
            td { (figures::counted(cause.steps, "step")) }
        }
    }
}
