//! A token bucket: what a server's request budget lets through, and when.

use dupeproof_core::Span;

use crate::clock::Global;

/// One request, in units of "requests a minute, times microseconds".
const ONE_REQUEST: u64 = 60_000_000;

/// Tokens, refilled steadily.
pub(super) struct Bucket {
    /// In [`ONE_REQUEST`]ths, as of `filled_at`.
    level: u64,
    size: u64,
    per_minute: u64,
    filled_at: Global,
}

impl Bucket {
    /// A full bucket that holds `burst` requests (one at least) and gets `per_minute` more (one at least, so that
    /// what waits for it does not wait for ever).
    pub(super) fn new(at: Global, burst: u32, per_minute: u64) -> Bucket {
        let size = u64::from(burst.max(1)) * ONE_REQUEST;
        Bucket { level: size, size, per_minute: per_minute.max(1), filled_at: at }
    }

    /// A full bucket of another size and rate instead.
    pub(super) fn replace(&mut self, burst: u32, per_minute: u64) {
        *self = Bucket::new(self.filled_at, burst, per_minute);
    }

    /// From `at` on, refills at this rate.
    pub(super) fn set_rate(&mut self, at: Global, per_minute: u64) {
        self.refill(at);
        self.per_minute = per_minute.max(1);
    }

    /// Pays for one request, if there is enough.
    pub(super) fn pay(&mut self, at: Global) -> bool {
        self.refill(at);
        let enough = self.level >= ONE_REQUEST;
        if enough {
            self.level -= ONE_REQUEST;
        }
        enough
    }

    /// The first moment at which [`Bucket::pay`] succeeds.
    pub(super) fn affordable_at(&self) -> Global {
        self.filled_at + Span(ONE_REQUEST.saturating_sub(self.level).div_ceil(self.per_minute))
    }

    fn refill(&mut self, at: Global) {
        let refill = self.per_minute.saturating_mul(at.since(self.filled_at).0);
        self.level = self.level.saturating_add(refill).min(self.size);
        self.filled_at = at;
    }
}
