//! Which features exist in one schedule at all: drawn first, before anything else about it.

use dupeproof_sim::rng::Seed;

use super::feature_odds::{Feature, FeatureOdds};
use super::pattern::Pattern;
use crate::fault::{Draw, FaultSet, Stream};

/// The features that exist in one schedule.
#[derive(Clone, Debug)]
pub(super) struct Features {
    pub(super) faults: FaultSet,
    patterns: Vec<Pattern>,
}

impl Features {
    /// Draws them, each on its own. Those of memory stores have a stream of theirs, and new faults one each, so that they
    /// move no other.
    pub(super) fn of(odds: &FeatureOdds, seed: Seed) -> Features {
        let (mut shared, mut memory) = (Draw::new(seed, "weather"), Draw::new(seed, "memory weather"));
        let faults = FaultSet::of(|fault| match (fault.stream(), odds.of(fault)) {
            (Stream::MemoryStores, percent) => memory.percent(percent),
            (Stream::Own, 0) => false,
            (Stream::Own, percent) => Draw::new(seed, fault.name()).percent(percent),
            (Stream::Shared | Stream::First | Stream::Servers, percent) => shared.percent(percent),
        });
        let patterns = Pattern::ALL.iter().copied().filter(|pattern| shared.percent(odds.of(*pattern)));
        Features { faults, patterns: patterns.collect() }
    }

    /// Whether one exists.
    pub(super) fn has(&self, feature: impl Into<Feature>) -> bool {
        match feature.into() {
            Feature::Fault(fault) => self.faults.has(fault),
            Feature::Pattern(pattern) => self.patterns.contains(&pattern),
        }
    }
}
