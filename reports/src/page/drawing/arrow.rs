//! Arrows over the lanes.

use maud::{Markup, html};

use crate::calls;
use crate::format;
use crate::picture::arrows::{Arrow, ArrowKind, Place};
use crate::picture::memory::entry_name;
use crate::wording::job;

use super::{Sheet, px};

/// All arrows.
pub(super) fn arrows(sheet: &Sheet<'_>) -> Markup {
    html! { g.arrows { @for arrow in &sheet.picture.arrows { (self::arrow(sheet, arrow)) } } }
}

fn arrow(sheet: &Sheet<'_>, arrow: &Arrow) -> Markup {
    // Of a message, it is not known.
    let about = [arrow.tail, arrow.head].into_iter().find_map(Place::player);
    let (x1, x2) = (sheet.x(arrow.sent), sheet.x(arrow.arrived));
    let (y1, y2) = (sheet.layout.touch(arrow.tail, about), sheet.layout.touch(arrow.head, about));
    let (class, tip, sign) = look(arrow.kind);
    html! {
        g class={ "arrow " (class) } data-t=(arrow.sent.0) data-u=(arrow.arrived.0) {
            title { (words(sheet, arrow)) }
            line x1=(px(x1)) y1=(px(y1)) x2=(px(x2)) y2=(px(y2)) marker-end={ "url(#" (sheet.id) "-" (tip) ")" } {}
            @if arrow.waited {
                text.waits x=(px(x1 + 3.0)) y=(px(y1 + if y2 > y1 { 18.0 } else { -18.0 })) { "waits" }
            }
            @if let Some(sign) = sign {
                text.sign x=(px(x2)) y=(px(y2 + if y2 > y1 { -8.0 } else { 14.0 })) text-anchor="middle" { (sign) }
            }
        }
    }
}

/// Class, tip and sign.
fn look(kind: ArrowKind) -> (&'static str, &'static str, Option<&'static str>) {
    match kind {
        ArrowKind::Read => ("read", "request", None),
        ArrowKind::Write => ("write", "request", None),
        ArrowKind::Reply => ("reply", "request", None),
        ArrowKind::Conflict => ("error", "error", Some("✗")),
        ArrowKind::Error(_) | ArrowKind::TooLate => ("error", "error", Some("!")),
        ArrowKind::Message => ("message", "message", None),
        ArrowKind::Lost => ("message", "error", Some("✗")),
    }
}

fn words(sheet: &Sheet<'_>, arrow: &Arrow) -> String {
    let what = match arrow.kind {
        ArrowKind::Read => "read".to_owned(),
        ArrowKind::Write => "write".to_owned(),
        ArrowKind::Conflict => "write that came too late: conflict".to_owned(),
        ArrowKind::Reply => "answer".to_owned(),
        ArrowKind::Error(error) => format!("error {error}"),
        ArrowKind::TooLate => "answer, after it was given up".to_owned(),
        ArrowKind::Message => "message".to_owned(),
        ArrowKind::Lost => "message, lost".to_owned(),
    };
    let from = arrow.calls.as_ref().map_or(String::new(), |chain| format!(", in {}", calls::in_words(chain)));
    format!(
        "{what}: {} at {} to {} at {}{from}",
        place(sheet, arrow.tail),
        format::moment(arrow.sent),
        place(sheet, arrow.head),
        format::moment(arrow.arrived)
    )
}

fn place(sheet: &Sheet<'_>, place: Place) -> String {
    match place {
        Place::Server(server) => job(server),
        Place::Key(player) => format!("Player_{}", player.0),
        Place::Memory(lane, _) => entry_name(&sheet.picture.memory[lane].address),
    }
}
