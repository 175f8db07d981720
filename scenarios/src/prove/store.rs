//! The data store of an explored world: keys with versions, reads, conditional writes and removals. A test holds that
//! it answers as the simulated DataStoreService does.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

use dupeproof_core::Stored;
use dupeproof_sim::request::{Answer, Entry, Key, KeyInfo, Reading, Request, Response, ServiceError, Version};

/// All keys.
#[derive(Clone, Debug, Default)]
pub(crate) struct Store {
    keys: BTreeMap<Key, Slot>,
    newest: u64,
    hash: u64,
}

#[derive(Clone, Debug)]
struct Slot {
    /// Of the newest write or removal.
    version: Version,
    value: Option<Stored>,
    /// Of the key and the value.
    hash: u64,
}

/// A write or removal that was applied.
#[derive(Clone, Debug)]
pub(crate) struct Commit {
    pub key: Key,
    pub before: Option<Stored>,
    pub after: Option<Stored>,
}

impl Store {
    /// Writes without a condition.
    pub(crate) fn put(&mut self, key: Key, value: Stored) {
        self.set(key, Some(value));
    }

    /// What is stored, by key.
    pub(crate) fn values(&self) -> impl Iterator<Item = (&Key, &Stored)> {
        self.keys.iter().filter_map(|(key, slot)| Some((key, slot.value.as_ref()?)))
    }

    /// Of all keys with their values. A key that was removed is not the same as one that never was, and that is all that
    /// remains of it.
    pub(crate) fn hash(&self) -> u64 {
        self.hash
    }

    /// Answers a request that changes nothing.
    pub(crate) fn read(&self, request: &Request) -> Option<Answer> {
        match request {
            Request::Get { key, .. } => Some(Ok(Response::Value(self.reading(key)))),
            Request::CompareAndSet { key, expected, .. } if self.version(key) != *expected => {
                Some(Ok(Response::Conflict))
            }
            Request::Remove { key } if self.reading(key).entry.is_none() => Some(Ok(Response::Removed(None))),
            _ => None,
        }
    }

    /// Carries a request out.
    pub(crate) fn serve(&mut self, request: &Request) -> (Answer, Option<Commit>) {
        if let Some(answer) = self.read(request) {
            return (answer, None);
        }
        match request {
            Request::CompareAndSet { key, value, .. } => {
                let before = self.set(Key::clone(key), Some(value.clone()));
                let info = info(self.version(key).unwrap_or_default());
                let commit = Commit { key: Key::clone(key), before, after: Some(value.clone()) };
                (Ok(Response::Committed(info)), Some(commit))
            }
            Request::Remove { key } => {
                let entry = self.reading(key).entry;
                let before = self.set(Key::clone(key), None);
                (Ok(Response::Removed(entry)), Some(Commit { key: Key::clone(key), before, after: None }))
            }
            // No script asks for old versions.
            _ => (Err(ServiceError::Rejected), None),
        }
    }

    pub(crate) fn version(&self, key: &str) -> Option<Version> {
        self.keys.get(key).map(|slot| slot.version)
    }

    fn reading(&self, key: &str) -> Reading {
        let Some(slot) = self.keys.get(key) else { return Reading::default() };
        let entry = slot.value.clone().map(|value| Entry { value, info: info(slot.version) });
        Reading { version: Some(slot.version), entry }
    }

    fn set(&mut self, key: Key, value: Option<Stored>) -> Option<Stored> {
        self.newest += 1;
        let version = Version(self.newest);
        let mut state = rapidhash::fast::RapidHasher::default();
        (&key, &value).hash(&mut state);
        let slot = Slot { version, value, hash: state.finish() };
        let before = self.keys.insert(key, slot).and_then(|slot| slot.value);
        let mut state = rapidhash::fast::RapidHasher::default();
        self.keys.values().for_each(|slot| state.write_u64(slot.hash));
        self.hash = state.finish();
        before
    }
}

/// No subject of a proof looks at times or attributes.
fn info(version: Version) -> KeyInfo {
    KeyInfo { version, created_time: 0, updated_time: 0, attributes: None }
}
