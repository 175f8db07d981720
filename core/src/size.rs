//! How long a value's JSON text is, and how deep: without making the text, for every save asks.
//!
//! Exactly what [`crate::Stored::to_json`] prints; lengths are in bytes.

use std::fmt::{self, Write};

use serde_json::{Number, Value as Json};

use crate::record::{Escrow, GlobalUpdates, MetaData, Record, SessionTag};

/// Deeper than was allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooDeep;

/// The length of a value that may have so many levels of arrays and maps. Never goes deeper than that.
pub(crate) fn of_json(value: &Json, levels: u32) -> Result<u64, TooDeep> {
    match value {
        Json::Null => Ok(4),
        Json::Bool(bool) => Ok(of_bool(*bool)),
        Json::Number(number) => Ok(of_number(number)),
        Json::String(string) => Ok(of_str(string)),
        Json::Array(elements) => {
            let levels = levels.checked_sub(1).ok_or(TooDeep)?;
            let lengths = elements.iter().map(|element| of_json(element, levels));
            Ok(of_list(elements.len(), lengths.sum::<Result<u64, TooDeep>>()?))
        }
        Json::Object(map) => {
            let levels = levels.checked_sub(1).ok_or(TooDeep)?;
            let mut fields = Fields::default();
            for (name, value) in map {
                fields.add(of_str(name), of_json(value, levels)?);
            }
            Ok(fields.length())
        }
    }
}

/// The length of a record that may have so many levels.
pub(crate) fn of_record(record: &Record, levels: u32) -> Result<u64, TooDeep> {
    let levels = levels.checked_sub(1).ok_or(TooDeep)?;
    let mut fields = Fields::default();
    for (name, value) in &record.unknown {
        fields.add(of_str(name), of_json(value, levels)?);
    }
    fields.named("GlobalUpdates", of_updates(&record.global_updates, levels)?);
    if !record.senders.is_empty() {
        let lengths = record.senders.iter().map(|(sender, newest)| of_list(2, of_str(sender) + digits(*newest)));
        fields.named("MessageSenders", of_list(record.senders.len(), lengths.sum()));
    }
    if let Some(was_overwritten) = record.was_overwritten {
        fields.named("WasOverwritten", of_bool(was_overwritten));
    }
    if let Some(profile) = &record.profile {
        fields.named("Data", of_json(&profile.data, levels)?);
        fields.named("MetaData", of_meta(&profile.meta, levels)?);
        fields.named("RobloxMetaData", of_json(&profile.roblox_metadata, levels)?);
        let ids = profile.user_ids.iter().map(|id| of_integer(*id)).sum();
        fields.named("UserIds", of_list(profile.user_ids.len(), ids));
    }
    Ok(fields.length())
}

fn of_updates(updates: &GlobalUpdates, levels: u32) -> Result<u64, TooDeep> {
    let levels = levels.checked_sub(2).ok_or(TooDeep)?;
    let lengths = updates.entries.iter().map(|entry| of_json(entry, levels));
    let entries = of_list(updates.entries.len(), lengths.sum::<Result<u64, TooDeep>>()?);
    Ok(of_list(2, digits(updates.last_index) + entries))
}

fn of_meta(meta: &MetaData, levels: u32) -> Result<u64, TooDeep> {
    let levels = levels.checked_sub(1).ok_or(TooDeep)?;
    let mut fields = Fields::default();
    for (name, value) in &meta.unknown {
        fields.add(of_str(name), of_json(value, levels)?);
    }
    fields.named("ProfileCreateTime", of_integer(meta.profile_create_time));
    fields.named("SessionLoadCount", digits(meta.session_load_count));
    fields.named("LastUpdate", of_integer(meta.last_update));
    fields.named("MetaTags", of_json(&meta.meta_tags, levels)?);
    if let Some(session) = &meta.active_session {
        fields.named("ActiveSession", of_tag(session));
    }
    if let Some(marker) = &meta.force_load_session {
        fields.named("ForceLoadSession", of_tag(marker));
    }
    if let Some(lease) = meta.lease {
        fields.named("Lease", digits(lease));
    }
    if let Some((guid, count)) = &meta.last_write {
        fields.named("LastWrite", of_list(2, of_str(guid) + digits(*count)));
    }
    if !meta.escrow.is_empty() {
        let mut escrow = Fields::default();
        for (id, aside) in &*meta.escrow {
            escrow.add(of_str(id), of_escrow(aside, levels.checked_sub(1).ok_or(TooDeep)?)?);
        }
        fields.named("Escrow", escrow.length());
    }
    if !meta.receipts.is_empty() {
        let receipts = meta.receipts.iter().map(|receipt| of_str(receipt)).sum();
        fields.named("Receipts", of_list(meta.receipts.len(), receipts));
    }
    Ok(fields.length())
}

