//! From what is stored to a script's value.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value as Json};

use super::{ScriptTable, ScriptValue};

impl ScriptValue {
    /// A fresh copy, as every read gives.
    pub fn from_json(json: &Json) -> ScriptValue {
        match json {
            Json::Null => ScriptValue::Nil,
            Json::Bool(bool) => ScriptValue::Boolean(*bool),
            Json::Number(number) => ScriptValue::Number(number.as_f64().unwrap_or(f64::NAN)),
            Json::String(text) => ScriptValue::String(text.as_bytes().to_vec()),
            Json::Array(elements) => {
                ScriptValue::Table(ScriptTable::array(elements.iter().map(ScriptValue::from_json)))
            }
            Json::Object(map) => buffer(map).unwrap_or_else(|| {
                let entry = |(name, value): (&String, &Json)| (name.as_str().into(), ScriptValue::from_json(value));
                ScriptValue::Table(ScriptTable::map(map.iter().map(entry)))
            }),
        }
    }
}

/// If it was one that was stored.
fn buffer(map: &Map<String, Json>) -> Option<ScriptValue> {
    if map.len() != 3 || map.get("m") != Some(&Json::Null) || map.get("t")?.as_str()? != "buffer" {
        return None;
    }
    BASE64_STANDARD.decode(map.get("base64")?.as_str()?).ok().map(ScriptValue::Buffer)
}
