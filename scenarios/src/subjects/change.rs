//! What the game does to a player's data. Each deed is a new state of it, and is told.

use dupeproof_sim::id::{ItemId, ReceiptId, SessionNo, Stamp, TradeId};
use dupeproof_sim::{GuestEvent, Output};
use serde_json::Value as Json;

use super::game::Swapped;
use crate::game_record::{self, QueuedMessage};

/// Something that was done to a player's data.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    /// The state it made.
    stamp: Stamp,
    /// The state it was done to.
    parent: Stamp,
    what: What,
    /// It cannot be stored.
    overfull: bool,
}

#[derive(Clone, Copy, Debug)]
enum What {
    /// Nothing but the state itself shows it.
    Plain,
    PutAside(TradeId, ItemId),
    Read(QueuedMessage),
    Settled {
        trade: TradeId,
        committed: bool,
        item: Option<ItemId>,
    },
}

impl Change {
    /// An edit.
    pub(super) fn edit(data: &mut Json, stamp: Stamp) -> Change {
        Change::new(data, stamp, What::Plain)
    }

    /// Something enters the data that cannot be stored, or leaves it again.
    pub(super) fn overfill(data: &mut Json, stamp: Stamp) -> Change {
        game_record::overfill(data);
        Change::new(data, stamp, What::Plain)
    }

    /// The first item leaves the data for a trade or a gift. Nothing happens if there is none.
    pub(super) fn put_aside(data: &mut Json, stamp: Stamp, trade: TradeId) -> Option<(Change, ItemId)> {
        let item = game_record::take_item(data)?;
        Some((Change::new(data, stamp, What::PutAside(trade, item)), item))
    }

    /// A message has its effect. Nothing happens if this game does not send such.
    pub(super) fn read(data: &mut Json, stamp: Stamp, message: &Json) -> Option<Change> {
        let queued = QueuedMessage::parse(message)?;
        match queued {
            QueuedMessage::Message(message) => game_record::add_message(data, message),
            QueuedMessage::Gift { item, .. } => game_record::add_item(data, item),
        }
        Some(Change::new(data, stamp, What::Read(queued)))
    }

    /// What a trade came to enters the data.
    pub(super) fn settle(data: &mut Json, stamp: Stamp, trade: TradeId, committed: bool, items: &Json) -> Change {
        let item = game_record::offered(items);
        if let Some(item) = item {
            game_record::add_item(data, item);
        }
        Change::new(data, stamp, What::Settled { trade, committed, item })
    }

    /// A purchase has its effect.
    pub(super) fn grant(data: &mut Json, stamp: Stamp, receipt: ReceiptId) -> Change {
        game_record::add_purchase(data, receipt);
        Change::new(data, stamp, What::Plain)
    }

    fn new(data: &mut Json, stamp: Stamp, what: What) -> Change {
        let parent = game_record::stamp(data);
        game_record::set_stamp(data, stamp);
        Change { stamp, parent, what, overfull: game_record::is_overfull(data) }
    }

    /// What the game says of it.
    pub(super) fn tell(self, session: SessionNo, out: &mut Vec<Output>) {
        let Change { stamp, parent, what, overfull } = self;
        let mut tell = |event| out.push(Output::Event(event));
        match what {
            What::Plain => {}
            What::PutAside(trade, item) => tell(GuestEvent::ItemPutAside { item, session, trade }),
            What::Read(QueuedMessage::Message(message)) => tell(GuestEvent::MessageHandled { session, message }),
            What::Read(QueuedMessage::Gift { gift, item }) => {
                tell(GuestEvent::ItemTaken { item, session, trade: gift });
            }
            What::Settled { trade, committed, item } => {
                tell(GuestEvent::TradeDecided { session, trade, committed });
                if let Some(item) = item {
                    tell(GuestEvent::ItemTaken { item, session, trade });
                }
            }
        }
        tell(GuestEvent::Edited { session, stamp, parent });
        if overfull {
            tell(GuestEvent::Overfilled { session, stamp });
        }
    }
}

impl Swapped {
    /// What the game says of it, after the deeds of both.
    pub(super) fn tell(self, first: SessionNo, second: SessionNo, out: &mut Vec<Output>) {
        let moved = self.given.map(|item| (item, first, second)).into_iter();
        for (item, from, to) in moved.chain(self.received.map(|item| (item, second, first))) {
            out.push(Output::Event(GuestEvent::ItemMoved { item, from, to }));
        }
    }
}
