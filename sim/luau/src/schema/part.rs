//! One of the places that hold something of each player.

use dupeproof_sim::place::{KeyPattern, Place};
use dupeproof_sim::record_layout::RecordLayout;
use dupeproof_sim::request::GLOBAL_SCOPE;
use serde_json::Value as Json;

use super::word::Word;

/// Names of tables, from the outside in.
pub(crate) type Path = Vec<String>;

/// What is wrong with what an adapter says of its game's names.
#[derive(Debug, thiserror::Error)]
#[error("the adapter's `{name}` {problem}")]
pub struct SchemaError {
    name: String,
    problem: String,
}

impl SchemaError {
    pub(super) fn new(name: impl Into<String>, problem: impl Into<String>) -> SchemaError {
        SchemaError { name: name.into(), problem: problem.into() }
    }
}

/// What `where.lock` says of a lock that is not in a value of a data store.
const ELSEWHERE: &str = "elsewhere";

/// A place, and what is in its values.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Part {
    pub(crate) place: Place,
    /// To the game's data; `None`: where ProfileStore has it, or the whole value.
    pub(crate) data: Option<Path>,
    /// To the lock.
    pub(crate) lock: Option<Path>,
    /// Nothing is said of a lock, not even that there is none; or it is where nobody looks.
    pub(crate) lock_unsaid: bool,
    pub(crate) items: Word,
}

impl Part {
    /// Number `number` of the places of an adapter. In any but the first there are items only if it says so.
    pub(super) fn parse(json: &Json, number: usize, items: Option<&Word>) -> Result<Part, SchemaError> {
        let name = |field: &str| match number {
            1 => format!("where.{field}"),
            _ => format!("where[{number}].{field}"),
        };
        let items = match (items, &json["items"]) {
            (Some(items), Json::Null) => items.clone(),
            (None, Json::Null) => Word::None,
            (_, word) => Word::parse(&name("items"), word, "")?,
        };
        let elsewhere = json["lock"] == ELSEWHERE;
        let lock = match &json["lock"] {
            Json::Null | Json::Bool(false) => None,
            _ if elsewhere => None,
            // Under a key of its own.
            Json::Object(_) => None,
            path => Some(self::path(&name("lock"), path)?),
        };
        let data = match &json["data"] {
            Json::Null => None,
            data => Some(path(&name("data"), data)?),
        };
        // ProfileStore's records say it themselves.
        let lock_unsaid =
            elsewhere || json["lock"].is_null() && data.as_ref().is_some_and(|data| !data.iter().eq(["Data"]));
        Ok(Part { place: place(json, &name)?, data, lock, lock_unsaid, items })
    }

    /// The lock's own place, if it stands under another key than the data: `where.lock = { store, scope, key, path }`.
    pub(super) fn lock(json: &Json) -> Result<Option<Part>, SchemaError> {
        let lock = &json["lock"];
        if !lock.is_object() {
            return Ok(None);
        }
        let inherit = |field: &str| if lock[field].is_null() { json[field].clone() } else { lock[field].clone() };
        let mut whole = lock.clone();
        for field in ["store", "scope"] {
            whole[field] = inherit(field);
        }
        let path = match &lock["path"] {
            Json::Null => Path::new(),
            path => self::path("where.lock.path", path)?,
        };
        let place = place(&whole, &|field: &str| format!("where.lock.{field}"))?;
        Ok(Some(Part { place, data: None, lock: Some(path), lock_unsaid: false, items: Word::None }))
    }

    /// Where the data and the lock are in a value.
    pub(crate) fn layout(&self) -> RecordLayout {
        match (&self.data, &self.lock) {
            (None, None) => RecordLayout::Record,
            (data, lock) => RecordLayout::Paths { data: data.clone().unwrap_or_default(), lock: lock.clone() },
        }
    }
}

fn place(json: &Json, name: &dyn Fn(&str) -> String) -> Result<Place, SchemaError> {
    let text = |field: &str| match &json[field] {
        Json::String(text) => Ok(text.as_str()),
        _ => Err(SchemaError::new(name(field), "is missing: it is a text")),
    };
    let scope = if json["scope"].is_null() { GLOBAL_SCOPE } else { text("scope")? };
    let key = KeyPattern::parse(text("key")?)
        .map_err(|problem| SchemaError::new(name("key"), format!("cannot be the key of a player: {problem}")))?;
    Ok(Place { ordered: json["ordered"] == true, store: text("store")?.into(), scope: scope.into(), key })
}

/// A list of names; a number stands for the name that is written like it, or for a place in a list.
pub(super) fn path(name: &str, json: &Json) -> Result<Path, SchemaError> {
    let names = json.as_array().map(|names| {
        names.iter().map(|name| match name {
            Json::String(text) => Some(text.clone()),
            Json::Number(number) => Some(number.to_string()),
            _ => None,
        })
    });
    let path = names.and_then(Iterator::collect);
    path.ok_or_else(|| SchemaError::new(name, "is no list of names, such as { \"Data\", \"Inventory\" }"))
}
