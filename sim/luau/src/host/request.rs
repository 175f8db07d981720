//! `host.request(first, kind, ...)`: a script's requests to services.

use std::sync::Arc;

use dupeproof_core::{Stored, VersionQuery};
use dupeproof_sim::request::{Attributes, Key, Payload, SortedQuery, ValueType};
use dupeproof_sim::value::ScriptValue;
use dupeproof_sim::{Request, ServiceError, Version};
use serde_json::Value as Json;

use super::arguments::Arguments;
use super::memory;

/// The request, or the message of the error that is raised in the script at once.
pub(super) fn parse(arguments: Arguments<'_>) -> Result<Request, String> {
    let kind = arguments.text(0)?;
    let arguments = arguments.rest();
    let key = || arguments.text(0).map(Key::from);
    Ok(match kind {
        "get" => Request::Get { key: key()?, use_cache: arguments.flag(1) },
        "cas" => Request::CompareAndSet {
            key: key()?,
            expected: token(arguments, 1)?,
            value: returned(arguments.get(2))?,
            attributes: attributes(arguments, 3)?,
        },
        "set" => Request::Set { key: key()?, value: stored(arguments.get(1))?, attributes: attributes(arguments, 2)? },
        "increment" => {
            Request::Increment { key: key()?, delta: arguments.integer(1)?, attributes: attributes(arguments, 2)? }
        }
        "remove" => Request::Remove { key: key()? },
        "list_versions" => {
            Request::ListVersions { key: key()?, query: version_query(arguments)?, page_size: arguments.small(4)? }
        }
        "get_version" => {
            let version = arguments.text(1).ok().and_then(Version::from_id);
            Request::GetVersion {
                key: key()?,
                version: version.ok_or_else(|| ServiceError::InvalidVersion.to_string())?,
            }
        }
        "get_version_at_time" => Request::GetVersionAtTime { key: key()?, at: arguments.integer(1)? },
        "list_keys" => Request::ListKeys {
            prefix: key()?,
            page_size: arguments.small(1)?,
            after: arguments.optional_text(2)?.map(Key::from),
            exclude_deleted: arguments.flag(3),
        },
        "get_sorted" => Request::GetSorted { store: key()?, query: sorted_query(arguments)? },
        "publish" => Request::Publish { topic: key()?, data: payload(arguments.get(1))? },
        "subscribe" => Request::Subscribe { topic: key()?, subscription: arguments.subscription(1)? },
        "unsubscribe" => Request::Unsubscribe { subscription: arguments.subscription(0)? },
        _ => {
            return memory::parse(kind, arguments)?
                .ok_or_else(|| format!("host.request: there is no request `{kind}`"));
        }
    })
}

/// A version as scripts hold it between a read and a write.
pub(super) fn version_token(version: Version) -> String {
    version.0.to_string()
}

fn token(arguments: Arguments<'_>, place: usize) -> Result<Option<Version>, String> {
    let Some(text) = arguments.optional_text(place)? else { return Ok(None) };
    text.parse().map(|number| Some(Version(number))).map_err(|_| arguments.wrong(place, "a version"))
}

fn version_query(arguments: Arguments<'_>) -> Result<VersionQuery, String> {
    // Zero is no bound (class reference, `DataStore:ListVersionsAsync`).
    let bound = |place| Ok::<_, String>(Some(arguments.integer(place)?).filter(|bound| *bound != 0));
    Ok(VersionQuery {
        descending: arguments.flag(1),
        min: bound(2)?,
        max: bound(3)?,
        after: arguments.optional_text(5)?.map(Arc::from),
    })
}

fn sorted_query(arguments: Arguments<'_>) -> Result<SortedQuery, String> {
    Ok(SortedQuery {
        ascending: arguments.flag(1),
        page_size: arguments.small(2)?,
        min: arguments.optional_integer(3)?,
        max: arguments.optional_integer(4)?,
        page: arguments.small(5)?,
    })
}

/// The write leg of `UpdateAsync`. A transform that returned nil writes nothing and never gets here.
fn returned(value: &ScriptValue) -> Result<Stored, String> {
    match value.returned_to_json() {
        Ok(Some(json)) => Ok(Stored::from_json(json)),
        Ok(None) => Err(ServiceError::ValueNotAllowed(ValueType::Nil).to_string()),
        Err(problem) => Err(problem.to_string()),
    }
}

fn stored(value: &ScriptValue) -> Result<Stored, String> {
    value.to_json().map(Stored::from_json).map_err(|problem| problem.to_string())
}

/// A message can hold whatever can be stored (not documented).
fn payload(value: &ScriptValue) -> Result<Payload, String> {
    value.to_json().map(Payload::new).map_err(|problem| problem.to_string())
}

/// User ids and metadata; `None` if a script gave neither.
fn attributes(arguments: Arguments<'_>, place: usize) -> Result<Option<Arc<Attributes>>, String> {
    let user_ids = user_ids(arguments.get(place))?;
    let metadata = metadata(arguments.get(place + 1))?;
    let given = !user_ids.is_empty() || !metadata.is_null();
    Ok(given.then(|| Arc::new(Attributes { user_ids, metadata })))
}

fn user_ids(value: &ScriptValue) -> Result<Vec<i64>, String> {
    let wrong = || ServiceError::AttributeFormat.to_string();
    let table = match value {
        ScriptValue::Nil => return Ok(Vec::new()),
        ScriptValue::Table(table) if table.rest.is_empty() => table,
        _ => return Err(wrong()),
    };
    let ids = table.array.iter().map(|id| Arguments::new("request", std::slice::from_ref(id)).integer(0));
    ids.collect::<Result<_, _>>().map_err(|_| wrong())
}

fn metadata(value: &ScriptValue) -> Result<Json, String> {
    let wrong = || ServiceError::AttributeFormat.to_string();
    match value {
        ScriptValue::Nil => Ok(Json::Null),
        ScriptValue::Table(table) if !table.array.is_empty() => Err(wrong()),
        ScriptValue::Table(table) if table.rest.is_empty() => Ok(Json::Null),
        ScriptValue::Table(_) => value.to_json().map_err(|_| wrong()),
        _ => Err(wrong()),
    }
}
