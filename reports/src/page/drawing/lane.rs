//! The lanes: servers with their lives, sessions and faults; keys with their locks and writes.

use dupeproof_sim::Global;
use dupeproof_sim::id::{SessionRef, Slot};
use maud::{Markup, html};

use crate::format;
use crate::picture::SlotLane;
use crate::picture::bands::{Band, BandKind, Life, LifeEnd};
use crate::picture::locks::{Commit, Hold, KeyLane};
use crate::picture::memory::{MemoryLane, SpanEnd, entry_name};
use crate::picture::sessions::{BarEnd, Moved, Overlap, SessionBar, Transfer, Way};
use crate::wording::job;

use super::layout::{ABOVE, BAR, GUTTER, HEADER, KEY, LOCK, MEMORY, STRIP, TOP, WRITES};
use super::{Sheet, px, text_width};

/// All server lanes.
pub(super) fn servers(sheet: &Sheet<'_>) -> Markup {
    html! {
        @for (slot, lane) in &sheet.picture.slots { (server(sheet, *slot, lane)) }
        @for (place, band) in sheet.picture.outages.iter().enumerate() {
            @let row = if place % 2 == 0 { 0.0 } else { STRIP };
            (strip(sheet, band, sheet.layout.outages + row))
        }
    }
}

/// All key lanes, and those of memory stores.
pub(super) fn keys(sheet: &Sheet<'_>) -> Markup {
    html! {
        @for lane in &sheet.picture.keys { (key(sheet, lane)) }
        @for (lane, top) in sheet.picture.memory.iter().zip(&sheet.layout.memory) { (memory(sheet, lane, *top)) }
    }
}

/// What must not be hidden by anything: changes of data, items, the ends of lives, overlaps.
pub(super) fn marks(sheet: &Sheet<'_>) -> Markup {
    html! {
        @for overlap in &sheet.picture.overlaps { (self::overlap(sheet, overlap)) }
        @for transfer in &sheet.picture.transfers { (self::transfer(sheet, transfer)) }
        @for (slot, lane) in &sheet.picture.slots {
            @for life in &lane.lives { (life_end(sheet, *slot, life)) }
            @for bar in &lane.sessions { (bar_marks(sheet, bar)) }
        }
    }
}

/// The names of all lanes, over what may lie under them when the picture is moved.
pub(super) fn names(sheet: &Sheet<'_>) -> Markup {
    let name = |y: f64, text: &str| html! { text.name x=(px(GUTTER - 10.0)) y=(px(y)) text-anchor="end" { (text) } };
    let unit = |y: f64, text: &str| html! { text.unit x=(px(GUTTER - 10.0)) y=(px(y)) text-anchor="end" { (text) } };
    html! {
        g.gutter {
            rect.gutter-back x="0" y="0" width=(px(GUTTER - 4.0)) height=(px(sheet.layout.height)) {}
            (unit(TOP - 8.0, "seconds"))
            @for slot in sheet.picture.slots.keys() { (name(sheet.layout.slot(*slot).top + 13.0, &format!("server {slot}"))) }
            @for lane in &sheet.picture.keys {
                @let top = sheet.layout.key(lane.player);
                (name(top + 13.0, &lane.key))
                (unit(top + LOCK + 12.0, if lane.locked { "lock" } else { "no lock" }))
                (unit(top + WRITES + 12.0, "writes"))
            }
            @for (lane, top) in sheet.picture.memory.iter().zip(&sheet.layout.memory) {
                (name(top + 13.0, &gutter_name(&lane.address)))
                (unit(top + LOCK + 12.0, "in memory"))
            }
        }
    }
}

fn server(sheet: &Sheet<'_>, slot: Slot, lane: &SlotLane) -> Markup {
    let place = sheet.layout.slot(slot);
    html! {
        g.server {
            @for life in &lane.lives {
                @let (left, right) = (sheet.x(life.from), sheet.x(life.until));
                rect.life data-t=(life.from.0) data-u=(life.until.0) x=(px(left)) y=(px(place.top)) width=(px(right - left)) height=(px(place.height)) {
                    title { (job(life.server)) ", from " (format::moment(life.from)) " to " (format::moment(life.until)) }
                }
                @if right - left > text_width(&job(life.server)) {
                    text.job x=(px(left + 5.0)) y=(px(place.top + 13.0)) { (job(life.server)) }
                }
            }
            @for band in &lane.bands {
                @if band.kind == BandKind::Freeze { (freeze(sheet, band, place.top, place.height)) }
                @else { (strip(sheet, band, place.strips)) }
            }
            @for bar in &lane.sessions { (session(sheet, bar, place.row(bar.player))) }
        }
    }
}

