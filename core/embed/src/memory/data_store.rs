//! A data store in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dupeproof_core::{Stored, Unix, VersionInfo, VersionQuery};
use serde_json::Value as Json;

use crate::service::{Cas, DataStore, Entry, KeyInfo, Reading, ServiceError, Version, Write};

/// A data store in memory. A handle: clones are the same store.
#[derive(Clone)]
pub struct MemoryDataStore {
    inner: Arc<Inner>,
}

struct Inner {
    clock: Box<dyn Fn() -> Unix + Send + Sync>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// All versions of each key, oldest first.
    keys: BTreeMap<String, Vec<StoredVersion>>,
    /// Versions ever written.
    versions: u64,
    latency: Duration,
    hook: Option<Hook>,
}

struct StoredVersion {
    /// `None`: a removal.
    write: Option<Write>,
    version: Version,
    /// Unix milliseconds.
    written: i64,
}

type Hook = Box<dyn FnMut(Request<'_>) -> Option<Fault> + Send>;

/// A request, for [`MemoryDataStore::on_request`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request<'a> {
    /// A read of this key.
    Get(&'a str),
    /// A conditional write of this key.
    CompareAndSet(&'a str),
    /// A list of this key's versions.
    ListVersions(&'a str),
    /// A read of a version of this key.
    GetVersion(&'a str),
    /// A removal of this key.
    Remove(&'a str),
}

/// How a request is to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// An error, and nothing done.
    FailBefore,
    /// Done, and an error.
    FailAfter,
    /// Done, and never answered.
    NoAnswer,
}

/// Versions on one page.
const PAGE: usize = 100;

impl MemoryDataStore {
    /// An empty store. This clock gives the times of its versions.
    pub fn new(clock: impl Fn() -> Unix + Send + Sync + 'static) -> MemoryDataStore {
        MemoryDataStore { inner: Arc::new(Inner { clock: Box::new(clock), state: Mutex::default() }) }
    }

    /// From now on every request takes this long before it is served. At first, none.
    pub fn set_latency(&self, latency: Duration) {
        self.lock().latency = latency;
    }

    /// From now on every request is shown to the hook, which may make it fail.
    pub fn on_request(&self, hook: impl FnMut(Request<'_>) -> Option<Fault> + Send + 'static) {
        self.lock().hook = Some(Box::new(hook));
    }

    /// The newest value of a key.
    pub fn value(&self, key: &str) -> Option<Json> {
        self.lock().entry(key).map(|entry| entry.value.to_json())
    }

    /// Writes a key, whatever its value is now.
    pub fn put(&self, key: &str, value: Json) {
        let written = self.millis();
        self.lock().push(key, Some(Write::new(Stored::from_json(value))), written);
    }

    /// The keys that have a value.
    pub fn keys(&self) -> Vec<String> {
        let state = self.lock();
        state.keys.keys().filter(|key| state.entry(key).is_some()).cloned().collect()
    }

    async fn serve<T>(
        &self,
        request: Request<'_>,
        serve: impl FnOnce(&mut State, i64) -> T,
    ) -> Result<T, ServiceError> {
        let latency = self.lock().latency;
        if !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
        let (fault, result) = {
            let written = self.millis();
            let mut state = self.lock();
            let fault = state.hook.as_mut().and_then(|hook| hook(request));
            let result = (fault != Some(Fault::FailBefore)).then(|| serve(&mut state, written));
            (fault, result)
        };
        if fault == Some(Fault::NoAnswer) {
            std::future::pending::<()>().await;
        }
        result.filter(|_| fault.is_none()).ok_or_else(|| ServiceError::new(format!("{request:?} was made to fail")))
    }

    fn millis(&self) -> i64 {
        (self.inner.clock)().0.div_euclid(1_000)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn entry(&self, key: &str) -> Option<Entry> {
        let versions = self.keys.get(key)?;
        entry(versions, versions.len().checked_sub(1)?)
    }

    fn newest(&self, key: &str) -> Option<Version> {
        self.keys.get(key)?.last().map(|stored| stored.version.clone())
    }

    fn push(&mut self, key: &str, write: Option<Write>, written: i64) {
        self.versions += 1;
        let version = Version(format!("{:016X}", self.versions).into());
        self.keys.entry(key.to_owned()).or_default().push(StoredVersion { write, version, written });
    }
}

/// The version at this index, unless it is a removal.
fn entry(versions: &[StoredVersion], index: usize) -> Option<Entry> {
    let stored = versions.get(index)?;
    let write = stored.write.as_ref()?;
    let created = versions[..index].iter().rev().take_while(|stored| stored.write.is_some()).last().unwrap_or(stored);
    let key_info = KeyInfo {
        created_time: created.written,
        updated_time: stored.written,
        version: stored.version.clone(),
        user_ids: Arc::clone(&write.user_ids),
        metadata: Arc::clone(&write.metadata),
    };
    Some(Entry { value: write.value.clone(), key_info })
}

impl DataStore for MemoryDataStore {
    async fn get(&self, key: &str) -> Result<Reading, ServiceError> {
        self.serve(Request::Get(key), |state, _| Reading { version: state.newest(key), entry: state.entry(key) }).await
    }

    async fn compare_and_set(&self, key: &str, expected: Option<&Version>, write: Write) -> Result<Cas, ServiceError> {
        self.serve(Request::CompareAndSet(key), |state, written| {
            if state.newest(key).as_ref() != expected {
                return Cas::Conflict;
            }
            state.push(key, Some(write), written);
            state.entry(key).map_or(Cas::Conflict, |entry| Cas::Stored(entry.key_info))
        })
        .await
    }

    async fn list_versions(&self, key: &str, query: &VersionQuery) -> Result<Vec<VersionInfo>, ServiceError> {
        self.serve(Request::ListVersions(key), |state, _| {
            let versions = state.keys.get(key).map_or(&[][..], Vec::as_slice);
            let mut found: Vec<VersionInfo> = versions
                .iter()
                .filter(|stored| query.min.is_none_or(|min| stored.written >= min))
                .filter(|stored| query.max.is_none_or(|max| stored.written <= max))
                .map(|stored| VersionInfo {
                    version: Arc::clone(&stored.version.0),
                    created_time: stored.written,
                    is_deleted: stored.write.is_none(),
                })
                .collect();
            if query.descending {
                found.reverse();
            }
            let after = query.after.as_ref().and_then(|last| found.iter().position(|info| info.version == *last));
            found.into_iter().skip(after.map_or(0, |index| index + 1)).take(PAGE).collect()
        })
        .await
    }

    async fn get_version(&self, key: &str, version: &str) -> Result<Option<Entry>, ServiceError> {
        self.serve(Request::GetVersion(key), |state, _| {
            let versions = state.keys.get(key)?;
            let index = versions.iter().position(|stored| *stored.version.0 == *version)?;
            entry(versions, index)
        })
        .await
    }

    async fn remove(&self, key: &str) -> Result<Option<Stored>, ServiceError> {
        self.serve(Request::Remove(key), |state, written| {
            let before = state.entry(key)?;
            state.push(key, None, written);
            Some(before.value)
        })
        .await
    }
}
