//! Mistakes of this program, in words: they are findings of the tool's own.

use dupeproof_scenarios::guard::InternalError;
use dupeproof_scenarios::search::{FailedCase, FailedCases};

/// What went wrong in the cases of a search, a sentence each.
pub fn in_cases(failed: &FailedCases, suite: &str, seed: u64) -> Vec<String> {
    let one = |FailedCase { case, shrinking, error }: &FailedCase| {
        let shorter = if *shrinking { " made shorter" } else { "" };
        one(&format!("in case {case} of seed {seed}{shorter} (suite `{suite}`)"), error)
    };
    let mut words: Vec<String> = failed.first.iter().map(one).collect();
    let more = failed.count - failed.first.len() as u64;
    words.extend((more > 0).then(|| format!("internal errors in {more} more cases of seed {seed}")));
    words
}

/// What went wrong at a place.
pub fn one(place: &str, error: &InternalError) -> String {
    format!("internal error {place}, please report: {error}")
}
