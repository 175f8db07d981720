//! The picture of a run as SVG.

mod arrow;
mod at_fault;
mod lane;
mod layout;

use dupeproof_sim::Global;
use maud::{Markup, html};

use crate::format;
use crate::picture::Picture;
use crate::picture::scale::Scale;
use crate::step_at_fault::StepAtFault;

use layout::{GUTTER, Layout, MARGIN, TOP};

/// One picture, ready to be shown.
struct Sheet<'a> {
    picture: &'a Picture,
    scale: Scale,
    layout: Layout,
    /// Makes this sheet's ids unique on the page.
    id: &'a str,
}

impl Sheet<'_> {
    fn x(&self, at: Global) -> f64 {
        GUTTER + self.scale.x(at)
    }

    fn right(&self) -> f64 {
        GUTTER + self.scale.width()
    }
}

/// Draws a picture, with this step at fault; `id` names it on the page.
pub(super) fn drawing(picture: &Picture, at_fault: Option<&StepAtFault>, id: &str) -> Markup {
    let sheet = Sheet { picture, scale: Scale::of(&picture.moments()), layout: Layout::of(picture), id };
    let (width, height) = (sheet.right() + MARGIN, sheet.layout.height);
    html! {
        svg.picture role="img" aria-labelledby={ (id) "-title " (id) "-desc" }
            viewBox={ "0 0 " (px(width)) " " (px(height)) } width=(px(width)) height=(px(height))
            data-scale=(scale(&sheet)) {
            title id={ (id) "-title" } { (id) " at " (format::moment(picture.finding.1)) }
            desc id={ (id) "-desc" } { (description(picture)) }
            (patterns(id))
            (axis(&sheet))
            (finding_band(&sheet))
            (lane::servers(&sheet))
            (lane::keys(&sheet))
            (arrow::arrows(&sheet))
            (lane::marks(&sheet))
            @if let Some(step) = at_fault { (at_fault::mark(&sheet, step)) }
            (finding_line(&sheet))
            (lane::names(&sheet))
        }
    }
}

/// Where each moment is, for whoever moves through the picture: `0:112 350000:126`, in microseconds and pixels.
fn scale(sheet: &Sheet<'_>) -> String {
    let points = sheet.scale.ticks(0.0).into_iter().map(|(at, x)| format!("{}:{}", at.0, px(GUTTER + x)));
    points.collect::<Vec<_>>().join(" ")
}

/// A length in pixels, to a tenth.
pub(crate) fn px(length: f64) -> String {
    let text = format!("{length:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

/// Roughly how wide a small label is, in pixels.
#[expect(clippy::cast_precision_loss, reason = "labels are short")]
fn text_width(text: &str) -> f64 {
    text.chars().count() as f64 * 6.3
}

fn description(picture: &Picture) -> String {
    let sessions: usize = picture.slots.values().map(|lane| lane.sessions.len()).sum();
    let counted = |number: usize, noun: &str| format::counted(number as u64, noun);
    format!(
        "{} with {}, {}, from 0 s to {}; two sessions live at once: {}. The story below says the same in words.",
        counted(picture.slots.len(), "server lane"),
        counted(sessions, "session"),
        counted(picture.keys.len(), "key lane"),
        format::moment(picture.until),
        format::times(picture.overlaps.len() as u64)
    )
}

fn patterns(id: &str) -> Markup {
    html! {
        defs {
            pattern id={ (id) "-hatch" } width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                line.hatch x1="0" y1="0" x2="0" y2="6" {}
            }
            pattern id={ (id) "-ice" } width="6" height="5" patternUnits="userSpaceOnUse" {
                line.hatch x1="0" y1="2" x2="6" y2="2" {}
            }
            @for class in ["request", "message", "error"] {
                marker.(class) id={ (id) "-" (class) } viewBox="0 0 8 8" refX="7" refY="4" markerUnits="userSpaceOnUse" markerWidth="7" markerHeight="7" orient="auto" {
                    path d="M0,0 L8,4 L0,8 z" {}
                }
            }
        }
    }
}

fn axis(sheet: &Sheet<'_>) -> Markup {
    let bottom = sheet.layout.height - MARGIN;
    html! {
        g.axis {
            @for (at, x) in sheet.scale.ticks(52.0) {
                @let x = GUTTER + x;
                line.grid x1=(px(x)) y1=(px(TOP - 4.0)) x2=(px(x)) y2=(px(bottom)) {}
                @let anchor = if x + text_width(&seconds(at)) / 2.0 > sheet.right() + MARGIN { "end" } else { "middle" };
                text x=(px(x)) y=(px(TOP - 8.0)) text-anchor=(anchor) { (seconds(at)) }
            }
            @for cut in &sheet.scale.breaks {
                @let middle = GUTTER + f64::midpoint(cut.from, cut.until);
                path.break d=(zigzag(middle, TOP)) {
                    title { (format::span(cut.span.as_secs_f64())) " in which nothing shown here happens" }
                }
                @if cut.until - cut.from > 38.0 {
                    text.cut x=(px(middle)) y=(px(TOP - 22.0)) text-anchor="middle" { "≈ " (format::span(cut.span.as_secs_f64())) }
                }
            }
        }
    }
}

fn zigzag(x: f64, y: f64) -> String {
    format!("M{},{} l3,-6 l3,9 l3,-9 l3,6", px(x - 6.0), px(y))
}

/// A moment for the axis: seconds, to the tenth.
fn seconds(at: Global) -> String {
    px(at.since(Global(0)).as_secs_f64())
}

fn finding_band(sheet: &Sheet<'_>) -> Markup {
    let (_, from, until) = sheet.picture.finding;
    let (left, right) = (sheet.x(from), sheet.x(until));
    html! {
        @if right > left {
            rect.finding-band x=(px(left)) y=(px(TOP)) width=(px(right - left)) height=(px(sheet.layout.height - TOP - MARGIN)) {}
        }
    }
}

fn finding_line(sheet: &Sheet<'_>) -> Markup {
    let (kind, at, _) = sheet.picture.finding;
    let x = sheet.x(at);
    let label = format!("▼ {} at {}", kind.name(), format::moment(at));
    let anchor = if x + text_width(&label) < sheet.right() + MARGIN { "start" } else { "end" };
    html! {
        g.finding data-t=(at.0) {
            title { (kind.name()) " at " (format::moment(at)) }
            line.finding-line x1=(px(x)) y1="20" x2=(px(x)) y2=(px(sheet.layout.height - MARGIN)) {}
            text x=(px(x + if anchor == "start" { -5.0 } else { 5.0 })) y="14" text-anchor=(anchor) { (label) }
        }
    }
}
