//! What a write says beside the value.

use std::sync::Arc;

use dupeproof_core::Stored;
use dupeproof_sim::request::Attributes;
use serde_json::Value as Json;

/// The user ids and the metadata that a record holds: ProfileStore writes them to the key, too.
pub(super) fn of_record(value: &Stored) -> Option<Arc<Attributes>> {
    let Stored::Record(record) = value else { return None };
    let profile = record.profile.as_ref()?;
    let metadata = profile.roblox_metadata.as_object().is_some_and(|map| !map.is_empty());
    if profile.user_ids.is_empty() && !metadata {
        return None;
    }
    let metadata = if metadata { Json::clone(&profile.roblox_metadata) } else { Json::Null };
    Some(Arc::new(Attributes { user_ids: profile.user_ids.to_vec(), metadata }))
}
