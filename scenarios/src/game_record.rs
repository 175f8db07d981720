//! The record format of the workload: what the game that every subject runs stores, and under which keys. Subjects
//! write it; the history, invariants and reports read it.
//!
//! Data is `{"Items": [n, ...], "Stamp": n, "Mail": [n, ...], "Bought": [n, ...]}`. Anything missing reads as empty
//! and stamp zero, so that the empty table a profile begins with is a state of the game too.

use dupeproof_sim::Key;
use dupeproof_sim::guest::PLAYER_PREFIX;
use dupeproof_sim::id::{ItemId, MessageId, PlayerId, ReceiptId, Stamp, TradeId};
use serde_json::{Value as Json, json};

const ITEMS: &str = "Items";
/// The number of the state: the workload's own mark, which is no belonging of a player's.
pub const STAMP: &str = "Stamp";
/// What a reader of a run counts, where a game does not tell items apart. No game calls a field of its own so: many have one
/// that is called `Coins`.
pub const COINS: &str = "(coins)";
/// Messages that were handled.
const MESSAGES: &str = "Mail";
/// Purchases that were granted.
const PURCHASES: &str = "Bought";
/// What cannot be stored.
const EXCESS: &str = "Excess";
/// `core` stores records of up to 127 levels.
const EXCESS_LEVELS: usize = 130;

const TRADE_PREFIX: &str = "Trade_";

/// Whose profile a key is; `None` for keys that are none.
pub fn player_of(key: &str) -> Option<PlayerId> {
    key.strip_prefix(PLAYER_PREFIX)?.parse().ok().map(PlayerId)
}

/// The trade whose coordinator a key is; `None` for keys that are none.
pub fn trade_of(key: &str) -> Option<TradeId> {
    key.strip_prefix(TRADE_PREFIX)?.parse().ok().map(TradeId)
}

/// The key of a trade's coordinator.
pub fn trade_key(trade: TradeId) -> Key {
    format!("{TRADE_PREFIX}{}", trade.0).into()
}

/// The data of a player who owns these items and has never been edited.
pub fn data(items: &[u32]) -> Json {
    json!({ ITEMS: items, STAMP: 0 })
}

/// The items in a player's data, in their order; numbers that are no item are skipped.
pub fn items(data: &Json) -> impl Iterator<Item = ItemId> {
    numbers(data, ITEMS).map(ItemId)
}

/// Things that are only counted, beside those that every player begins with; `None` where items are told apart.
pub fn coins(data: &Json) -> Option<i64> {
    data.get(COINS)?.as_i64()
}

/// The messages that were handled, in order.
pub fn messages(data: &Json) -> impl Iterator<Item = MessageId> {
    numbers(data, MESSAGES).map(MessageId)
}

/// The purchases that were granted, in order.
pub fn purchases(data: &Json) -> impl Iterator<Item = ReceiptId> {
    numbers(data, PURCHASES).map(ReceiptId)
}

fn numbers(data: &Json, list: &str) -> impl Iterator<Item = u32> {
    let numbers = data.get(list).and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
    numbers.iter().filter_map(|number| number.as_u64().and_then(|number| u32::try_from(number).ok()))
}

/// Which state the data is in.
pub fn stamp(data: &Json) -> Stamp {
    Stamp(data.get(STAMP).and_then(Json::as_u64).unwrap_or(0))
}

/// Changes the data: all that shows is the new stamp. The caller tells `GuestEvent::Edited`.
pub fn set_stamp(data: &mut Json, stamp: Stamp) {
    match data.get_mut(STAMP) {
        Some(old) => *old = stamp.0.into(),
        None => drop(table(data).insert(STAMP.into(), stamp.0.into())),
    }
}

/// Takes the first item out of the data, if there is one.
pub fn take_item(data: &mut Json) -> Option<ItemId> {
    let item = items(data).next()?;
    let owned = data.get_mut(ITEMS)?.as_array_mut()?;
    let place = owned.iter().position(|other| other.as_u64() == Some(u64::from(item.0)))?;
    owned.remove(place);
    Some(item)
}

/// Puts an item into the data.
pub fn add_item(data: &mut Json, item: ItemId) {
    append(data, ITEMS, item.0);
}

/// The effect of a message: it is in the data.
pub fn add_message(data: &mut Json, message: MessageId) {
    append(data, MESSAGES, message.0);
}

/// The effect of a purchase: it is in the data.
pub fn add_purchase(data: &mut Json, receipt: ReceiptId) {
    append(data, PURCHASES, receipt.0);
}

/// Puts something into the data that cannot be stored: it is nested too deeply. If it is there, it goes.
pub fn overfill(data: &mut Json) {
    if table(data).remove(EXCESS).is_none() {
        let excess = (0..EXCESS_LEVELS).fold(Json::Null, |inner, _| json!([inner]));
        table(data).insert(EXCESS.to_owned(), excess);
    }
}

/// Whether the data cannot be stored.
pub fn is_overfull(data: &Json) -> bool {
    data.get(EXCESS).is_some()
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
