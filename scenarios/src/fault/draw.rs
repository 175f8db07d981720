//! Draws in the words of schedules.

use dupeproof_core::Span;
use dupeproof_sim::rng::{Seed, Stream};
use dupeproof_sim::schedule::Latency;

use crate::between::Between;

/// A stream of draws.
pub(crate) struct Draw(Stream);

/// A server's clock may be this much too fast or too slow, in parts per million: two such clocks agree on a span to
/// within the 1/20 that a leased subject is promised.
const RATE_PPM_MAX: i32 = 24_000;

impl Draw {
    /// What is drawn from one stream moves nothing that is drawn from another.
    pub(crate) fn new(seed: Seed, stream: &'static str) -> Draw {
        Draw::numbered(seed, stream, 0)
    }

    /// One of several streams of the same name.
    pub(crate) fn numbered(seed: Seed, stream: &'static str, number: u32) -> Draw {
        Draw(seed.stream(stream, number))
    }

    pub(crate) fn bits(&mut self) -> u64 {
        self.0.bits()
    }

    /// A number below `bound`, which is not zero.
    pub(crate) fn below(&mut self, bound: u16) -> u16 {
        u16::try_from(self.0.below(u64::from(bound))).expect("below a u16")
    }

    /// An index below `bound`, which is not zero.
    pub(crate) fn index(&mut self, bound: usize) -> usize {
        usize::try_from(self.0.below(bound as u64)).expect("below a usize")
    }

    /// Anything from one number to another that is not below it.
    pub(crate) fn between(&mut self, min: i64, max: i64) -> i64 {
        min + i64::try_from(self.0.below(max.abs_diff(min) + 1)).expect("knobs turn far less than this")
    }

    /// True so many times in a hundred.
    pub(crate) fn percent(&mut self, percent: u8) -> bool {
        self.0.chance(u32::from(percent) * 10_000)
    }

    pub(crate) fn span(&mut self, between: Between<Span>) -> Span {
        self.0.span(Latency { min: between.min, max: between.max })
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.index(from.len())]
    }

    /// Milliseconds, seconds, minutes or hours off, either way.
    pub(crate) fn unix_offset(&mut self) -> i64 {
        let scale: u64 = self.pick(&[500_000, 30_000_000, 900_000_000, 12 * 3_600_000_000]);
        let offset = i64::try_from(self.0.below(scale + 1)).expect("hours in microseconds");
        if self.percent(50) { offset } else { -offset }
    }

    /// How long a link is cut or a service is out.
    pub(crate) fn cut(&mut self) -> Span {
        let scale = self.pick(&[
            Between { min: Span::secs(1), max: Span::secs(20) },
            Between { min: Span::secs(20), max: Span::secs(90) },
            Between { min: Span::secs(60), max: Span::secs(240) },
        ]);
        self.span(scale)
    }

    /// A chance in parts per million, from hardly ever to every other time.
    pub(crate) fn steady_ppm(&mut self) -> u32 {
        self.pick(&[2_000, 10_000, 50_000, 150_000, 400_000])
    }

    /// One way to a service, unusually short or long.
    pub(crate) fn unusual_latency(&mut self) -> Latency {
        self.pick(&[
            Latency { min: Span::millis(1), max: Span::millis(10) },
            Latency { min: Span::millis(200), max: Span::secs(1) },
            Latency { min: Span::millis(5), max: Span::millis(1_200) },
        ])
    }

    /// Anything within bounds; often right at them.
    pub(crate) fn rate_ppm(&mut self) -> i32 {
        match self.below(4) {
            0 => RATE_PPM_MAX,
            1 => -RATE_PPM_MAX,
            _ => i32::from(self.below(48_001)) - RATE_PPM_MAX,
        }
    }
}

impl Between<u16> {
    /// A number within the bounds.
    pub(crate) fn draw(self, draw: &mut Draw) -> u16 {
        self.min + draw.below(self.max - self.min + 1)
    }
}
