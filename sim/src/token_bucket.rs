//! A token bucket: what a limit of so many a minute lets through, and when.

use dupeproof_core::Span;

use crate::clock::Global;

/// One request, in units of "hundredths of a request a minute, times microseconds".
const ONE: u64 = 100 * 60_000_000;

/// Requests that may be made, refilled steadily.
#[derive(Clone, Debug)]
pub(crate) struct TokenBucket {
    /// In [`ONE`]ths, as of `filled_at`.
    level: u64,
    /// Where the refilling ends. A bucket may begin with more.
    cap: u64,
    rate: u64,
    filled_at: Global,
}

impl TokenBucket {
    /// Holds `begin` requests in hundredths, and gets `rate` hundredths more a minute (one request at least, so that
    /// what waits for it does not wait for ever) as long as it holds less than it gets in `saved` (or one request).
    pub(crate) fn new(at: Global, begin: u64, rate: u64, saved: Span) -> TokenBucket {
        let mut token_bucket = TokenBucket { level: begin.saturating_mul(ONE / 100), cap: 0, rate: 0, filled_at: at };
        token_bucket.set_rate(at, rate, saved);
        token_bucket
    }

    /// A limit of `rate` hundredths a minute, of which nothing has been used: holds a minute's worth.
    pub(crate) fn a_minute_of(at: Global, rate: u64) -> TokenBucket {
        TokenBucket::new(at, rate, rate, Span::secs(60))
    }

    /// From `at` on, refills at this rate, up to what it gets in `saved`.
    pub(crate) fn set_rate(&mut self, at: Global, rate: u64, saved: Span) {
        self.refill(at);
        self.rate = rate.max(100);
        self.cap = self.rate.saturating_mul(saved.0).max(ONE);
    }

    /// Holds at least so many hundredths from `at` on.
    pub(crate) fn raise(&mut self, at: Global, hundredths: u64) {
        self.refill(at);
        self.level = self.level.max(hundredths.saturating_mul(ONE / 100));
    }

    /// So many hundredths are used at `at`, or what there is, whoever it is that uses them.
    pub(crate) fn take(&mut self, at: Global, hundredths: u64) {
        self.refill(at);
        self.level = self.level.saturating_sub(hundredths.saturating_mul(ONE / 100));
    }

    /// Pays for one request, if there is enough.
    pub(crate) fn pay(&mut self, at: Global) -> bool {
        self.refill(at);
        let enough = self.level >= ONE;
        if enough {
            self.level -= ONE;
        }
        enough
    }

    /// Requests that could be paid for at `at`.
    pub(crate) fn holds(&self, at: Global) -> u32 {
        u32::try_from(self.level_at(at) / ONE).unwrap_or(u32::MAX)
    }

    /// The first moment at which [`TokenBucket::pay`] succeeds.
    pub(crate) fn affordable_at(&self) -> Global {
        self.filled_at + Span(ONE.saturating_sub(self.level).div_ceil(self.rate))
    }

    /// The moment that its level is of.
    pub(crate) fn filled_at(&self) -> Global {
        self.filled_at
    }

    fn refill(&mut self, at: Global) {
        self.level = self.level_at(at);
        self.filled_at = at;
    }

    fn level_at(&self, at: Global) -> u64 {
        let refill = self.rate.saturating_mul(at.since(self.filled_at).0);
        self.level.max(self.level.saturating_add(refill).min(self.cap))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Global = Global(0);

    fn after(millis: u64) -> Global {
        START + Span::millis(millis)
    }

    fn paid(token_bucket: &mut TokenBucket, at: Global) -> u32 {
        (0..).take_while(|_| token_bucket.pay(at)).map(|_| 1).sum()
    }

    #[test]
    fn a_bucket_gives_what_it_began_with_and_then_its_rate() {
        let mut token_bucket = TokenBucket::new(START, 300, 6_000, Span::secs(1));
        assert_eq!(paid(&mut token_bucket, START), 3);
        assert_eq!(token_bucket.affordable_at(), after(1_000));
        assert!(!token_bucket.pay(after(999)));
        assert_eq!(paid(&mut token_bucket, after(1_000)), 1);
    }

    #[test]
    fn a_bucket_saves_up_no_more_than_its_cap_but_keeps_a_greater_beginning() {
        let mut token_bucket = TokenBucket::new(START, 500, 6_000, Span::secs(2));
        assert_eq!(token_bucket.holds(after(60_000)), 5);
        assert_eq!(paid(&mut token_bucket, after(60_000)), 5);
        assert_eq!(token_bucket.holds(after(61_500)), 1);
        assert_eq!(token_bucket.holds(after(120_000)), 2);
    }

    #[test]
    fn the_slowest_bucket_gives_one_request_a_minute_and_saves_one() {
        let mut token_bucket = TokenBucket::new(START, 0, 0, Span::ZERO);
        assert_eq!(token_bucket.affordable_at(), after(60_000));
        assert_eq!(paid(&mut token_bucket, after(600_000)), 1);
    }

    #[test]
    fn a_new_rate_counts_from_its_moment_on() {
        let mut token_bucket = TokenBucket::new(START, 0, 6_000, Span::secs(10));
        token_bucket.set_rate(after(500), 12_000, Span::secs(10));
        assert_eq!(token_bucket.affordable_at(), after(750));
    }

    #[test]
    fn what_somebody_else_takes_is_gone_and_no_more_than_there_was() {
        let mut token_bucket = TokenBucket::new(START, 300, 6_000, Span::secs(10));
        token_bucket.take(START, 150);
        assert_eq!(token_bucket.holds(START), 1);
        token_bucket.take(START, 10_000);
        assert_eq!(token_bucket.affordable_at(), after(1_000));
    }

    #[test]
    fn a_raise_fills_up_and_never_takes_away() {
        let mut token_bucket = TokenBucket::new(START, 300, 6_000, Span::secs(1));
        token_bucket.raise(START, 250);
        assert_eq!(token_bucket.holds(START), 3);
        token_bucket.raise(START, 750);
        assert_eq!(token_bucket.holds(START), 7);
    }
}
