//! The states that were met.

use rapidhash::RapidHashMap;

/// Fingerprints of states, each with the fewest deviations that lead to it. In parts, so that it never grows by doubling
/// all at once.
#[derive(Debug)]
pub(crate) struct Met {
    parts: Vec<RapidHashMap<u64, u8>>,
}

const PARTS: usize = 256;

impl Default for Met {
    fn default() -> Met {
        Met { parts: (0..PARTS).map(|_| RapidHashMap::default()).collect() }
    }
}

impl Met {
    pub(crate) fn len(&self) -> u64 {
        self.parts.iter().map(|part| part.len() as u64).sum()
    }

    /// All states, each with the fewest deviations that lead to it.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, u8)> {
        self.parts.iter().flatten().map(|(fingerprint, spent)| (*fingerprint, *spent))
    }

    /// The fewest deviations that lead to a state, if it was met.
    pub(crate) fn get(&self, fingerprint: u64) -> Option<u8> {
        self.parts[part(fingerprint)].get(&fingerprint).copied()
    }

    /// A state was met with so many deviations. False if it was met with no more before.
    pub(crate) fn meet(&mut self, fingerprint: u64, spent: u8) -> bool {
        let fewest = self.parts[part(fingerprint)].entry(fingerprint).or_insert(u8::MAX);
        let is_new = spent < *fewest;
        *fewest = spent.min(*fewest);
        is_new
    }
}

fn part(fingerprint: u64) -> usize {
    usize::from(fingerprint.to_be_bytes()[0]) % PARTS
}
