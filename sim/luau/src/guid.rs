//! Unique identifiers, as `HttpService:GenerateGUID` makes them.

use dupeproof_sim::rng::{Seed, Stream};

/// Makes what `HttpService:GenerateGUID(false)` gives: 36 characters in the form of a random UUID.
pub(crate) struct Guids(Stream);

impl Guids {
    /// The same seed makes the same sequence.
    pub(crate) fn new(seed: u64) -> Guids {
        Guids(Seed(seed).stream("guid", 0))
    }

    /// The next identifier of the sequence.
    pub(crate) fn make(&mut self) -> String {
        let (high, low) = (self.0.bits(), self.0.bits());
        format!(
            "{:08X}-{:04X}-4{:03X}-{:04X}-{:012X}",
            high >> 32,
            high >> 16 & 0xffff,
            high & 0xfff,
            low >> 48 & 0x3fff | 0x8000,
            low & 0xffff_ffff_ffff
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids_have_the_form_of_random_uuids_and_follow_from_the_seed() {
        let mut guids = Guids::new(7);
        let (first, second) = (guids.make(), guids.make());
        assert_ne!(first, second);
        assert_eq!(Guids::new(7).make(), first);
        let dashes: Vec<_> = first.match_indices('-').map(|(place, _)| place).collect();
        assert_eq!((first.len(), dashes), (36, vec![8, 13, 18, 23]));
        assert_eq!(&first[14..15], "4");
        assert!("89AB".contains(&first[19..20]), "{first}");
    }
}
