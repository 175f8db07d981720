//! JSON: a number for its type, then its contents.
//!
//! | number | type | contents |
//! |---|---|---|
//! | 0 | null | |
//! | 1 | false | |
//! | 2 | true | |
//! | 3 | an integer from zero to 2^64 - 1, written without a fraction | 8 bytes |
//! | 4 | a negative integer from -2^63 | 8 bytes |
//! | 5 | any other number | the 8 bytes of an IEEE 754 double |
//! | 6 | text | as any text |
//! | 7 | an array | as any list |
//! | 8 | an object | its length, then names and values, in ascending order of the names' bytes |

use serde_json::{Map, Number, Value as Json};

use super::{Encode, Encoder};

impl Encode for Json {
    fn encode(&self, to: &mut Encoder) {
        match self {
            Json::Null => to.byte(0),
            Json::Bool(false) => to.byte(1),
            Json::Bool(true) => to.byte(2),
            Json::Number(number) => number.encode(to),
            Json::String(text) => {
                to.byte(6);
                text.as_str().encode(to);
            }
            Json::Array(elements) => {
                to.byte(7);
                elements.as_slice().encode(to);
            }
            Json::Object(map) => {
                to.byte(8);
                map.encode(to);
            }
        }
    }
}

impl Encode for Number {
    fn encode(&self, to: &mut Encoder) {
        if let Some(number) = self.as_u64() {
            to.byte(3);
            number.encode(to);
        } else if let Some(number) = self.as_i64() {
            to.byte(4);
            number.encode(to);
        } else {
            to.byte(5);
            let number = self.as_f64().expect("a number that is no integer is a double");
            number.to_bits().encode(to);
        }
    }
}

impl Encode for Map<String, Json> {
    fn encode(&self, to: &mut Encoder) {
        // `serde_json` keeps the order of insertion if any crate of the build asks for its `preserve_order`.
        if self.keys().is_sorted() {
            return entries(self.iter(), self.len(), to);
        }
        let mut sorted: Vec<_> = self.iter().collect();
        sorted.sort_unstable_by_key(|(name, _)| *name);
        entries(sorted.into_iter(), self.len(), to);
    }
}

/// An object's entries, in ascending order of their names.
pub(super) fn entries<'a>(entries: impl Iterator<Item = (&'a String, &'a Json)>, length: usize, to: &mut Encoder) {
    to.length(length);
    for (name, value) in entries {
        name.as_str().encode(to);
        value.encode(to);
    }
}
