//! The versions of a key: what a data store lists of them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Selects versions of a key, and the order they are listed in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "explore", derive(Hash))]
pub struct VersionQuery {
    /// `Enum.SortDirection.Descending`: newest first.
    pub descending: bool,
    /// The earliest creation time to list, in Unix milliseconds; `None`: no bound.
    pub min: Option<i64>,
    /// The latest creation time to list, in Unix milliseconds; `None`: no bound.
    pub max: Option<i64>,
    /// The page after this version; `None`: the first page.
    pub after: Option<Arc<str>>,
}

/// `DataStoreObjectVersionInfo`: one version of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "explore", derive(Hash))]
pub struct VersionInfo {
    /// Names the version in [`crate::CallRequest::GetVersion`].
    pub version: Arc<str>,
    /// When it was written, in Unix milliseconds.
    pub created_time: i64,
    /// True for the version that a removal makes: it has no value.
    pub is_deleted: bool,
}
