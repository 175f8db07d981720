//! Longer pauses after each failure.

use crate::time::Span;

/// ProfileStore's back-off: 1, 2, 4, 8, 16, 20, 20, .. seconds.
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "explore", derive(Hash))]
pub(crate) struct Backoff {
    /// At most 5: more make no difference.
    failures: u32,
}

impl Backoff {
    const MAX: Span = Span::secs(20);

    /// How long to wait after one more failure.
    pub(crate) fn after_failure(&mut self, max: Span) -> Span {
        let wait = Span::secs(1 << self.failures);
        self.failures = (self.failures + 1).min(5);
        wait.min(Backoff::MAX).min(max)
    }

    /// How long to wait after one more failure, at ProfileStore's pace.
    pub(crate) fn next(&mut self) -> Span {
        self.after_failure(Backoff::MAX)
    }
}
