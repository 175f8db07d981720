//! Whether a difference can be chance. Every number here comes from additions, multiplications, divisions and square roots in
//! a fixed order, so that it is the same on every machine.

mod holm;
mod interval;
mod normal;
mod sign;
mod signed_rank;

pub use holm::{Tested, adjusted, countable};
pub use interval::Interval;
pub use sign::sign_test;
pub use signed_rank::{EXACT_MAX, SignedRank};

/// The least probability that a test can give with so many pairs that differ: all of them differ the same way.
pub fn least(differ: u64) -> f64 {
    sign_test(0, differ)
}
