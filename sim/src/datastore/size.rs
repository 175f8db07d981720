//! How long a value is as JSON text, without making the text.

use std::io;

use dupeproof_core::{MetaData, Record, Stored};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// The length of [`Stored::to_json`]'s text in bytes. The limits are in characters of "the serialized string"
/// (error-codes-and-limits), which Luau counts as bytes.
pub(super) fn text_len(value: &Stored) -> u64 {
    match value {
        Stored::Record(record) => count(&RecordText(record)),
        Stored::Other(json) => count(&**json),
    }
}

fn count(value: &impl Serialize) -> u64 {
    let mut counter = Counter(0);
    serde_json::to_writer(&mut counter, value).expect("counting never fails");
    counter.0
}

/// Counts what is written to it.
struct Counter(u64);

impl io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes what [`Record::to_json`] makes, in another order of names.
struct RecordText<'a>(&'a Record);

impl Serialize for RecordText<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let record = self.0;
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in &record.unknown {
            map.serialize_entry(name, value)?;
        }
        let updates = &record.global_updates;
        map.serialize_entry("GlobalUpdates", &(updates.last_index, &updates.entries))?;
        if !record.senders.is_empty() {
            map.serialize_entry("MessageSenders", &record.senders)?;
        }
        if let Some(was_overwritten) = record.was_overwritten {
            map.serialize_entry("WasOverwritten", &was_overwritten)?;
        }
        if let Some(profile) = &record.profile {
            map.serialize_entry("Data", &profile.data)?;
            map.serialize_entry("MetaData", &MetaText(&profile.meta))?;
            map.serialize_entry("RobloxMetaData", &profile.roblox_metadata)?;
            map.serialize_entry("UserIds", &profile.user_ids)?;
        }
        map.end()
    }
}

/// The same of a record's `MetaData`.
struct MetaText<'a>(&'a MetaData);

impl Serialize for MetaText<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let meta = self.0;
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in &meta.unknown {
            map.serialize_entry(name, value)?;
        }
        map.serialize_entry("ProfileCreateTime", &meta.profile_create_time)?;
        map.serialize_entry("SessionLoadCount", &meta.session_load_count)?;
        map.serialize_entry("LastUpdate", &meta.last_update)?;
        map.serialize_entry("MetaTags", &meta.meta_tags)?;
        for (name, tag) in [("ActiveSession", &meta.active_session), ("ForceLoadSession", &meta.force_load_session)] {
            match tag {
                Some(tag) if tag.guid.is_none() => map.serialize_entry(name, &(tag.place_id, &tag.job_id))?,
                Some(tag) => map.serialize_entry(name, &(tag.place_id, &tag.job_id, &tag.guid))?,
                None => {}
            }
        }
        if let Some(lease) = meta.lease {
            map.serialize_entry("Lease", &lease)?;
        }
        if let Some(last_write) = &meta.last_write {
            map.serialize_entry("LastWrite", last_write)?;
        }
        if !meta.escrow.is_empty() {
            map.serialize_entry("Escrow", &meta.escrow)?;
        }
        if !meta.receipts.is_empty() {
            map.serialize_entry("Receipts", &meta.receipts)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use dupeproof_core::Escrow;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_length_is_that_of_the_text() {
        let full = json!({
            "Data": { "Coins": 1.5, "Name": "Zoë \"\n" }, "GlobalUpdates": [7, [[7, "guid", { "gift": 1 }]]],
            "MetaData": { "ProfileCreateTime": 1, "SessionLoadCount": 2, "LastUpdate": 3, "MetaTags": { "a": 1 },
                "ActiveSession": [1, "job", "guid"], "ForceLoadSession": [2, "other"], "Lease": 45,
                "LastWrite": ["guid", 9], "Receipts": ["r1"], "Kept": [] },
            "MessageSenders": [["sender", 3]], "RobloxMetaData": { "x": true }, "UserIds": [11, -1],
            "WasOverwritten": false, "Odd": null,
        });
        let Stored::Record(record) = Stored::from_json(full) else { panic!("a record") };
        let mut record = Record::clone(&record);
        let escrow = Escrow::Trade { partner: "p".into(), gives: Arc::new(json!([1])) };
        record.profile.as_mut().unwrap().meta.escrow = Arc::new(BTreeMap::from([("trade".into(), escrow)]));
        let messages = json!({ "GlobalUpdates": [1, [[1, "hello"]]] });
        for value in [
            Stored::Record(Arc::new(record)),
            Stored::from_json(messages),
            Stored::from_json(json!({ "plain": [1, 2.25, "é", { "deep": [] }] })),
            Stored::from_json(json!(-7)),
        ] {
            assert_eq!(text_len(&value), value.to_json().to_string().len() as u64, "{value:?}");
        }
    }
}
