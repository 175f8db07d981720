//! What a game server asks of the services, and what they answer.

use std::sync::Arc;

use dupeproof_core::Stored;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::trace::ServerId;

/// A DataStore key.
pub type Key = Arc<str>;

/// A MessagingService topic.
pub type Topic = Arc<str>;

/// A message's payload.
pub type Payload = Arc<Json>;

/// A request, numbered by the guest that makes it; never reused within one server's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestId(pub u32);

/// A subscription, numbered by the guest that makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SubscriptionId(pub u32);

/// The version of a key's value. Versions grow with every commit of any key; a missing key has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(pub u64);

/// One leg of a call. `UpdateAsync` is a loop over `Get` and `CompareAndSet` in the guest's client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// `GetAsync` with `UseCache=false`, and the read leg of `UpdateAsync`.
    Get {
        /// The key.
        key: Key,
    },
    /// The write leg of `UpdateAsync`: applied only if the key still has the version that was read.
    CompareAndSet {
        /// The key.
        key: Key,
        /// The version that was read; `None` if there was no value.
        expected: Option<Version>,
        /// The new value.
        value: Stored,
    },
    /// `SetAsync`: the last writer wins.
    Set {
        /// The key.
        key: Key,
        /// The new value.
        value: Stored,
    },
    /// `RemoveAsync`.
    Remove {
        /// The key.
        key: Key,
    },
    /// `PublishAsync`.
    Publish {
        /// The topic.
        topic: Topic,
        /// What subscribers get.
        data: Payload,
    },
    /// `SubscribeAsync`.
    Subscribe {
        /// The topic.
        topic: Topic,
        /// What messages will be labelled with.
        subscription: SubscriptionId,
    },
    /// `Disconnect` of a subscription; never answered.
    Unsubscribe {
        /// Which.
        subscription: SubscriptionId,
    },
}

impl Request {
    /// The service this goes to.
    pub fn service(&self) -> Service {
        match self {
            Request::Get { .. } | Request::CompareAndSet { .. } | Request::Set { .. } | Request::Remove { .. } => {
                Service::DataStore
            }
            Request::Publish { .. } | Request::Subscribe { .. } | Request::Unsubscribe { .. } => Service::Messaging,
        }
    }

    /// The kind, without its contents.
    pub fn kind(&self) -> RequestKind {
        match self {
            Request::Get { .. } => RequestKind::Get,
            Request::CompareAndSet { .. } => RequestKind::CompareAndSet,
            Request::Set { .. } => RequestKind::Set,
            Request::Remove { .. } => RequestKind::Remove,
            Request::Publish { .. } => RequestKind::Publish,
            Request::Subscribe { .. } => RequestKind::Subscribe,
            Request::Unsubscribe { .. } => RequestKind::Unsubscribe,
        }
    }

    /// The key or topic.
    pub fn target(&self) -> Option<&Arc<str>> {
        match self {
            Request::Get { key }
            | Request::CompareAndSet { key, .. }
            | Request::Set { key, .. }
            | Request::Remove { key } => Some(key),
            Request::Publish { topic, .. } | Request::Subscribe { topic, .. } => Some(topic),
            Request::Unsubscribe { .. } => None,
        }
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
    /// A removal.
    Remove,
    /// A message sent.
    Publish,
    /// A topic joined.
    Subscribe,
    /// A topic left.
    Unsubscribe,
}

impl RequestKind {
    /// Whether applying it can change a key.
    pub fn is_write(self) -> bool {
        matches!(self, RequestKind::CompareAndSet | RequestKind::Set | RequestKind::Remove)
    }
}

/// The services a server has a link to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// DataStoreService.
    DataStore,
    /// MessagingService.
    Messaging,
}

/// A successful answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Response {
    /// To `Get`: the value and its version, if there is one.
    Value(Option<(Version, Stored)>),
    /// To a write that was applied.
    Committed(Version),
    /// To `CompareAndSet`: somebody else wrote since the read; nothing was applied.
    Conflict,
    /// To `Remove`: the value before, if there was one.
    Removed(Option<Stored>),
    /// To `Publish`: the backend has it. Says nothing of the subscribers.
    Published,
    /// To `Subscribe`.
    Subscribed,
}

/// An error as a game's script sees it. An error never says whether a write was applied, except
/// [`ServiceError::QueueFull`], which was never sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum ServiceError {
    /// Error 301 to 306: the server's own throttle queue was full and the request was dropped.
    #[error("304: request dropped, the throttle queue is full")]
    QueueFull,
    /// Error 502: the backend rejected the request, or said so.
    #[error("502: API Services rejected request with error")]
    Rejected,
    /// No answer within the client's patience.
    #[error("502: no response within the time limit")]
    TimedOut,
}

/// What travels from a server to a service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToService {
    /// Which request of that server's life.
    pub id: RequestId,
    /// The request.
    pub request: Request,
}

/// What travels from a service to a server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FromService {
    /// The answer to a request.
    Reply {
        /// Which request.
        id: RequestId,
        /// The answer.
        result: Result<Response, ServiceError>,
    },
    /// A message on a topic this server subscribed to.
    Message {
        /// Which subscription.
        subscription: SubscriptionId,
        /// The payload.
        data: Payload,
        /// Whose it is; for the trace, guests are not told.
        publisher: ServerId,
    },
}
