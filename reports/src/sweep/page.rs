//! The settings as one HTML file that opens offline, with plots.

use maud::{Markup, html};

use super::{Sweep, plot, table};
use crate::{format, page as report};

/// The whole page.
pub(super) fn page(sweep: &Sweep) -> String {
    let title = format!("dupeproof: {} of {}", sweep.parameters.join(", "), sweep.subject);
    report::frame(
        &title,
        &sweep.version,
        &html! {
            header.verdict {
                p.brand { "dupe-safety sweep" }
                h1 { (sweep.parameters.join(", ")) }
                p { (report::prose(&sweep.about())) "." }
                @for error in &sweep.internal_errors { p.warning { (error) } }
            }
            section aria-labelledby="costs" {
                h2 id="costs" { "What it costs to be safer" }
                p {
                    "Each dot is a setting; to point at it shows its numbers. Further down and further left is better. Filled dots are "
                    "settings that no other beats: none is as good in broken promises, starts, unsaved changes and requests, and better "
                    "in one."
                }
                div.measures { @for cost in &plot::COSTS { (figure(sweep, cost)) } }
            }
            section aria-labelledby="settings" {
                h2 id="settings" { "Settings" }
                (settings(sweep))
            }
        },
        None,
    )
}

fn figure(sweep: &Sweep, cost: &plot::Cost) -> Markup {
    html! {
        @if let Some(plot) = plot::plot(sweep, &plot::REQUESTS, cost) {
            div.measure { h3 { (format::capital(cost.name)) } (plot) }
        }
    }
}

fn settings(sweep: &Sweep) -> Markup {
    html! {
        div.scroll { table.compare {
            thead { tr {
                th scope="col" { "Unbeaten" }
                @for name in &sweep.parameters { th scope="col" { code { (name) } } }
                @for name in table::COLUMNS { th scope="col" { (format::capital(name)) } }
            } }
            tbody { @for point in &sweep.points {
                tr {
                    td { @if point.unbeaten { "◆" } }
                    @for value in &point.setting { td { (value) } }
                    @for cell in table::cells(point, sweep.schedules) { td { (cell) } }
                }
            } }
        } }
    }
}