fn session(sheet: &Sheet<'_>, bar: &SessionBar, row: f64) -> Markup {
    let y = row + ABOVE;
    let (left, right) = (sheet.x(bar.from), sheet.x(bar.until));
    let name = format!("Player_{}", bar.player.0);
    let part = |from: Global, until: Global| (px(sheet.x(from)), px(sheet.x(until) - sheet.x(from)));
    html! {
        g.session data-t=(bar.from.0) data-u=(bar.until.0) {
            title { (session_title(bar)) }
            @for (from, until) in &bar.live {
                @let (x, width) = part(*from, *until);
                rect.live x=(x) y=(px(y)) width=(width) height=(px(BAR)) {}
            }
            @for (from, until) in bar.dormant() {
                @let (x, width) = part(from, until);
                rect.dormant x=(x) y=(px(y)) width=(width) height=(px(BAR)) {}
                rect x=(x) y=(px(y)) width=(width) height=(px(BAR)) fill={ "url(#" (sheet.id) "-hatch)" } {}
            }
            @if bar.end.is_some() { line.bar-end x1=(px(right)) y1=(px(y - 3.0)) x2=(px(right)) y2=(px(y + BAR + 3.0)) {} }
            text.player x=(px(left + 1.0)) y=(px(y - 4.0)) { (name) }
        }
    }
}

fn session_title(bar: &SessionBar) -> String {
    let end = match bar.end {
        Some(BarEnd::Told(_)) => "ended",
        Some(BarEnd::ServerGone) => "gone with its server",
        None => "not ended",
    };
    format!(
        "session {} of Player_{} on {}: from {} to {}, {end}",
        bar.id.no.0,
        bar.player.0,
        job(bar.server()),
        format::moment(bar.from),
        format::moment(bar.until)
    )
}

fn overlap(sheet: &Sheet<'_>, overlap: &Overlap) -> Markup {
    let (left, right) = (sheet.x(overlap.from), sheet.x(overlap.until));
    let span = format::span(overlap.until.since(overlap.from).as_secs_f64());
    let label = format!("both live, {span}");
    let rows = [overlap.earlier, overlap.later].map(|id| sheet.layout.slot(id.server.slot).row(overlap.player) + ABOVE);
    html! {
        g data-t=(overlap.from.0) data-u=(overlap.until.0) {
            title { "Player_" (overlap.player.0) " is live on " (job(overlap.earlier.server)) " and " (job(overlap.later.server)) " for " (span) }
            @for y in rows {
                rect.overlap x=(px(left)) y=(px(y - 2.0)) width=(px(right - left)) height=(px(BAR + 4.0)) {}
            }
            @if right - left > text_width(&label) {
                text.overlap-label x=(px(f64::midpoint(left, right))) y=(px(rows[1] + BAR / 2.0 + 4.0)) text-anchor="middle" { (label) }
            }
        }
    }
}

/// From the giver's diamond to the taker's.
fn transfer(sheet: &Sheet<'_>, transfer: &Transfer) -> Markup {
    let players = [transfer.from, transfer.to].map(|(session, _)| sheet.picture.cast.player_in(session));
    let [Some(giver), Some(taker)] = players else { return html! {} };
    let y =
        |(session, _): (SessionRef, Global), player| sheet.layout.slot(session.server.slot).row(player) + ABOVE - 1.0;
    let (left, right) = (sheet.x(transfer.from.1), sheet.x(transfer.to.1));
    html! {
        line.item-way data-t=(transfer.from.1.0) data-u=(transfer.to.1.0) x1=(px(left)) y1=(px(y(transfer.from, giver)))
            x2=(px(right)) y2=(px(y(transfer.to, taker))) {
            title { "item " (transfer.item.0) " goes from Player_" (giver.0) " to Player_" (taker.0) }
        }
    }
}

