//! A place in which a game keeps something of each player, as it was seen.

use dupeproof_core::{Span, Stored};
use dupeproof_luau::look::{Looked, PLAYERS, Write, stay_at};
use dupeproof_sim::id::PlayerId;
use dupeproof_sim::request::{Address, GLOBAL_SCOPE, RequestKind};
use serde_json::Value as Json;

/// Keys that differ in the UserId alone, and what was written to them.
#[derive(Clone, Debug)]
pub(super) struct FoundPlace {
    /// Whether the store is an `OrderedDataStore`.
    pub(super) ordered: bool,
    /// The store's name.
    pub(super) store: String,
    /// The scope.
    pub(super) scope: String,
    /// The key, with %d for the UserId.
    pub(super) key: String,
    /// How often a key of it was asked for or written.
    pub(super) requests: usize,
    /// What was written, in order of time.
    pub(super) values: Vec<Value>,
}

/// A value that was written of one player.
#[derive(Clone, Debug)]
pub(super) struct Value {
    /// Whose.
    pub(super) player: PlayerId,
    /// When.
    pub(super) at: Span,
    /// Whether the player was there.
    pub(super) present: bool,
    /// How it is stored.
    pub(super) form: Form,
    /// What it is, once it is decoded; null after a removal.
    pub(super) json: Json,
}

/// How a value is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As a table, a number or the like.
    Plain,
    /// As a text of JSON.
    Json,
    /// As a text or a buffer in a form of the game's own.
    Opaque,
}

impl FoundPlace {
    /// All places in which something of a player was asked for or written, in the order in which they came up.
    pub(super) fn all(looked: &Looked) -> Vec<FoundPlace> {
        let mut places: Vec<FoundPlace> = Vec::new();
        for (kind, key) in &looked.requests {
            let of_value = kind.is_write() || *kind == RequestKind::Get;
            if let Some((place, _)) = FoundPlace::of(key).filter(|_| of_value) {
                place.among(&mut places).requests += 1;
            }
        }
        for write in &looked.writes {
            if let Some((place, player)) = FoundPlace::of(&write.key) {
                place.among(&mut places).values.push(Value::of(write, player));
            }
        }
        places
    }

    /// Whether the key of an address has a player's UserId in it.
    pub(super) fn is_of_player(key: &str) -> bool {
        FoundPlace::of(key).is_some()
    }

    /// The place of an address, and whose key it is.
    fn of(key: &str) -> Option<(FoundPlace, PlayerId)> {
        let Address { ordered, store, scope, key } = Address::parse(key);
        let (player, pattern) = PLAYERS.into_iter().find_map(|player| Some((player, pattern(&key, player)?)))?;
        let (store, scope) = (store.to_string(), scope.to_string());
        Some((FoundPlace { ordered, store, scope, key: pattern, requests: 0, values: Vec::new() }, player))
    }

    fn among(self, places: &mut Vec<FoundPlace>) -> &mut FoundPlace {
        let known = places.iter().position(|other| {
            (other.ordered, &other.store, &other.scope, &other.key)
                == (self.ordered, &self.store, &self.scope, &self.key)
        });
        let number = known.unwrap_or_else(|| {
            places.push(self);
            places.len() - 1
        });
        &mut places[number]
    }

    /// The last value that was written while its player was there, and the last one after that player had left.
    pub(super) fn held_and_left(&self) -> (Option<&Value>, Option<&Value>) {
        let left = self.values.iter().rev().find(|value| !value.present);
        let held = self.values.iter().rev().find(|value| {
            let of_same = left.is_none_or(|left| left.player == value.player && value.at < left.at);
            value.present && of_same
        });
        (held, left)
    }

    /// The newest value that is not a removal.
    pub(super) fn newest(&self) -> Option<&Value> {
        self.values.iter().rev().find(|value| !value.json.is_null())
    }

    /// How the values are stored.
    pub(super) fn form(&self) -> Form {
        self.newest().map_or(Form::Plain, |value| value.form)
    }

    /// As Roblox's documentation writes it: store, scope if it is not the usual one, key.
    pub(super) fn name(&self) -> String {
        let kind = if self.ordered { "OrderedDataStore" } else { "DataStore" };
        let scope = if self.scope == GLOBAL_SCOPE { String::new() } else { format!(", scope \"{}\"", self.scope) };
        format!("{kind} \"{}\"{scope}, key \"{}\"", self.store, self.key)
    }
}

impl Value {
    fn of(write: &Write, player: PlayerId) -> Value {
        let (form, json) = write.value.as_ref().map_or((Form::Plain, Json::Null), decoded);
        Value { player, at: write.at, present: stay_at(player, write.at), form, json }
    }
}

/// How a value is stored, and what it is.
fn decoded(stored: &Stored) -> (Form, Json) {
    let json = stored.to_json();
    match &json {
        Json::String(text) => match serde_json::from_str(text) {
            Ok(inner @ (Json::Object(_) | Json::Array(_))) => (Form::Json, inner),
            _ => (Form::Opaque, json),
        },
        Json::Object(fields) if fields.get("t").is_some_and(|kind| kind == "buffer") => (Form::Opaque, json),
        _ => (Form::Plain, json),
    }
}

/// The pattern of a key, if it has this player's UserId in it once.
fn pattern(key: &str, player: PlayerId) -> Option<String> {
    let id = player.0.to_string();
    let (before, after) = key.split_once(&id)?;
    let escape = |text: &str| text.replace('%', "%%");
    (!after.contains(&id)).then(|| format!("{}%d{}", escape(before), escape(after)))
}
