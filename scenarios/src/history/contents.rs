//! What is in a stored value beside its lock, and where in it.

use std::sync::Arc;

use dupeproof_core::{Escrow, Guid, Record, Stored, gift_sender};
use dupeproof_sim::id::{ItemId, MessageId, ReceiptId, TradeId};
use dupeproof_sim::record_layout::RecordLayout;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::game_record::{self, QueuedMessage};

/// A stored value of a player's key, to be looked through.
#[derive(Clone, Copy, Debug)]
pub struct Contents<'a> {
    stored: &'a Stored,
    data: Option<&'a Json>,
}

/// What a record has left that a later session must deal with before anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Leftover {
    /// A message, or a gift, in the queue.
    Message,
    /// `ActiveSession`.
    Lock,
    /// `ForceLoadSession`.
    Marker,
    /// Something that is put aside for a trade or a gift.
    Escrow,
    /// The note that a trade is settled here.
    Note,
}

impl Leftover {
    /// What it is called, with its article.
    pub fn about(self) -> &'static str {
        match self {
            Leftover::Message => "a message in its queue",
            Leftover::Lock => "a lock",
            Leftover::Marker => "a marker",
            Leftover::Escrow => "something put aside for a trade or a gift",
            Leftover::Note => "the note of a settled trade",
        }
    }
}

impl<'a> Contents<'a> {
    /// Of a subject that keeps things like this.
    pub fn new(stored: &'a Stored, layout: &RecordLayout) -> Contents<'a> {
        Contents { stored, data: layout.data(stored) }
    }

    /// The items in the data.
    pub fn items(self) -> impl Iterator<Item = ItemId> + 'a {
        self.data.into_iter().flat_map(game_record::items)
    }

    /// Things that are only counted, where items are not told apart.
    pub fn coins(self) -> Option<i64> {
        self.data.and_then(game_record::coins)
    }

    /// The messages that were handled, each as often as its effect is in the data.
    pub fn handled(self) -> impl Iterator<Item = MessageId> + 'a {
        self.data.into_iter().flat_map(game_record::messages)
    }

    /// The receipts whose purchases are in the data, each as often as it is.
    pub fn bought(self) -> impl Iterator<Item = ReceiptId> + 'a {
        self.data.into_iter().flat_map(game_record::purchases)
    }

    /// What waits in the message queue, oldest first.
    pub fn queue(self) -> impl DoubleEndedIterator<Item = QueuedMessage> + 'a {
        let entries = self.record().map_or(&[][..], |record| &record.global_updates.entries);
        // Whatever the age of the entry's format, the message is its last element.
        entries.iter().filter_map(|entry| QueuedMessage::parse(entry.as_array()?.last()?))
    }

    /// The gifts in the queue.
    pub fn gifts(self) -> impl Iterator<Item = ItemId> + 'a {
        self.queue().filter_map(|queued| match queued {
            QueuedMessage::Gift { item, .. } => Some(item),
            QueuedMessage::Message(_) => None,
        })
    }

    /// The messages in the queue.
    pub fn queued(self) -> impl Iterator<Item = MessageId> + 'a {
        self.queue().filter_map(|queued| match queued {
            QueuedMessage::Message(message) => Some(message),
            QueuedMessage::Gift { .. } => None,
        })
    }

    /// What is put aside, by the id of its trade or gift.
    pub fn escrow(self) -> impl Iterator<Item = (&'a str, &'a Escrow)> + 'a {
        self.kept_for_deals().filter(|(_, escrow)| !matches!(escrow, Escrow::Settled { .. }))
    }

    /// Trades that are settled here, and whose coordinators may not know it.
    pub fn settled(self) -> impl Iterator<Item = TradeId> + 'a {
        let settled = self.kept_for_deals().filter(|(_, escrow)| matches!(escrow, Escrow::Settled { .. }));
        settled.filter_map(|(id, _)| id.parse().ok().map(TradeId))
    }

    /// Whether the next session of this record has something to do for a trade.
    pub fn has_part_in(self, trade: TradeId) -> bool {
        self.kept_for_deals().any(|(id, _)| id.parse() == Ok(trade.0))
    }

    fn kept_for_deals(self) -> impl Iterator<Item = (&'a str, &'a Escrow)> + 'a {
        let profile = self.record().and_then(|record| record.profile.as_ref());
        profile.into_iter().flat_map(|profile| profile.meta.escrow.iter().map(|(id, escrow)| (&**id, escrow)))
    }

    /// Whether something is put aside under this id.
    pub fn has_escrow(self, id: &str) -> bool {
        self.escrow().any(|(other, _)| other == id)
    }

    /// What is left in the record, if anything is; the first of it. In any other value nobody can tell.
    pub fn leftover(self) -> Option<Leftover> {
        let record = self.record()?;
        if !record.global_updates.entries.is_empty() {
            return Some(Leftover::Message);
        }
        let meta = &record.profile.as_ref()?.meta;
        if meta.active_session.is_some() {
            return Some(Leftover::Lock);
        }
        if meta.force_load_session.is_some() {
            return Some(Leftover::Marker);
        }
        if self.escrow().next().is_some() {
            return Some(Leftover::Escrow);
        }
        (!meta.escrow.is_empty()).then_some(Leftover::Note)
    }

    /// Whether the gift with this number of this profile has arrived here, now or long ago.
    pub fn has_gift(self, giver: &str, created: i64, number: u64) -> bool {
        let sender = gift_sender(giver, created);
        self.senders().any(|(other, newest)| *other == sender && *newest >= number)
    }

    /// Whether a gift has arrived here, now or long ago, from the profile under this key, whenever that was created.
    pub fn has_gift_of(self, giver: &str) -> bool {
        let is_giver = |sender: &str| sender.rsplit_once('@').is_some_and(|(key, _)| key == giver);
        self.senders().any(|(sender, _)| is_giver(sender))
    }

    /// When the profile was created, in seconds since 1970.
    pub fn created(self) -> Option<i64> {
        Some(self.record()?.profile.as_ref()?.meta.profile_create_time)
    }

    fn senders(self) -> impl Iterator<Item = &'a (Guid, u64)> + 'a {
        self.record().into_iter().flat_map(|record| record.senders.iter())
    }

    fn record(self) -> Option<&'a Arc<Record>> {
        match self.stored {
            Stored::Record(record) => Some(record),
            Stored::Other(_) => None,
        }
    }
}

/// The item in what an escrow gives.
pub fn given(escrow: &Escrow) -> Option<ItemId> {
    match escrow {
        Escrow::Trade { gives, .. } | Escrow::Gift { gives, .. } => game_record::offered(gives),
        Escrow::Settled { .. } => None,
    }
}

/// A trade's coordinator: what both sides decided by. Written by the core alone.
#[derive(Clone, Copy, Debug)]
pub struct Coordinator<'a>(pub &'a Json);

impl Coordinator<'_> {
    /// Whether the trade committed.
    pub fn is_committed(self) -> bool {
        self.0.get("Decision").and_then(Json::as_str) == Some("Committed")
    }

    /// What a side has put aside.
    pub fn gives(self, key: &str) -> Option<ItemId> {
        game_record::offered(self.0.get("Gives")?.get(key)?)
    }
}
