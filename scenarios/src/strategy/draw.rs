//! Draws in the words of schedules.

use dupeproof_core::Span;
use dupeproof_sim::rng::{Seed, Stream};
use dupeproof_sim::schedule::Latency;

use super::shape::Between;
use crate::knob::Knob;

/// A stream of draws.
pub(super) struct Draw(Stream);

/// A server's clock may be this much too fast or too slow, in parts per million: two such clocks agree on a span to
/// within the 1/20 that a leased subject is promised.
const RATE_PPM_MAX: i32 = 24_000;

impl Draw {
    /// What is drawn from one stream moves nothing that is drawn from another.
    pub(super) fn new(seed: Seed, stream: &'static str) -> Draw {
        Draw(seed.stream(stream, 0))
    }

    /// A knob's own stream, by its name.
    pub(super) fn of_knob(seed: Seed, knob: &Knob) -> Draw {
        let number = knob.name.bytes().fold(0_u32, |number, byte| number.wrapping_mul(31).wrapping_add(byte.into()));
        Draw(seed.stream("knob", number))
    }

    pub(super) fn bits(&mut self) -> u64 {
        self.0.bits()
    }

    /// A number below `bound`, which is not zero.
    pub(super) fn below(&mut self, bound: u16) -> u16 {
        u16::try_from(self.0.below(u64::from(bound))).expect("below a u16")
    }

    /// An index below `bound`, which is not zero.
    pub(super) fn index(&mut self, bound: usize) -> usize {
        usize::try_from(self.0.below(bound as u64)).expect("below a usize")
    }

    /// Anything from one number to another that is not below it.
    pub(super) fn between(&mut self, min: i64, max: i64) -> i64 {
        min + i64::try_from(self.0.below(max.abs_diff(min) + 1)).expect("knobs turn far less than this")
    }

    /// True so many times in a hundred.
    pub(super) fn percent(&mut self, percent: u8) -> bool {
        self.0.chance(u32::from(percent) * 10_000)
    }

    pub(super) fn span(&mut self, between: Between<Span>) -> Span {
        self.0.span(Latency { min: between.min, max: between.max })
    }

    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.index(from.len())]
    }

    /// Milliseconds, seconds, minutes or hours off, either way.
    pub(super) fn unix_offset(&mut self) -> i64 {
        let scale: u64 = self.pick(&[500_000, 30_000_000, 900_000_000, 12 * 3_600_000_000]);
        let offset = i64::try_from(self.0.below(scale + 1)).expect("hours in microseconds");
        if self.percent(50) { offset } else { -offset }
    }

    /// Anything within bounds; often right at them.
    pub(super) fn rate_ppm(&mut self) -> i32 {
        match self.below(4) {
            0 => RATE_PPM_MAX,
            1 => -RATE_PPM_MAX,
            _ => i32::from(self.below(48_001)) - RATE_PPM_MAX,
        }
    }
}

impl Between<u16> {
    pub(super) fn draw(self, draw: &mut Draw) -> u16 {
        self.min + draw.below(self.max - self.min + 1)
    }
}
