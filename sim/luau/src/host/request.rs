//! `host.request(kind, ...)`: what a script asks of a service.

use std::sync::Arc;

use dupeproof_core::Stored;
use dupeproof_sim::request::{Attributes, Key, SortedQuery, VersionQuery};
use dupeproof_sim::{Request, ServiceError, Version};
use serde_json::Value as Json;

use super::arguments::Arguments;
use crate::json::{Writer, encode, refuse_type};
use crate::value::Value;

/// The request, or the message of the error that the script gets at once.
pub(super) fn parse(arguments: Arguments<'_>) -> Result<Request, String> {
    let kind = arguments.text(0)?;
    let arguments = arguments.rest();
    let key = || arguments.text(0).map(Key::from);
    Ok(match kind {
        "get" => Request::Get { key: key()?, use_cache: arguments.flag(1) },
        "cas" => Request::CompareAndSet {
            key: key()?,
            expected: token(arguments, 1)?,
            value: stored(arguments.get(2), true)?,
            attributes: attributes(arguments, 3)?,
        },
        "set" => {
            Request::Set { key: key()?, value: stored(arguments.get(1), false)?, attributes: attributes(arguments, 2)? }
        }
        "increment" => {
            Request::Increment { key: key()?, delta: arguments.integer(1)?, attributes: attributes(arguments, 2)? }
        }
        "remove" => Request::Remove { key: key()? },
        "list_versions" => Request::ListVersions { key: key()?, query: version_query(arguments)? },
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
        "publish" => Request::Publish { topic: key()?, data: Arc::new(service_json(arguments.get(1), false)?) },
        "subscribe" => Request::Subscribe { topic: key()?, subscription: arguments.subscription(1)? },
        "unsubscribe" => Request::Unsubscribe { subscription: arguments.subscription(0)? },
        _ => return Err(format!("host.request: there is no request `{kind}`")),
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
    Ok(VersionQuery {
        descending: arguments.flag(1),
        min_date: arguments.integer(2)?,
        max_date: arguments.integer(3)?,
        page_size: arguments.small(4)?,
        after: token(arguments, 5)?,
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

fn service_json(value: &Value, from_transform: bool) -> Result<Json, String> {
    refuse_type(value, from_transform)
        .and_then(|()| encode(value, Writer::Service))
        .map_err(|problem| problem.to_string())
}

fn stored(value: &Value, from_transform: bool) -> Result<Stored, String> {
    service_json(value, from_transform).map(Stored::from_json)
}

/// User ids and metadata; `None` if a script gave neither.
fn attributes(arguments: Arguments<'_>, place: usize) -> Result<Option<Arc<Attributes>>, String> {
    let user_ids = user_ids(arguments.get(place))?;
    let metadata = metadata(arguments.get(place + 1))?;
    let given = !user_ids.is_empty() || !metadata.is_null();
    Ok(given.then(|| Arc::new(Attributes { user_ids, metadata })))
}

fn user_ids(value: &Value) -> Result<Vec<i64>, String> {
    let wrong = || ServiceError::AttributeFormat.to_string();
    let table = match value {
        Value::Nil => return Ok(Vec::new()),
        Value::Table(table) if table.entries.is_empty() => table,
        _ => return Err(wrong()),
    };
    let ids = table.array.iter().map(|id| Arguments::new("request", std::slice::from_ref(id)).integer(0));
    ids.collect::<Result<_, _>>().map_err(|_| wrong())
}

fn metadata(value: &Value) -> Result<Json, String> {
    let wrong = || ServiceError::AttributeFormat.to_string();
    match value {
        Value::Nil => Ok(Json::Null),
        Value::Table(table) if !table.array.is_empty() => Err(wrong()),
        Value::Table(table) if table.entries.is_empty() => Ok(Json::Null),
        Value::Table(_) => encode(value, Writer::Service).map_err(|_| wrong()),
        _ => Err(wrong()),
    }
}
