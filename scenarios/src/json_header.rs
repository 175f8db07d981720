//! What stands at the top of a JSON file: enough to see whose it is, before anything of it is made.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// More fields than any file of ours has at its top.
const FIELDS_MAX: usize = 64;

/// The fields of an object, without what is in them; of anything else, none.
#[derive(Debug, Default)]
pub struct JsonHeader(BTreeMap<String, Field>);

/// The value of a field.
#[derive(Debug)]
enum Field {
    Number(u64),
    Text(String),
    /// Any other: it is only gone past.
    Other,
}

impl JsonHeader {
    /// Of a text.
    ///
    /// # Errors
    /// It is not JSON.
    pub fn read(text: &str) -> serde_json::Result<JsonHeader> {
        serde_json::from_str(text)
    }

    /// Whether there is a field of this name.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// A field that is a whole number, and not below zero.
    pub fn number(&self, name: &str) -> Option<u64> {
        match self.0.get(name)? {
            Field::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// A field that is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.0.get(name)? {
            Field::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for JsonHeader {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<JsonHeader, D::Error> {
        deserializer.deserialize_any(Top)
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Field, D::Error> {
        deserializer.deserialize_any(Value)
    }
}

/// Whatever a visitor has no use for.
macro_rules! passed_over {
    ($nothing:expr, $value:ty) => {
        fn visit_bool<E: Error>(self, _: bool) -> Result<$value, E> {
            Ok($nothing)
        }

        fn visit_i64<E: Error>(self, _: i64) -> Result<$value, E> {
            Ok($nothing)
        }

        fn visit_f64<E: Error>(self, _: f64) -> Result<$value, E> {
            Ok($nothing)
        }

        fn visit_unit<E: Error>(self) -> Result<$value, E> {
            Ok($nothing)
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<$value, A::Error> {
            while items.next_element::<IgnoredAny>()?.is_some() {}
            Ok($nothing)
        }
    };
}

struct Top;

impl<'de> Visitor<'de> for Top {
    type Value = JsonHeader;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    passed_over!(JsonHeader::default(), JsonHeader);

    fn visit_u64<E: Error>(self, _: u64) -> Result<JsonHeader, E> {
        Ok(JsonHeader::default())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<JsonHeader, E> {
        Ok(JsonHeader::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<JsonHeader, A::Error> {
        let mut header = JsonHeader::default();
        while let Some(name) = fields.next_key::<String>()? {
            let value = fields.next_value()?;
            if header.0.len() < FIELDS_MAX {
                header.0.insert(name, value);
            }
        }
        Ok(header)
    }
}

struct Value;

impl<'de> Visitor<'de> for Value {
    type Value = Field;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    passed_over!(Field::Other, Field);

    fn visit_u64<E: Error>(self, number: u64) -> Result<Field, E> {
        Ok(Field::Number(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Field, E> {
        Ok(Field::Text(text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Field, A::Error> {
        while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Field::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::{FIELDS_MAX, JsonHeader};

    #[test]
    fn the_fields_at_the_top_are_known_and_nothing_that_is_in_them() {
        let text = r#"{"format": 3, "kind": "proof", "deep": {"format": 9, "a": [1]}, "b": [[{}]], "c": -1, "d": 0.5, "e": null, "f": true}"#;
        let header = JsonHeader::read(text).expect("it is JSON");
        assert_eq!((header.number("format"), header.text("kind")), (Some(3), Some("proof")));
        assert!(header.has("deep") && header.has("f") && !header.has("a"));
        assert_eq!((header.number("kind"), header.number("c"), header.text("format")), (None, None, None));
        for other in ["[1, {}, [2]]", "1", "-1", "0.5", "null", "true", "\"text\""] {
            assert!(JsonHeader::read(other).expect("it is JSON").0.is_empty(), "{other}");
        }
        for wrong in ["", "{", "{\"a\": }", "[1, 2", "{} {}"] {
            JsonHeader::read(wrong).expect_err("it is no JSON");
        }
        let many: Vec<String> = (0..1_000).map(|number| format!("\"{number}\": 0")).collect();
        let header = JsonHeader::read(&format!("{{{}}}", many.join(","))).expect("it is JSON");
        assert_eq!(header.0.len(), FIELDS_MAX);
    }
}
