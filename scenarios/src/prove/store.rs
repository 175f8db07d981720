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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use dupeproof_sim::datastore::DataStore;
    use dupeproof_sim::id::{RequestId, ServerId};
    use dupeproof_sim::request::{FromService, ToService};
    use dupeproof_sim::service::Service;
    use dupeproof_sim::trace::Trace;
    use dupeproof_sim::{Global, Schedule};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::subjects::core::CoreSubject;

    /// What both may be asked: of a key, with the newest version that was seen or with an older one.
    fn request(kind: u8, key: Key, seen: Option<Version>, value: u64) -> Request {
        match kind {
            0 => Request::get(key),
            1 => Request::Remove { key },
            _ => Request::CompareAndSet {
                key,
                expected: seen,
                value: Stored::Other(Arc::new(json!(value))),
                attributes: None,
            },
        }
    }

    /// All but versions and times, which each counts for itself.
    fn told(answer: &Answer) -> String {
        let value = |entry: &Option<Entry>| entry.as_ref().map(|entry| entry.value.clone());
        match answer {
            Ok(Response::Value(reading)) => format!("{:?} {:?}", reading.version.is_some(), value(&reading.entry)),
            Ok(Response::Committed(_)) => "committed".into(),
            Ok(Response::Removed(before)) => format!("removed {:?}", value(before)),
            other => format!("{other:?}"),
        }
    }

    fn version_in(answer: &Answer) -> Option<Option<Version>> {
        match answer {
            Ok(Response::Value(reading)) => Some(reading.version),
            _ => None,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

        #[test]
        fn it_answers_as_the_simulated_service_does(steps in proptest::collection::vec((0..3_u8, 0..2_usize, any::<bool>()), 1..40)) {
            let mut service = DataStore::service(&Schedule::default(), &CoreSubject::default());
            let mut observer = ();
            let mut trace = Trace::new(&mut observer);
            let mut store = Store::default();
            let keys: [Key; 2] = ["a".into(), "b".into()];
            // By key: the versions that reads have shown, in the one and in the other.
            let mut seen = [[(None, None); 2]; 2];
            for (number, (kind, key, newest)) in (1_u32..).zip(steps) {
                let (own, theirs) = seen[key][usize::from(newest)];
                let value = u64::from(number);
                let (answer, _) = store.serve(&request(kind, Key::clone(&keys[key]), own, value));
                let at = Global(u64::from(number) * 60_000_000);
                let asked = request(kind, Key::clone(&keys[key]), theirs, value);
                let frame = ToService { id: RequestId(number), request: asked, kilobytes: 1 };
                service.handle(at, ServerId { slot: 0, life: 0 }, frame, &mut trace);
                let Some((_, FromService::Reply { result, .. })) = service.poll(at, &mut trace) else {
                    panic!("each request is answered at once")
                };
                prop_assert_eq!(told(&answer), told(&result));
                if let (Some(own), Some(theirs)) = (version_in(&answer), version_in(&result)) {
                    seen[key] = [seen[key][1], (own, theirs)];
                }
            }
        }
    }
}
