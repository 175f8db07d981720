//! Named streams of randomness from one root seed: a draw added to one moves no other.

use dupeproof_core::Span;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

use crate::schedule::Latency;

/// The root of all randomness of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed(pub u64);

impl Seed {
    /// The stream with this name (and number, where there are several of a kind).
    pub fn stream(self, name: &'static str, number: u32) -> Stream {
        let mut seed = [0_u8; 32];
        seed[..8].copy_from_slice(&self.0.to_le_bytes());
        seed[8..12].copy_from_slice(&number.to_le_bytes());
        let name = name.as_bytes();
        assert!(name.len() <= 20, "a stream's name has at most 20 bytes");
        seed[12..12 + name.len()].copy_from_slice(name);
        Stream(ChaCha8Rng::from_seed(seed))
    }
}

/// One stream of draws.
#[derive(Clone, Debug)]
pub struct Stream(ChaCha8Rng);

impl Stream {
    /// A number below `bound` (which is not zero), evenly but for a bias below 2^-32 at the bounds used here.
    pub fn below(&mut self, bound: u64) -> u64 {
        u64::try_from((u128::from(self.0.next_u64()) * u128::from(bound)) >> 64).expect("below a u64 bound")
    }

    /// True `ppm` times in a million.
    pub fn chance(&mut self, ppm: u32) -> bool {
        ppm != 0 && self.below(1_000_000) < u64::from(ppm)
    }

    /// A span within bounds.
    pub fn span(&mut self, latency: Latency) -> Span {
        Span(latency.min.0 + self.below(latency.max.0.saturating_sub(latency.min.0) + 1))
    }

    /// Any 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// One draw of fixed width for all that is to be decided about one thing, so that what is decided about it does
    /// not move the draws of the next.
    pub fn draw(&mut self) -> RequestDraw {
        RequestDraw(self.0.next_u64())
    }
}

/// One draw: a chance and a span, independent of each other.
#[derive(Clone, Copy, Debug)]
pub struct RequestDraw(u64);

impl RequestDraw {
    /// A number below a million.
    pub fn millionth(self) -> u32 {
        let scaled = ((self.0 >> 32) * 1_000_000) >> 32;
        u32::try_from(scaled).expect("below a million")
    }

    /// True half of the time; not to be used beside [`RequestDraw::span`].
    pub fn coin(self) -> bool {
        self.0 & 1 == 1
    }

    /// A span within bounds, in steps of a 2^32nd of their distance.
    pub fn span(self, latency: Latency) -> Span {
        let width = u128::from(latency.max.0.saturating_sub(latency.min.0)) + 1;
        let scaled = (u128::from(self.0 & 0xffff_ffff) * width) >> 32;
        Span(latency.min.0 + u64::try_from(scaled).expect("not above the width"))
    }
}
