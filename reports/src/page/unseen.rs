//! How much was not looked at: the behaviour that was seen, over the schedules.

use maud::{Markup, html};

use super::drawing::px;
use super::fold::Fold;
use crate::confidence;
use crate::format;
use crate::summary::Summary;

const WIDTH: f64 = 360.0;
const TALL: f64 = 120.0;
/// Around the curve.
const SIDE: f64 = 8.0;
/// Room for the axis.
const FOOT: f64 = 22.0;

/// What the schedules say of those that were not run; `None` if none were run.
pub(super) fn section(summary: &Summary) -> Option<Fold> {
    let behaviour = &summary.behaviour;
    let words = confidence::behaviour_words(behaviour)?;
    let rarity = confidence::rarity_words(summary.schedules);
    let body = html! {
        @if let Some(rarity) = &rarity {
            p { (format::capital(rarity)) ". Rarer things, and schedules that no suite draws, were not looked at." }
        }
        p {
            (words) " (Good and Turing's estimate, by schedules). At least "
            (format::counted(behaviour.unseen_at_least(), "pair")) " more can be expected in schedules like these (Chao's estimate)."
        }
        figure.measure {
            h3 { "Pairs of events seen together, over the schedules" }
            (curve(summary))
            figcaption { "From left to right, twice as many schedules at each dot. Where the curve is flat, more of the same shows little." }
        }
    };
    let note = confidence::rarer_than_one_in(summary.schedules)
        .map_or_else(String::new, |one_in| format!("what is rarer than 1 in {}", format::count(one_in)));
    Some(Fold { id: "unseen", title: "What may not have been seen", note, is_open: false, body })
}

fn curve(summary: &Summary) -> Markup {
    let points = &summary.behaviour.curve;
    let most = points.last().map_or(1, |(_, seen)| (*seen).max(1));
    let last = points.len().saturating_sub(1).max(1);
    let places: Vec<(f64, f64, u64, u64)> = points
        .iter()
        .enumerate()
        .map(|(place, (schedules, seen))| {
            let x = SIDE + (WIDTH - 2.0 * SIDE) * share(place as u64, last as u64);
            let y = SIDE + (TALL - SIDE) * (1.0 - share(*seen, most));
            (x, y, *schedules, *seen)
        })
        .collect();
    let line: Vec<String> = places.iter().map(|(x, y, ..)| format!("{},{}", px(*x), px(*y))).collect();
    html! {
        svg.curve role="img" aria-labelledby="unseen-curve-title"
            viewBox={ "0 0 " (px(WIDTH)) " " (px(TALL + FOOT)) } width=(px(WIDTH)) height=(px(TALL + FOOT)) {
            title id="unseen-curve-title" {
                (format::count(most)) " pairs of events after " (format::counted(summary.schedules, "schedule"))
            }
            polyline.line points=(line.join(" ")) {}
            @for (x, y, schedules, seen) in &places {
                circle.dot cx=(px(*x)) cy=(px(*y)) r="2.5" {
                    title { (format::count(*seen)) " after " (format::counted(*schedules, "schedule")) }
                }
            }
            line.floor x1=(px(SIDE)) y1=(px(TALL)) x2=(px(WIDTH - SIDE)) y2=(px(TALL)) {}
            text.tick x=(px(SIDE)) y=(px(TALL + 15.0)) { "1" }
            text.tick x=(px(WIDTH - SIDE)) y=(px(TALL + 15.0)) text-anchor="end" {
                (format::counted(summary.schedules, "schedule"))
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a place in pixels")]
fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}
