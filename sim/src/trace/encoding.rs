//! How events are encoded for the digest. Failure files and reports of other releases hold digests, so what is written
//! here stays as it is: a new kind of event, or a new variant of anything in one, gets the next free number, and no
//! number is ever used for something else. Any other change raises [`VERSION`].
//!
//! A trace is encoded as the byte [`VERSION`] and then, for each event, its time and the event.
//!
//! | what | as |
//! |---|---|
//! | a number, an id, a time | little-endian, in the width of its Rust type (1, 2, 4 or 8 bytes); never `usize` |
//! | a truth value | one byte: 0 or 1 |
//! | a text | its length in bytes (4 bytes), then UTF-8 |
//! | a list | its length (4 bytes), then its elements |
//! | something optional | one byte, 0 or 1, and then what is there |
//! | a struct | its fields, in the order that its table or `encode` states |
//! | one of several variants | its number (one byte), then its fields, in the order that its table states |
//! | a stored value | see the module `stored` |
//! | JSON | see the module `json` |

mod events;
mod ids;
mod json;
mod requests;
mod schedule;
mod stored;
#[cfg(test)]
mod tests;

use std::sync::Arc;

/// The version of the encoding as a whole.
pub(super) const VERSION: u8 = 2;

/// Something that is in a trace.
pub(super) trait Encode {
    /// Appends it.
    fn encode(&self, to: &mut Encoder);
}

/// The encoded bytes.
#[derive(Default)]
pub(super) struct Encoder(Vec<u8>);

impl Encoder {
    /// With room for so many bytes; it grows if there are more.
    pub(super) fn with_capacity(bytes: usize) -> Encoder {
        Encoder(Vec::with_capacity(bytes))
    }

    /// Since the last [`Encoder::clear`].
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Makes room.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// A variant's number, or a presence byte.
    pub(super) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    /// The length of a text or a list.
    fn length(&mut self, length: usize) {
        u32::try_from(length).expect("nothing in a trace has 2^32 elements").encode(self);
    }
}

macro_rules! numbers {
    ($($type:ty)+) => {
        $(impl Encode for $type {
            fn encode(&self, to: &mut Encoder) {
                to.0.extend_from_slice(&self.to_le_bytes());
            }
        })+
    };
}

numbers!(u16 u32 u64 i64);

impl Encode for bool {
    fn encode(&self, to: &mut Encoder) {
        to.byte(u8::from(*self));
    }
}

impl Encode for str {
    fn encode(&self, to: &mut Encoder) {
        to.length(self.len());
        to.0.extend_from_slice(self.as_bytes());
    }
}

/// Whether it is shared makes no difference.
impl<T: Encode + ?Sized> Encode for Arc<T> {
    fn encode(&self, to: &mut Encoder) {
        (**self).encode(to);
    }
}

impl<T: Encode> Encode for Option<T> {
    fn encode(&self, to: &mut Encoder) {
        to.byte(u8::from(self.is_some()));
        if let Some(value) = self {
            value.encode(to);
        }
    }
}

impl<T: Encode> Encode for [T] {
    fn encode(&self, to: &mut Encoder) {
        to.length(self.len());
        for element in self {
            element.encode(to);
        }
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, to: &mut Encoder) {
        self.as_slice().encode(to);
    }
}

impl<A: Encode, B: Encode> Encode for (A, B) {
    fn encode(&self, to: &mut Encoder) {
        self.0.encode(to);
        self.1.encode(to);
    }
}

/// One enum's numbers and fields: `number Variant { fields in order }`. `field by function` encodes a field otherwise
/// than its type says.
macro_rules! variants {
    ($type:ident {
        $($number:literal $variant:ident
            $(($($item:ident),+))?
            $({ $($field:ident $(by $how:path)?),+ })?,)+
    }) => {
        impl Encode for $type {
            fn encode(&self, to: &mut Encoder) {
                // A look-up in a table: the processor guesses wrong where each arm of a `match` writes its own number.
                to.byte(match self {
                    $($type::$variant { .. } => $number,)+
                });
                match self {
                    $($type::$variant $(($($item),+))? $({ $($field),+ })? => {
                        $($($item.encode(to);)+)?
                        $($(variants!(@field to $field $($how)?);)+)?
                    })+
                }
            }
        }

        #[cfg(test)]
        impl super::tests::Variants for $type {
            const VARIANTS: &'static [super::tests::Variant] = &[$(super::tests::Variant {
                number: $number,
                name: stringify!($variant),
                fields: &[$($(stringify!($item)),+)? $($(stringify!($field)),+)?],
            }),+];
        }
    };
    (@field $to:ident $field:ident) => { $field.encode($to) };
    (@field $to:ident $field:ident $how:path) => { $how($field, $to) };
}

use variants;
