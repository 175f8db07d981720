//! Cases in which this program made a mistake of its own.

use serde::{Deserialize, Serialize};

use crate::guard::InternalError;

/// More of them nobody reads.
const KEPT: usize = 5;

/// A case without a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedCase {
    /// Which case of the search.
    pub case: u64,
    /// The case itself has a result: it was when its schedule was made shorter.
    pub shrinking: bool,
    /// What went wrong.
    pub error: InternalError,
}

/// All of a search.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedCases {
    /// How many there were.
    pub count: u64,
    /// The first of them.
    pub first: Vec<FailedCase>,
}

impl FailedCases {
    /// Adds the next one.
    pub fn add(&mut self, failed: FailedCase) {
        self.count += 1;
        if self.first.len() < KEPT {
            self.first.push(failed);
        }
    }

    /// Adds those that follow.
    pub(super) fn append(&mut self, next: &FailedCases) {
        self.count += next.count;
        let room = KEPT - self.first.len();
        self.first.extend(next.first.iter().take(room).cloned());
    }
}
