//! When everything has settled, each item the players began with exists exactly once.
//!
//! An item is in a player's data, put aside in the escrow of a record, or on its way as a gift in a record's queue.
//! Two escrows that look alike are told apart by what has become of the other side:
//! - A gift's escrow outlives, for a moment, its arrival: the receiver's record remembers the newest message of each
//!   sender. From then on the gift is where it went, and the escrow holds nothing.
//! - A trade's escrow holds what its owner gave, until the trade is committed and the other side, whose own escrow
//!   leaves its record in the same write, has taken that. What remains then stands for what is still to come: the
//!   other side's give, which nobody has but the coordinator.

use dupeproof_core::{Escrow, Stored};
use dupeproof_sim::guest::SHARED_PREFIX;
use dupeproof_sim::id::{ItemId, PlayerId, TradeId};
use dupeproof_sim::schedule::first_item;
use dupeproof_sim::{Global, Key, Schedule};
use serde::{Deserialize, Serialize};

use crate::fact::{Detail, Fact};
use crate::finding::Finding;
use crate::game_record::{player_of, trade_key};
use crate::history::History;
use crate::history::admin::Things;
use crate::history::contents::{Coordinator, given};

/// Where an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Location {
    /// In whose record.
    pub player: PlayerId,
    /// In which part of it.
    pub part: Part,
}

/// Where in a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Part {
    /// The player's data.
    Data,
    /// What is put aside for a trade or a gift.
    Escrow,
    /// The message queue.
    Queue,
    /// A record that belongs to no player: the player is then the one who began with the item.
    Shared,
}

/// An item in two places (or twice in one).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Duplicated {
    /// The item.
    pub item: ItemId,
    /// One place.
    pub first: Location,
    /// The other; the same again if the item is there twice.
    pub second: Location,
}

impl Detail for Duplicated {}

/// An item in no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lost {
    /// The item.
    pub item: ItemId,
    /// Who began with it.
    pub owner: PlayerId,
}

impl Detail for Lost {}

/// Coins, which are not told apart: all together there are more, or fewer, than the players began with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sum {
    /// What the players began with.
    pub began: i64,
    /// What is stored.
    pub stored: i64,
}

impl Detail for Sum {}

/// Knows what the players began with.
#[derive(Clone, Debug)]
pub struct Items {
    /// By player.
    initial: Vec<u8>,
}

impl Items {
    /// Before a run of this schedule.
    pub fn new(schedule: &Schedule) -> Items {
        Items { initial: schedule.players.iter().map(|player| player.items.unwrap_or(0)).collect() }
    }

    /// The run is over: this is stored.
    pub(super) fn judge(&self, at: Global, store: &[(Key, Stored)], history: &History, findings: &mut Vec<Finding>) {
        if let Some(stored) = coins(store, history) {
            findings.extend(self.count(at, stored, history));
            return;
        }
        let stored = locations(store, history);
        let mut finding = |player, fact| {
            findings.push(Finding { at, player: Some(player), lasted: None, fact });
        };
        let admin = history.admin();
        for (owner, &count) in self.initial.iter().enumerate() {
            let owner = PlayerId(u16::try_from(owner).expect("players are numbered with 16 bits"));
            for item in (first_item(owner)..).take(usize::from(count)).map(ItemId) {
                let start = stored.partition_point(|(other, _)| *other < item);
                let mut indices = stored[start..].iter().take_while(|index| index.0 == item).map(|index| index.1);
                match (indices.next(), indices.next()) {
                    (None, _) if is_taken(item, &admin.taken, history) => {}
                    (None, _) => finding(owner, Fact::ItemLost(Lost { item, owner })),
                    (Some(_), Some(_)) if admin.restored.items.contains(&item) => {}
                    (Some(first), Some(second)) => {
                        finding(first.player, Fact::ItemDuplicated(Duplicated { item, first, second }));
                    }
                    (Some(_), None) => {}
                }
            }
        }
    }
}

impl Items {
    /// What a wrong number of coins is. What admins took away, or brought back, nobody knows by name.
    fn count(&self, at: Global, stored: i64, history: &History) -> Option<Finding> {
        let began: i64 = self.initial.iter().map(|items| i64::from(*items)).sum();
        let sum = Sum { began, stored };
        let fact = if stored > began { Fact::CoinsDuplicated(sum) } else { Fact::CoinsLost(sum) };
        (stored != began && !history.admin().has_orders()).then_some(Finding { at, player: None, lasted: None, fact })
    }
}

/// The coins in all records together, with those on their way; `None` where items are told apart.
fn coins(store: &[(Key, Stored)], history: &History) -> Option<i64> {
    let mut all = None;
    for (key, value) in store {
        if player_of(key).is_some() || key.starts_with(SHARED_PREFIX) {
            let contents = history.contents(value);
            let sent = contents.gifts().map(|_| 1).sum::<i64>();
            all = contents.coins().map(|coins| coins + sent + all.unwrap_or(0)).or(all);
        }
    }
    all
}

/// Whether an admin took it out of the store, or took away the record that it was to go to in a trade.
fn is_taken(item: ItemId, taken: &Things, history: &History) -> bool {
    let mut asides = history.put_aside().iter().filter(|aside| aside.item == item);
    taken.items.contains(&item) || asides.any(|aside| taken.trades.contains(&aside.trade))
}

/// Where each item is, each as often as it is there, in order.
fn locations(store: &[(Key, Stored)], history: &History) -> Vec<(ItemId, Location)> {
    let mut there = Vec::with_capacity(32);
    for (key, value) in store {
        let Some(player) = player_of(key) else {
            if key.starts_with(SHARED_PREFIX) {
                let shared = |item| Location { player: owner_of(item), part: Part::Shared };
                there.extend(history.contents(value).items().map(|item| (item, shared(item))));
            }
            continue;
        };
        let contents = history.contents(value);
        let mut add = |item, part| there.push((item, Location { player, part }));
        contents.items().for_each(|item| add(item, Part::Data));
        contents.gifts().for_each(|item| add(item, Part::Queue));
        for (id, escrow) in contents.escrow() {
            if let Some(item) = held(key, id, escrow, store, history) {
                add(item, Part::Escrow);
            }
        }
    }
    there.sort_unstable();
    there
}

/// Who began with an item.
fn owner_of(item: ItemId) -> PlayerId {
    let owner = (0..=u16::MAX).take_while(|owner| first_item(PlayerId(*owner)) <= item.0).last();
    PlayerId(owner.unwrap_or_default())
}

/// What an escrow in the record of `owner` stands for.
fn held(owner: &str, id: &str, escrow: &Escrow, store: &[(Key, Stored)], history: &History) -> Option<ItemId> {
    let value = |key: &str| store.iter().find(|(other, _)| **other == *key).map(|(_, value)| value);
    match escrow {
        Escrow::Gift { to, number, .. } => {
            let created = value(owner).and_then(|stored| history.contents(stored).created()).unwrap_or_default();
            let arrived = value(to).is_some_and(|stored| history.contents(stored).has_gift(owner, created, *number));
            given(escrow).filter(|_| !arrived)
        }
        Escrow::Settled { .. } => None,
        Escrow::Trade { partner, .. } => {
            let taken = !value(partner).is_some_and(|stored| history.contents(stored).has_escrow(id));
            let coordinator = id.parse().ok().and_then(|id| value(&trade_key(TradeId(id)))).and_then(Stored::data);
            match coordinator.map(Coordinator) {
                Some(coordinator) if taken && coordinator.is_committed() => coordinator.gives(partner),
                _ => given(escrow),
            }
        }
    }
}
