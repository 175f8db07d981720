//! How things end: starts, sessions and calls.

use serde::{Deserialize, Serialize};

use crate::record::Stored;
use crate::version::VersionInfo;

/// How a session acquired its lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Acquired {
    /// The lock was free.
    Free,
    /// The holder released it to this waiting start.
    HandedOver,
    /// The holder's lease had surely run out.
    TakenOver,
    /// The holder had no lease to wait for: it may still believe that it is live.
    Unprotected,
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The game ended it.
    Manual,
    /// Another server asked for it.
    External,
    /// The server is shutting down.
    Shutdown,
    /// Another session holds the lock.
    Lost,
    /// The record was removed.
    Removed,
    /// The record was overwritten by something that is not a record.
    Overwritten,
}

/// Why a start failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum StartFailure {
    /// The key has an active session on this server.
    #[error("a session of this key is already active on this server")]
    AlreadyActive,
    /// A newer start, on this server or another, took over.
    #[error("a newer start of this key took over")]
    Superseded,
    /// The game cancelled it.
    #[error("the start was cancelled")]
    Cancelled,
    /// It took longer than `START_SESSION_TIMEOUT`.
    #[error("the start took too long")]
    TimedOut,
    /// The server is shutting down.
    #[error("the server is shutting down")]
    Closing,
    /// What is stored, or the template, cannot be read, or cannot be stored with a lock in it.
    #[error("the record, or the template, cannot be stored with a lock in it: it is too large or too deep")]
    Failed,
    /// The key is reserved for trades.
    #[error("keys that begin with `Trade_` are kept for trades: choose another")]
    ReservedKey,
}

/// The session is not live: its data must not be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the session is not active")]
pub struct NotActive;

/// A request was answered with an error. A write may have been applied, may not have been, or may be applied later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the service answered with an error")]
pub struct CallFailed;

/// Why a value cannot be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Unstorable {
    /// Its JSON is too long.
    #[error("the record would have {bytes} bytes as JSON, and at most {most} can be stored: make the data smaller")]
    TooLarge {
        /// The length of the whole record as JSON, in bytes.
        bytes: u64,
        /// [`crate::Limits::value_bytes_max`], less the room that is reserved for locks.
        most: u64,
    },
    /// Its arrays and maps are nested too deeply to be read back.
    #[error("the record would have more than {most} levels of arrays and maps: make the data flatter")]
    TooDeep {
        /// Levels allowed, the record's own included.
        most: u32,
    },
}

/// The answer to a [`crate::CallRequest`].
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "explore", derive(Hash))]
pub enum CallResult {
    /// The write is known to be stored.
    Done,
    /// The value that was read, or that was removed.
    Value(Option<Stored>),
    /// One page of versions.
    Versions(Vec<VersionInfo>),
    /// The message was not appended: the recipient's queue is full.
    QueueFull,
    /// The message was not appended: the value under the key is not a record.
    NotARecord,
    /// The message was not appended, or the view not written: the data store would not accept the resulting record.
    Unstorable(Unstorable),
    /// The key is reserved for trades.
    ReservedKey,
    /// A read failed repeatedly.
    Failed,
    /// The server is shutting down.
    Closing,
}

/// The state of a purchase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purchase {
    /// In the data, and not yet known to be stored: wait, or answer `NotProcessedYet`.
    Pending,
    /// Known to be stored: answer `PurchaseGranted`.
    Stored,
}
