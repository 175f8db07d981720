//! The attributes of an instance as a place keeps them: a text of their own (dom.rojo.space, "Attributes").

use rbx_dom_weak::types::Attributes;

use super::bytes::Bytes;

/// The attributes in a text; none if it is of a kind that is not known.
///
/// # Errors
/// It announces more than it holds: nothing was made room for.
pub(in crate::tree) fn read(text: &[u8]) -> Result<Attributes, TooShort> {
    check(text).ok_or(TooShort)?;
    Ok(Attributes::from_reader(text).unwrap_or_default())
}

/// Attributes that announce more than they hold.
#[derive(Debug)]
pub(in crate::tree) struct TooShort;

fn check(text: &[u8]) -> Option<()> {
    let mut bytes = Bytes(text);
    if text.is_empty() {
        return Some(());
    }
    for _ in 0..bytes.number()? {
        bytes.text()?;
        let kind = bytes.byte()?;
        // From one that is not known on, nothing is read.
        let Some(known) = value(&mut bytes, kind) else { return Some(()) };
        known?;
    }
    Some(())
}

/// Goes past a value; `None` for one whose type is not known, and inside of it `None` if it is not all there.
fn value(bytes: &mut Bytes<'_>, kind: u8) -> Option<Option<()>> {
    let size = match kind {
        // Text.
        0x02 => return Some(bytes.text().map(drop)),
        // Boolean.
        0x03 => 1,
        // Integer, float, BrickColor.
        0x04 | 0x05 | 0x0e => 4,
        // Double, UDim, Vector2, NumberRange.
        0x06 | 0x09 | 0x10 | 0x1b => 8,
        // UDim2, Rect.
        0x0a | 0x1c => 16,
        // Color3, Vector3.
        0x0f | 0x11 => 12,
        0x14 => return Some(cframe(bytes)),
        // EnumItem.
        0x15 => return Some(bytes.text().and_then(|_| bytes.take(4)).map(drop)),
        // NumberSequence, ColorSequence.
        0x17 => return Some(bytes.skip_list(12)),
        0x19 => return Some(bytes.skip_list(20)),
        // Font.
        0x21 => return Some(bytes.take(3).and_then(|_| bytes.text()).and_then(|_| bytes.text()).map(drop)),
        _ => return None,
    };
    Some(bytes.take(size).map(drop))
}

/// A position, and a rotation: one of those that have a number, or nine numbers.
fn cframe(bytes: &mut Bytes<'_>) -> Option<()> {
    bytes.take(12)?;
    if bytes.byte()? == 0 { bytes.take(36).map(drop) } else { Some(()) }
}
