//! From a script's value to the JSON that is stored.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value as Json, json};

use super::{ScriptKey, ScriptTable, ScriptValue, number};
use crate::request::{ServiceError, ValueType};

impl ScriptValue {
    /// What `SetAsync` stores.
    ///
    /// # Errors
    /// 104 for what cannot be stored, wherever in the value it stands.
    pub fn to_json(&self) -> Result<Json, ServiceError> {
        match self {
            ScriptValue::Nil => Err(ServiceError::CantStoreValue(ValueType::Nil)),
            ScriptValue::Boolean(bool) => Ok(Json::Bool(*bool)),
            // "Should not be stored" (data stores guide); community, ProfileStore: saves fail.
            ScriptValue::Number(number) => {
                number::to_json(*number).ok_or(ServiceError::CantStoreValue(ValueType::Number))
            }
            ScriptValue::String(bytes) => text(bytes).map(Json::String),
            ScriptValue::Table(table) => table.to_json(),
            ScriptValue::TooLarge => Err(ServiceError::ValueTooLarge),
            ScriptValue::Cycle => Err(ServiceError::CantStoreValue(ValueType::Table)),
            ScriptValue::Buffer(bytes) => Ok(buffer(bytes)),
            // "Error or silently nil" (versioning-listing-and-caching): here an error.
            ScriptValue::Function => Err(ServiceError::CantStoreValue(ValueType::Function)),
            ScriptValue::Thread => Err(ServiceError::CantStoreValue(ValueType::Thread)),
            ScriptValue::Userdata => Err(ServiceError::CantStoreValue(ValueType::Userdata)),
        }
    }

    /// What `UpdateAsync` stores of what its transform returned; `None`: nothing, for it returned `nil`.
    ///
    /// # Errors
    /// 103 if the value itself is of a type that is not allowed (error-codes-and-limits: "X is not allowed type from
    /// update function"), 104 for what cannot be stored within it.
    pub fn returned_to_json(&self) -> Result<Option<Json>, ServiceError> {
        match self {
            ScriptValue::Nil => Ok(None),
            ScriptValue::Function => Err(ServiceError::ValueNotAllowed(ValueType::Function)),
            ScriptValue::Thread => Err(ServiceError::ValueNotAllowed(ValueType::Thread)),
            ScriptValue::Userdata => Err(ServiceError::ValueNotAllowed(ValueType::Userdata)),
            value => value.to_json().map(Some),
        }
    }
}

impl ScriptTable {
    /// With an array part, an array: its other keys are dropped (class reference, `HttpService:JSONEncode`: the array
    /// part wins), but a number beyond a gap is an error (community, ProfileStore). Without one, a map, with its
    /// numbers as text: "Numeric keys are translated into strings if the length of the table is 0"
    /// (versioning-listing-and-caching). The empty table is `[]`.
    fn to_json(&self) -> Result<Json, ServiceError> {
        if self.array.is_empty() && !self.rest.is_empty() {
            return self.to_map();
        }
        let gap = self.rest.iter().any(|(key, _)| matches!(key, ScriptKey::Number(number) if is_index(*number)));
        let gap = gap || self.array.contains(&ScriptValue::Nil);
        if gap {
            return Err(ServiceError::CantStoreValue(ValueType::Table));
        }
        self.array.iter().map(ScriptValue::to_json).collect::<Result<Vec<Json>, _>>().map(Json::Array)
    }

    /// Of two keys with the same text, the later stays (not documented).
    fn to_map(&self) -> Result<Json, ServiceError> {
        let mut map = Map::new();
        for (key, value) in &self.rest {
            let name = match key {
                ScriptKey::String(bytes) => text(bytes)?,
                ScriptKey::Number(number) => number::to_text(*number),
                ScriptKey::Other => return Err(ServiceError::CantStoreValue(ValueType::Table)),
            };
            map.insert(name, value.to_json()?);
        }
        Ok(Json::Object(map))
    }
}

/// Strings are valid UTF-8, or the write fails (versioning-listing-and-caching).
fn text(bytes: &[u8]) -> Result<String, ServiceError> {
    String::from_utf8(bytes.to_vec()).map_err(|_| ServiceError::CantStoreValue(ValueType::String))
}

/// In base64 (class reference, `HttpService:JSONEncode`), in an object of this shape (community); large ones are
/// compressed, too, which is not done here.
fn buffer(bytes: &[u8]) -> Json {
    json!({ "m": null, "t": "buffer", "base64": BASE64_STANDARD.encode(bytes) })
}

fn is_index(key: f64) -> bool {
    number::integer(key).is_some_and(|index| index > 0)
}
