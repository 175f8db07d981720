//! What the simulated DataStore says of values and versions, in the core's words.

use std::sync::Arc;

use dupeproof_core::{Stored, VersionInfo, VersionQuery};
use dupeproof_sim::request::{self, Attributes};
use dupeproof_sim::{Key, Request, Version};
use serde_json::Value as Json;

/// The user ids and the metadata of a record stand in the record, too.
pub(super) fn attributes(value: &Stored) -> Option<Arc<Attributes>> {
    let Stored::Record(record) = value else { return None };
    let profile = record.profile.as_ref()?;
    let metadata = profile.roblox_metadata.as_object().is_some_and(|map| !map.is_empty());
    if profile.user_ids.is_empty() && !metadata {
        return None;
    }
    let metadata = if metadata { Json::clone(&profile.roblox_metadata) } else { Json::Null };
    Some(Arc::new(Attributes { user_ids: profile.user_ids.to_vec(), metadata }))
}

/// Asks for a page of versions.
pub(super) fn list(key: Key, query: &VersionQuery) -> Request {
    let query = request::VersionQuery {
        descending: query.descending,
        min_date: query.min.unwrap_or(0),
        max_date: query.max.unwrap_or(0),
        page_size: 0,
        after: query.after.as_deref().and_then(Version::from_id),
    };
    Request::ListVersions { key, query }
}

/// A page of versions.
pub(super) fn versions(page: Vec<request::VersionInfo>) -> Vec<VersionInfo> {
    let info = |info: request::VersionInfo| VersionInfo {
        version: info.version.id(info.created_time).into(),
        created_time: info.created_time,
        is_deleted: info.is_deleted,
    };
    page.into_iter().map(info).collect()
}