fn bar_marks(sheet: &Sheet<'_>, bar: &SessionBar) -> Markup {
    let y = sheet.layout.slot(bar.server().slot).row(bar.player) + ABOVE;
    let middle = y + BAR / 2.0;
    html! {
        @for (at, stamp) in &bar.edits {
            @let x = sheet.x(*at);
            circle.edit data-t=(at.0) cx=(px(x)) cy=(px(middle + 1.5)) r="3.5" { title { "changed to " (sheet.picture.states.name(*stamp)) } }
            @if let Some(number) = sheet.picture.states.number(*stamp) {
                text.number x=(px(x)) y=(px(y + BAR + 10.0)) text-anchor="middle" { (number) }
            }
        }
        @for moved in &bar.moves {
            @let x = sheet.x(moved.at);
            path.item.aside[matches!(moved.way, Way::Aside(_))] data-t=(moved.at.0) d={ "M" (px(x)) "," (px(y - 5.0)) " l4,4 l-4,4 l-4,-4 z" } {
                title { (item_title(moved)) }
            }
        }
        @for (at, message) in &bar.messages {
            circle.handled data-t=(at.0) cx=(px(sheet.x(*at))) cy=(px(y + BAR + 4.0)) r="3" { title { "handles message " (message.0) } }
        }
    }
}

fn item_title(moved: &Moved) -> String {
    let item = moved.item.0;
    match moved.way {
        Way::Given => format!("gives item {item}"),
        Way::Got => format!("gets item {item}"),
        Way::Aside(trade) => format!("puts item {item} aside, number {}", trade.0),
        Way::Taken(trade) => format!("takes item {item} out of number {}", trade.0),
    }
}

fn life_end(sheet: &Sheet<'_>, slot: Slot, life: &Life) -> Markup {
    let place = sheet.layout.slot(slot);
    let x = sheet.x(life.until);
    let word = life.end.map(|end| match end {
        LifeEnd::Crashed => "✗ crash",
        LifeEnd::Closed => "closed",
        LifeEnd::Killed => "✗ killed",
    });
    html! {
        @if let Some(closing) = life.closing {
            @let x = sheet.x(closing);
            line.closing data-t=(closing.0) x1=(px(x)) y1=(px(place.top)) x2=(px(x)) y2=(px(place.top + place.height)) { title { "begins to shut down" } }
        }
        @if let Some(word) = word {
            line.life-end data-t=(life.until.0) x1=(px(x)) y1=(px(place.top)) x2=(px(x)) y2=(px(place.top + place.height)) {
                title { (job(life.server)) ": " (word) " at " (format::moment(life.until)) }
            }
            text.life-end x=(px(x - 4.0)) y=(px(place.top + HEADER - 5.0)) text-anchor="end" { (word) }
        }
    }
}

fn freeze(sheet: &Sheet<'_>, band: &Band, top: f64, height: f64) -> Markup {
    let (left, right) = (sheet.x(band.from), sheet.x(band.until));
    let span = format::span(band.until.since(band.from).as_secs_f64());
    html! {
        g.band data-t=(band.from.0) data-u=(band.until.0) {
            title { "frozen for " (span) }
            rect.freeze x=(px(left)) y=(px(top)) width=(px(right - left)) height=(px(height)) {}
            rect x=(px(left)) y=(px(top)) width=(px(right - left)) height=(px(height)) fill={ "url(#" (sheet.id) "-ice)" } {}
            @if right - left > text_width("frozen") {
                text.fault x=(px(f64::midpoint(left, right))) y=(px(top + 13.0)) text-anchor="middle" { "frozen" }
            }
        }
    }
}

/// A link that is cut, or a service that is out.
fn strip(sheet: &Sheet<'_>, band: &Band, y: f64) -> Markup {
    let (left, right) = (sheet.x(band.from), sheet.x(band.until));
    let label = band.kind.label();
    let room = (right - left).max(0.0);
    html! {
        g.band data-t=(band.from.0) data-u=(band.until.0) {
            title { (label) " for " (format::span(band.until.since(band.from).as_secs_f64())) }
            rect.cut x=(px(left)) y=(px(y)) width=(px(room)) height=(px(STRIP - 2.0)) {}
            @if room > text_width(&label) {
                text.fault x=(px(f64::midpoint(left, right))) y=(px(y + 11.0)) text-anchor="middle" { (label) }
            } @else {
                text.fault x=(px(right + 3.0)) y=(px(y + 11.0)) { (label) }
            }
        }
    }
}

fn key(sheet: &Sheet<'_>, lane: &KeyLane) -> Markup {
    let top = sheet.layout.key(lane.player);
    html! {
        g.key {
            rect.store x=(px(GUTTER)) y=(px(top)) width=(px(sheet.scale.width())) height=(px(KEY)) {}
            @for marker in &lane.markers { (self::marker(sheet, marker, top)) }
            @for hold in &lane.holds { (self::hold(sheet, hold, top + LOCK)) }
            @for commit in &lane.commits { (self::commit(sheet, commit, top)) }
        }
    }
}

