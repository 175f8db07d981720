//! How much data a key lets through: "the usage over the last 60 seconds, including this request" may not be above the
//! limit (error-codes-and-limits, "Throughput limits").

use std::collections::VecDeque;

use dupeproof_core::Span;

use crate::clock::Global;

/// Kilobytes that can be read of one key in any minute, by all servers together: 25 MB.
const READ_MAX: u32 = 25 * 1_024;

/// Kilobytes that can be written to it: 4 MB, and so the largest value once.
const WRITE_MAX: u32 = 4 * 1_024;

const MINUTE: Span = Span::secs(60);

/// One key's.
#[derive(Default)]
pub(super) struct Throughput {
    reads: Window,
    writes: Window,
}

impl Throughput {
    /// Whether so many kilobytes can be read; they then count.
    pub(super) fn read(&mut self, at: Global, kilobytes: u32) -> bool {
        self.reads.admit(at, kilobytes, READ_MAX)
    }

    /// Whether so many kilobytes can be written; they then count. A removal counts as a write.
    pub(super) fn write(&mut self, at: Global, kilobytes: u32) -> bool {
        self.writes.admit(at, kilobytes, WRITE_MAX)
    }
}

/// A request of so many bytes and so many kilobytes of padding, "rounded up to the next kilobyte". No value has more
/// than can be written in a minute.
pub(super) fn kilobytes(bytes: u64, padding: u32) -> u32 {
    let kilobytes = u32::try_from(bytes.div_ceil(1_024)).unwrap_or(u32::MAX);
    kilobytes.saturating_add(padding).clamp(1, WRITE_MAX)
}

/// What went through in the last minute. What is denied does not count (not documented).
#[derive(Default)]
struct Window {
    /// Oldest first.
    passed: VecDeque<(Global, u32)>,
    sum: u32,
}

impl Window {
    fn admit(&mut self, at: Global, kilobytes: u32, most: u32) -> bool {
        while let Some((_, gone)) = self.passed.pop_front_if(|(then, _)| *then + MINUTE <= at) {
            self.sum -= gone;
        }
        let fits = self.sum + kilobytes <= most;
        if fits {
            self.passed.push_back((at, kilobytes));
            self.sum += kilobytes;
        }
        fits
    }
}
