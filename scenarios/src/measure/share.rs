//! How many of how many.

use serde::{Deserialize, Serialize};

/// Some of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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

    /// As a fraction, for people; `None` of none.
    #[expect(clippy::cast_precision_loss, reason = "a rate, for people")]
    pub fn rate(self) -> Option<f64> {
        (self.all > 0).then(|| self.some as f64 / self.all as f64)
    }

    /// How many of 1,000, rounded up; `None` of none.
    pub fn per_thousand(self) -> Option<u64> {
        (self.all > 0).then(|| (self.some * 1_000).div_ceil(self.all))
    }
}
