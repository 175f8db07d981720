//! What was read out of stored values.

use dupeproof_core::Stored;
use dupeproof_sim::Stamp;
use dupeproof_sim::record_layout::at;
use serde_json::{Value as Json, json};

use crate::schema::{Part, Schema, Shared, Word, ids, json_of};

/// Under which name invariants find how many things there are that are not told apart: no game has a field of this name.
const COINS: &str = "(coins)";

/// What is in the game's data, whatever the game calls it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Contents {
    /// By id, each as often as it is there.
    pub(crate) items: Vec<u32>,
    /// Things that are only counted.
    pub(crate) coins: Option<i64>,
    /// The number where the mark is.
    pub(crate) stamp: Stamp,
    bought: Vec<u32>,
    mail: Vec<u32>,
    /// In the same value as the data.
    pub(crate) lock: Option<Json>,
}

impl Contents {
    /// Of a value that can be read by paths alone.
    pub(super) fn of(stored: &Stored, part: &Part, schema: &Schema) -> Contents {
        let json = json_of(stored);
        // ProfileStore's records have their data under a known name.
        let data = match (&part.data, stored) {
            (Some(path), _) => at(&json, path),
            (None, Stored::Record(_)) => json.get("Data"),
            (None, Stored::Other(_)) => Some(&*json),
        };
        let lock = part.lock.as_ref().and_then(|path| at(&json, path)).filter(|lock| is_lock(lock)).cloned();
        let list = |path: &[String]| data.and_then(|data| at(data, path)).map(ids).unwrap_or_default();
        let stamp = Stamp(schema.mark.find(data).and_then(Json::as_u64).unwrap_or(0));
        let items = Contents::counted(&part.items, data);
        Contents { stamp, bought: list(&schema.bought), mail: list(&schema.mail), lock, ..items }
    }

    /// Of a value that the adapter's code has read.
    pub(super) fn told(found: &Json, part: &Part, schema: &Schema) -> Contents {
        let list = |name: &str| found.get(name).map(ids).unwrap_or_default();
        let coins = if part.items.is_coins() { found["Items"].as_i64() } else { None };
        let items = if part.items == Word::None || part.items.is_coins() { Vec::new() } else { list("Items") };
        let marked = schema.mark != Word::None;
        Contents {
            items,
            coins,
            stamp: Stamp(found["Stamp"].as_u64().filter(|_| marked).unwrap_or(0)),
            bought: list("Bought"),
            mail: list("Mail"),
            lock: found.get("Lock").filter(|lock| is_lock(lock)).cloned(),
        }
    }

    /// Of a value that belongs to nobody.
    pub(super) fn of_shared(stored: &Stored, shared: &Shared) -> Contents {
        let json = json_of(stored);
        Contents::counted(&shared.items, at(&json, &shared.data))
    }

    fn counted(word: &Word, data: Option<&Json>) -> Contents {
        let found = word.find(data);
        if word.is_coins() {
            return Contents { coins: found.and_then(Json::as_i64), ..Contents::default() };
        }
        Contents { items: found.map(ids).unwrap_or_default(), ..Contents::default() }
    }

    /// Adds what is in another place of the same player. Only the first says which state the data is in.
    pub(super) fn add(&mut self, other: Contents, first: bool) {
        self.items.extend(other.items);
        self.coins = match (self.coins, other.coins) {
            (Some(one), Some(other)) => Some(one + other),
            (one, other) => one.or(other),
        };
        self.bought.extend(other.bought);
        self.mail.extend(other.mail);
        if first {
            (self.stamp, self.lock) = (other.stamp, other.lock);
        }
    }

    /// In the words of the other subjects. Coins are told without those that every player begins with.
    pub(super) fn to_data(&self, known: impl Fn(Stamp) -> Stamp, purse: i64) -> Json {
        let Contents { items, stamp, bought, mail, .. } = self;
        let mut data = json!({ "Items": items, "Stamp": known(*stamp).0, "Bought": bought, "Mail": mail });
        if let Some(coins) = self.coins {
            data[COINS] = (coins - purse).into();
        }
        data
    }
}

fn is_lock(mark: &Json) -> bool {
    !matches!(mark, Json::Null | Json::Bool(false))
}
