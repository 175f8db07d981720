//! A hash map or a sorted map.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::validate::size;
use crate::request::{Bound, Key, MemoryItem, MemoryValue, Page, Payload, RangeQuery, SortKey, Version};

/// Items by key. Hash maps promise no order; here they are listed in this one.
#[derive(Default)]
pub(super) struct Map {
    items: BTreeMap<Key, MapItem>,
    /// Of all items.
    bytes: usize,
    /// When the first of them expires, or earlier.
    expires: Option<i64>,
}

struct MapItem {
    value: Payload,
    sort_key: Option<SortKey>,
    version: Version,
    /// By the backend's clock, in Unix milliseconds.
    expires: i64,
    bytes: usize,
}

impl Map {
    /// Lets go of what has expired by now; how many.
    pub(super) fn expire(&mut self, now: i64) -> u32 {
        if self.expires.is_none_or(|first| first > now) {
            return 0;
        }
        let before = self.items.len();
        self.items.retain(|_, item| item.expires > now);
        let gone = before - self.items.len();
        self.bytes = self.items.values().map(|item| item.bytes).sum();
        self.expires = self.items.values().map(|item| item.expires).min();
        u32::try_from(gone).expect("items are few")
    }

    pub(super) fn get(&self, key: &Key) -> Option<MemoryItem> {
        self.items.get(key).map(|item| item.seen_as(key))
    }

    pub(super) fn version(&self, key: &Key) -> Option<Version> {
        self.items.get(key).map(|item| item.version)
    }

    /// Bytes of all items.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many bytes more there are once this is written.
    pub(super) fn growth(&self, key: &Key, new: &MemoryValue) -> usize {
        bytes_of(key, new).saturating_sub(self.items.get(key).map_or(0, |item| item.bytes))
    }

    pub(super) fn set(&mut self, now: i64, key: Key, version: Version, new: &MemoryValue) {
        let MemoryValue { value, expiration, sort_key } = new;
        let bytes = bytes_of(&key, new);
        let expires = now.saturating_add(expiration.saturating_mul(1_000));
        let item = MapItem { value: value.clone(), sort_key: sort_key.clone(), version, expires, bytes };
        let before = self.items.insert(key, item).map_or(0, |item| item.bytes);
        self.bytes = self.bytes - before + bytes;
        self.expires = Some(self.expires.map_or(expires, |first| first.min(expires)));
    }

    /// Whether there was such an item.
    pub(super) fn remove(&mut self, key: &Key) -> bool {
        let removed = self.items.remove(key);
        self.bytes -= removed.as_ref().map_or(0, |item| item.bytes);
        removed.is_some()
    }

    pub(super) fn size(&self) -> usize {
        self.items.len()
    }

    pub(super) fn list(&self, count: usize, after: Option<&Key>) -> Page<MemoryItem, Key> {
        let rest = self.items.iter().filter(|(key, _)| after.is_none_or(|after| *key > after));
        let mut items: Vec<MemoryItem> = rest.take(count + 1).map(|(key, item)| item.seen_as(key)).collect();
        let more = items.len() > count;
        items.truncate(count);
        let next = if more { items.last().map(|item| item.key.clone()) } else { None };
        Page { items, next }
    }

    pub(super) fn range(&self, query: &RangeQuery) -> Page<MemoryItem, Key> {
        let above = |key: &Key, item: &MapItem| query.lower.as_ref().is_none_or(|bound| item.is(key, bound).is_gt());
        let below = |key: &Key, item: &MapItem| query.upper.as_ref().is_none_or(|bound| item.is(key, bound).is_lt());
        let mut within: Vec<_> = self.items.iter().filter(|(key, item)| above(key, item) && below(key, item)).collect();
        within.sort_by(|(key, item), (other_key, other)| {
            SortKey::order(item.sort_key.as_ref(), other.sort_key.as_ref()).then_with(|| key.cmp(other_key))
        });
        if query.descending {
            within.reverse();
        }
        let count = usize::try_from(query.count).unwrap_or(0);
        Page { items: within.into_iter().take(count).map(|(key, item)| item.seen_as(key)).collect(), next: None }
    }
}

impl MapItem {
    fn seen_as(&self, key: &Key) -> MemoryItem {
        let MapItem { value, sort_key, version, .. } = self;
        MemoryItem { key: key.clone(), value: value.clone(), sort_key: sort_key.clone(), version: *version }
    }

    /// On which side of a bound it stands; equal is beyond it either way.
    fn is(&self, key: &Key, bound: &Bound) -> Ordering {
        SortKey::order(self.sort_key.as_ref(), bound.sort_key.as_ref())
            .then_with(|| bound.key.as_ref().map_or(Ordering::Equal, |other| key.cmp(other)))
    }
}

/// What counts for the quota: keys, sort keys and values (whether anything else does is not documented).
fn bytes_of(key: &Key, new: &MemoryValue) -> usize {
    let sort_key = match &new.sort_key {
        Some(SortKey::Text(text)) => text.len(),
        Some(SortKey::Number(_)) => 8,
        None => 0,
    };
    key.len() + sort_key + size(&new.value)
}
