//! Requests to MemoryStoreService, and its answers.

use std::sync::Arc;

use dupeproof_core::Stored;
use dupeproof_sim::request::{
    Bound, Key, MemoryAddress, MemoryAnswer, MemoryCall, MemoryError, MemoryItem, MemoryValue, Payload, RangeQuery,
    ReadId, SortKey, Structure,
};
use dupeproof_sim::value::{ScriptKey, ScriptTable, ScriptValue};
use dupeproof_sim::{Request, Version};

use super::arguments::Arguments;
use super::{Answers, Session};
use crate::value::Answer;

/// The address of an item, or of a structure if the key is empty: kind, name, key.
pub(super) fn address(_: &mut Session<'_, '_>, arguments: Arguments<'_>) -> Answers {
    let structure: Structure = arguments.name(0)?;
    let address = MemoryAddress::new(structure, arguments.text(1)?, arguments.text(2)?);
    Ok(vec![address.to_key().into()])
}

/// The request, or the message of the error that the script gets at once; `None` if it is none of these.
pub(super) fn parse(kind: &str, arguments: Arguments<'_>) -> Result<Option<Request>, String> {
    let call = match kind {
        "memory_get" => MemoryCall::Get,
        "memory_set" => MemoryCall::Set(value(arguments, 1)?),
        "memory_cas" => MemoryCall::CompareAndSet { expected: expected(arguments)?, new: value(arguments, 2)? },
        "memory_remove" => MemoryCall::Remove,
        "memory_range" => MemoryCall::Range(RangeQuery {
            descending: arguments.flag(1),
            count: arguments.integer(2)?,
            lower: bound(arguments.get(3))?,
            upper: bound(arguments.get(4))?,
        }),
        "memory_list" => {
            let after = arguments.optional_text(2)?.map(Key::from);
            MemoryCall::List { count: arguments.integer(1)?, after }
        }
        "memory_size" => MemoryCall::Size { exclude_invisible: arguments.flag(1) },
        "queue_add" => MemoryCall::Add {
            value: payload(arguments.get(1))?,
            expiration: arguments.integer(2)?,
            priority: arguments.number(3)?,
        },
        "queue_read" => MemoryCall::Read {
            count: arguments.integer(1)?,
            all_or_nothing: arguments.flag(2),
            invisibility: arguments.integer(3)?,
        },
        "queue_remove" => MemoryCall::RemoveRead { id: ReadId(number(arguments.text(1)?)) },
        _ => return Ok(None),
    };
    Ok(Some(Request::Memory { address: arguments.text(0)?.into(), call: Box::new(call) }))
}

/// The value of a conditional write: scripts get it back as a copy.
pub(super) fn written(request: &Request) -> Option<Stored> {
    let Request::Memory { call, .. } = request else { return None };
    match &**call {
        MemoryCall::CompareAndSet { new, .. } => Some(Stored::Other(new.value.clone())),
        _ => None,
    }
}

/// Appends the fields of an answer to the arguments.
pub(super) fn answer(answer: MemoryAnswer, written: Option<Stored>, arguments: &mut Vec<Answer>) {
    match answer {
        MemoryAnswer::Item(None) => arguments.push(false.into()),
        MemoryAnswer::Item(Some(MemoryItem { value, sort_key, version, .. })) => {
            arguments.extend([true.into(), value.into(), version.0.to_string().into(), sort_key_answer(sort_key)]);
        }
        MemoryAnswer::Done => {
            arguments.push("done".into());
            if let Some(Stored::Other(value)) = written {
                arguments.push(value.into());
            }
        }
        MemoryAnswer::Conflict => arguments.push("conflict".into()),
        MemoryAnswer::Items(page) => {
            let items = page.items.into_iter().map(item).collect();
            arguments.extend([Answer::List(items), Answer::option(page.next)]);
        }
        MemoryAnswer::Size(size) => arguments.push(size.into()),
        MemoryAnswer::Read(None) => {}
        MemoryAnswer::Read(Some((id, values))) => {
            let values = values.into_iter().map(Answer::Json).collect();
            arguments.extend([Answer::List(values), id.0.to_string().into()]);
        }
    }
}

fn item(MemoryItem { key, value, sort_key, .. }: MemoryItem) -> Answer {
    Answer::Fields(vec![("key", key.into()), ("value", value.into()), ("sortKey", sort_key_answer(sort_key))])
}

fn sort_key_answer(key: Option<SortKey>) -> Answer {
    match key {
        Some(SortKey::Number(number)) => number.into(),
        Some(SortKey::Text(text)) => text.into(),
        None => Answer::Nil,
    }
}

fn value(arguments: Arguments<'_>, place: usize) -> Result<MemoryValue, String> {
    Ok(MemoryValue {
        value: payload(arguments.get(place))?,
        expiration: arguments.integer(place + 1)?,
        sort_key: sort_key(arguments.get(place + 2))?,
    })
}

fn payload(value: &ScriptValue) -> Result<Payload, String> {
    value.to_json().map(Arc::new).map_err(|_| MemoryError::Value.to_string())
}

fn expected(arguments: Arguments<'_>) -> Result<Option<Version>, String> {
    Ok(arguments.optional_text(1)?.map(|text| Version(number(text))))
}

/// What scripts hold of a number of ours; what is none is one that is nowhere.
fn number(text: &str) -> u64 {
    text.parse().unwrap_or(0)
}

fn sort_key(value: &ScriptValue) -> Result<Option<SortKey>, String> {
    match value {
        ScriptValue::Nil => Ok(None),
        ScriptValue::Number(number) => Ok(Some(SortKey::Number(*number))),
        ScriptValue::String(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Some(SortKey::Text(text.into()))),
            Err(_) => Err(MemoryError::SortKey.to_string()),
        },
        _ => Err(MemoryError::SortKey.to_string()),
    }
}

fn bound(value: &ScriptValue) -> Result<Option<Bound>, String> {
    let table = match value {
        ScriptValue::Nil => return Ok(None),
        ScriptValue::Table(table) => table,
        _ => return Err("InvalidRequest: A bound is a table of key and sortKey.".into()),
    };
    let key = match field(table, "key") {
        None => None,
        Some(ScriptValue::String(bytes)) => {
            Some(String::from_utf8(bytes.clone()).map_err(|_| MemoryError::Key.to_string())?.into())
        }
        Some(_) => return Err(MemoryError::Key.to_string()),
    };
    let sort_key = field(table, "sortKey").map_or(Ok(None), sort_key)?;
    // An empty table is no bound.
    Ok((key.is_some() || sort_key.is_some()).then_some(Bound { key, sort_key }))
}

fn field<'a>(table: &'a ScriptTable, name: &str) -> Option<&'a ScriptValue> {
    let named = |key: &ScriptKey| matches!(key, ScriptKey::String(bytes) if bytes == name.as_bytes());
    table.rest.iter().find(|(key, _)| named(key)).map(|(_, value)| value)
}
