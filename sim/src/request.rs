//! What a game server asks of the services, and what they answer.

mod error;
mod key;
mod memory;
mod response;

use std::sync::Arc;

use dupeproof_core::{Stored, VersionQuery};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

pub use error::{RequestType, ServiceError, ThrottledCall, ValueType};
pub use key::{Address, GLOBAL_SCOPE, HOUSE_STORE, Key, NAME_MAX, is_ordered};
pub use memory::{
    Bound, MemoryAddress, MemoryAnswer, MemoryCall, MemoryError, MemoryItem, MemoryValue, RangeQuery, ReadId, SortKey,
    Structure,
};
pub use response::{Attributes, Entry, KeyInfo, Page, Reading, Response, Version};

use crate::id::{RequestId, ServerId, ServiceName, SubscriptionId};

/// A MessagingService topic.
pub type Topic = Arc<str>;

/// A message's payload.
pub type Payload = Arc<Json>;

/// One leg of a call. `UpdateAsync` is a loop over `Get` and `CompareAndSet` in the guest's client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// `GetAsync`, and the read leg of `UpdateAsync`.
    Get {
        /// The address of the value.
        key: Key,
        /// `DataStoreGetOptions.UseCache`: whether an answer up to 4 s old will do. Never in an `UpdateAsync`.
        use_cache: bool,
    },
    /// The write leg of `UpdateAsync`: applied only if the key still has the version that was read.
    CompareAndSet {
        /// The address of the value.
        key: Key,
        /// [`Reading::version`].
        expected: Option<Version>,
        /// The new value.
        value: Stored,
        /// Beside it.
        attributes: Option<Arc<Attributes>>,
    },
    /// `SetAsync`: the last writer wins.
    Set {
        /// The address of the value.
        key: Key,
        /// The new value.
        value: Stored,
        /// Beside it.
        attributes: Option<Arc<Attributes>>,
    },
    /// `IncrementAsync`.
    Increment {
        /// The address of the value.
        key: Key,
        /// What is added; a missing value counts as zero.
        delta: i64,
        /// Beside it.
        attributes: Option<Arc<Attributes>>,
    },
    /// `RemoveAsync`: writes a tombstone.
    Remove {
        /// The address of the value.
        key: Key,
    },
    /// `ListVersionsAsync`, and `AdvanceToNextPageAsync` of its pages.
    ListVersions {
        /// The address of the value.
        key: Key,
        /// Which of its versions, and in which order.
        query: VersionQuery,
        /// Versions a page; zero is the service's default of 1,024.
        page_size: u32,
    },
    /// `GetVersionAsync`.
    GetVersion {
        /// The address of the value.
        key: Key,
        /// A version of this key, as lists of versions or key infos name it.
        version: Version,
    },
    /// `GetVersionAtTimeAsync`.
    GetVersionAtTime {
        /// The address of the value.
        key: Key,
        /// In Unix milliseconds by the backend's clock.
        at: i64,
    },
    /// `ListKeysAsync`, and `AdvanceToNextPageAsync` of its pages.
    ListKeys {
        /// An address whose key is the prefix.
        prefix: Key,
        /// Keys a page; zero is the service's default of 50.
        page_size: u32,
        /// The page after this key.
        after: Option<Key>,
        /// Leave out keys whose newest version is a tombstone.
        exclude_deleted: bool,
    },
    /// `GetSortedAsync` of an ordered store, and `AdvanceToNextPageAsync` of its pages.
    GetSorted {
        /// An address in the store; its key does not matter.
        store: Key,
        /// What of it.
        query: SortedQuery,
    },
    /// `PublishAsync`.
    Publish {
        /// A topic of 1 to 80 characters.
        topic: Topic,
        /// What subscribers get.
        data: Payload,
    },
    /// `SubscribeAsync`.
    Subscribe {
        /// A topic of 1 to 80 characters.
        topic: Topic,
        /// What messages will be labelled with.
        subscription: SubscriptionId,
    },
    /// `Disconnect` of a subscription; never answered.
    Unsubscribe {
        /// The subscription that ends.
        subscription: SubscriptionId,
    },
    /// Anything asked of MemoryStoreService.
    Memory {
        /// [`MemoryAddress`], written out.
        address: Key,
        /// What; boxed, for it is larger than all others.
        call: Box<MemoryCall>,
    },
}

/// What of an ordered store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SortedQuery {
    /// Smallest first.
    pub ascending: bool,
    /// Values a page, 1 to 100.
    pub page_size: u32,
    /// Not below.
    pub min: Option<i64>,
    /// Not above.
    pub max: Option<i64>,
    /// Which page, from zero.
    pub page: u32,
}

impl Request {
    /// A read that no cache answers.
    pub fn get(key: Key) -> Request {
        Request::Get { key, use_cache: false }
    }

    /// A conditional write without attributes.
    pub fn compare_and_set(key: Key, expected: Option<Version>, value: Stored) -> Request {
        Request::CompareAndSet { key, expected, value, attributes: None }
    }

    /// An unconditional write without attributes.
    pub fn set(key: Key, value: Stored) -> Request {
        Request::Set { key, value, attributes: None }
    }

    /// The service this goes to.
    pub fn service(&self) -> ServiceName {
        self.kind().service()
    }

