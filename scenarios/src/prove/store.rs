//! The data store of an explored world: keys with versions, reads, conditional writes and removals. A test holds that
//! it answers as the simulated DataStoreService does.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

use dupeproof_core::{Stored, VersionInfo};
use dupeproof_sim::request::{Answer, Entry, Key, KeyInfo, Page, Reading, Request, Response, ServiceError, Version};

/// The newest version of each key, and any that was overtaken: no subject of a proof compares more.
const NEWEST: Version = Version(1);
const OVERTAKEN: Version = Version(0);

/// All keys.
#[derive(Clone, Debug, Default)]
pub(crate) struct Store {
    keys: BTreeMap<Key, Slot>,
    hash: u64,
}

#[derive(Clone, Debug)]
struct Slot {
    /// `None`: removed.
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

/// An answer, and its fingerprint.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub answer: Answer,
    pub print: u64,
    /// Of which key it is the newest value.
    shows: Option<Key>,
}

impl Reply {
    fn new(answer: Response, print: impl Hash) -> Reply {
        let mut state = rapidhash::fast::RapidHasher::default();
        print.hash(&mut state);
        Reply { answer: Ok(answer), print: state.finish(), shows: None }
    }

    /// Nothing is said but that it has failed.
    pub(crate) fn failed(error: ServiceError) -> Reply {
        Reply { answer: Err(error), print: 0, shows: None }
    }

    /// The key has been written since.
    pub(crate) fn overtaken(&mut self, key: &str) {
        if self.shows.take_if(|shown| **shown == *key).is_none() {
            return;
        }
        self.print = !self.print;
        match &mut self.answer {
            Ok(Response::Value(reading)) => reading.version = Some(OVERTAKEN),
            Ok(Response::Versions(page)) => {
                page.items.iter_mut().for_each(|item| item.version = OVERTAKEN.id(0).into());
            }
            _ => {}
        }
    }
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

    /// Answers a request that changes nothing. `overtaken`: the key was written since this request's version was read.
    pub(crate) fn read(&self, request: &Request, overtaken: bool) -> Option<Reply> {
        match request {
            Request::Get { key, .. } => Some(self.reading(key)),
            Request::CompareAndSet { key, expected, .. } if overtaken || self.version(key) != *expected => {
                Some(Reply::new(Response::Conflict, 3))
            }
            Request::Remove { key } if self.value(key).is_none() => Some(Reply::new(Response::Removed(None), 4)),
            Request::ListVersions { key, .. } => Some(self.versions(key)),
            // Older ones are not kept.
            Request::GetVersion { version, .. } if overtaken || *version != NEWEST => {
                Some(Reply::failed(ServiceError::Rejected))
            }
            Request::GetVersion { key, .. } => Some(self.newest(key)),
            _ => None,
        }
    }

    /// Carries a request out.
    pub(crate) fn serve(&mut self, request: &Request, overtaken: bool) -> (Reply, Option<Commit>) {
        if let Some(reply) = self.read(request, overtaken) {
            return (reply, None);
        }
        match request {
            Request::CompareAndSet { key, value, .. } => {
                let before = self.set(Key::clone(key), Some(value.clone()));
                let commit = Commit { key: Key::clone(key), before, after: Some(value.clone()) };
                (Reply::new(Response::Committed(info()), 2), Some(commit))
            }
            Request::Remove { key } => {
                let hash = self.keys.get(key).map(|slot| slot.hash);
                let before = self.set(Key::clone(key), None);
                let entry = before.clone().map(|value| Entry { value, info: info() });
                let commit = Commit { key: Key::clone(key), before, after: None };
                (Reply::new(Response::Removed(entry), (5, hash)), Some(commit))
            }
            // No script asks for more.
            _ => (Reply::failed(ServiceError::Rejected), None),
        }
    }

    pub(crate) fn version(&self, key: &str) -> Option<Version> {
        self.keys.contains_key(key).then_some(NEWEST)
    }

    fn value(&self, key: &str) -> Option<&Stored> {
        self.keys.get(key)?.value.as_ref()
    }

    fn reading(&self, key: &Key) -> Reply {
        let Some(slot) = self.keys.get(key) else { return Reply::new(Response::Value(Reading::default()), (1, key)) };
        let entry = slot.value.clone().map(|value| Entry { value, info: info() });
        let reply = Reply::new(Response::Value(Reading { version: Some(NEWEST), entry }), (6, slot.hash));
        Reply { shows: Some(Key::clone(key)), ..reply }
    }

    /// A list of the newest version alone.
    fn versions(&self, key: &Key) -> Reply {
        let info = |slot: &Slot| VersionInfo {
            version: NEWEST.id(0).into(),
            created_time: 0,
            is_deleted: slot.value.is_none(),
        };
        let items: Vec<VersionInfo> = self.keys.get(key).map(info).into_iter().collect();
        let print = (7, items.first().map(|info| info.is_deleted));
        let shows = (!items.is_empty()).then(|| Key::clone(key));
        Reply { shows, ..Reply::new(Response::Versions(Page { items, next: None }), print) }
    }

    fn newest(&self, key: &str) -> Reply {
        let slot = self.keys.get(key);
        let entry = slot.and_then(|slot| slot.value.clone()).map(|value| Entry { value, info: info() });
        Reply::new(Response::OldValue(entry), (8, slot.map(|slot| slot.hash)))
    }

    fn set(&mut self, key: Key, value: Option<Stored>) -> Option<Stored> {
        let mut state = rapidhash::fast::RapidHasher::default();
        (&key, &value).hash(&mut state);
        let slot = Slot { value, hash: state.finish() };
        let before = self.keys.insert(key, slot).and_then(|slot| slot.value);
        let mut state = rapidhash::fast::RapidHasher::default();
        self.keys.values().for_each(|slot| state.write_u64(slot.hash));
        self.hash = state.finish();
        before
    }
}

/// No subject of a proof looks at times or attributes.
fn info() -> KeyInfo {
    KeyInfo { version: NEWEST, created_time: 0, updated_time: 0, attributes: None }
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

    /// What both may be asked: of a key, with a version of it.
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
            // By key: what the last two reads have shown, in the one and in the other.
            let nothing = || (Reply::failed(ServiceError::Rejected), None);
            let mut seen = [[nothing(), nothing()], [nothing(), nothing()]];
            for (number, (kind, key, newest)) in (1_u32..).zip(steps) {
                let (own, theirs) = seen[key][usize::from(newest)].clone();
                let own = version_in(&own.answer).unwrap_or_default();
                let value = u64::from(number);
                let (reply, commit) = store.serve(&request(kind, Key::clone(&keys[key]), own, value), own == Some(OVERTAKEN));
                if let Some(commit) = commit {
                    seen[key].iter_mut().for_each(|(reply, _)| reply.overtaken(&commit.key));
                }
                let at = Global(u64::from(number) * 60_000_000);
                let asked = request(kind, Key::clone(&keys[key]), theirs, value);
                let frame = ToService { id: RequestId(number), request: asked, kilobytes: 1 };
                service.handle(at, ServerId { slot: 0, life: 0 }, frame, &mut trace);
                let Some((_, FromService::Reply { result, .. })) = service.poll(at, &mut trace) else {
                    panic!("each request is answered at once")
                };
                prop_assert_eq!(told(&reply.answer), told(&result));
                if let Some(theirs) = version_in(&result) {
                    seen[key].rotate_left(1);
                    seen[key][1] = (reply, theirs);
                }
            }
        }
    }
}