fn hold(sheet: &Sheet<'_>, hold: &Hold, y: f64) -> Markup {
    held(sheet, hold, y, &format!("locked by {}", job(hold.server)))
}

/// A bar from when to when a server has what is told of it.
fn held(sheet: &Sheet<'_>, hold: &Hold, y: f64, told: &str) -> Markup {
    let (left, right) = (sheet.x(hold.from), sheet.x(hold.until));
    let holder = job(hold.server);
    html! {
        g.hold data-t=(hold.from.0) data-u=(hold.until.0) {
            title { (told) " from " (format::moment(hold.from)) " to " (format::moment(hold.until)) }
            rect.lock x=(px(left)) y=(px(y)) width=(px(right - left)) height=(px(BAR)) {}
            @if right - left > text_width(&holder) {
                text.owner x=(px(left + 4.0)) y=(px(y + 12.0)) { (holder) }
            }
        }
    }
}

/// The name of an entry of a memory store, cut in front where it is too long for the gutter.
fn gutter_name(address: &str) -> String {
    const LETTERS: usize = 15;
    let name = entry_name(address);
    let long = name.chars().count().saturating_sub(LETTERS);
    if long == 0 {
        name
    } else {
        name.chars().skip(long + 1).fold("…".into(), |cut, letter| cut + letter.encode_utf8(&mut [0; 4]))
    }
}

fn memory(sheet: &Sheet<'_>, lane: &MemoryLane, top: f64) -> Markup {
    let name = entry_name(&lane.address);
    html! {
        g.key {
            title { (name) " in a memory store" }
            rect.store x=(px(GUTTER)) y=(px(top)) width=(px(sheet.scale.width())) height=(px(MEMORY)) {}
            @for span in &lane.spans {
                @let hold = Hold { server: span.server, from: span.from, until: span.until };
                @let end = match span.end {
                    SpanEnd::Replaced => ", then replaced:",
                    SpanEnd::Removed => ", then removed:",
                    SpanEnd::Expired => ", until its time had passed:",
                    SpanEnd::Open => ":",
                };
                (held(sheet, &hold, top + LOCK, &format!("{name} kept for {}{end}", job(span.server))))
                @if span.end == SpanEnd::Expired {
                    text.sign x=(px(sheet.x(span.until))) y=(px(top + LOCK - 4.0)) text-anchor="middle" { "expires" }
                }
            }
            @for (at, server) in &lane.writes {
                @let x = sheet.x(*at);
                line.commit data-t=(at.0) x1=(px(x)) y1=(px(top + LOCK)) x2=(px(x)) y2=(px(top + LOCK + BAR)) {
                    title { (job(*server)) " writes " (name) " at " (format::moment(*at)) }
                }
            }
        }
    }
}

fn marker(sheet: &Sheet<'_>, marker: &Hold, top: f64) -> Markup {
    let (left, right) = (sheet.x(marker.from), sheet.x(marker.until));
    html! {
        line.marker data-t=(marker.from.0) data-u=(marker.until.0) x1=(px(left)) y1=(px(top + LOCK - 5.0)) x2=(px(right)) y2=(px(top + LOCK - 5.0)) {
            title { (job(marker.server)) " asks for the lock from " (format::moment(marker.from)) " to " (format::moment(marker.until)) }
        }
    }
}

fn commit(sheet: &Sheet<'_>, commit: &Commit, top: f64) -> Markup {
    let x = sheet.x(commit.at);
    let state = commit.stamp.map_or_else(|| "nothing".into(), |stamp| sheet.picture.states.name(stamp));
    html! {
        line.commit.changed[commit.changed] data-t=(commit.at.0) x1=(px(x)) y1=(px(top + WRITES)) x2=(px(x)) y2=(px(top + WRITES + 16.0)) {
            title { (job(commit.server)) " stores " (state) " at " (format::moment(commit.at)) }
        }
        @if commit.changed {
            text.number x=(px(x)) y=(px(top + WRITES + 26.0)) text-anchor="middle" {
                @match commit.stamp.and_then(|stamp| sheet.picture.states.number(stamp)) { Some(number) => (number), None => "–" }
            }
        }
    }
}