    /// The kind, without its contents.
    pub fn kind(&self) -> RequestKind {
        match self {
            Request::Get { .. } => RequestKind::Get,
            Request::CompareAndSet { .. } => RequestKind::CompareAndSet,
            Request::Set { .. } => RequestKind::Set,
            Request::Increment { .. } => RequestKind::Increment,
            Request::Remove { .. } => RequestKind::Remove,
            Request::ListVersions { .. } => RequestKind::ListVersions,
            Request::GetVersion { .. } | Request::GetVersionAtTime { .. } => RequestKind::GetVersion,
            Request::ListKeys { .. } => RequestKind::ListKeys,
            Request::GetSorted { .. } => RequestKind::GetSorted,
            Request::Publish { .. } => RequestKind::Publish,
            Request::Subscribe { .. } => RequestKind::Subscribe,
            Request::Unsubscribe { .. } => RequestKind::Unsubscribe,
            Request::Memory { call, .. } => call.kind(),
        }
    }

    /// The key, topic or address in a memory store.
    pub fn target(&self) -> Option<&Arc<str>> {
        match self {
            Request::Get { key, .. }
            | Request::CompareAndSet { key, .. }
            | Request::Set { key, .. }
            | Request::Increment { key, .. }
            | Request::Remove { key }
            | Request::ListVersions { key, .. }
            | Request::GetVersion { key, .. }
            | Request::GetVersionAtTime { key, .. } => Some(key),
            Request::Memory { address, .. } => Some(address),
            Request::ListKeys { prefix, .. } => Some(prefix),
            Request::GetSorted { store, .. } => Some(store),
            Request::Publish { topic, .. } | Request::Subscribe { topic, .. } => Some(topic),
            Request::Unsubscribe { .. } => None,
        }
    }

    /// What it is limited as; `None` for what is not asked of the DataStore.
    pub fn request_type(&self) -> Option<RequestType> {
        if self.service() != ServiceName::DataStore {
            return None;
        }
        let ordered = self.target().is_some_and(|key| is_ordered(key));
        Some(match (self.kind(), ordered) {
            (RequestKind::Get | RequestKind::GetVersion, false) => RequestType::StandardRead,
            (RequestKind::Get | RequestKind::GetVersion, true) => RequestType::OrderedRead,
            (RequestKind::CompareAndSet | RequestKind::Set | RequestKind::Increment, false) => {
                RequestType::StandardWrite
            }
            (RequestKind::CompareAndSet | RequestKind::Set | RequestKind::Increment, true) => RequestType::OrderedWrite,
            (RequestKind::Remove, false) => RequestType::StandardRemove,
            (RequestKind::Remove, true) => RequestType::OrderedRemove,
            (RequestKind::ListVersions | RequestKind::ListKeys, _) => RequestType::StandardList,
            (RequestKind::GetSorted, _) => RequestType::OrderedList,
            _ => return None,
        })
    }
}

/// A kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestKind {
    /// A read.
    Get,
    /// A conditional write.
    CompareAndSet,
    /// An unconditional write.
    Set,
    /// An addition.
    Increment,
    /// A removal.
    Remove,
    /// A list of versions.
    ListVersions,
    /// A read of an old version.
    GetVersion,
    /// A list of keys.
    ListKeys,
    /// A list of an ordered store's values.
    GetSorted,
    /// A message sent.
    Publish,
    /// A topic joined.
    Subscribe,
    /// A topic left.
    Unsubscribe,
    /// A read of a memory store.
    MemoryGet,
    /// An unconditional write to one.
    MemorySet,
    /// A conditional write to one.
    MemoryCompareAndSet,
    /// A removal from one.
    MemoryRemove,
    /// A range, a list or the size of one.
    MemoryList,
    /// An item put into a queue.
    QueueAdd,
    /// Items read from a queue, which are invisible then.
    QueueRead,
    /// Items taken out of a queue.
    QueueRemove,
}

impl RequestKind {
    /// Whether applying it can change a key of the DataStore.
    pub fn is_write(self) -> bool {
        matches!(self, RequestKind::CompareAndSet | RequestKind::Set | RequestKind::Increment | RequestKind::Remove)
    }

    /// Whether it is about one item of a memory store, by its key.
    pub fn is_of_memory_item(self) -> bool {
        use RequestKind::{MemoryCompareAndSet, MemoryGet, MemoryRemove, MemorySet};
        matches!(self, MemoryGet | MemorySet | MemoryCompareAndSet | MemoryRemove)
    }

    /// Whether applying it can change what a service keeps: the DataStore or a memory store.
    pub fn changes_values(self) -> bool {
        let reads_memory = matches!(self, RequestKind::MemoryGet | RequestKind::MemoryList);
        self.is_write() || self.service() == ServiceName::MemoryStore && !reads_memory
    }

    /// The service this goes to.
    pub fn service(self) -> ServiceName {
        match self {
            RequestKind::Publish | RequestKind::Subscribe | RequestKind::Unsubscribe => ServiceName::Messaging,
            RequestKind::MemoryGet
            | RequestKind::MemorySet
            | RequestKind::MemoryCompareAndSet
            | RequestKind::MemoryRemove
            | RequestKind::MemoryList
            | RequestKind::QueueAdd
            | RequestKind::QueueRead
            | RequestKind::QueueRemove => ServiceName::MemoryStore,
            _ => ServiceName::DataStore,
        }
    }
}

/// What travels from a server to a service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToService {
    /// Which request of that server's life.
    pub id: RequestId,
    /// What is asked.
    pub request: Request,
    /// Of the value that it wants to write, as text, as [`crate::datastore::validate`] counted them.
    pub kilobytes: u32,
}

/// The answer to a request.
pub type Answer = Result<Response, ServiceError>;

/// What travels from a service to a server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FromService {
    /// The answer to a request.
    Reply {
        /// The request that is answered.
        id: RequestId,
        /// What the service answers.
        result: Answer,
    },
    /// A message on a topic this server subscribed to.
    Message {
        /// The subscriber's number for its subscription.
        subscription: SubscriptionId,
        /// What was published.
        data: Payload,
        /// Whose it is; for the trace, guests are not told.
        publisher: ServerId,
    },
}
