//! What goes wrong, as a game's script sees it.

use serde::{Deserialize, Serialize};

use super::MemoryError;

/// An error as a game's script sees it. Codes and names: error-codes-and-limits; the exact wording of the messages is
/// not documented, so they paraphrase it.
///
/// Only what [`ServiceError::is_definite`] says for sure that nothing was, or will be, applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum ServiceError {
    /// 101.
    #[error("101: Key name can't be empty.")]
    KeyNameEmpty,
    /// 102.
    #[error("102: Key name exceeds the 50 character limit.")]
    KeyNameLimit,
    /// 103.
    #[error("103: {0} is not allowed in data stores.")]
    ValueNotAllowed(ValueType),
    /// 104.
    #[error("104: Cannot store {0} in data store.")]
    CantStoreValue(ValueType),
    /// 105.
    #[error("105: Serialized value exceeds 4194304 characters.")]
    ValueTooLarge,
    /// 106.
    #[error("106: Page size or bound is out of range.")]
    PageOutOfRange,
    /// 107.
    #[error("107: Max value must be greater than or equal to min value.")]
    MinMaxOrder,
    /// 301 to 306: the server's own throttle queue was full and the request was dropped (legacy regime).
    #[error("{code}: {call} request dropped. Request was throttled, but the throttled request queue was full.",
        code = .0.code(), call = .0.name())]
    QueueFull(ThrottledCall),
    /// `*GameServerThrottled`: the same in the regime of 2026, without a number.
    #[error("{0}GameServerThrottled: request was throttled by game server limits or the request queue was full.")]
    ServerThrottled(RequestType),
    /// `*ExperienceThrottled`: the limit that all servers share.
    #[error("{0}ExperienceThrottled: request was throttled by experience limits.")]
    ExperienceThrottled(RequestType),
    /// Too much data in too short a time for this key.
    #[error("KeyThrottled: throughput limit of the key exceeded.")]
    KeyThrottled,
    /// 401.
    #[error("401: Can't access data stores, the experience is shutting down.")]
    ShuttingDown,
    /// 403.
    #[error("403: Studio access to APIs is not allowed.")]
    StudioAccess,
    /// 502: the backend rejected the request, or said so.
    #[error("502: API Services rejected request with error.")]
    Rejected,
    /// No answer within the client's patience (the kind of error is not documented).
    #[error("502: API Services rejected request with error. Timedout: no response within the time limit.")]
    TimedOut,
    /// The connection was lost while the request was on its way (community: ProfileStore looks for `ConnectFail`).
    #[error("502: API Services rejected request with error. ConnectFail: the connection was lost.")]
    ConnectionLost,
    /// 511.
    #[error("511: Metadata attribute size exceeds the 300 character limit.")]
    AttributeTooLarge,
    /// 512.
    #[error("512: UserID size exceeds the limit of 4.")]
    TooManyUserIds,
    /// 513.
    #[error("513: Attribute userId or metadata format is invalid.")]
    AttributeFormat,
    /// 517 (community: PersistenceMocks, 2022).
    #[error("517: Additional parameters are not allowed in ordered data stores.")]
    OrderedParameter,
    /// `GetVersionAtTimeAsync`: not after zero, or more than ten minutes ahead.
    #[error("InvalidTimestamp: the timestamp is out of range.")]
    InvalidTimestamp,
    /// `GetVersionAsync`: no such version. ProfileStore looks for `not valid` in the message.
    #[error("The version is not valid.")]
    InvalidVersion,
    /// A topic has 1 to 80 characters.
    #[error("Topic must have 1 to 80 characters.")]
    TopicName,
    /// A message has at most 1,024 characters.
    #[error("Message exceeds the 1kB limit.")]
    MessageTooLarge,
    /// The server has sent too many messages.
    #[error("PublishAsync was throttled: too many messages from this server.")]
    PublishLimit,
    /// The server has too many subscriptions.
    #[error("SubscribeAsync was throttled: too many subscriptions of this server.")]
    SubscriptionLimit,
    /// The server has subscribed too often.
    #[error("SubscribeAsync was throttled: too many subscribe requests of this server.")]
    SubscribeLimit,
    /// From MemoryStoreService.
    #[error(transparent)]
    Memory(#[from] MemoryError),
}

