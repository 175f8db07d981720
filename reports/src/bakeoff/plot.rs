//! The rates of all findings as one SVG that stands alone, to be put into a README.

use dupeproof_sim::FindingKind;
use maud::{Markup, html};

use super::{Bakeoff, Row, table};
use crate::format;
use crate::page::drawing::px;

/// The mark of a plot of ours.
pub(super) const TITLE: &str = "Schedules that showed a finding, per 1,000 sessions";

/// Colours that people tell apart whatever they see (Okabe and Ito, 2008), for as many subjects as fit.
const COLOURS: [&str; 7] = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"];

/// All lengths in pixels.
const LABELS: f64 = 150.0;
const PLOT: f64 = 520.0;
const MARGIN: f64 = 96.0;
const BAR: f64 = 9.0;
const GAP: f64 = 10.0;
const HEAD: f64 = 56.0;

/// The least and the greatest rate that are shown, as powers of ten of schedules for each thousand sessions. What is
/// rarer has a bar of no length, and its figure beside it.
const LEAST: f64 = -2.0;
const MOST: f64 = 2.0;

/// The plot.
pub(super) fn plot(bakeoff: &Bakeoff) -> String {
    let kinds = table::kinds(bakeoff);
    let group = bars(bakeoff) * BAR + GAP;
    let width = LABELS + PLOT + MARGIN;
    let height = HEAD + group * kinds.iter().map(|_| 1.0).sum::<f64>() + GAP;
    let svg = html! {
        svg xmlns="http://www.w3.org/2000/svg" role="img" width=(px(width)) height=(px(height))
            viewBox={ "0 0 " (px(width)) " " (px(height)) } font-family="sans-serif" font-size="11" {
            title { (TITLE) }
            rect width="100%" height="100%" fill="#ffffff" {}
            (legend(bakeoff))
            (axis(height))
            @for (place, kind) in kinds.iter().enumerate() { (bars_of(bakeoff, *kind, top(place, group))) }
        }
    };
    format!("{}\n", svg.into_string())
}

#[expect(clippy::cast_precision_loss, reason = "a handful of bars")]
fn bars(bakeoff: &Bakeoff) -> f64 {
    bakeoff.rows.len() as f64
}

#[expect(clippy::cast_precision_loss, reason = "a handful of groups")]
fn top(place: usize, group: f64) -> f64 {
    HEAD + place as f64 * group
}

fn colour(place: usize) -> &'static str {
    COLOURS[place % COLOURS.len()]
}

fn legend(bakeoff: &Bakeoff) -> Markup {
    let step = (PLOT + MARGIN) / bars(bakeoff);
    html! {
        @for (place, row) in bakeoff.rows.iter().enumerate() {
            @let x = LABELS + top(place, step) - HEAD;
            rect x=(px(x)) y="8" width="10" height="10" fill=(colour(place)) {}
            text x=(px(x + 14.0)) y="17" fill="#222222" { (row.name) }
        }
        text x=(px(LABELS)) y="36" fill="#555555" { "schedules that showed it, per 1,000 sessions (logarithmic)" }
    }
}

fn axis(height: f64) -> Markup {
    let ticks = [(-2.0, "0.01"), (-1.0, "0.1"), (0.0, "1"), (1.0, "10"), (2.0, "100")];
    html! {
        @for (power, label) in ticks {
            @let x = LABELS + PLOT * share(power);
            line x1=(px(x)) x2=(px(x)) y1=(px(HEAD)) y2=(px(height - GAP)) stroke="#dddddd" {}
            text x=(px(x)) y="50" text-anchor="middle" fill="#555555" { (label) }
        }
    }
}

fn share(power: f64) -> f64 {
    ((power - LEAST) / (MOST - LEAST)).clamp(0.0, 1.0)
}

fn bars_of(bakeoff: &Bakeoff, kind: FindingKind, y: f64) -> Markup {
    let middle = y + bars(bakeoff) * BAR / 2.0 + 4.0;
    html! {
        text x=(px(LABELS - 8.0)) y=(px(middle)) text-anchor="end" fill="#222222" { (kind.name()) }
        @for (place, row) in bakeoff.rows.iter().enumerate() { (bar(row, kind, place, top(place, BAR) - HEAD + y)) }
    }
}

fn bar(row: &Row, kind: FindingKind, place: usize, y: f64) -> Markup {
    let rate = row.shown(kind).map_or(0.0, |shown| shown.per_thousand_sessions);
    let width = if rate > 0.0 { PLOT * share(rate.log10()) } else { 0.0 };
    let words = format::bare_per_thousand(rate);
    html! {
        rect x=(px(LABELS)) y=(px(y)) width=(px(width)) height=(px(BAR - 1.0)) fill=(colour(place)) {
            title { (row.name) ": " (words) }
        }
        text x=(px(LABELS + width + 3.0)) y=(px(y + BAR - 2.0)) font-size="8" fill="#555555" { (words) }
    }
}
