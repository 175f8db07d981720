//! The calm run before the search, if it showed that the subject is broken.

use maud::{Markup, html};

use crate::calm_run::CalmRun;
use crate::format;

/// What went wrong in it.
pub(super) fn section(calm_run: &CalmRun) -> Markup {
    html! {
        section aria-labelledby="calm-run" {
            h2 id="calm-run" { "What went wrong in a calm world" }
            p {
                "Before anything is judged, two players join, change their data, leave and come back, with nothing going "
                "wrong around them. That did not work, so no schedule was searched."
            }
            @for failure in &calm_run.errors {
                p { strong { (format::capital(&failure.place)) }
                    @if failure.count > 1 { ", " (format::count(failure.count)) " times" } ":" }
                pre { (failure.text) }
            }
            ul { @for problem in &calm_run.problems { li { (super::prose(&format::capital(problem))) "." } } }
            @if let Some(hint) = &calm_run.hint { p { "What to do: " (super::prose(hint)) "." } }
        }
    }
}
