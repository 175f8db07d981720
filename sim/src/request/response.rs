//! What the services answer.

use std::sync::Arc;

use dupeproof_core::{Stored, VersionInfo};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{Key, MemoryAnswer};

/// The version of a key's value. Versions grow with every write of any key; a removal is a version too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(pub u64);

/// Ticks of 100 ns from 0001-01-01 to 1970-01-01.
const UNIX_EPOCH_TICKS: i64 = 621_355_968_000_000_000;

impl Version {
    /// As scripts see it: opaque to them, in the form of `08D9E6A3F2188CFF.0000000001.08D9E6A3F2188CFF.01`, whose first
    /// field is the time it was written (Open Cloud's data store reference; decoding it gives the documented time).
    pub fn id(self, created_time: i64) -> String {
        let ticks = created_time.saturating_mul(10_000).saturating_add(UNIX_EPOCH_TICKS);
        format!("{ticks:016X}.{:010}.{ticks:016X}.01", self.0)
    }

    /// From what scripts hold; `None` for anything else.
    pub fn from_id(id: &str) -> Option<Version> {
        let mut parts = id.split('.');
        let (time, number, again, last) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let well_formed = time.len() == 16 && time == again && last == "01" && parts.next().is_none();
        well_formed.then(|| number.parse().ok().map(Version)).flatten()
    }
}

/// What a write says beside the value. What is not said is cleared (class reference, `SetAsync`, `UpdateAsync`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Attributes {
    /// `GetUserIds`: the users that the value is about.
    pub user_ids: Vec<i64>,
    /// `GetMetadata`: an object, or null for none.
    pub metadata: Json,
}

/// `DataStoreKeyInfo`. Times are Unix milliseconds by the backend's clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyInfo {
    /// Of this value.
    pub version: Version,
    /// `CreatedTime`: when the key was first written. After a removal and a new write: of that write (not documented).
    pub created_time: i64,
    /// `UpdatedTime`: when this version was written.
    pub updated_time: i64,
    /// `GetUserIds` and `GetMetadata`; `None` if both are empty.
    pub attributes: Option<Arc<Attributes>>,
}

/// A value and its surroundings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The value.
    pub value: Stored,
    /// Its surroundings.
    pub info: KeyInfo,
}

/// What a read found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The newest version, which may be a removal: what a conditional write compares with. `None`: never written.
    pub version: Option<Version>,
    /// The value, if there is one.
    pub entry: Option<Entry>,
}

impl Reading {
    /// The value alone.
    pub fn value(self) -> Option<Stored> {
        self.entry.map(|entry| entry.value)
    }
}

/// One page of a list, and where the next begins; `None` for the last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T, C> {
    /// In order.
    pub items: Vec<T>,
    /// For the next page.
    pub next: Option<C>,
}

/// A successful answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Response {
    /// To `Get`.
    Value(Reading),
    /// To a write that was applied.
    Committed(KeyInfo),
    /// To `Increment` that was applied, with the sum.
    Incremented(i64, KeyInfo),
    /// To `CompareAndSet`: somebody else wrote since the read; nothing was applied.
    Conflict,
    /// To `Remove`: the value before, if there was one.
    Removed(Option<Entry>),
    /// To `ListVersions`; versions are named as scripts see them ([`Version::id`]).
    Versions(Page<VersionInfo, Arc<str>>),
    /// To `GetVersion` and `GetVersionAtTime`: the value then, unless it was removed or nothing.
    OldValue(Option<Entry>),
    /// To `ListKeys`.
    Keys(Page<Key, Key>),
    /// To `GetSorted`: keys and values.
    Sorted(Page<(Key, i64), u32>),
    /// To `Publish`: the backend has it. Says nothing of the subscribers.
    Published,
    /// To `Subscribe`.
    Subscribed,
    /// To whatever was asked of MemoryStoreService.
    Memory(MemoryAnswer),
}
