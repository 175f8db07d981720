//! An upper bound of a value's text that is cheap to see.

use dupeproof_core::{Escrow, MetaData, Record, SessionTag, Stored};
use serde_json::Value as Json;

/// Bytes of the longest number, with its comma.
const NUMBER: u64 = 26;

/// Bytes of what a record has around what is its own: names, braces, brackets, commas.
const AROUND: u64 = 320;

/// True only if a value's text has at most so many bytes; false says nothing.
pub(super) fn surely_within(value: &Stored, most: u64) -> bool {
    let bound = match value {
        Stored::Record(record) => of_record(record),
        Stored::Other(json) => of_json(json),
    };
    bound <= most
}

/// With quotes and what follows, as if every escape were of the longest kind.
fn of_text(text: &str) -> u64 {
    let escapes = text.bytes().filter(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)).count();
    (text.len() + escapes * 5) as u64 + 3
}

/// With what follows.
fn of_json(value: &Json) -> u64 {
    match value {
        Json::Null | Json::Bool(_) => 6,
        Json::Number(_) => NUMBER,
        Json::String(text) => of_text(text),
        Json::Array(elements) => 3 + elements.iter().map(of_json).sum::<u64>(),
        Json::Object(map) => 3 + map.iter().map(of_field).sum::<u64>(),
    }
}

fn of_field((name, value): (&String, &Json)) -> u64 {
    of_text(name) + of_json(value)
}

fn of_record(record: &Record) -> u64 {
    let fields: u64 = record.unknown.iter().map(of_field).sum();
    let messages: u64 = record.global_updates.entries.iter().map(of_json).sum();
    let senders: u64 = record.senders.iter().map(|(sender, _)| of_counted(sender)).sum();
    let profile = record.profile.as_ref().map_or(0, |profile| {
        let user_ids = profile.user_ids.len() as u64 * NUMBER;
        of_json(&profile.data) + of_json(&profile.roblox_metadata) + user_ids + of_meta(&profile.meta)
    });
    AROUND + NUMBER + fields + messages + senders + profile
}

fn of_meta(meta: &MetaData) -> u64 {
    let fields: u64 = meta.unknown.iter().map(of_field).sum();
    let tags = of_tag(meta.active_session.as_ref()) + of_tag(meta.force_load_session.as_ref());
    let last_write = meta.last_write.as_ref().map_or(0, |(guid, _)| of_counted(guid));
    let receipts: u64 = meta.receipts.iter().map(|receipt| of_text(receipt)).sum();
    let escrow: u64 = meta.escrow.iter().map(|(id, escrow)| of_text(id) + of_escrow(escrow)).sum();
    // The four are the numbers of its own that a record can have.
    4 * NUMBER + fields + of_json(&meta.meta_tags) + tags + last_write + receipts + escrow
}

fn of_tag(tag: Option<&SessionTag>) -> u64 {
    let of = |tag: &SessionTag| NUMBER + of_text(&tag.job_id) + tag.guid.as_ref().map_or(0, |guid| of_text(guid));
    tag.map_or(0, of)
}

/// A name and a number in an array.
fn of_counted(name: &str) -> u64 {
    NUMBER + 3 + of_text(name)
}

/// The 64 are the names of its fields, and the braces.
fn of_escrow(escrow: &Escrow) -> u64 {
    64 + match escrow {
        Escrow::Trade { partner, gives } => of_text(partner) + of_json(gives),
        Escrow::Gift { to, gives, .. } => NUMBER + of_text(to) + of_json(gives),
    }
}
