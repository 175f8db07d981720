//! The lanes at one moment: what each server and each lock is in then, and a track of what it was and will be.

use dupeproof_sim::Global;
use dupeproof_sim::id::Slot;

use crate::format;
use crate::page::Illustration;
use crate::picture::bands::{BandKind, Life, LifeEnd};
use crate::picture::memory::entry_name;
use crate::picture::scale::Scale;
use crate::picture::{KeyLane, MemoryLane, Picture, SessionBar, SlotLane};
use crate::wording::{job, player};

/// One lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// Whose.
    pub name: String,
    /// From the start of the run to the end of its picture, a letter for each column.
    pub track: Vec<char>,
    /// What is so at the moment.
    pub now: String,
}

/// Where moments are on a track.
pub struct Tracks {
    scale: Scale,
    columns: usize,
}

impl Tracks {
    /// Of this many columns, at least one; where nothing happens for long, time runs faster.
    pub fn new(picture: &Picture, columns: usize) -> Tracks {
        Tracks { scale: Scale::of(&picture.moments()), columns: columns.max(1) }
    }

    /// The column of a moment.
    pub fn column(&self, at: Global) -> usize {
        let part = self.scale.x(at) / self.scale.width().max(1.0);
        #[expect(clippy::cast_precision_loss, reason = "a screen has few columns")]
        let column = part * (self.columns - 1) as f64;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is from 0 to the columns")]
        let column = column.round() as usize;
        column.min(self.columns - 1)
    }

    fn blank(&self) -> Vec<char> {
        vec![' '; self.columns]
    }

    fn fill(&self, track: &mut [char], from: Global, until: Global, with: char) {
        track[self.column(from)..=self.column(until)].fill(with);
    }
}

/// The times: where the step at fault and the finding are.
pub fn times(illustration: &Illustration, tracks: &Tracks, now: Global) -> Lane {
    let mut track = tracks.blank();
    track[tracks.column(illustration.picture.finding.1)] = '>';
    if let Some(step) = &illustration.at_fault {
        track[tracks.column(step.at)] = '*';
    }
    Lane { name: "time".into(), track, now: format::moment(now) }
}

/// A lane for each server, then one for each lock, then one for each entry of a memory store.
pub fn lanes(illustration: &Illustration, tracks: &Tracks, now: Global) -> Vec<Lane> {
    let picture = &illustration.picture;
    let mut lanes: Vec<Lane> =
        picture.slots.iter().map(|(slot, lane)| server(*slot, lane, picture, tracks, now)).collect();
    lanes.extend(picture.keys.iter().filter(|lane| lane.locked).map(|lane| lock(lane, picture.until, tracks, now)));
    lanes.extend(picture.memory.iter().map(|lane| memory(lane, picture.until, tracks, now)));
    for lane in &mut lanes {
        lane.name = illustration.names.in_text(std::mem::take(&mut lane.name));
        lane.now = illustration.names.in_text(std::mem::take(&mut lane.now));
    }
    lanes
}

fn server(slot: Slot, lane: &SlotLane, picture: &Picture, tracks: &Tracks, now: Global) -> Lane {
    let life = lane.lives.iter().rev().find(|life| life.from <= now);
    let name = life.or(lane.lives.first()).map_or_else(|| format!("server {slot}"), |life| job(life.server));
    Lane {
        name,
        track: track(lane, tracks),
        now: life.map_or_else(|| "not started".into(), |life| words(life, lane, picture, now)),
    }
}

/// `·` up, `─` with a session, `━` with a live one, `░` in a condition, `▒` that and with a live session, `×` the end of a life.
fn track(lane: &SlotLane, tracks: &Tracks) -> Vec<char> {
    let mut track = tracks.blank();
    for life in &lane.lives {
        tracks.fill(&mut track, life.from, life.until, '·');
    }
    for bar in &lane.sessions {
        tracks.fill(&mut track, bar.from, bar.until, '─');
    }
    for (from, until) in lane.sessions.iter().flat_map(|bar| &bar.live) {
        tracks.fill(&mut track, *from, *until, '━');
    }
    for band in &lane.bands {
        for letter in &mut track[tracks.column(band.from)..=tracks.column(band.until)] {
            *letter = if matches!(letter, '━' | '▒') { '▒' } else { '░' };
        }
    }
    for life in lane.lives.iter().filter(|life| life.end.is_some()) {
        track[tracks.column(life.until)] = '×';
    }
    track
}

/// Whether something that lasts is there now; what has not ended when the picture does is there at its end, too.
fn is_in(from: Global, until: Global, end: Global, now: Global) -> bool {
    from <= now && (now < until || until == end)
}

fn words(life: &Life, lane: &SlotLane, picture: &Picture, now: Global) -> String {
    if now >= life.until
        && let Some(end) = life.end
    {
        return match end {
            LifeEnd::Crashed => "crashed",
            LifeEnd::Closed => "closed",
            LifeEnd::Killed => "killed",
        }
        .into();
    }
    let is_now = |from, until| is_in(from, until, picture.until, now);
    let bands = lane.bands.iter().filter(|band| is_now(band.from, band.until)).map(|band| band.kind);
    let mut said: Vec<String> = bands.map(BandKind::label).collect();
    if life.closing.is_some_and(|closing| closing <= now) {
        said.push("closing".into());
    }
    let here = lane.sessions.iter().filter(|bar| bar.server() == life.server && is_now(bar.from, bar.until));
    let sessions: Vec<String> = here.map(|bar| session(bar, picture, now)).collect();
    if sessions.is_empty() && said.is_empty() {
        said.push("no session".into());
    }
    said.extend(sessions);
    said.join("; ")
}

fn session(bar: &SessionBar, picture: &Picture, now: Global) -> String {
    let live = bar.live.iter().any(|(from, until)| is_in(*from, *until, picture.until, now));
    let state = bar.edits.iter().rev().find(|(at, _)| *at <= now).map(|(_, stamp)| picture.states.name(*stamp));
    let state = state.map_or_else(String::new, |state| format!(", {state}"));
    format!("{} {}{state}", player(bar.player), if live { "live" } else { "not live" })
}

fn lock(lane: &KeyLane, until: Global, tracks: &Tracks, now: Global) -> Lane {
    let mut track = tracks.blank();
    for hold in &lane.holds {
        tracks.fill(&mut track, hold.from, hold.until, '━');
    }
    for hold in lane.holds.iter().skip(1) {
        track[tracks.column(hold.from)] = '┣';
    }
    let held = lane.holds.iter().rev().find(|hold| is_in(hold.from, hold.until, until, now));
    Lane {
        name: format!("lock {}", player(lane.player)),
        track,
        now: held.map_or_else(|| "free".into(), |hold| format!("held by {}", job(hold.server))),
    }
}

fn memory(lane: &MemoryLane, until: Global, tracks: &Tracks, now: Global) -> Lane {
    let mut track = tracks.blank();
    for span in &lane.spans {
        tracks.fill(&mut track, span.from, span.until, '━');
    }
    for (at, _) in lane.writes.iter().skip(1) {
        track[tracks.column(*at)] = '┣';
    }
    let kept = lane.spans.iter().rev().find(|span| is_in(span.from, span.until, until, now));
    Lane {
        name: entry_name(&lane.address),
        track,
        now: kept.map_or_else(|| "nothing".into(), |span| format!("written by {}", job(span.server))),
    }
}
