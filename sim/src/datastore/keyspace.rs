//! All keys of all stores.

use std::collections::BTreeMap;
use std::ops::Bound;

use dupeproof_core::Stored;

use super::throughput::Throughput;
use super::version_history::VersionHistory;
use crate::request::{Address, Key, Page, SortedQuery, Version, is_ordered};

/// Keys on a page, where the script does not say (class reference, `DataStore:ListKeysAsync`).
const KEYS_A_PAGE: usize = 50;

/// Keys that one request looks at where it leaves out those that were removed; the page may then be empty and not the
/// last (class reference, `DataStore:ListKeysAsync`).
const SCANNED_MAX: usize = 512;

/// By address.
#[derive(Default)]
pub(super) struct Keyspace {
    slots: BTreeMap<Key, KeySlot>,
    last_version: Version,
}

/// One key.
#[derive(Default)]
pub(super) struct KeySlot {
    pub(super) history: VersionHistory,
    pub(super) throughput: Throughput,
}

/// What of a store's keys.
pub(super) struct KeyQuery<'a> {
    /// What their addresses begin with.
    pub(super) prefix: &'a str,
    /// Zero for the service's default.
    pub(super) page_size: u32,
    pub(super) after: Option<&'a str>,
    pub(super) exclude_deleted: bool,
}

impl Keyspace {
    /// A key that may be there.
    pub(super) fn get(&self, key: &str) -> Option<&KeySlot> {
        self.slots.get(key)
    }

    /// The same, to be changed.
    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut KeySlot> {
        self.slots.get_mut(key)
    }

    /// A key that is there from now on.
    pub(super) fn slot(&mut self, key: &Key) -> &mut KeySlot {
        // Most are: no need to clone the key for them.
        if !self.slots.contains_key(key) {
            self.slots.insert(Key::clone(key), KeySlot::default());
        }
        self.slots.get_mut(key).expect("it was put in if it was not there")
    }

    /// The number of the next write of any key.
    pub(super) fn next_version(&mut self) -> Version {
        self.last_version.0 += 1;
        self.last_version
    }

    /// Every value, in order of address.
    pub(super) fn values(&self) -> impl Iterator<Item = (&Key, &Stored)> {
        self.slots.iter().filter_map(|(key, slot)| Some((key, slot.history.value()?)))
    }

    /// From here no key was read or written before.
    pub(super) fn forget_throughput(&mut self) {
        for slot in self.slots.values_mut() {
            slot.throughput = Throughput::default();
        }
    }

    /// `ListKeysAsync`. The order is that of the addresses (not documented).
    pub(super) fn list(&self, now: i64, query: &KeyQuery<'_>) -> Page<Key, Key> {
        let KeyQuery { prefix, page_size, after, exclude_deleted } = *query;
        let page_size = if page_size == 0 { KEYS_A_PAGE } else { page_size as usize };
        let mut page = Page { items: Vec::new(), next: None };
        let mut scanned = 0;
        for (key, slot) in self.within(prefix, after) {
            let Some(removed) = slot.history.is_removed(now) else { continue };
            if page.items.len() == page_size || (exclude_deleted && scanned == SCANNED_MAX) {
                return page;
            }
            scanned += 1;
            page.next = Some(Key::clone(key));
            if !(removed && exclude_deleted) {
                page.items.push(Key::clone(key));
            }
        }
        page.next = None;
        page
    }

    /// `GetSortedAsync`. Equal values come in order of key (not documented).
    pub(super) fn sorted(&self, store: &str, query: &SortedQuery) -> Page<(Key, i64), u32> {
        let prefix = Address::parse(store).with_key("").to_key();
        let within = |value: i64| query.min.is_none_or(|min| value >= min) && query.max.is_none_or(|max| value <= max);
        let mut found: Vec<(Key, i64)> = self
            .within(&prefix, None)
            .filter(|(key, _)| is_ordered(key))
            .filter_map(|(key, slot)| Some((Key::clone(key), integer(slot.history.value()?)?)))
            .filter(|(_, value)| within(*value))
            .collect();
        found.sort_by_key(|(_, value)| *value);
        if !query.ascending {
            found.reverse();
        }
        let page_size = query.page_size as usize;
        let begin = page_size.saturating_mul(query.page as usize).min(found.len());
        let end = (begin + page_size).min(found.len());
        let next = (end < found.len()).then(|| query.page + 1);
        Page { items: found.drain(begin..end).collect(), next }
    }

    /// The keys of one store and scope whose addresses begin with something, in order.
    fn within<'a>(&'a self, prefix: &'a str, after: Option<&'a str>) -> impl Iterator<Item = (&'a Key, &'a KeySlot)> {
        let begin = after.map_or(Bound::Included(prefix), Bound::Excluded);
        // The addresses of other stores hold these, the keys of the game's own store hold them escaped.
        let elsewhere = ['/', ':'];
        let house = !prefix.contains(elsewhere);
        self.slots
            .range::<str, _>((begin, Bound::Unbounded))
            .take_while(move |(key, _)| key.starts_with(prefix))
            .filter(move |(key, _)| !(house && key.contains(elsewhere)))
    }
}

/// A value, where it is a number without a fraction.
pub(super) fn integer(value: &Stored) -> Option<i64> {
    match value {
        Stored::Other(json) => json.as_i64(),
        Stored::Record(_) => None,
    }
}
