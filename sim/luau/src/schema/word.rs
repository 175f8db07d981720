//! What an adapter names by a path into the data, or by code.

use std::borrow::Cow;
use std::iter;

use dupeproof_core::Stored;
use dupeproof_sim::record_layout::at;
use serde_json::Value as Json;

use super::part::{Path, SchemaError, path};

/// Something in the data.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Word {
    /// At a path; a list, a table by id, or a number.
    Path {
        path: Path,
        /// It is a number of things that are not told apart.
        coins: bool,
    },
    /// The adapter has functions for it.
    Code,
    /// The game has no such thing.
    None,
}

impl Word {
    /// Reads one: a path, `{ path = {...}, as = ... }`, a function, or false. Nothing said: the field `default`.
    pub(super) fn parse(name: &str, json: &Json, default: &str) -> Result<Word, SchemaError> {
        Ok(match json {
            Json::Null => Word::Path { path: vec![default.to_owned()], coins: false },
            Json::Bool(false) => Word::None,
            Json::String(code) if code == CODE => Word::Code,
            Json::Object(fields) => {
                let form = fields.get("as").and_then(Json::as_str).unwrap_or_default();
                if !FORMS.contains(&form) {
                    return Err(SchemaError::new(format!("{name}.as"), format!("is one of {}", FORMS.join(", "))));
                }
                let path = path(&format!("{name}.path"), fields.get("path").unwrap_or(&Json::Null))?;
                Word::Path { path, coins: form == COINS }
            }
            names => Word::Path { path: path(name, names)?, coins: false },
        })
    }

    /// Whether it is at this one name.
    pub(super) fn is_list_named(&self, name: &str) -> bool {
        matches!(self, Word::Path { path, coins: false } if path.len() == 1 && path[0] == name)
    }

    /// Whether it is a number of things that are not told apart.
    pub(crate) fn is_coins(&self) -> bool {
        matches!(self, Word::Path { coins: true, .. })
    }

    /// What stands at its path.
    pub(crate) fn find<'a>(&self, data: Option<&'a Json>) -> Option<&'a Json> {
        match self {
            Word::Path { path, .. } => at(data?, path),
            Word::Code | Word::None => None,
        }
    }
}

/// How a function is described.
const CODE: &str = "code";

const COINS: &str = "coins";

/// The forms in which items can be kept: a list of ids, a table of ids with true or with how many, or a number.
const FORMS: [&str; 4] = ["list", "set", "counts", COINS];

/// The JSON of a value, where it is needed as a whole.
pub(crate) fn json_of(stored: &Stored) -> Cow<'_, Json> {
    match stored {
        Stored::Other(json) => Cow::Borrowed(json),
        Stored::Record(_) => Cow::Owned(stored.to_json()),
    }
}

/// The ids of items in whatever form they are kept, each as often as it is there.
pub(crate) fn ids(items: &Json) -> Vec<u32> {
    match items {
        Json::Array(list) if list.iter().all(Json::is_boolean) => {
            (1..).zip(list).filter(|(_, there)| **there == true).map(|(id, _)| id).collect()
        }
        Json::Array(list) => list.iter().filter_map(id).collect(),
        Json::Object(table) => {
            let counted = table.iter().filter_map(|(id, many)| Some((id.parse().ok()?, times(many))));
            counted.flat_map(|(id, times)| iter::repeat_n(id, times)).collect()
        }
        _ => Vec::new(),
    }
}

/// How often is enough to be too often.
const TIMES_MAX: u64 = 8;

fn times(many: &Json) -> usize {
    let times = match many {
        Json::Bool(there) => u64::from(*there),
        Json::Number(number) => number.as_u64().unwrap_or(0),
        Json::Null => 0,
        _ => 1,
    };
    usize::try_from(times.min(TIMES_MAX)).unwrap_or_default()
}

fn id(item: &Json) -> Option<u32> {
    match item {
        Json::Number(number) => u32::try_from(number.as_u64()?).ok(),
        Json::String(text) => text.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn items_are_read_from_lists_and_from_tables_by_id() {
        assert_eq!(ids(&json!([7, "8", 7])), [7, 8, 7]);
        assert_eq!(ids(&json!({ "7": true, "8": false, "9": 2, "sword": true })), [7, 9, 9]);
        assert_eq!(ids(&json!([true, false, true])), [1, 3], "a table whose ids begin at one is written as a list");
        assert_eq!(ids(&json!([])), [0_u32; 0]);
        assert_eq!(ids(&json!(5)), [0_u32; 0]);
    }
}
