//! How many of how many.

use serde::ser::{Serialize, SerializeStruct, Serializer};

/// Some of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// All.
    pub all: u64,
    /// Those of them that are meant.
    pub some: u64,
}

impl Share {
    /// Adds others.
    pub fn add(&mut self, other: Share) {
        self.all += other.all;
        self.some += other.some;
    }

    /// How many of 1,000, rounded up; `None` of none.
    pub fn per_thousand(self) -> Option<u64> {
        (self.all > 0).then(|| (self.some * 1_000).div_ceil(self.all))
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut share = serializer.serialize_struct("Share", 3)?;
        share.serialize_field("all", &self.all)?;
        share.serialize_field("some", &self.some)?;
        share.serialize_field("per_1000", &self.per_thousand())?;
        share.end()
    }
}
