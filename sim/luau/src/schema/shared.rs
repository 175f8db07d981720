//! Keys that belong to nobody: a guild, an auction, one key for each item.

use std::sync::Arc;

use dupeproof_sim::request::{Address, GLOBAL_SCOPE};
use serde_json::Value as Json;

use super::part::{Path, SchemaError, path};
use super::word::Word;

/// Some keys of one store, and what is in their values.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shared {
    store: Arc<str>,
    scope: Arc<str>,
    /// The text of the keys before and after what differs between them; `None`: there is one key.
    key: (Arc<str>, Option<Arc<str>>),
    /// To what is the game's in a value.
    pub(crate) data: Path,
    pub(crate) items: Word,
    /// What differs between keys is the id of the item that there is as long as there is a value.
    by_key: bool,
}

impl Shared {
    /// Reads `{ store, scope, key, data, items }`; `*` in the key stands for anything.
    pub(super) fn parse(json: &Json) -> Result<Shared, SchemaError> {
        let text = |field: &str| match json[field].as_str() {
            Some(text) => Ok(Arc::from(text)),
            None => Err(SchemaError::new(format!("shared.{field}"), "is missing: it is a text")),
        };
        let key: Arc<str> = text("key")?;
        let key = match key.split_once('*') {
            Some((before, after)) => (before.into(), Some(after.into())),
            None => (key, None),
        };
        let by_key = json["items"] == "key";
        Ok(Shared {
            store: text("store")?,
            scope: if json["scope"].is_null() { GLOBAL_SCOPE.into() } else { text("scope")? },
            data: if json["data"].is_null() { Path::new() } else { path("shared.data", &json["data"])? },
            items: match &json["items"] {
                Json::Null => Word::None,
                _ if by_key => Word::None,
                word => Word::parse("shared.items", word, "")?,
            },
            key,
            by_key,
        })
    }

    /// What differs between the keys, in the address of one of them; `None` for any other address.
    pub(crate) fn part_of<'a>(&self, address: &'a Address) -> Option<&'a str> {
        if address.ordered || address.store != self.store || address.scope != self.scope {
            return None;
        }
        match &self.key {
            (key, None) => (address.key == *key).then_some(""),
            (before, Some(after)) => address.key.strip_prefix(&**before)?.strip_suffix(&**after),
        }
    }

    /// The item that stands under a key of its own.
    pub(crate) fn item_of(&self, address: &Address) -> Option<u32> {
        if self.by_key { self.part_of(address)?.parse().ok() } else { None }
    }
}
