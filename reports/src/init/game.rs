//! What was found out about a game by looking at it.

use dupeproof_luau::DataModule;
use dupeproof_luau::look::{Looked, PLAYERS, SeenTree};
use dupeproof_sim::id::ServiceName;
use dupeproof_sim::request::RequestKind;

use super::place::FoundPlace;
use super::record::{FoundRecord, has_id};

/// A game, as it was seen.
#[derive(Debug)]
pub(super) struct FoundGame {
    /// Where it keeps something of each player; the record of the game's data is the first.
    pub(super) places: Vec<FoundPlace>,
    /// What is in the record.
    pub(super) record: Option<FoundRecord>,
    /// A place that holds nothing but the lock.
    pub(super) lock: Option<FoundPlace>,
    /// Addresses of a player that no pattern of keys can name: the UserId is in the store or the scope.
    pub(super) unfit: Vec<String>,
    /// Other addresses that were written.
    pub(super) others: Vec<String>,
    /// Whether it wrote to memory stores.
    pub(super) memory: bool,
    /// What there is in its tree.
    pub(super) tree: SeenTree,
    /// The data modules in it that have an adapter, by the adapters' names.
    pub(super) recognised: Vec<&'static str>,
    /// What its scripts said went wrong.
    pub(super) errors: Vec<String>,
}

/// More addresses than anybody reads.
const ADDRESSES_MAX: usize = 5;

impl FoundGame {
    /// Makes sense of what was seen.
    pub(super) fn of(looked: Looked, recognised: &[DataModule]) -> FoundGame {
        let mut places = FoundPlace::all(&looked);
        let lock = take_lock(&mut places);
        places.sort_by_key(|place| std::cmp::Reverse(weight(place)));
        let record = places.first().and_then(FoundRecord::of);
        let mut game = FoundGame {
            record,
            lock,
            unfit: Vec::new(),
            others: Vec::new(),
            memory: looked
                .requests
                .iter()
                .any(|(kind, _)| kind.service() == ServiceName::MemoryStore && *kind != RequestKind::MemoryGet),
            places,
            tree: looked.tree,
            recognised: recognised.iter().map(|module| module.adapter).collect(),
            errors: looked.errors,
        };
        for write in &looked.writes {
            let of_player = PLAYERS.iter().any(|player| write.key.contains(&player.0.to_string()));
            let in_key = FoundPlace::is_of_player(&write.key);
            let list = if of_player { &mut game.unfit } else { &mut game.others };
            if !in_key && list.len() < ADDRESSES_MAX && !list.iter().any(|known| **known == *write.key) {
                list.push(write.key.to_string());
            }
        }
        game
    }

    /// Whether something of a player was written.
    pub(super) fn is_written(&self) -> bool {
        self.places.first().is_some_and(|place| !place.values.is_empty())
    }
}

/// How likely a place is to be that of the record: a table in a store that is not ordered, with much in it.
fn weight(place: &FoundPlace) -> (bool, bool, usize) {
    let record = FoundRecord::of(place);
    let size = place.newest().map_or(0, |value| value.json.to_string().len());
    (!place.values.is_empty() && !place.ordered, record.is_some(), size)
}

/// The place whose values are the ids of servers or sessions, and go when the player does: a lock under a key of its own.
fn take_lock(places: &mut Vec<FoundPlace>) -> Option<FoundPlace> {
    let is_lock = |place: &FoundPlace| {
        let fields = FoundRecord::of(place).map_or(0, |record| record.marks.len() + record.items.len());
        !place.ordered && fields == 0 && place.newest().is_some_and(|value| has_id(&value.json))
    };
    let number = places.iter().position(is_lock).filter(|_| places.len() > 1)?;
    Some(places.remove(number))
}
