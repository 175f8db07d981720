//! Which kinds of fault exist in one schedule at all: drawn first, before anything else about it.

use super::draw::Draw;
use super::feature_odds::{Feature, FeatureOdds};

/// The kinds that exist in one schedule.
#[derive(Clone, Debug)]
pub(super) struct Features(Vec<Feature>);

impl Features {
    /// Draws them, each on its own; those of memory stores from a stream of their own, so that they move no other.
    pub(super) fn of(odds: &FeatureOdds, draw: &mut Draw, memory: &mut Draw) -> Features {
        let of_memory = |feature: &Feature| matches!(feature, Feature::Of(fault) if fault.is_of_memory_stores());
        let exists = |feature: &Feature| {
            let draw = if of_memory(feature) { &mut *memory } else { &mut *draw };
            draw.percent(odds.of(*feature))
        };
        Features(Feature::all().filter(exists).collect())
    }

    /// Whether a kind exists.
    pub(super) fn has(&self, feature: impl Into<Feature>) -> bool {
        self.0.contains(&feature.into())
    }
}
