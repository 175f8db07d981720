//! What to draw of one run: pure data, made from the trace.
//!
//! It holds only what the finding is about: the players, their keys, and the servers they were on, from the start to
//! shortly after the finding.

pub mod arrows;
pub mod bands;
pub mod cast;
pub mod locks;
pub mod memory;
pub mod recording;
pub mod scale;
pub mod sessions;
pub mod states;

use std::collections::BTreeMap;

use dupeproof_core::Span;
use dupeproof_scenarios::Finding;
use dupeproof_sim::id::Slot;
use dupeproof_sim::{Event, FindingKind, Global};

pub use arrows::Arrow;
pub use bands::{Band, Life};
pub use cast::Cast;
pub use locks::KeyLane;
pub use memory::MemoryLane;
pub use recording::Recording;
pub use sessions::{Overlap, SessionBar, Transfer};
pub use states::States;

/// After a finding, this much more is shown.
const AFTERMATH: Span = Span::secs(5);

/// One run as lanes, bars, bands and arrows over global time.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Who is in it.
    pub cast: Cast,
    /// What the states of the data are called.
    pub states: States,
    /// When it ends; it begins at zero.
    pub until: Global,
    /// Whether the run goes on after that.
    pub cut: bool,
    /// A lane per server slot, in order of slot.
    pub slots: BTreeMap<Slot, SlotLane>,
    /// A lane per key, in order of player.
    pub keys: Vec<KeyLane>,
    /// A lane per entry of a memory store, in order of player.
    pub memory: Vec<MemoryLane>,
    /// When services were out.
    pub outages: Vec<Band>,
    /// Requests, replies and messages.
    pub arrows: Vec<Arrow>,
    /// Where two sessions of one player were live at once.
    pub overlaps: Vec<Overlap>,
    /// Items that went from one session to another.
    pub transfers: Vec<Transfer>,
    /// The finding: its kind, when it was seen, and until when it lasted.
    pub finding: (FindingKind, Global, Global),
}

/// What happened on one server slot.
#[derive(Clone, Debug, Default)]
pub struct SlotLane {
    /// Its lives, in order.
    pub lives: Vec<Life>,
    /// Freezes and partitions.
    pub bands: Vec<Band>,
    /// Sessions of the cast, in order of start.
    pub sessions: Vec<SessionBar>,
}

impl Picture {
    /// The picture of a run with a finding.
    pub fn of(events: &[(Global, Event)], finding: &Finding) -> Picture {
        let last = events.last().map_or(finding.at, |(at, _)| *at);
        let ended = finding.at + finding.lasted.unwrap_or(Span::ZERO);
        let until = last.min(ended + AFTERMATH).max(finding.at);
        let shown = &events[..events.partition_point(|(at, _)| *at <= until)];
        let cast = Cast::of(shown, finding);
        let states = States::of(shown, &cast);
        let sessions = sessions::bars(shown, &cast, until);
        let memory = memory::lanes(shown, &cast, until);
        let mut picture = Picture {
            slots: cast.slots.iter().map(|slot| (*slot, SlotLane::default())).collect(),
            keys: locks::lanes(shown, &cast, until),
            outages: bands::outages(shown, until),
            arrows: arrows::arrows(shown, (&cast, &memory), &sessions),
            memory,
            overlaps: sessions::overlaps(&sessions),
            transfers: sessions::transfers(sessions.iter()),
            finding: (finding.kind(), finding.at, ended.min(until)),
            cut: until < last,
            cast,
            states,
            until,
        };
        picture.fill_slots(shown, sessions);
        picture
    }

    fn fill_slots(&mut self, events: &[(Global, Event)], sessions: Vec<SessionBar>) {
        for life in bands::lives(events, self.until) {
            if let Some(lane) = self.slots.get_mut(&life.server.slot) {
                lane.lives.push(life);
            }
        }
        for (slot, band) in bands::bands(events, self.until) {
            if let Some(lane) = self.slots.get_mut(&slot) {
                lane.bands.push(band);
            }
        }
        for bar in sessions {
            if let Some(lane) = self.slots.get_mut(&bar.server().slot) {
                lane.sessions.push(bar);
            }
        }
    }

    /// Every moment at which something shown begins, ends or happens; sorted, each once.
    pub fn moments(&self) -> Vec<Global> {
        let mut moments = vec![Global(0), self.until, self.finding.1, self.finding.2];
        for lane in self.slots.values() {
            moments.extend(lane.lives.iter().flat_map(|life| [life.from, life.until]));
            moments.extend(lane.bands.iter().flat_map(|band| [band.from, band.until]));
            for bar in &lane.sessions {
                moments.extend([bar.from, bar.until]);
                moments.extend(bar.live.iter().flat_map(|(from, until)| [*from, *until]));
                moments.extend(bar.edits.iter().map(|edit| edit.0));
                moments.extend(bar.moves.iter().map(|moved| moved.at));
                moments.extend(bar.messages.iter().map(|message| message.0));
            }
        }
        for lane in &self.keys {
            moments.extend(lane.holds.iter().flat_map(|hold| [hold.from, hold.until]));
            moments.extend(lane.commits.iter().map(|commit| commit.at));
        }
        for lane in &self.memory {
            moments.extend(lane.spans.iter().flat_map(|span| [span.from, span.until]));
            moments.extend(lane.writes.iter().map(|write| write.0));
        }
        moments.extend(self.outages.iter().flat_map(|band| [band.from, band.until]));
        moments.extend(self.arrows.iter().flat_map(|arrow| [arrow.sent, arrow.arrived]));
        moments.sort_unstable();
        moments.dedup();
        moments
    }
}
