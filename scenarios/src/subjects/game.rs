//! The game that runs on top of every built-in subject: what a player's data looks like and what is done to it.
//!
//! Data is `{"Items": [n, ...], "Stamp": n, "Mail": [n, ...], "Bought": [n, ...]}`. Anything missing reads as empty
//! and stamp zero, so that the empty table a profile begins with is a state of the game too.

use dupeproof_sim::guest::{ItemId, MessageId, ReceiptId, TradeId};
use dupeproof_sim::{ServerId, Stamp};
use serde_json::{Value as Json, json};

/// The data of a player who owns these items and has never been edited.
pub fn data(items: &[u32]) -> Json {
    json!({ "Items": items, "Stamp": 0 })
}

/// The items in a player's data, in their order; numbers that are no item are skipped.
pub fn items(data: &Json) -> impl Iterator<Item = ItemId> {
    numbers(data, "Items").map(ItemId)
}

/// The messages that were handled, in order.
pub fn mail(data: &Json) -> impl Iterator<Item = MessageId> {
    numbers(data, "Mail").map(MessageId)
}

/// The purchases that were granted, in order.
pub fn bought(data: &Json) -> impl Iterator<Item = ReceiptId> {
    numbers(data, "Bought").map(ReceiptId)
}

fn numbers(data: &Json, list: &str) -> impl Iterator<Item = u32> {
    let numbers = data.get(list).and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
    numbers.iter().filter_map(|number| number.as_u64().and_then(|number| u32::try_from(number).ok()))
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
    if let Some(item) = swapped.given {
        receive(second, item);
    }
    if let Some(item) = swapped.received {
        receive(first, item);
    }
    swapped
}

/// Takes the first item out of the data, if there is one.
pub fn give(data: &mut Json) -> Option<ItemId> {
    let item = items(data).next()?;
    let owned = data.get_mut("Items")?.as_array_mut()?;
    let place = owned.iter().position(|other| other.as_u64() == Some(u64::from(item.0)))?;
    owned.remove(place);
    Some(item)
}

/// Puts an item into the data.
pub fn receive(data: &mut Json, item: ItemId) {
    append(data, "Items", item.0);
}

/// The effect of a message: it is in the data.
pub fn handle(data: &mut Json, message: MessageId) {
    append(data, "Mail", message.0);
}

/// The effect of a purchase: it is in the data.
pub fn grant(data: &mut Json, receipt: ReceiptId) {
    append(data, "Bought", receipt.0);
}

fn append(data: &mut Json, list: &str, number: u32) {
    match data.get_mut(list).and_then(Json::as_array_mut) {
        Some(numbers) => numbers.push(number.into()),
        None => drop(table(data).insert(list.to_owned(), json!([number]))),
    }
}

/// What waits in a profile's message queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueuedMessage {
    /// A message of the game.
    Message(MessageId),
    /// An item on its way.
    Gift {
        /// Which gift.
        gift: TradeId,
        /// What is given.
        item: ItemId,
    },
}

impl QueuedMessage {
    /// What is sent.
    pub fn to_json(self) -> Json {
        match self {
            QueuedMessage::Message(message) => json!({ "Message": message.0 }),
            QueuedMessage::Gift { gift, item } => json!({ "Gift": gift.0, "Item": item.0 }),
        }
    }

    /// What was sent; `None` for what this game does not send.
    pub fn parse(json: &Json) -> Option<QueuedMessage> {
        match number(json, "Message") {
            Some(message) => Some(QueuedMessage::Message(MessageId(message))),
            None => Some(QueuedMessage::Gift { gift: TradeId(number(json, "Gift")?), item: offered(json)? }),
        }
    }
}

/// One side of a trade, as it is put aside.
pub fn offer(item: ItemId) -> Json {
    json!({ "Item": item.0 })
}

/// The item in what was put aside, for a trade or for a gift.
pub fn offered(json: &Json) -> Option<ItemId> {
    number(json, "Item").map(ItemId)
}

fn number(json: &Json, name: &str) -> Option<u32> {
    json.get(name)?.as_u64().and_then(|number| u32::try_from(number).ok())
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
