//! How long a value is as JSON text, without making the text.
//!
//! Most values have less than a kilobyte, and a glance shows it: others are counted.

mod glance;

use std::io;

use dupeproof_core::{MetaData, Record, Stored};
use serde::ser::{Serialize, SerializeMap, Serializer};

use self::glance::surely_within;

/// A value's text in kilobytes, "rounded up" (error-codes-and-limits, "Throughput limits"). Its limits are in characters
/// of "the serialized string", which Luau counts as bytes.
pub(super) fn kilobytes(value: &Stored) -> u32 {
    if surely_within(value, 1_024) { 1 } else { u32::try_from(text_len(value).div_ceil(1_024)).unwrap_or(u32::MAX) }
}

/// The length of [`Stored::to_json`]'s text in bytes.
fn text_len(value: &Stored) -> u64 {
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

    /// Something in every field, and a few other values.
    fn values() -> [Stored; 5] {
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
        let trade = Escrow::Trade { partner: "p\u{1}".into(), gives: Arc::new(json!([1])) };
        let gift = Escrow::Gift { to: "p".into(), gives: Arc::new(json!([1])), number: 1 };
        let escrow = BTreeMap::from([("trade".into(), trade), ("gift".into(), gift)]);
        record.profile.as_mut().unwrap().meta.escrow = Arc::new(escrow);
        [
            Stored::Record(Arc::new(record)),
            Stored::from_json(json!({ "GlobalUpdates": [1, [[1, "hello"]]] })),
            Stored::from_json(json!({ "plain": [1, 2.25, "é", { "deep": [] }, -1.7976931348623157e308_f64] })),
            Stored::from_json(json!("\u{1}".repeat(100))),
            Stored::from_json(json!(i64::MIN)),
        ]
    }

    #[test]
    fn the_length_is_that_of_the_text() {
        for value in values() {
            assert_eq!(text_len(&value), value.to_json().to_string().len() as u64, "{value:?}");
        }
    }

    #[test]
    fn a_glance_never_takes_a_text_for_shorter_than_it_is_and_is_soon_sure() {
        for value in values() {
            let length = text_len(&value);
            assert!(!surely_within(&value, length - 1), "{value:?}");
            assert!(surely_within(&value, length * 3 + 512), "{value:?}");
        }
    }

    #[test]
    fn kilobytes_are_rounded_up() {
        for (bytes, expected) in [(3, 1), (1_024, 1), (1_025, 2), (2_048, 2), (2_049, 3)] {
            assert_eq!(kilobytes(&Stored::from_json(json!("x".repeat(bytes - 2)))), expected);
        }
    }
}
