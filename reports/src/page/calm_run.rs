//! The calm run before the search: what showed that the subject is broken, or errors in spite of which it works.

use maud::{Markup, html};

use crate::calm_run::CalmRun;
use crate::format;

/// What went wrong in it.
pub(super) fn section(calm_run: &CalmRun) -> Markup {
    html! {
        section aria-labelledby="calm-run" {
            h2 id="calm-run" { "What went wrong in a calm world" }
            p {
                "Before anything is judged, two players join, change their data, buy something, leave and come back, with "
                "nothing going wrong around them. That did not work, so no schedule was searched."
            }
            (errors(calm_run))
            ul { @for problem in &calm_run.problems { li { (super::prose(&format::capital(problem))) "." } } }
            @if let Some(hint) = &calm_run.hint { p { "What to do: " (super::prose(hint)) "." } }
        }
    }
}

/// Errors that came up and kept nobody from being judged; nothing if there were none.
pub(super) fn warnings(calm_run: &CalmRun) -> Markup {
    html! {
        @if !calm_run.errors.is_empty() {
            section aria-labelledby="script-errors" {
                h2 id="script-errors" { "Script errors in a calm world" }
                p { "These came up where nothing went wrong. Players were loaded all the same, and the search went on." }
                (errors(calm_run))
            }
        }
    }
}

fn errors(calm_run: &CalmRun) -> Markup {
    html! {
        @for failure in &calm_run.errors {
            p { strong { (format::capital(&failure.place)) }
                @if failure.count > 1 { ", " (format::count(failure.count)) " times" } ":" }
            pre { (failure.text) }
        }
    }
}
