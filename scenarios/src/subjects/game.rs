//! The game that runs on top of every built-in subject: what a player's data looks like and what is done to it.
//!
//! Data is `{"Items": [n, ...], "Stamp": n}`. Anything missing reads as no items and stamp zero, so that the empty
//! table a profile begins with is a state of the game too.

use dupeproof_sim::{ServerId, Stamp, guest::ItemId};
use serde_json::{Value as Json, json};

/// The data of a player who owns these items and has never been edited.
pub fn data(items: &[u32]) -> Json {
    json!({ "Items": items, "Stamp": 0 })
}

/// The items in a player's data, in their order; numbers that are no item are skipped.
pub fn items(data: &Json) -> impl Iterator<Item = ItemId> {
    let items = data.get("Items").and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
    items.iter().filter_map(|item| item.as_u64().and_then(|item| u32::try_from(item).ok()).map(ItemId))
}

/// Which state the data is in.
pub fn stamp(data: &Json) -> Stamp {
    Stamp(data.get("Stamp").and_then(Json::as_u64).unwrap_or(0))
}

/// Changes the data: all that shows is the new stamp. The caller tells `GuestEvent::Edited`.
pub fn edit(data: &mut Json, stamp: Stamp) {
    match data.get_mut("Stamp") {
        Some(old) => *old = stamp.0.into(),
        None => drop(table(data).insert("Stamp".into(), stamp.0.into())),
    }
}

/// What went over the table in a swap.
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
    let swapped = Swapped { given: give(first), received: give(second) };
    receive(second, swapped.given);
    receive(first, swapped.received);
    swapped
}

fn give(data: &mut Json) -> Option<ItemId> {
    let item = items(data).next()?;
    let owned = data.get_mut("Items")?.as_array_mut()?;
    let place = owned.iter().position(|other| other.as_u64() == Some(u64::from(item.0)))?;
    owned.remove(place);
    Some(item)
}

fn receive(data: &mut Json, item: Option<ItemId>) {
    let Some(item) = item else { return };
    let items = table(data).entry("Items").or_insert_with(|| Json::Array(Vec::new()));
    match items.as_array_mut() {
        Some(items) => items.push(item.0.into()),
        None => *items = json!([item.0]),
    }
}

/// The data as a map: the empty table of a fresh profile is `[]`.
fn table(data: &mut Json) -> &mut serde_json::Map<String, Json> {
    if !data.is_object() {
        *data = Json::Object(serde_json::Map::new());
    }
    data.as_object_mut().expect("made an object above")
}

/// Makes the stamps of one server's life: unique in a run, because slot and life are in them.
#[derive(Clone, Debug)]
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
