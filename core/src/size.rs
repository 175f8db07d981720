//! The length of a value's JSON text, and its depth, without building the text: every save asks.
//!
//! With `EXACT`, it is exactly what [`crate::Stored::to_json`] prints, in bytes. Without, it is an upper bound that is
//! computed without reading the text. Nearly all records are so far below every limit that the bound is enough.

use std::fmt::{self, Write};

use serde_json::{Number, Value as Json};

use crate::record::{Escrow, GlobalUpdates, MetaData, Record, SessionTag, Stored};

/// No value is deeper.
const ANY_DEPTH: u32 = u32::MAX;

impl Stored {
    /// The length of [`Stored::to_json`]'s text in bytes, as Luau counts a string.
    pub fn json_bytes(&self) -> u64 {
        of_stored::<true>(self)
    }

    /// An upper bound of [`Stored::json_bytes`] that is cheap to compute.
    pub fn json_bytes_bound(&self) -> u64 {
        of_stored::<false>(self)
    }
}

fn of_stored<const EXACT: bool>(value: &Stored) -> u64 {
    let length = match value {
        Stored::Record(record) => of_record::<EXACT>(record, ANY_DEPTH),
        Stored::Other(json) => of_json::<EXACT>(json, ANY_DEPTH),
    };
    length.unwrap_or(u64::MAX)
}

/// Deeper than was allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooDeep;

/// The length of a value that may have so many levels of arrays and maps. Never goes deeper than that.
pub(crate) fn of_json<const EXACT: bool>(value: &Json, levels: u32) -> Result<u64, TooDeep> {
    match value {
        Json::Null => Ok(4),
        Json::Bool(bool) => Ok(of_bool(*bool)),
        Json::Number(number) => Ok(of_number::<EXACT>(number)),
        Json::String(string) => Ok(of_str::<EXACT>(string)),
        Json::Array(elements) => {
            let levels = levels.checked_sub(1).ok_or(TooDeep)?;
            let lengths = elements.iter().map(|element| of_json::<EXACT>(element, levels));
            Ok(of_list(elements.len(), lengths.sum::<Result<u64, TooDeep>>()?))
        }
        Json::Object(map) => {
            let levels = levels.checked_sub(1).ok_or(TooDeep)?;
            let mut fields = Fields::default();
            for (name, value) in map {
                fields.add(of_str::<EXACT>(name), of_json::<EXACT>(value, levels)?);
            }
            Ok(fields.length())
        }
    }
}

/// The length of a record that may have so many levels.
pub(crate) fn of_record<const EXACT: bool>(record: &Record, levels: u32) -> Result<u64, TooDeep> {
    let levels = levels.checked_sub(1).ok_or(TooDeep)?;
    let mut fields = Fields::default();
    for (name, value) in &record.unknown {
        fields.add(of_str::<EXACT>(name), of_json::<EXACT>(value, levels)?);
    }
    fields.named("GlobalUpdates", of_updates::<EXACT>(&record.global_updates, levels)?);
    if !record.senders.is_empty() {
        let lengths = record
            .senders
            .iter()
            .map(|(sender, newest)| of_list(2, of_str::<EXACT>(sender) + digits::<EXACT>(*newest)));
        fields.named("MessageSenders", of_list(record.senders.len(), lengths.sum()));
    }
    if let Some(was_overwritten) = record.was_overwritten {
        fields.named("WasOverwritten", of_bool(was_overwritten));
    }
    if let Some(profile) = &record.profile {
        fields.named("Data", of_json::<EXACT>(&profile.data, levels)?);
        fields.named("MetaData", of_meta::<EXACT>(&profile.meta, levels)?);
        fields.named("RobloxMetaData", of_json::<EXACT>(&profile.roblox_metadata, levels)?);
        let ids = profile.user_ids.iter().map(|id| of_integer::<EXACT>(*id)).sum();
        fields.named("UserIds", of_list(profile.user_ids.len(), ids));
    }
    Ok(fields.length())
}

fn of_updates<const EXACT: bool>(updates: &GlobalUpdates, levels: u32) -> Result<u64, TooDeep> {
    let levels = levels.checked_sub(2).ok_or(TooDeep)?;
    let lengths = updates.entries.iter().map(|entry| of_json::<EXACT>(entry, levels));
    let entries = of_list(updates.entries.len(), lengths.sum::<Result<u64, TooDeep>>()?);
    Ok(of_list(2, digits::<EXACT>(updates.last_index) + entries))
}

