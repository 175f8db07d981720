//! What admins asked for: writes that undo, on purpose, what is stored.
//!
//! A removal, or a view-mode set, takes a lock away and replaces data by data not made from it: from a session, each
//! would be a finding. It is an admin's if the server was told to do exactly that to that player in that life, and,
//! for a set, if the write lifts the lock, is not signed as a session's, and its data is a state that was stored
//! since the server was told, or, if it has asked for a version of the record since, any that was ever stored (what else could
//! it have read?). So nothing is exempt in a run without such commands,
//! and in one with them nothing of other players, of other servers, or that any session made.
//!
//! What such a write takes out of the data, or brings back, is remembered by name (and a removal brings gifts back that had
//! arrived: nobody else remembers that they have), and only that is exempt from being
//! nowhere, or from being in two places, at the end.

use dupeproof_core::Stored;
use dupeproof_sim::Command;
use dupeproof_sim::id::{ItemId, MessageId, PlayerId, ReceiptId, ServerId, Stamp, TradeId};
use dupeproof_sim::record_layout::RecordLayout;

use super::contents::{Contents, given};

/// What one server was told to do to one player's record.
#[derive(Clone, Debug)]
struct Order {
    server: ServerId,
    player: PlayerId,
    task: Task,
}

#[derive(Clone, Debug)]
enum Task {
    Remove,
    /// Write back a state that the server can have read since: one of these.
    Rollback(Vec<Stamp>),
}

/// What admins' writes took away, or brought back.
#[derive(Clone, Debug, Default)]
pub struct Things {
    /// Items, in the data, in escrow or on their way.
    pub items: Vec<ItemId>,
    /// Messages, handled or queued.
    pub messages: Vec<MessageId>,
    /// Purchases in the data.
    pub receipts: Vec<ReceiptId>,
    /// Trades with one side in escrow: what the other side puts into them goes nowhere either.
    pub trades: Vec<TradeId>,
    /// Trades that one side had settled, and had not told their coordinators: now it never does.
    pub settled: Vec<TradeId>,
}

/// What admins asked for, and the results.
#[derive(Clone, Debug, Default)]
pub struct Admin {
    orders: Vec<Order>,
    /// Taken out of the store.
    pub taken: Things,
    /// Put back into the store.
    pub restored: Things,
}

/// A write to a player's record, as the history hands it on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Write<'a> {
    pub(super) server: ServerId,
    pub(super) player: PlayerId,
    pub(super) before: Option<&'a Stored>,
    pub(super) after: Option<&'a Stored>,
    /// The state of the data now.
    pub(super) stamp: Stamp,
    /// Where things stand in it.
    pub(super) layout: &'a RecordLayout,
}

impl<'a> Write<'a> {
    fn contents_before(self) -> Option<Contents<'a>> {
        self.before.map(|before| Contents::new(before, self.layout))
    }
}

impl Admin {
    /// Whether admins were asked for anything.
    pub fn has_orders(&self) -> bool {
        !self.orders.is_empty()
    }

    /// A server was told to do something; this is stored.
    pub(super) fn told(&mut self, server: ServerId, command: Command, stored: impl Fn(PlayerId) -> Stamp) {
        let (player, task) = match command {
            Command::Remove(player) => (player, Task::Remove),
            Command::Rollback(player) => (player, Task::Rollback(vec![stored(player)])),
            _ => return,
        };
        self.orders.push(Order { server, player, task });
    }

    /// A server asks for a version of a player's record: it may be told to write one of these states back.
    pub(super) fn asks_for_version(&mut self, server: ServerId, player: PlayerId, stored: &[Stamp]) {
        let orders = self.orders.iter_mut().filter(|order| (order.server, order.player) == (server, player));
        for order in orders {
            if let Task::Rollback(states) = &mut order.task {
                states.push(Stamp(0));
                states.extend(stored);
            }
        }
    }

    /// Whether this write was asked for.
    pub(super) fn asked_for(&self, write: Write<'_>) -> bool {
        let mut orders =
            self.orders.iter().filter(|order| order.server == write.server && order.player == write.player);
        orders.any(|order| match (&order.task, write.after) {
            (Task::Remove, None) => true,
            (Task::Rollback(states), Some(after)) => {
                write.layout.lock(after).is_none() && !is_signed(write.before, after) && states.contains(&write.stamp)
            }
            _ => false,
        })
    }

    /// Notes what a write that was asked for changed, and what any other made readable.
    pub(super) fn entry(&mut self, write: Write<'_>, asked_for: bool) {
        if asked_for {
            match write.after {
                Some(after) => self.replaced(write, after),
                None => self.removed(write),
            }
        }
        for order in self.orders.iter_mut().filter(|order| order.player == write.player) {
            if let Task::Rollback(states) = &mut order.task {
                states.push(write.stamp);
            }
        }
    }

    fn removed(&mut self, write: Write<'_>) {
        let Some(before) = write.contents_before() else { return };
        let taken = &mut self.taken;
        taken.items.extend(before.items().chain(before.gifts()));
        taken.items.extend(before.escrow().filter_map(|(_, escrow)| given(escrow)));
        taken.trades.extend(before.escrow().filter_map(|(id, _)| id.parse().ok().map(TradeId)));
        taken.settled.extend(before.settled());
        taken.messages.extend(before.handled().chain(before.queued()));
        taken.receipts.extend(before.bought());
    }

    /// Gifts of these items had arrived in a record that was removed, and it was all that knew: one whose giver does not
    /// know it yet arrives again.
    pub(super) fn forgotten(&mut self, items: impl Iterator<Item = ItemId>) {
        self.restored.items.extend(items);
    }

    /// A set replaces the data, and nothing else.
    fn replaced(&mut self, write: Write<'_>, after: &Stored) {
        let (before, after) = (write.contents_before(), Contents::new(after, write.layout));
        let items = || before.into_iter().flat_map(Contents::items);
        let handled = || before.into_iter().flat_map(Contents::handled);
        let bought = || before.into_iter().flat_map(Contents::bought);
        self.taken.items.extend(beyond(items(), after.items()));
        self.taken.messages.extend(beyond(handled(), after.handled()));
        self.taken.receipts.extend(beyond(bought(), after.bought()));
        self.restored.items.extend(beyond(after.items(), items()));
        self.restored.messages.extend(beyond(after.handled(), handled()));
        self.restored.receipts.extend(beyond(after.bought(), bought()));
    }
}

/// What is in the one and not in the other.
fn beyond<T: PartialEq>(one: impl Iterator<Item = T>, other: impl Iterator<Item = T>) -> impl Iterator<Item = T> {
    let other: Vec<T> = other.collect();
    one.filter(move |thing| !other.contains(thing))
}

/// Whether a session has signed this write: a leased session numbers its writes in the record.
fn is_signed(before: Option<&Stored>, after: &Stored) -> bool {
    let signature = |stored: &Stored| match stored {
        Stored::Record(record) => record.profile.as_ref().and_then(|profile| profile.meta.last_write.clone()),
        Stored::Other(_) => None,
    };
    before.is_some_and(|before| signature(before) != signature(after))
}
