//! Waiting times and costs: a small histogram for each measure.

use maud::{Markup, html};

use super::drawing::px;
use super::fold::Fold;
use crate::distribution::{Distribution, Unit};
use crate::format;
use crate::summary::Summary;

const WIDTH: f64 = 360.0;
/// Left and right of the bars.
const SIDE: f64 = 24.0;
/// Room for the labels of median and p99.
const HEAD: f64 = 34.0;
const TALLEST: f64 = 72.0;
/// Room for the axis.
const FOOT: f64 = 20.0;
/// Between the labels of the axis.
const LABEL_GAP: f64 = 52.0;

/// All measures that measured something; `None` if none did.
pub(super) fn section(summary: &Summary) -> Option<Fold> {
    let measured: Vec<_> = summary.measures.iter().filter(|(_, measure)| measure.count > 0).collect();
    if measured.is_empty() {
        return None;
    }
    let note = format::counted(measured.len() as u64, "measure");
    let body = html! {
        p {
            "The time from a player's arrival to the session, the age of changes that were saved while nothing hindered, "
            "and the DataStore requests of sessions of five minutes or more and of messages, under all the faults of "
            "the schedules. Scales are logarithmic. The solid line is the median, the "
            "dashed line the 99th percentile: 99 of 100 were at most this."
        }
        div.measures { @for (name, measure) in measured { (figure(name, measure)) } }
        @for (about, words) in summary.share_words() { p { (format::capital(about)) ": " (words) "." } }
    };
    Some(Fold { id: "measures", title: "Waiting times and costs", note, is_open: false, body })
}

fn figure(name: &str, measure: &Distribution) -> Markup {
    let words = measure.in_words().unwrap_or_default();
    html! {
        figure.measure {
            h3 { (format::capital(&measure.about)) }
            (histogram(name, measure, &words))
            figcaption { (format::capital(&words)) "." }
        }
    }
}

fn histogram(name: &str, measure: &Distribution, words: &str) -> Markup {
    let axis = Axis::of(measure);
    let floor = HEAD + TALLEST;
    let most = measure.bins.iter().map(|bin| bin.count).max().unwrap_or(1);
    let unit = match measure.unit {
        Unit::Seconds => "seconds",
        Unit::PerHour => "per hour",
        Unit::Count => "",
    };
    html! {
        svg.histogram role="img" aria-labelledby={ "measure-" (name) "-title" }
            viewBox={ "0 0 " (px(WIDTH)) " " (px(floor + FOOT)) } width=(px(WIDTH)) height=(px(floor + FOOT)) {
            title id={ "measure-" (name) "-title" } { (measure.about) ": " (words) }
            @for bin in &measure.bins {
                @let (left, right) = (axis.x(bin.from), axis.x(bin.to));
                @let height = (TALLEST * share(bin.count, most)).max(1.0);
                rect.bar x=(px(left)) y=(px(floor - height)) width=(px((right - left - 1.0).max(1.0))) height=(px(height)) {
                    title { (format::count(bin.count)) " from " (measure.told(bin.from)) " to " (measure.told(bin.to)) }
                }
            }
            line.floor x1=(px(SIDE)) y1=(px(floor)) x2=(px(WIDTH - SIDE)) y2=(px(floor)) {}
            @for (x, label) in axis.labels(measure.unit) {
                line.floor x1=(px(x)) y1=(px(floor)) x2=(px(x)) y2=(px(floor + 4.0)) {}
                text.tick x=(px(x)) y=(px(floor + 15.0)) text-anchor="middle" { (label) }
            }
            text.tick x=(px(WIDTH)) y=(px(floor + 15.0)) text-anchor="end" { (unit) }
            @for (class, name, number, y) in [
                ("median", "median", measure.median, 12.0),
                ("p99", "99th percentile", measure.p99, 26.0),
            ] {
                @if let Some(number) = number { (mark(class, axis.x(number), y, &format!("{name} {}", measure.told(number)))) }
            }
        }
    }
}

/// A line down to the axis, with a label beside its upper end.
fn mark(class: &str, x: f64, y: f64, label: &str) -> Markup {
    let (label_x, anchor) = if x > WIDTH * 0.6 { (x - 4.0, "end") } else { (x + 4.0, "start") };
    html! {
        line class={ "mark " (class) } x1=(px(x)) y1=(px(y - 9.0)) x2=(px(x)) y2=(px(HEAD + TALLEST)) {}
        text.mark x=(px(label_x)) y=(px(y)) text-anchor=(anchor) { (label) }
    }
}

/// From number to place: as far for each doubling. Zero is one step left of the rest.
struct Axis {
    /// Logarithms of base two.
    least: f64,
    greatest: f64,
}

impl Axis {
    fn of(measure: &Distribution) -> Axis {
        let least = measure.bins.iter().find(|bin| bin.from > 0.0).map_or(0.0, |bin| bin.from.log2());
        let least = if measure.bins.first().is_some_and(|bin| bin.from <= 0.0) { least - 0.5 } else { least };
        let greatest = measure.bins.last().map_or(1.0, |bin| bin.to.log2());
        let middle = f64::midpoint(least, greatest);
        Axis { least: least.min(middle - 1.0), greatest: greatest.max(middle + 1.0) }
    }

    fn x(&self, number: f64) -> f64 {
        let place = (number.max(f64::MIN_POSITIVE).log2() - self.least) / (self.greatest - self.least);
        SIDE + (WIDTH - 2.0 * SIDE) * place.clamp(0.0, 1.0)
    }

    /// Round numbers that keep their distance, and leave room for the unit.
    fn labels(&self, unit: Unit) -> Vec<(f64, String)> {
        let mut labels: Vec<(f64, String)> = Vec::new();
        for power in -3..=9 {
            for lead in [1.0, 2.0, 5.0] {
                let number = lead * 10_f64.powi(power);
                let x = self.x(number);
                let inside = (self.least..=self.greatest).contains(&number.log2());
                let room = labels.last().is_none_or(|(last, _)| x - last >= LABEL_GAP) && x <= WIDTH - LABEL_GAP * 1.4;
                if inside && room && (unit == Unit::Seconds || number >= 1.0) {
                    labels.push((x, label(number)));
                }
            }
        }
        labels
    }
}

fn label(number: f64) -> String {
    if number < 1.0 {
        return format!("{number}");
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a round number of the axis")]
    format::count(number as u64)
}

#[expect(clippy::cast_precision_loss, reason = "a height in pixels")]
fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}