fn of_meta<const EXACT: bool>(meta: &MetaData, levels: u32) -> Result<u64, TooDeep> {
    let levels = levels.checked_sub(1).ok_or(TooDeep)?;
    let mut fields = Fields::default();
    for (name, value) in &meta.unknown {
        fields.add(of_str::<EXACT>(name), of_json::<EXACT>(value, levels)?);
    }
    fields.named("ProfileCreateTime", of_integer::<EXACT>(meta.profile_create_time));
    fields.named("SessionLoadCount", digits::<EXACT>(meta.session_load_count));
    fields.named("LastUpdate", of_integer::<EXACT>(meta.last_update));
    fields.named("MetaTags", of_json::<EXACT>(&meta.meta_tags, levels)?);
    if let Some(session) = &meta.active_session {
        fields.named("ActiveSession", of_tag::<EXACT>(session));
    }
    if let Some(marker) = &meta.force_load_session {
        fields.named("ForceLoadSession", of_tag::<EXACT>(marker));
    }
    if let Some(lease) = meta.lease {
        fields.named("Lease", digits::<EXACT>(lease));
    }
    if let Some(lease) = meta.stolen_lease {
        fields.named("StolenLease", digits::<EXACT>(lease));
    }
    if let Some((guid, count)) = &meta.last_write {
        fields.named("LastWrite", of_list(2, of_str::<EXACT>(guid) + digits::<EXACT>(*count)));
    }
    if !meta.escrow.is_empty() {
        let mut escrow = Fields::default();
        for (id, aside) in &*meta.escrow {
            escrow.add(of_str::<EXACT>(id), of_escrow::<EXACT>(aside, levels.checked_sub(1).ok_or(TooDeep)?)?);
        }
        fields.named("Escrow", escrow.length());
    }
    if !meta.receipts.is_empty() {
        let receipts = meta.receipts.iter().map(|receipt| of_str::<EXACT>(receipt)).sum();
        fields.named("Receipts", of_list(meta.receipts.len(), receipts));
    }
    Ok(fields.length())
}

/// `[place_id, job_id, session_guid]`.
fn of_tag<const EXACT: bool>(tag: &SessionTag) -> u64 {
    let parts = of_integer::<EXACT>(tag.place_id) + of_str::<EXACT>(&tag.job_id);
    match &tag.guid {
        Some(guid) => of_list(3, parts + of_str::<EXACT>(guid)),
        None => of_list(2, parts),
    }
}

/// `{kind: {fields}}`.
fn of_escrow<const EXACT: bool>(escrow: &Escrow, levels: u32) -> Result<u64, TooDeep> {
    let levels = levels.checked_sub(2).ok_or(TooDeep)?;
    let mut fields = Fields::default();
    let kind = match escrow {
        Escrow::Trade { partner, gives, bound } => {
            fields.named("partner", of_str::<EXACT>(partner));
            fields.named("gives", of_json::<EXACT>(gives, levels)?);
            if let Some((guid, write)) = bound {
                fields.named("bound", of_list(2, of_str::<EXACT>(guid) + digits::<EXACT>(*write)));
            }
            "Trade"
        }
        Escrow::Gift { to, gives, number } => {
            fields.named("to", of_str::<EXACT>(to));
            fields.named("gives", of_json::<EXACT>(gives, levels)?);
            fields.named("number", digits::<EXACT>(*number));
            "Gift"
        }
        Escrow::Settled { partner, bound } => {
            fields.named("partner", of_str::<EXACT>(partner));
            if let Some((guid, write)) = bound {
                fields.named("bound", of_list(2, of_str::<EXACT>(guid) + digits::<EXACT>(*write)));
            }
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
pub(crate) fn of_str<const EXACT: bool>(string: &str) -> u64 {
    if !EXACT {
        return 2 + 6 * string.len() as u64;
    }
    let more = |byte: u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0C => 1,
        0..0x20 => 5,
        _ => 0,
    };
    2 + string.len() as u64 + string.bytes().map(more).sum::<u64>()
}

/// No number is longer: 17 digits, a point, two signs, and an exponent of four.
const NUMBER_MAX: u64 = 24;

fn of_number<const EXACT: bool>(number: &Number) -> u64 {
    if !EXACT {
        return NUMBER_MAX;
    }
    match (number.as_u64(), number.as_i64()) {
        (Some(natural), _) => digits::<EXACT>(natural),
        (None, Some(integer)) => of_integer::<EXACT>(integer),
        (None, None) => {
            let mut count = Count(0);
            // Counting never fails.
            let _: fmt::Result = write!(count, "{number}");
            count.0
        }
    }
}

fn of_integer<const EXACT: bool>(integer: i64) -> u64 {
    if !EXACT {
        return NUMBER_MAX;
    }
    u64::from(integer < 0) + digits::<EXACT>(integer.unsigned_abs())
}

fn digits<const EXACT: bool>(natural: u64) -> u64 {
    if !EXACT {
        return NUMBER_MAX;
    }
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
