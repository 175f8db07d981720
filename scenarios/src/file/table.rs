//! Tables of a file whose keys are names that are known elsewhere, and whose values are numbers within bounds.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// A key of such a table.
pub(crate) trait Field: Copy {
    /// What its value is.
    type Value;

    /// By name, or what to say about it.
    fn find(name: &str) -> Result<Self, String>;

    /// What a value means, or what is wrong with it; says its own name.
    fn read(self, raw: Raw) -> Result<Self::Value, String>;
}

/// A value as it is written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Raw {
    /// A number.
    Number(i64),
    /// Two numbers: at least, at most.
    Pair(i64, i64),
    /// Names.
    Names(Vec<String>),
}

impl Raw {
    /// A number, or the bounds it is drawn from.
    pub(super) fn bounds(self, name: &str) -> Result<(i64, i64), String> {
        match self {
            Raw::Number(number) => Ok((number, number)),
            Raw::Pair(min, max) if min <= max => Ok((min, max)),
            Raw::Pair(min, max) => Err(format!("{name}: {min} is above {max}")),
            Raw::Names(_) => Err(format!("{name}: give a number, or [least, most]")),
        }
    }

    /// A number within bounds.
    pub(super) fn number(self, name: &str, min: i64, max: i64) -> Result<i64, String> {
        match self {
            Raw::Number(number) if (min..=max).contains(&number) => Ok(number),
            Raw::Number(number) => Err(format!("{name}: {number} is not between {min} and {max}")),
            Raw::Pair(..) | Raw::Names(_) => Err(format!("{name}: give a number from {min} to {max}")),
        }
    }
}

/// The table, in the order of the file.
#[derive(Clone, Debug)]
pub(crate) struct Table<F: Field>(pub(crate) Vec<(F, F::Value)>);

impl<F: Field> Default for Table<F> {
    fn default() -> Table<F> {
        Table(Vec::new())
    }
}

impl<'de, F: Field> Deserialize<'de> for Table<F> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Table<F>, D::Error> {
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

struct Entries<F>(PhantomData<F>);

impl<'de, F: Field> Visitor<'de> for Entries<F> {
    type Value = Table<F>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a table")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Table<F>, A::Error> {
        let mut entries = Vec::new();
        // Each through a seed of its own, so that an error knows its line.
        while let Some(field) = map.next_key_seed(Key::<F>(PhantomData))? {
            entries.push((field, map.next_value_seed(Held(field))?));
        }
        Ok(Table(entries))
    }
}

struct Key<F>(PhantomData<F>);

impl<'de, F: Field> DeserializeSeed<'de> for Key<F> {
    type Value = F;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<F, D::Error> {
        F::find(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

struct Held<F>(F);

impl<'de, F: Field> DeserializeSeed<'de> for Held<F> {
    type Value = F::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<F::Value, D::Error> {
        self.0.read(deserializer.deserialize_any(RawVisitor)?).map_err(D::Error::custom)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a whole number, [least, most], or a name")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Raw, E> {
        Ok(Raw::Number(number))
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Raw, E> {
        Ok(Raw::Names(vec![name.to_owned()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        let (mut numbers, mut names) = (Vec::new(), Vec::new());
        while let Some(item) = items.next_element::<Item>()? {
            match item {
                Item::Number(number) => numbers.push(number),
                Item::Name(name) => names.push(name),
            }
        }
        match (&numbers[..], names.is_empty()) {
            ([min, max], true) => Ok(Raw::Pair(*min, *max)),
            ([], false) => Ok(Raw::Names(names)),
            _ => Err(A::Error::custom("give [least, most], or a list of names")),
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Item {
    Number(i64),
    Name(String),
}
