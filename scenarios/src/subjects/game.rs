//! What the game on top of every built-in subject does to players' data.

use dupeproof_sim::id::{ItemId, ServerId, Stamp};
use serde_json::Value as Json;

use crate::game_record::{add_item, take_item};

/// What changed hands in a swap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swapped {
    /// From the first player to the second.
    pub given: Option<ItemId>,
    /// From the second player to the first.
    pub received: Option<ItemId>,
}

impl Swapped {
    /// Whether anything changed hands.
    pub fn is_empty(self) -> bool {
        self.given.is_none() && self.received.is_none()
    }
}

/// Each gives the other its first item, if it has one. The caller then edits both (a swap is a new state of both),
/// and tells `GuestEvent::Edited` for both and `GuestEvent::ItemMoved` for each item. Where nothing moves, nothing
/// happened.
pub fn swap(first: &mut Json, second: &mut Json) -> Swapped {
    let swapped = Swapped { given: take_item(first), received: take_item(second) };
    if let Some(item) = swapped.given {
        add_item(second, item);
    }
    if let Some(item) = swapped.received {
        add_item(first, item);
    }
    swapped
}

/// Makes the stamps of one server's life: unique in a run, because slot and life are in them.
#[derive(Clone, Debug, Hash)]
pub struct StampSource {
    life: u64,
    made: u32,
}

impl StampSource {
    /// For this life of this server. Slots are below 2^13 and lives below 2^8 (`schedule` sanity holds both), so
    /// that stamps stay below 2^53.
    pub fn new(server: ServerId) -> StampSource {
        StampSource { life: u64::from(server.slot) << 40 | u64::from(server.life) << 32, made: 0 }
    }

    /// The next.
    pub fn make(&mut self) -> Stamp {
        self.made += 1;
        Stamp(self.life | u64::from(self.made))
    }
}
