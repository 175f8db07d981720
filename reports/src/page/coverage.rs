//! Counters of what happened in the search.

use dupeproof_scenarios::coverage::Probe;
use maud::html;

use super::fold::Fold;
use crate::format;
use crate::summary::Summary;

/// Those that counted something, and the names of the others.
pub(super) fn section(summary: &Summary) -> Fold {
    let (seen, unseen): (Vec<_>, Vec<_>) = summary.coverage.iter().partition(|(_, count)| **count > 0);
    let body = html! {
        @if let Some(unseen) = summary.unseen_words() { p { strong { (format::capital(&unseen)) "." } } }
        ul.counters {
            @for (name, count) in &seen { li { span { (meaning(name)) } " " b { (format::count(**count)) } } }
        }
        @if !unseen.is_empty() {
            details {
                summary { (format::counted(unseen.len() as u64, "counter")) " at zero" }
                ul.counters { @for (name, _) in &unseen { li { (meaning(name)) } } }
            }
        }
    };
    let note = format!("{} of {} kinds of event", seen.len(), summary.coverage.len());
    Fold { id: "coverage", title: "What was seen", note, is_open: false, body }
}

/// What a probe counts; a probe that this version does not know keeps its name.
fn meaning(name: &str) -> &str {
    let known = Probe::named(name);
    known.map_or(name, |probe| probe.about().trim_end_matches('.'))
}
