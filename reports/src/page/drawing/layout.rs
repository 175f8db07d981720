//! Where the lanes of a drawing are, in pixels from the top.

use std::collections::BTreeMap;

use crate::picture::arrows::Place;
use crate::picture::bands::BandKind;
use crate::picture::{Picture, SlotLane};
use dupeproof_sim::id::{PlayerId, Slot};

/// Left of the lanes, for their names.
pub(super) const GUTTER: f64 = 112.0;
/// Above the lanes, for the axis, the finding and the step at fault.
pub(super) const TOP: f64 = 70.0;
/// Right of and below everything.
pub(super) const MARGIN: f64 = 14.0;
/// The top of a server lane, for the names of its lives.
pub(super) const HEADER: f64 = 18.0;
/// A session bar's row: room for a label, the bar, room for numbers.
pub(super) const ROW: f64 = 46.0;
/// Of that, above the bar.
pub(super) const ABOVE: f64 = 14.0;
/// The bar itself.
pub(super) const BAR: f64 = 16.0;
/// A strip for a cut link.
pub(super) const STRIP: f64 = 16.0;
/// A key's lane: its name, who asks for the lock, who has it, and the writes with their numbers.
pub(super) const KEY: f64 = 70.0;
/// In it, the upper edge of the lock's bar.
pub(super) const LOCK: f64 = 20.0;
/// In it, the upper edge of the writes' ticks.
pub(super) const WRITES: f64 = 40.0;
/// A memory lane: its name, the bar of what is kept, and the ticks of writes on it.
pub(super) const MEMORY: f64 = 44.0;
/// Between two lanes.
const GAP: f64 = 12.0;

/// Tops and heights of all lanes.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    slots: BTreeMap<Slot, SlotPlace>,
    keys: BTreeMap<PlayerId, f64>,
    /// The upper edges of memory lanes.
    pub(super) memory: Vec<f64>,
    /// The strips of services' outages.
    pub(super) outages: f64,
    /// The whole.
    pub(super) height: f64,
}

/// Where one server's lane is.
#[derive(Clone, Debug)]
pub(super) struct SlotPlace {
    /// Its upper edge.
    pub(super) top: f64,
    /// How high it is.
    pub(super) height: f64,
    rows: BTreeMap<PlayerId, f64>,
    /// The upper edge of its strips.
    pub(super) strips: f64,
}

impl Layout {
    pub(super) fn of(picture: &Picture) -> Layout {
        let mut y = TOP + 6.0;
        let mut slots = BTreeMap::new();
        for (slot, lane) in &picture.slots {
            let place = SlotPlace::at(y, lane);
            y += place.height + GAP;
            slots.insert(*slot, place);
        }
        let outages = y;
        if !picture.outages.is_empty() {
            y += STRIP * 2.0 + GAP / 2.0;
        }
        let mut keys = BTreeMap::new();
        for lane in &picture.keys {
            keys.insert(lane.player, y);
            y += KEY + GAP;
        }
        let mut memory = Vec::new();
        for _ in &picture.memory {
            memory.push(y);
            y += MEMORY + GAP;
        }
        Layout { slots, keys, memory, outages, height: y + MARGIN }
    }

    pub(super) fn slot(&self, slot: Slot) -> &SlotPlace {
        &self.slots[&slot]
    }

    /// The upper edge of a key's lane.
    pub(super) fn key(&self, player: PlayerId) -> f64 {
        self.keys[&player]
    }

    /// Where arrows about a player touch a place; those about nobody in particular touch its middle.
    pub(super) fn touch(&self, place: Place, player: Option<PlayerId>) -> f64 {
        match place {
            Place::Key(player) => self.key(player) + LOCK + BAR / 2.0,
            Place::Memory(lane, _) => self.memory[lane] + LOCK + BAR / 2.0,
            Place::Server(server) => {
                let slot = self.slot(server.slot);
                let row = player.and_then(|player| slot.rows.get(&player));
                row.map_or(slot.top + slot.height / 2.0, |row| row + ABOVE + BAR / 2.0)
            }
        }
    }
}

impl SlotPlace {
    fn at(top: f64, lane: &SlotLane) -> SlotPlace {
        let mut y = top + HEADER;
        let mut rows = BTreeMap::new();
        for bar in &lane.sessions {
            rows.entry(bar.player).or_insert_with(|| {
                let row = y;
                y += ROW;
                row
            });
        }
        if rows.is_empty() {
            y += ROW / 2.0;
        }
        let strips = y;
        if lane.bands.iter().any(|band| band.kind != BandKind::Freeze) {
            y += STRIP + 4.0;
        }
        SlotPlace { top, height: y - top, rows, strips }
    }

    /// The upper edge of a player's row.
    pub(super) fn row(&self, player: PlayerId) -> f64 {
        self.rows[&player]
    }
}
