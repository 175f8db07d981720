//! Why a store did not do what was asked of it.

use dupeproof_core::{StartFailure, Unstorable};

use crate::name::NameError;

/// Why there is no session.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// The key cannot be used.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The start failed.
    #[error(transparent)]
    Failed(#[from] StartFailure),
}

/// Why a message was not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// The key cannot be used.
    #[error(transparent)]
    Name(#[from] NameError),
    /// `MAX_MESSAGE_QUEUE` messages wait already. None of them was dropped.
    #[error("the profile's queue of messages is full")]
    QueueFull,
    /// The data store would not accept the profile's record with it.
    #[error("the message was not sent: {0}")]
    Unstorable(Unstorable),
    /// The value under the key is not a profile.
    #[error("the value under this key is not a profile")]
    NotARecord,
    /// The server is shutting down.
    #[error("the server is shutting down")]
    Closing,
}

/// Why a key was not read, set or removed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ViewError {
    /// The key cannot be used.
    #[error(transparent)]
    Name(#[from] NameError),
    /// It was tried five times. [`crate::ProfileStore::on_error`] reported each error.
    #[error("reading failed five times; try again later")]
    Failed,
    /// The data store would not accept the record with this data.
    #[error("nothing was written: {0}")]
    Unstorable(Unstorable),
    /// The value under the key is not a profile.
    #[error("the value under this key is not a profile")]
    NotARecord,
    /// The server is shutting down.
    #[error("the server is shutting down")]
    Closing,
}
