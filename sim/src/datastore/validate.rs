//! What the engine refuses before it sends anything.

use std::fmt;

use dupeproof_core::Stored;
use serde_json::Value as Json;

use super::throughput::kilobytes;
use crate::request::{Address, Attributes, NAME_MAX, Request, ServiceError, SortedQuery, ValueType, is_ordered};

/// Characters of a value as JSON (error-codes-and-limits; community, MockDataStoreService: measured 4,194,301).
pub const VALUE_MAX: u64 = 4_194_304;

/// Characters of all names and values of a metadata table together (error-codes-and-limits; community,
/// PersistenceMocks, 2022: effectively 299, and the limits of a single name and value are not enforced).
pub const METADATA_MAX: usize = 300;

/// User ids beside a value (error 512 says that there is a limit; community, PersistenceMocks: 4).
pub const USER_IDS_MAX: usize = 4;

/// Values on a page of an ordered store (class reference, `OrderedDataStore:GetSortedAsync`).
pub const SORTED_PAGE_MAX: u32 = 100;

/// Whether a request can be sent at all, and how many kilobytes the value has that it wants to write: none in other
/// requests. "Invalid arguments fail without yielding and without cost" (community, devforum 175804).
///
/// # Errors
/// What the script is told at once.
pub fn validate(request: &Request) -> Result<u32, ServiceError> {
    match request {
        Request::Get { key, .. } | Request::Remove { key } => check_address(key, false)?,
        Request::CompareAndSet { key, value, attributes, .. } | Request::Set { key, value, attributes } => {
            check_address(key, false)?;
            check_attributes(is_ordered(key), attributes.as_deref())?;
            return check_value(is_ordered(key), value);
        }
        Request::Increment { key, attributes, .. } => {
            check_address(key, false)?;
            check_attributes(is_ordered(key), attributes.as_deref())?;
        }
        Request::ListVersions { key, .. } | Request::GetVersion { key, .. } => {
            check_address(key, false)?;
            check_standard(key)?;
        }
        Request::GetVersionAtTime { key, at } => {
            check_address(key, false)?;
            check_standard(key)?;
            // How far ahead it may be, only the backend's clock can tell.
            if *at <= 0 {
                return Err(ServiceError::InvalidTimestamp);
            }
        }
        Request::ListKeys { prefix, .. } => {
            check_address(prefix, true)?;
            check_standard(prefix)?;
        }
        Request::GetSorted { store, query } => {
            check_address(store, true)?;
            check_sorted(query)?;
        }
        Request::Publish { .. } | Request::Subscribe { .. } | Request::Unsubscribe { .. } | Request::Memory { .. } => {}
    }
    Ok(0)
}

/// Store, scope and key have 1 to 50 characters each; the scope of a store with `AllScopes` has none (class reference,
/// `DataStoreOptions`).
fn check_address(key: &str, any_key: bool) -> Result<(), ServiceError> {
    // Most are short keys of the game's own store.
    if !key.is_empty() && key.len() <= NAME_MAX && !key.bytes().any(|byte| matches!(byte, b'/' | b':' | b'%')) {
        return Ok(());
    }
    let address = Address::parse(key);
    if address.store.is_empty() || (address.key.is_empty() && !any_key) {
        return Err(ServiceError::KeyNameEmpty);
    }
    let long = [&address.store, &address.scope, &address.key].iter().any(|part| part.chars().count() > NAME_MAX);
    if long { Err(ServiceError::KeyNameLimit) } else { Ok(()) }
}

/// Ordered stores hold integers only (class reference, `OrderedDataStore`).
fn check_value(ordered: bool, value: &Stored) -> Result<u32, ServiceError> {
    match value {
        Stored::Other(json) if json.is_null() => return Err(ServiceError::CantStoreValue(ValueType::Nil)),
        Stored::Other(json) if ordered => match &**json {
            Json::Number(number) if number.is_i64() => {}
            Json::String(_) => return Err(ServiceError::ValueNotAllowed(ValueType::String)),
            Json::Array(_) | Json::Object(_) => return Err(ServiceError::ValueNotAllowed(ValueType::Table)),
            _ => return Err(ServiceError::ValueNotAllowed(ValueType::Number)),
        },
        Stored::Record(_) if ordered => return Err(ServiceError::ValueNotAllowed(ValueType::Table)),
        _ => {}
    }
    let kilobytes = kilobytes(value);
    // The limit is a whole number of kilobytes.
    if u64::from(kilobytes) * 1_024 > VALUE_MAX { Err(ServiceError::ValueTooLarge) } else { Ok(kilobytes) }
}

/// Ordered stores have none (community, PersistenceMocks: error 517).
fn check_attributes(ordered: bool, attributes: Option<&Attributes>) -> Result<(), ServiceError> {
    let Some(Attributes { user_ids, metadata }) = attributes else { return Ok(()) };
    if ordered {
        return Err(ServiceError::OrderedParameter);
    }
    if user_ids.len() > USER_IDS_MAX {
        return Err(ServiceError::TooManyUserIds);
    }
    let map = match metadata {
        Json::Null => return Ok(()),
        // Luau cannot tell an empty map from an empty array.
        Json::Array(elements) if elements.is_empty() => return Ok(()),
        Json::Object(map) => map,
        _ => return Err(ServiceError::AttributeFormat),
    };
    let mut characters = 0;
    for (name, value) in map {
        characters += name.chars().count();
        characters += match value {
            Json::String(text) => text.chars().count(),
            Json::Number(number) => number.to_string().len(),
            Json::Bool(bool) => bool.to_string().len(),
            // Tables are stored, too (community: DataKeep keeps its lock in one, and the tests of ProfileService store
            // `{Color = {0.955, 0, 0}}`). That their JSON counts is inferred.
            Json::Array(_) | Json::Object(_) => json_characters(value),
            Json::Null => return Err(ServiceError::AttributeFormat),
        };
    }
    if characters > METADATA_MAX { Err(ServiceError::AttributeTooLarge) } else { Ok(()) }
}

/// Characters of a value as JSON. No text is made: one sign of it may take six characters.
fn json_characters(value: &Json) -> usize {
    struct Count(usize);
    impl fmt::Write for Count {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0 += text.chars().count();
            Ok(())
        }
    }
    let mut count = Count(0);
    fmt::Write::write_fmt(&mut count, format_args!("{value}")).map_or(usize::MAX, |()| count.0)
}

/// Ordered stores keep no versions and do not list keys (class reference, `OrderedDataStore`: it has no such methods).
fn check_standard(key: &str) -> Result<(), ServiceError> {
    if is_ordered(key) { Err(ServiceError::OrderedParameter) } else { Ok(()) }
}

/// Errors 106 and 107 (error-codes-and-limits).
fn check_sorted(query: &SortedQuery) -> Result<(), ServiceError> {
    if !(1..=SORTED_PAGE_MAX).contains(&query.page_size) {
        return Err(ServiceError::PageOutOfRange);
    }
    match (query.min, query.max) {
        (Some(min), Some(max)) if max < min => Err(ServiceError::MinMaxOrder),
        _ => Ok(()),
    }
}
