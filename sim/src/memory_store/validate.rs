//! What the engine refuses before it sends anything.

use dupeproof_core::Stored;

use crate::request::{Bound, Key, MemoryAddress, MemoryCall, MemoryError, MemoryValue, Payload, SortKey, Structure};

/// Characters of a key, and of a sort key (memory stores guide).
pub const KEY_MAX: usize = 128;

/// Bytes of a value as JSON: 32 KB (memory stores guide).
pub const VALUE_MAX: usize = 32_768;

/// Seconds that an item can last: 45 days (class reference).
pub const EXPIRATION_MAX: i64 = 3_888_000;

/// Items that a range, or a page of a list, can have (class reference).
pub const COUNT_MAX: i64 = 200;

/// Items that can be read from a queue at once (class reference).
pub const READ_MAX: i64 = 100;

/// Whether a call can be made at all.
///
/// # Errors
/// What the script is told at once.
pub fn validate(address: &Key, call: &MemoryCall) -> Result<(), MemoryError> {
    let keyed =
        matches!(call, MemoryCall::Get | MemoryCall::Set(_) | MemoryCall::CompareAndSet { .. } | MemoryCall::Remove);
    let place = MemoryAddress::parse(address).ok_or(MemoryError::Key)?;
    if keyed && (place.structure == Structure::Queue || place.key.is_empty() || is_too_long(&place.key)) {
        return Err(MemoryError::Key);
    }
    if !has(place.structure, call) {
        return Err(MemoryError::Argument);
    }
    match call {
        MemoryCall::Set(new) | MemoryCall::CompareAndSet { new, .. } => check_value(new),
        MemoryCall::Add { value, expiration, priority } => {
            check_expiration(*expiration)?;
            if !priority.is_finite() {
                return Err(MemoryError::Argument);
            }
            check_size(value)
        }
        MemoryCall::Range(query) => {
            check_count(query.count, COUNT_MAX)?;
            check_bound(query.lower.as_ref())?;
            check_bound(query.upper.as_ref())
        }
        MemoryCall::List { count, .. } => check_count(*count, COUNT_MAX),
        MemoryCall::Read { count, invisibility, .. } => {
            check_count(*count, READ_MAX)?;
            if *invisibility < 0 { Err(MemoryError::Argument) } else { Ok(()) }
        }
        MemoryCall::Get | MemoryCall::Remove | MemoryCall::Size { .. } | MemoryCall::RemoveRead { .. } => Ok(()),
    }
}

/// Whether a structure can be asked this.
fn has(structure: Structure, call: &MemoryCall) -> bool {
    let of_queues = matches!(call, MemoryCall::Add { .. } | MemoryCall::Read { .. } | MemoryCall::RemoveRead { .. });
    matches!(call, MemoryCall::Size { .. }) || of_queues == (structure == Structure::Queue)
}

fn check_value(new: &MemoryValue) -> Result<(), MemoryError> {
    check_expiration(new.expiration)?;
    check_sort_key(new.sort_key.as_ref())?;
    check_size(&new.value)
}

fn check_expiration(seconds: i64) -> Result<(), MemoryError> {
    if (0..=EXPIRATION_MAX).contains(&seconds) { Ok(()) } else { Err(MemoryError::Expiration) }
}

fn check_count(count: i64, most: i64) -> Result<(), MemoryError> {
    if (1..=most).contains(&count) { Ok(()) } else { Err(MemoryError::Count) }
}

fn check_bound(bound: Option<&Bound>) -> Result<(), MemoryError> {
    let Some(Bound { key, sort_key }) = bound else { return Ok(()) };
    if key.as_deref().is_some_and(is_too_long) {
        return Err(MemoryError::Key);
    }
    check_sort_key(sort_key.as_ref())
}

fn check_sort_key(key: Option<&SortKey>) -> Result<(), MemoryError> {
    match key {
        Some(SortKey::Number(number)) if !number.is_finite() => Err(MemoryError::SortKey),
        Some(SortKey::Text(text)) if is_too_long(text) => Err(MemoryError::SortKey),
        _ => Ok(()),
    }
}

fn check_size(value: &Payload) -> Result<(), MemoryError> {
    if size(value) > VALUE_MAX { Err(MemoryError::ValueTooLarge) } else { Ok(()) }
}

/// Bytes of a value as JSON. No text is made: one sign of it may take six bytes.
pub(super) fn size(value: &Payload) -> usize {
    usize::try_from(Stored::Other(Payload::clone(value)).json_bytes()).unwrap_or(usize::MAX)
}

fn is_too_long(key: &str) -> bool {
    key.chars().count() > KEY_MAX
}
