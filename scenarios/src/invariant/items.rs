//! When everything has settled, each item the players began with exists exactly once.

use dupeproof_core::Stored;
use dupeproof_sim::guest::{ItemId, PlayerId};
use dupeproof_sim::schedule::first_item;
use dupeproof_sim::{Global, Key, Schedule};

use super::{Breach, Fact};
use crate::ledger::player_of;
use crate::subjects::game;

/// An item in two places (or twice in one).
#[derive(Clone, Copy, Debug)]
pub struct Duplicated {
    item: ItemId,
    first: PlayerId,
    second: PlayerId,
}

impl Duplicated {
    pub(super) fn story(&self) -> String {
        let Duplicated { item, first, second } = self;
        if first == second {
            return format!("item {} is stored twice in Player_{}'s data", item.0, first.0);
        }
        format!("item {} is stored with Player_{} and with Player_{}", item.0, first.0, second.0)
    }
}

/// An item in no place.
#[derive(Clone, Copy, Debug)]
pub struct Lost {
    item: ItemId,
    owner: PlayerId,
}

impl Lost {
    pub(super) fn story(&self) -> String {
        format!("item {}, which Player_{} began with, is stored with nobody", self.item.0, self.owner.0)
    }
}

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
    pub(super) fn judge(&self, at: Global, store: &[(Key, Stored)], breaches: &mut Vec<Breach>) {
        let mut stored: Vec<(ItemId, PlayerId)> = Vec::with_capacity(32);
        for (key, value) in store {
            if let (Some(player), Some(data)) = (player_of(key), value.data()) {
                stored.extend(game::items(data).map(|item| (item, player)));
            }
        }
        stored.sort_unstable();
        let mut breach = |player, fact| {
            breaches.push(Breach { at, player, lasted: None, servers: [None, None], fact });
        };
        for (owner, &count) in self.initial.iter().enumerate() {
            let owner = PlayerId(u16::try_from(owner).expect("players are numbered with 16 bits"));
            for item in (first_item(owner)..).take(usize::from(count)).map(ItemId) {
                let start = stored.partition_point(|(other, _)| *other < item);
                let places = &stored[start..];
                match (places.first().filter(|place| place.0 == item), places.get(1).filter(|place| place.0 == item)) {
                    (None, _) => breach(owner, Fact::ItemLost(Lost { item, owner })),
                    (Some(&(_, first)), Some(&(_, second))) => {
                        breach(first, Fact::ItemDuplicated(Duplicated { item, first, second }));
                    }
                    (Some(_), None) => {}
                }
            }
        }
    }
}