/// `[place_id, job_id, session_guid]`.
fn of_tag(tag: &SessionTag) -> u64 {
    let parts = of_integer(tag.place_id) + of_str(&tag.job_id);
    match &tag.guid {
        Some(guid) => of_list(3, parts + of_str(guid)),
        None => of_list(2, parts),
    }
}

/// `{kind: {fields}}`.
fn of_escrow(escrow: &Escrow, levels: u32) -> Result<u64, TooDeep> {
    let levels = levels.checked_sub(2).ok_or(TooDeep)?;
    let mut fields = Fields::default();
    let kind = match escrow {
        Escrow::Trade { partner, gives } => {
            fields.named("partner", of_str(partner));
            fields.named("gives", of_json(gives, levels)?);
            "Trade"
        }
        Escrow::Gift { to, gives, number } => {
            fields.named("to", of_str(to));
            fields.named("gives", of_json(gives, levels)?);
            fields.named("number", digits(*number));
            "Gift"
        }
        Escrow::Settled { partner } => {
            fields.named("partner", of_str(partner));
            "Settled"
        }
    };
    let mut outer = Fields::default();
    outer.named(kind, fields.length());
    Ok(outer.length())
}

/// The fields of a map.
#[derive(Default)]
struct Fields {
    count: u64,
    /// Names with their quotes, and values.
    bytes: u64,
}

impl Fields {
    /// A field of our own, whose name has nothing to escape.
    fn named(&mut self, name: &str, value: u64) {
        self.add(name.len() as u64 + 2, value);
    }

    fn add(&mut self, name: u64, value: u64) {
        self.count += 1;
        self.bytes += name + value;
    }

    /// With braces, colons and commas.
    fn length(&self) -> u64 {
        2 + self.bytes + self.count + self.count.saturating_sub(1)
    }
}

/// With brackets and commas.
fn of_list(count: usize, elements: u64) -> u64 {
    2 + elements + (count as u64).saturating_sub(1)
}

fn of_bool(bool: bool) -> u64 {
    if bool { 4 } else { 5 }
}

/// With quotes and escapes: two bytes for those that have a short form, six for the other control characters.
pub(crate) fn of_str(string: &str) -> u64 {
    let more = |byte: u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0C => 1,
        0..0x20 => 5,
        _ => 0,
    };
    2 + string.len() as u64 + string.bytes().map(more).sum::<u64>()
}

fn of_number(number: &Number) -> u64 {
    match (number.as_u64(), number.as_i64()) {
        (Some(natural), _) => digits(natural),
        (None, Some(integer)) => of_integer(integer),
        (None, None) => {
            let mut count = Count(0);
            // Counting never fails.
            let _: fmt::Result = write!(count, "{number}");
            count.0
        }
    }
}

fn of_integer(integer: i64) -> u64 {
    u64::from(integer < 0) + digits(integer.unsigned_abs())
}

fn digits(natural: u64) -> u64 {
    u64::from(natural.checked_ilog10().unwrap_or(0)) + 1
}

/// Counts what is written to it.
struct Count(u64);

impl Write for Count {
    fn write_str(&mut self, written: &str) -> fmt::Result {
        self.0 += written.len() as u64;
        Ok(())
    }
}
