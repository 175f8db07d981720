//! The causes of each finding, at a glance.

use dupeproof_scenarios::Factor;
use maud::{Markup, html};

use crate::format;
use crate::reality;
use crate::summary::{FoundCause, FoundKind, Summary};

/// Every cause of every finding, with a link to its schedule.
pub(super) fn table(summary: &Summary) -> Markup {
    html! {
        div.scroll { table.causes {
            thead { tr {
                th scope="col" { "Finding" }
                th scope="col" { "Cause" }
                th scope="col" { "How real" }
                th scope="col" { "Schedules that have it" }
                th scope="col" { "Shrunk to" }
            } }
            tbody { @for (found, cause) in summary.causes() { (row(found, cause)) } }
        } }
    }
}

fn row(found: &FoundKind, cause: &FoundCause) -> Markup {
    let about = |name: &String| Factor::all().iter().find(|one| one.name() == name).map(|one| one.about());
    let meaning: Vec<String> =
        cause.needs.iter().filter_map(|name| Some(format!("{name}: {}", about(name)?))).collect();
    html! {
        tr {
            th scope="row" { a href={ "#" (super::finding_section::anchor(found, cause)) } { (found.kind.name()) } }
            td {
                (cause.words())
                @if !meaning.is_empty() { br; small { (meaning.join("; ")) } }
            }
            td { (format::capital(&reality::of_cause(cause))) @if let Some(least) = least_real(cause) { br; small { (least) } } }
            td { (format::count(cause.count)) " of " (format::count(found.looked_at)) " examined" }
            td { (format::counted(cause.steps, "step")) }
        }
    }
}

/// What is known of the least real condition of a cause, and where from; `None` if nothing goes wrong.
fn least_real(cause: &FoundCause) -> Option<String> {
    let least = cause.conditions.iter().max_by_key(|condition| condition.evidence)?;
    (!least.source.is_empty()).then(|| format!("{}: {}: {}", least.words, least.evidence.name(), least.source))
}
