//! The mark of the step at fault: a sign at its time on its lane, and a line through all lanes.

use maud::{Markup, html};

use crate::format;
use crate::picture::arrows::Place;
use crate::step_at_fault::StepAtFault;

use super::layout::MARGIN;
use super::{Sheet, px, text_width};

/// Half of the sign's height, in pixels.
const HALF: f64 = 7.0;

/// The mark of a step; nothing if it is after the end of the picture.
pub(super) fn mark(sheet: &Sheet<'_>, step: &StepAtFault) -> Markup {
    if step.at > sheet.picture.until {
        return html! {};
    }
    let x = sheet.x(step.at);
    let label = format!("✱ step at fault at {}", format::moment(step.at));
    let anchor = if x + text_width(&label) < sheet.right() + MARGIN { "start" } else { "end" };
    html! {
        g.at-fault data-t=(step.at.0) {
            title { "step at fault, " (format::moment(step.at)) ": " (step.text) }
            line x1=(px(x)) y1="34" x2=(px(x)) y2=(px(sheet.layout.height - MARGIN)) {}
            text x=(px(x + if anchor == "start" { -5.0 } else { 5.0 })) y="30" text-anchor=(anchor) { (label) }
            @if let Some(y) = lane(sheet, step) {
                circle cx=(px(x)) cy=(px(y)) r=(px(HALF)) {}
                path d={ "M" (px(x)) "," (px(y - 5.0)) " v10 M" (px(x - 4.3)) "," (px(y - 2.5)) " l8.6,5 m0,-5 l-8.6,5" } {}
            }
        }
    }
}

/// Where the lane is on which it happened: that of what it wrote, or the server's.
fn lane(sheet: &Sheet<'_>, step: &StepAtFault) -> Option<f64> {
    let cast = &sheet.picture.cast;
    if let Some(key) = &step.key {
        let entry = sheet.picture.memory.iter().position(|lane| lane.address == *key);
        let place =
            cast.player_of(key).map(Place::Key).or_else(|| Some(Place::Memory(entry?, cast.player_of_entry(key)?)));
        if let Some(place) = place {
            return Some(sheet.layout.touch(place, None));
        }
    }
    cast.slots.contains(&step.server.slot).then(|| sheet.layout.touch(Place::Server(step.server), None))
}