impl ServiceError {
    /// Whether it proves that the request was not, and will not be, applied: it never left the server, or a limit
    /// turned it away. Of any other failed write the state is unknown (error-codes-and-limits, since 2026-04-02).
    pub fn is_definite(self) -> bool {
        !matches!(
            self,
            ServiceError::Rejected
                | ServiceError::TimedOut
                | ServiceError::ConnectionLost
                | ServiceError::Memory(MemoryError::Internal)
        )
    }
}

/// A type of value that cannot be stored, as its error names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueType {
    /// `nil` where a value must be.
    Nil,
    /// A function.
    Function,
    /// A coroutine.
    Thread,
    /// An Instance or another engine type.
    Userdata,
    /// A table with both an array part and other keys, a gap, a cycle, or a key that is no string.
    Table,
    /// A string that is no UTF-8.
    String,
    /// NaN or an infinity, or a number that is no integer where one must be.
    Number,
}

impl std::fmt::Display for ValueType {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            ValueType::Nil => "nil",
            ValueType::Function => "function",
            ValueType::Thread => "thread",
            ValueType::Userdata => "userdata",
            ValueType::Table => "table",
            ValueType::String => "string (invalid UTF-8)",
            ValueType::Number => "number",
        })
    }
}

/// A call that a full throttle queue drops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThrottledCall {
    /// 301.
    Get,
    /// 302.
    Set,
    /// 303.
    Increment,
    /// 304.
    Update,
    /// 305.
    GetSorted,
    /// 306.
    Remove,
    /// Versions and lists have no number.
    List,
}

impl ThrottledCall {
    fn code(self) -> &'static str {
        match self {
            ThrottledCall::Get => "301",
            ThrottledCall::Set => "302",
            ThrottledCall::Increment => "303",
            ThrottledCall::Update => "304",
            ThrottledCall::GetSorted => "305",
            ThrottledCall::Remove => "306",
            ThrottledCall::List => "ListThrottle",
        }
    }

    fn name(self) -> &'static str {
        match self {
            ThrottledCall::Get => "GetAsync",
            ThrottledCall::Set => "SetAsync",
            ThrottledCall::Increment => "IncrementAsync",
            ThrottledCall::Update => "UpdateAsync",
            ThrottledCall::GetSorted => "GetSortedAsync",
            ThrottledCall::Remove => "RemoveAsync",
            ThrottledCall::List => "ListAsync",
        }
    }
}

/// `Enum.DataStoreRequestType`, the members that limits are stated for (9 to 16).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestType {
    /// `GetAsync`, `GetVersion*`, the read half of `UpdateAsync`.
    StandardRead,
    /// `SetAsync`, `IncrementAsync`, the write half of `UpdateAsync`.
    StandardWrite,
    /// `List*`.
    StandardList,
    /// `RemoveAsync`.
    StandardRemove,
    /// As `StandardRead`, of ordered stores.
    OrderedRead,
    /// As `StandardWrite`, of ordered stores.
    OrderedWrite,
    /// `GetSortedAsync`.
    OrderedList,
    /// `RemoveAsync` of ordered stores.
    OrderedRemove,
}

impl RequestType {
    /// All, in the order of the enum.
    pub const ALL: [RequestType; 8] = [
        RequestType::StandardRead,
        RequestType::StandardWrite,
        RequestType::StandardList,
        RequestType::StandardRemove,
        RequestType::OrderedRead,
        RequestType::OrderedWrite,
        RequestType::OrderedList,
        RequestType::OrderedRemove,
    ];
}

impl std::fmt::Display for RequestType {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(self, formatter)
    }
}
