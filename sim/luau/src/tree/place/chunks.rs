//! The chunks of a binary place or model, looked at before they are read: whoever reads them makes room for whatever they
//! announce (dom.rojo.space, "Binary Format").

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::bytes::Bytes;
use crate::tree::reader::INSTANCES_MAX;

/// More bytes than a place holds when its chunks are unpacked. Studio refuses to publish places above 100 MiB.
const UNPACKED_MAX: usize = 1 << 30;
/// No place packs so well: its chunks have so many times the bytes of the file at most, or so many bytes.
const PACKED_TIMES: usize = 64;
const UNPACKED_FREE: usize = 64 << 20;
/// How a chunk begins that is packed with zstd; others are packed with LZ4.
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";
/// Bytes of the tags of all instances together. Many instances may have the same long text.
pub(super) const TAGS_MAX: usize = 64 << 20;

const CUT: &str = "it ends in the middle of a chunk";

/// Types of properties whose values say how long they are.
const STRING: u8 = 0x01;
const NUMBER_SEQUENCE: u8 = 0x15;
const COLOR_SEQUENCE: u8 = 0x16;
const SHARED_STRING: u8 = 0x1c;
const FONT: u8 = 0x20;
const CONTENT: u8 = 0x22;

/// That a file has what its header and chunks announce, before anything is made room for.
///
/// # Errors
/// It has not: which part of it.
pub(super) fn check(file: &[u8]) -> Result<(), String> {
    let mut rest = Bytes(file);
    let mut header = Bytes(rest.take(32).ok_or(CUT)?.get(16..).unwrap_or_default());
    let (classes, instances) = header.number().zip(header.number()).ok_or(CUT)?;
    let most = UNPACKED_FREE.max(file.len().saturating_mul(PACKED_TIMES)).min(UNPACKED_MAX);
    let mut found = Found::default();
    let mut unpacked = 0_usize;
    loop {
        let mut head = Bytes(rest.take(16).ok_or(CUT)?);
        let name = head.take(4).ok_or(CUT)?;
        let (packed, whole) = head.number().zip(head.number()).ok_or(CUT)?;
        unpacked = unpacked.saturating_add(whole);
        if unpacked > most {
            return Err("it announces more bytes than a place has".into());
        }
        let body = rest.take(if packed == 0 { whole } else { packed }).ok_or(CUT)?;
        if name == b"END\0" {
            break;
        }
        found.look(name, &contents(body, packed, whole)?)?;
    }
    if classes > found.classes.len() || instances > found.instances {
        return Err("it announces more instances than it holds".into());
    }
    Ok(())
}

/// The bytes of a chunk, unpacked.
fn contents(body: &[u8], packed: usize, whole: usize) -> Result<Cow<'_, [u8]>, String> {
    if packed == 0 {
        return Ok(Cow::Borrowed(body));
    }
    let unpacked = if body.starts_with(ZSTD) {
        zstd::bulk::decompress(body, whole).ok()
    } else {
        lz4_flex::block::decompress(body, whole).ok()
    };
    let complete = unpacked.filter(|bytes| bytes.len() == whole);
    complete.map(Cow::Owned).ok_or_else(|| "a chunk of it cannot be unpacked".into())
}

/// What the chunks up to here have said.
#[derive(Default)]
struct Found {
    /// How many instances each class has, by the number of the class.
    classes: BTreeMap<usize, usize>,
    instances: usize,
    /// The lengths of the texts that many instances share.
    shared: Vec<usize>,
}

impl Found {
    /// That a chunk has what it announces.
    fn look(&mut self, name: &[u8], data: &[u8]) -> Result<(), String> {
        let mut bytes = Bytes(data);
        let complete = match name {
            b"META" => texts(&mut bytes),
            b"SSTR" => self.shared_strings(&mut bytes),
            b"INST" => self.instances(&mut bytes),
            b"PROP" => return self.property(&mut bytes),
            b"PRNT" => bytes.take(1).and_then(|_| bytes.skip_list(8)),
            _ => Some(()),
        };
        if self.instances > INSTANCES_MAX {
            return Err(format!("it holds more than {INSTANCES_MAX} instances"));
        }
        let named = String::from_utf8_lossy(name);
        complete.ok_or_else(|| format!("its chunk `{named}` announces more than it holds"))
    }

    fn instances(&mut self, bytes: &mut Bytes<'_>) -> Option<()> {
        let class = bytes.number()?;
        bytes.text()?;
        bytes.byte()?;
        let count = bytes.count(4)?;
        self.classes.insert(class, count);
        self.instances += count;
        Some(())
    }

    fn shared_strings(&mut self, bytes: &mut Bytes<'_>) -> Option<()> {
        const HASH: usize = 16;
        bytes.number()?;
        for _ in 0..bytes.count(HASH + 4)? {
            bytes.take(HASH)?;
            self.shared.push(bytes.text()?.len());
        }
        Some(())
    }

    /// That a property has a value for each instance, as far as values say themselves how long they are.
    fn property(&self, bytes: &mut Bytes<'_>) -> Result<(), String> {
        let (Some(class), Some(name)) = (bytes.number(), bytes.text()) else { return Err(CUT.into()) };
        // Without a type there are no values.
        let (Some(count), Some(kind)) = (self.classes.get(&class).copied(), bytes.byte()) else { return Ok(()) };
        let shown = String::from_utf8_lossy(name);
        if kind == SHARED_STRING && name == b"Tags" && self.shared_bytes(bytes, count) > TAGS_MAX {
            return Err(format!("its property `{shown}` takes more bytes than a place has"));
        }
        let each: fn(&mut Bytes<'_>) -> Option<()> = match kind {
            _ if name == b"Name" => text,
            STRING => text,
            FONT => font,
            NUMBER_SEQUENCE => |bytes| bytes.skip_list(12),
            COLOR_SEQUENCE => |bytes| bytes.skip_list(20),
            CONTENT => {
                let complete = bytes.take(count * 4).and_then(|_| contents_of(bytes));
                return complete.ok_or_else(|| too_short(&shown));
            }
            _ => return Ok(()),
        };
        (0..count).try_for_each(|_| each(bytes)).ok_or_else(|| too_short(&shown))
    }

    /// How many bytes the shared texts have that instances are given, each as often as it is given.
    fn shared_bytes(&self, bytes: &Bytes<'_>, count: usize) -> usize {
        // The first bytes of all numbers come first, then the second ones, and so on.
        let place = |number: usize| {
            (0..4).try_fold(0, |place, part| Some(place << 8 | usize::from(*bytes.0.get(number + part * count)?)))
        };
        (0..count)
            .filter_map(|number| self.shared.get(place(number)?))
            .fold(0, |sum, length| sum.saturating_add(*length))
    }
}

fn too_short(property: &str) -> String {
    format!("its property `{property}` announces more than it holds")
}

fn text(bytes: &mut Bytes<'_>) -> Option<()> {
    bytes.text().map(drop)
}

/// Keys and values.
fn texts(bytes: &mut Bytes<'_>) -> Option<()> {
    let count = bytes.count(8)?;
    (0..count).try_for_each(|_| text(bytes).and_then(|()| text(bytes)))
}

/// Family, weight and style, and the file.
fn font(bytes: &mut Bytes<'_>) -> Option<()> {
    text(bytes)?;
    bytes.take(3)?;
    text(bytes)
}

/// Addresses, instances of this file, and instances of others.
fn contents_of(bytes: &mut Bytes<'_>) -> Option<()> {
    for _ in 0..bytes.count(4)? {
        bytes.text()?;
    }
    bytes.skip_list(4)?;
    bytes.skip_list(4)
}
