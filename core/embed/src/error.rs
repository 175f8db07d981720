//! Why a store did not do what it was asked for.

use dupeproof_core::{StartFailure, Unstorable};

use crate::name::NameError;

/// Why there is no session.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// A bad key.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The start came to nothing.
    #[error(transparent)]
    Failed(#[from] StartFailure),
}

/// Why a message was not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// A bad key.
    #[error(transparent)]
    Name(#[from] NameError),
    /// `MAX_MESSAGE_QUEUE` messages wait already. None of them was dropped.
    #[error("the profile's queue of messages is full")]
    QueueFull,
    /// The data store would not take the profile's record with it.
    #[error("the message was not sent: {0}")]
    Unstorable(Unstorable),
    /// The value under the key is no profile.
    #[error("the value under this key is no profile")]
    NotARecord,
    /// The server is shutting down.
    #[error("the server is shutting down")]
    Closing,
}

/// Why a key was not read, set or removed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ViewError {
    /// A bad key.
    #[error(transparent)]
    Name(#[from] NameError),
    /// It was tried five times. What went wrong came with [`crate::ProfileStore::on_error`].
    #[error("reading failed five times; try again later")]
    Failed,
    /// The data store would not take the record with this data.
    #[error("nothing was written: {0}")]
    Unstorable(Unstorable),
    /// The value under the key is no profile.
    #[error("the value under this key is no profile")]
    NotARecord,
    /// The server is shutting down.
    #[error("the server is shutting down")]
    Closing,
}
