//! Values as JSON, by Roblox's rules.

use dupeproof_sim::ServiceError;
use dupeproof_sim::request::ValueType;
use serde_json::{Map, Number, Value as Json};

use crate::buffer;
use crate::value::{Table, Value};

/// The largest integer that stands for itself alone as a script's number.
const INTEGER_MAX: f64 = 9_007_199_254_740_991.0;

/// Who writes JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writer {
    /// A service that stores it: what cannot be stored whole is an error.
    Service,
    /// `HttpService:JSONEncode`: of a mixed table the array part is taken (class reference).
    Http,
}

/// A value that is nothing, or of a type that no service takes, is named by 103 when a transform returned it and by 104
/// otherwise (error-codes-and-limits, 2026-08).
pub(crate) fn refuse_type(value: &Value, from_transform: bool) -> Result<(), ServiceError> {
    let kind = match value {
        Value::Nil => ValueType::Nil,
        Value::Function => ValueType::Function,
        Value::Thread => ValueType::Thread,
        Value::Userdata => ValueType::Userdata,
        _ => return Ok(()),
    };
    Err(if from_transform { ServiceError::ValueNotAllowed(kind) } else { ServiceError::CantStoreValue(kind) })
}

/// The value as JSON.
pub(crate) fn encode(value: &Value, writer: Writer) -> Result<Json, ServiceError> {
    let unstorable = |kind| Err(ServiceError::CantStoreValue(kind));
    match value {
        Value::Nil => Ok(Json::Null),
        Value::Boolean(value) => Ok(Json::Bool(*value)),
        Value::Number(value) => number(*value),
        Value::String(bytes) => Ok(Json::String(text(bytes)?)),
        Value::Buffer(bytes) => Ok(buffer::encode(bytes)),
        Value::Table(table) => encode_table(table, writer),
        Value::Function => unstorable(ValueType::Function),
        Value::Thread => unstorable(ValueType::Thread),
        Value::Userdata => unstorable(ValueType::Userdata),
        Value::Endless => unstorable(ValueType::Table),
    }
}

fn encode_table(table: &Table, writer: Writer) -> Result<Json, ServiceError> {
    // An empty table is an empty array (HttpService:JSONEncode, class reference).
    if table.entries.is_empty() || (writer == Writer::Http && !table.array.is_empty()) {
        let items = table.array.iter().map(|item| encode(item, writer));
        return items.collect::<Result<Vec<_>, _>>().map(Json::Array);
    }
    // community: ProfileStore's documentation says of mixed tables that only the array part is kept, and of gaps that
    // they are an error. Refusing both is the stricter reading.
    if !table.array.is_empty() {
        return Err(ServiceError::CantStoreValue(ValueType::Table));
    }
    let mut fields = Map::new();
    for (key, value) in &table.entries {
        let key = match key {
            Value::String(bytes) => text(bytes)?,
            // "Numeric keys are translated into strings if the length of the table is 0" (versioning-listing-and-
            // caching, 2026-07).
            Value::Number(key) if key.is_finite() => number(*key)?.to_string(),
            _ => return Err(ServiceError::CantStoreValue(ValueType::Table)),
        };
        fields.insert(key, encode(value, writer)?);
    }
    Ok(Json::Object(fields))
}

/// Integers without a fraction; NaN and the infinities are no JSON.
fn number(value: f64) -> Result<Json, ServiceError> {
    if value.fract() == 0.0 && value.abs() <= INTEGER_MAX {
        #[expect(clippy::cast_possible_truncation, reason = "it is an integer that fits")]
        return Ok(Json::from(value as i64));
    }
    Number::from_f64(value).map(Json::Number).ok_or(ServiceError::CantStoreValue(ValueType::Number))
}

fn text(bytes: &[u8]) -> Result<String, ServiceError> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => Err(ServiceError::CantStoreValue(ValueType::String)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn string(text: &str) -> Value {
        Value::String(text.into())
    }

    fn table(array: Vec<Value>, entries: Vec<(Value, Value)>) -> Value {
        Value::Table(Box::new(Table { array, entries }))
    }

    #[test]
    fn arrays_maps_and_empty_tables_are_written_as_roblox_writes_them() {
        let list = table(vec![Value::Number(1.0), Value::Number(2.5), Value::Boolean(true)], Vec::new());
        let map = table(Vec::new(), vec![(string("b"), list), (Value::Number(7.0), string("seven"))]);
        let empty = table(Vec::new(), Vec::new());
        assert_eq!(encode(&map, Writer::Service), Ok(json!({ "7": "seven", "b": [1, 2.5, true] })));
        assert_eq!(encode(&empty, Writer::Service), Ok(json!([])));
    }

    #[test]
    fn what_is_no_json_is_refused_by_its_name() {
        let mixed = table(vec![Value::Number(1.0)], vec![(string("a"), Value::Number(1.0))]);
        assert_eq!(encode(&mixed, Writer::Http), Ok(json!([1])));
        let keyed = |key| table(Vec::new(), vec![(key, Value::Number(1.0))]);
        for (value, kind) in [
            (mixed, ValueType::Table),
            (keyed(Value::Boolean(true)), ValueType::Table),
            (keyed(Value::Number(f64::NAN)), ValueType::Table),
            (Value::Endless, ValueType::Table),
            (Value::String(vec![0xff]), ValueType::String),
            (keyed(Value::String(vec![0xff])), ValueType::String),
            (Value::Number(f64::NAN), ValueType::Number),
            (Value::Number(f64::INFINITY), ValueType::Number),
            (Value::Function, ValueType::Function),
            (Value::Userdata, ValueType::Userdata),
        ] {
            assert_eq!(encode(&value, Writer::Service), Err(ServiceError::CantStoreValue(kind)), "{value:?}");
        }
    }

    #[test]
    fn a_transform_is_told_so() {
        assert_eq!(refuse_type(&Value::Nil, true), Err(ServiceError::ValueNotAllowed(ValueType::Nil)));
        assert_eq!(refuse_type(&Value::Nil, false), Err(ServiceError::CantStoreValue(ValueType::Nil)));
        assert_eq!(refuse_type(&string(""), true), Ok(()));
    }
}
