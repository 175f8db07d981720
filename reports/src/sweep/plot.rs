//! What safety costs: each setting as a dot, for two of its costs.

use maud::{Markup, html};

use super::{Point, Sweep};
use crate::format;
use crate::page::drawing::px;

/// All lengths in pixels.
const LEFT: f64 = 56.0;
const WIDTH: f64 = 300.0;
const TOP: f64 = 16.0;
const HEIGHT: f64 = 200.0;
const BELOW: f64 = 40.0;

/// One cost.
pub(super) struct Cost {
    pub(super) name: &'static str,
    pub(super) of: fn(&Point) -> Option<f64>,
}

/// From left to right in every plot.
#[expect(clippy::cast_precision_loss, reason = "requests an hour are far below 2^53")]
pub(super) const REQUESTS: Cost =
    Cost { name: "requests per session-hour", of: |point| Some(point.requests_per_session_hour as f64) };

/// From below to above, one for each plot.
#[expect(clippy::cast_precision_loss, reason = "schedules are far below 2^53")]
pub(super) const COSTS: [Cost; 3] = [
    Cost { name: "schedules with a broken promise", of: |point| Some(point.broken_promises as f64) },
    Cost { name: "99th percentile of starts, seconds", of: |point| point.start_p99_seconds },
    Cost { name: "99th percentile of unsaved changes, seconds", of: |point| point.unsaved_p99_seconds },
];

/// One plot; none if there is nothing to show.
pub(super) fn plot(sweep: &Sweep, across: &Cost, up: &Cost) -> Option<Markup> {
    let works = |point: &&Point| point.broken.is_none();
    let place = |point| Some((point, (across.of)(point)?, (up.of)(point)?));
    let dots: Vec<(&Point, f64, f64)> = sweep.points.iter().filter(works).filter_map(place).collect();
    let most = |of: fn(&(&Point, f64, f64)) -> f64| dots.iter().map(of).fold(0.0, f64::max);
    let (right, top) = (most(|dot| dot.1).max(1.0), most(|dot| dot.2).max(1.0));
    let x = move |value: f64| LEFT + WIDTH * value / right;
    let y = move |value: f64| TOP + HEIGHT * (1.0 - value / top);
    let (wide, high) = (LEFT + WIDTH + 16.0, TOP + HEIGHT + BELOW);
    let floor = TOP + HEIGHT;
    (!dots.is_empty()).then(|| {
        html! {
            svg.sweep role="img" width=(px(wide)) height=(px(high)) viewBox={ "0 0 " (px(wide)) " " (px(high)) } {
                title { (up.name) " against " (across.name) }
                line.floor x1=(px(LEFT)) x2=(px(LEFT + WIDTH)) y1=(px(floor)) y2=(px(floor)) {}
                line.floor x1=(px(LEFT)) x2=(px(LEFT)) y1=(px(TOP)) y2=(px(floor)) {}
                @for part in [0.0, 0.5, 1.0] {
                    text.tick x=(px(x(right * part))) y=(px(floor + 14.0)) text-anchor="middle" { (number(right * part)) }
                    text.tick x=(px(LEFT - 6.0)) y=(px(y(top * part) + 4.0)) text-anchor="end" { (number(top * part)) }
                }
                text.tick x=(px(LEFT + WIDTH / 2.0)) y=(px(floor + 30.0)) text-anchor="middle" { (across.name) }
                @for (point, across, up) in &dots {
                    circle class=(if point.unbeaten { "dot unbeaten" } else { "dot" }) cx=(px(x(*across))) cy=(px(y(*up))) r="5" {
                        title { (words(sweep, point)) }
                    }
                }
            }
        }
    })
}

/// `AUTO_SAVE_PERIOD 30, SESSION_STEAL 10`.
pub(super) fn words(sweep: &Sweep, point: &Point) -> String {
    let pairs = sweep.parameters.iter().zip(&point.setting);
    pairs.map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", ")
}

/// A number beside an axis.
fn number(number: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "for people")]
    if number >= 10.0 { format::count(number.round() as u64) } else { format!("{number:.1}") }
}
