//! The fingerprint of a run.

use std::hash::Hasher;

use serde::{Deserialize, Serialize};
use twox_hash::XxHash3_64;

use super::Event;
use super::encoding::{Encode, Encoder, VERSION};
use crate::clock::Global;

/// The fingerprint of a run: equal digests mean equal traces. It is the XXH3-64 hash of the encoded events
/// (`trace/encoding.rs`), and both the hash and the encoding stay as they are from release to release.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Digest(pub u64);

impl Digest {
    /// The fingerprint of a text.
    pub fn of_text(text: &str) -> Digest {
        Digest(XxHash3_64::oneshot(text.as_bytes()))
    }

    /// The fingerprint of several runs, in order, and of one more.
    pub fn then(self, next: Digest) -> Digest {
        self.then_row(next, 1)
    }

    /// The fingerprint of several runs, in order, and of a row of `runs` more that has this fingerprint: a polynomial, so that it
    /// does not matter where a long row was cut.
    pub fn then_row(self, next: Digest, runs: u64) -> Digest {
        Digest(self.0.wrapping_mul(power(FACTOR, runs)).wrapping_add(next.0))
    }
}

/// Odd, so that no run is forgotten, however many follow: 2^64 divided by the golden ratio.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

/// `base` to the power of `exponent`, modulo 2^64.
fn power(mut base: u64, mut exponent: u64) -> u64 {
    let mut power: u64 = 1;
    while exponent > 0 {
        if exponent % 2 == 1 {
            power = power.wrapping_mul(base);
        }
        base = base.wrapping_mul(base);
        exponent /= 2;
    }
    power
}

impl std::fmt::Display for Digest {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:016x}", self.0)
    }
}

impl std::str::FromStr for Digest {
    type Err = std::num::ParseIntError;
    fn from_str(text: &str) -> Result<Digest, Self::Err> {
        u64::from_str_radix(text, 16).map(Digest)
    }
}

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Digest, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(|_| serde::de::Error::custom("a digest is 16 hexadecimal digits"))
    }
}

/// Encoded bytes wait until there are so many: hashing them event by event costs more, and so do larger batches, which
/// leave less of the cache to everything else.
const BATCH: usize = 1_024;

/// Computes the digest of a stream of events.
pub(super) struct DigestHasher {
    encoder: Encoder,
    hasher: XxHash3_64,
}

impl DigestHasher {
    /// Of no events yet.
    pub(super) fn new() -> DigestHasher {
        let mut encoder = Encoder::with_capacity(2 * BATCH);
        encoder.byte(VERSION);
        DigestHasher { encoder, hasher: XxHash3_64::default() }
    }

    /// The next event.
    pub(super) fn add(&mut self, at: Global, event: &Event) {
        at.encode(&mut self.encoder);
        event.encode(&mut self.encoder);
        if self.encoder.bytes().len() >= BATCH {
            self.flush();
        }
    }

    /// The digest of everything so far.
    pub(super) fn digest(&mut self) -> Digest {
        self.flush();
        Digest(self.hasher.finish())
    }

    fn flush(&mut self) {
        self.hasher.write(self.encoder.bytes());
        self.encoder.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_xxh3_64_as_its_specification_defines_it() {
        // The specification's own value for no input and seed 0 (xxHash, `doc/xxhash_spec.md` and its sanity tests).
        assert_eq!(XxHash3_64::oneshot(b""), 0x2d06_8005_38d3_94c2);
    }

    #[test]
    fn where_batches_end_does_not_change_the_digest() {
        let mut hasher = DigestHasher::new();
        let mut bytes = vec![VERSION];
        for at in 0..2_000 {
            hasher.add(Global(at), &Event::Healed);
            let mut encoder = Encoder::default();
            Global(at).encode(&mut encoder);
            Event::Healed.encode(&mut encoder);
            bytes.extend_from_slice(encoder.bytes());
        }
        assert!(bytes.len() > 2 * BATCH);
        assert_eq!(hasher.digest(), Digest(XxHash3_64::oneshot(&bytes)));
    }

    #[test]
    fn the_digest_of_two_runs_depends_on_their_order() {
        assert_ne!(Digest(1).then(Digest(2)), Digest(2).then(Digest(1)));
    }

    #[test]
    fn where_a_row_of_runs_is_cut_does_not_change_its_digest() {
        let row =
            |runs: std::ops::Range<u64>| runs.map(|run| Digest(run * 77 + 1)).fold(Digest::default(), Digest::then);
        let whole = row(0..1_000);
        for cut in [0, 1, 500, 999, 1_000] {
            assert_eq!(row(0..cut).then_row(row(cut..1_000), 1_000 - cut), whole, "{cut}");
        }
        assert_ne!(row(1..1_000), whole);
    }
}
