//! A suite and its twin, next to each other.

use std::path::Path;

use maud::{Markup, html};

use super::drawing::px;
use super::fold::Fold;
use crate::comparison::{Comparison, Rate};
use crate::format;
use crate::summary::Summary;

/// The longest bar, in pixels.
const LONGEST: f64 = 120.0;

/// How often each kind came up in the suite and in its twin.
pub(super) fn section(summary: &Summary, comparison: &Comparison) -> Fold {
    let rates = comparison.kinds.iter().flat_map(|compared| [compared.here.per_thousand, compared.twin.per_thousand]);
    let most = rates.fold(0.0, f64::max);
    let body = html! {
        p {
            "The same cases of the same seed, as " code { (summary.suite) } " and as " code { (comparison.twin) } ": "
            (comparison.about) ". The twin is shown for comparison and does not affect the verdict."
        }
        @if comparison.kinds.is_empty() {
            p { "Neither suite showed a finding in " (format::counted(comparison.schedules, "schedule")) "." }
        } @else {
            div.scroll { table.compare {
                thead { tr {
                    th scope="col" { "Finding" }
                    th scope="col" { code { (summary.suite) } }
                    th scope="col" { code { (comparison.twin) } }
                    th scope="col" { "First schedule of the twin" }
                } }
                tbody { @for compared in &comparison.kinds {
                    tr {
                        th scope="row" { (compared.kind.name()) }
                        td.share { (rate(compared.here, most)) }
                        td.share { (rate(compared.twin, most)) }
                        td { @if let Some(file) = &compared.file { code { (format::replay_command(Path::new(file))) } } }
                    }
                } }
            } }
        }
    };
    let note = format!("with suite {}", comparison.twin);
    Fold { id: "side-by-side", title: "Side by side", note, is_open: false, body }
}

fn rate(rate: Rate, most: f64) -> Markup {
    let width = LONGEST * rate.per_thousand / most.max(f64::MIN_POSITIVE);
    html! {
        (rate)
        @if rate.count > 0 {
            svg.rate viewBox={ "0 0 " (px(LONGEST)) " 8" } width=(px(LONGEST)) height="8" aria-hidden="true" {
                rect x="0" y="0" width=(px(width.max(1.0))) height="8" {}
            }
        }
    }
}
