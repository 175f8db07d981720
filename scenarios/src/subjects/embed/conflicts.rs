//! How long `UpdateAsync` waits between a conflict and its next read.

use dupeproof_core::Span;
use dupeproof_sim::rng::{Seed, Stream};
use dupeproof_sim::schedule::Latency;
use dupeproof_sim::subject::Boot;

/// One server's conflicts.
pub(super) struct Conflicts {
    delay: Latency,
    draws: Stream,
}

impl Conflicts {
    pub(super) fn new(boot: &Boot) -> Conflicts {
        Conflicts { delay: boot.update.conflict_delay, draws: Seed(boot.seed).stream("conflicts", 0) }
    }

    /// Before the next read; `None`: at once.
    pub(super) fn pause(&mut self) -> Option<Span> {
        (self.delay.max > Span::ZERO).then(|| self.draws.span(self.delay))
    }
}
