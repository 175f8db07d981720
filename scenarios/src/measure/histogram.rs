//! A distribution of whole numbers, in fixed buckets: putting two together loses nothing.

use serde::{Deserialize, Serialize};

/// Buckets of the same width between one power of two and the next. Numbers below twice this have their own; every
/// other is known to within one part in this many.
const PER_OCTAVE: u64 = 32;

/// Counts numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Histogram {
    /// As far as the greatest number needs.
    counts: Vec<u64>,
    total: u64,
    max: u64,
}

/// One bucket with something in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// The least number in it.
    pub first: u64,
    /// The greatest number in it.
    pub last: u64,
    /// How many numbers.
    pub count: u64,
}

impl Histogram {
    /// One more number.
    pub fn count(&mut self, number: u64) {
        let bucket = bucket_of(number);
        if bucket >= self.counts.len() {
            self.counts.resize(bucket + 1, 0);
        }
        self.counts[bucket] += 1;
        self.total += 1;
        self.max = self.max.max(number);
    }

    /// Adds another's numbers.
    pub fn add(&mut self, other: &Histogram) {
        if other.counts.len() > self.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        self.total += other.total;
        self.max = self.max.max(other.max);
    }

    /// How many numbers there are.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The greatest; `None` of none.
    pub fn max(&self) -> Option<u64> {
        (self.total > 0).then_some(self.max)
    }

    /// Half of the numbers are at most this; never less than the true median.
    pub fn median(&self) -> Option<u64> {
        self.quantile(50)
    }

    /// 99 of 100 numbers are at most this; never less than the true 99th percentile.
    pub fn p99(&self) -> Option<u64> {
        self.quantile(99)
    }

    /// The buckets with something in them, in order.
    pub fn buckets(&self) -> impl Iterator<Item = Bucket> + '_ {
        let filled = self.counts.iter().enumerate().filter(|(_, count)| **count > 0);
        filled.map(|(bucket, &count)| {
            let (first, width) = range_of(bucket);
            Bucket { first, last: first + (width - 1), count }
        })
    }

    /// The last number of the bucket that so many of a hundred do not exceed.
    fn quantile(&self, percent: u64) -> Option<u64> {
        let wanted = (self.total * percent).div_ceil(100).max(1);
        let mut coverage = 0;
        let reached = |bucket: &Bucket| {
            coverage += bucket.count;
            coverage >= wanted
        };
        self.buckets().find(reached).map(|bucket| bucket.last.min(self.max))
    }
}

/// The first `2 × PER_OCTAVE` buckets hold one number each; after that each octave has `PER_OCTAVE`.
fn bucket_of(number: u64) -> usize {
    let octave = (number / PER_OCTAVE).checked_ilog2().unwrap_or(0);
    let bucket = u64::from(octave) * PER_OCTAVE + (number >> octave);
    usize::try_from(bucket).expect("64 octaves of buckets")
}

/// Where a bucket begins, and how many numbers it holds.
fn range_of(bucket: usize) -> (u64, u64) {
    let bucket = bucket as u64;
    let octave = (bucket / PER_OCTAVE).saturating_sub(1);
    ((bucket - octave * PER_OCTAVE) << octave, 1 << octave)
}
