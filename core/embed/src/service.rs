//! The two services that a game server brings: one stores profiles, the other carries messages between servers.

use std::sync::Arc;

use dupeproof_core::{Stored, VersionInfo, VersionQuery};
use serde_json::Value as Json;
use tokio::sync::mpsc::UnboundedReceiver;

/// A key-value store with versions and compare-and-set, such as Roblox's DataStores.
///
/// An error of a write means that its outcome is unknown: it may have been applied, or may be yet. A request that has
/// not answered after 30 s is dropped and taken for such an error. Reads are never served from a cache. One future polls
/// everything that is in progress, so nothing here may block.
pub trait DataStore: Send + Sync + 'static {
    /// `GetAsync`: the newest version, and the value if it has one.
    fn get(&self, key: &str) -> impl Future<Output = Result<Reading, ServiceError>> + Send;

    /// Writes if the key's newest version is still `expected`, as [`Reading::version`] said: a write that was made
    /// before a removal must not be applied after it.
    fn compare_and_set(
        &self,
        key: &str,
        expected: Option<&Version>,
        write: Write,
    ) -> impl Future<Output = Result<Cas, ServiceError>> + Send;

    /// `ListVersionsAsync`: one page. An empty page is behind the last.
    fn list_versions(
        &self,
        key: &str,
        query: &VersionQuery,
    ) -> impl Future<Output = Result<Vec<VersionInfo>, ServiceError>> + Send;

    /// `GetVersionAsync`.
    fn get_version(&self, key: &str, version: &str)
    -> impl Future<Output = Result<Option<Entry>, ServiceError>> + Send;

    /// `RemoveAsync`: the value before. Its versions stay.
    fn remove(&self, key: &str) -> impl Future<Output = Result<Option<Stored>, ServiceError>> + Send;
}

/// Publish and subscribe between servers. Messages may be lost, late, duplicated and reordered: only speed depends on
/// them.
pub trait Messaging: Send + Sync + 'static {
    /// `PublishAsync`.
    fn publish(&self, topic: &str, message: Arc<Json>) -> impl Future<Output = Result<(), ServiceError>> + Send;

    /// `SubscribeAsync`: the messages of a topic from now on. If the receiver is dropped, it wants no more. If
    /// the sender is dropped, the connection is lost, and the topic is subscribed to again.
    fn subscribe(&self, topic: &str)
    -> impl Future<Output = Result<UnboundedReceiver<Arc<Json>>, ServiceError>> + Send;
}

/// Names one version of one key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub Arc<str>);

/// What a read finds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// The newest version, which may be a removal; `None` if the key was never written, or if the store forgets what
    /// it removes.
    pub version: Option<Version>,
    /// The value, unless there is none or it was removed.
    pub entry: Option<Entry>,
}

/// A value, and what the store says about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The value.
    pub value: Stored,
    /// Its times, its version and its tags.
    pub key_info: KeyInfo,
}

/// `DataStoreKeyInfo`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyInfo {
    /// When the key was made, in Unix milliseconds.
    pub created_time: i64,
    /// When this version was written, in Unix milliseconds.
    pub updated_time: i64,
    /// This version.
    pub version: Version,
    /// `GetUserIds`.
    pub user_ids: Arc<[i64]>,
    /// `GetMetadata`.
    pub metadata: Arc<Json>,
}

/// What is to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Write {
    /// The value.
    pub value: Stored,
    /// The users that the value belongs to, for requests to erase their data.
    pub user_ids: Arc<[i64]>,
    /// The game's own metadata.
    pub metadata: Arc<Json>,
}

impl Write {
    /// The user ids and the metadata are those in the record.
    pub(crate) fn new(value: Stored) -> Write {
        let profile = match &value {
            Stored::Record(record) => record.profile.as_ref(),
            Stored::Other(_) => None,
        };
        let user_ids = profile.map_or_else(|| Arc::from([]), |profile| Arc::clone(&profile.user_ids));
        let metadata = profile.map_or_else(Arc::default, |profile| Arc::clone(&profile.roblox_metadata));
        Write { value, user_ids, metadata }
    }
}

/// How a compare-and-set went.
#[derive(Clone, Debug, PartialEq)]
pub enum Cas {
    /// Written.
    Stored(KeyInfo),
    /// Not written: the key has another version.
    Conflict,
}

/// An error of a service.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ServiceError {
    /// What it says about the connection, for [`crate::ProfileStore::data_store_state`].
    pub kind: ErrorKind,
    /// The text of the error, for people to read.
    pub message: Arc<str>,
}

impl ServiceError {
    /// An error that says nothing about the connection.
    pub fn new(message: impl Into<Arc<str>>) -> ServiceError {
        ServiceError { kind: ErrorKind::Other, message: message.into() }
    }
}

/// What an error says about the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The service cannot be reached at all.
    NoInternet,
    /// The service can be reached and refuses this server.
    NoAccess,
    /// Anything else.
    Other,
}

/// `DataStoreState`: what the last answer said about the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataStoreState {
    /// No answer yet.
    NotReady,
    /// The service cannot be reached.
    NoInternet,
    /// The service refuses this server.
    NoAccess,
    /// The service works.
    Access,
}
