//! Time of an explored world.

use dupeproof_core::Span;

/// Time of an explored world. A slow server's clock counts a microsecond in 21 of these, a fast one's in 20: the ends
/// of the rate error that the protocol allows for, and exact in integers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Grains(pub u64);

/// Grains in a microsecond of a fast and of a slow clock.
pub(crate) const FAST: u64 = 20;
pub(crate) const SLOW: u64 = 21;

impl Grains {
    /// A span by a slow clock. Readings of fast ones are exact, too, if it is a multiple of 20 µs.
    pub(crate) fn slow(span: Span) -> Grains {
        Grains(span.0 * SLOW)
    }

    /// So much later by a slow clock.
    pub(crate) fn after(self, span: Span) -> Grains {
        Grains(self.0 + Grains::slow(span).0)
    }
}
