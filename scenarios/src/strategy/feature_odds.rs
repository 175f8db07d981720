//! In how many schedules of a hundred each feature exists at all.

use super::pattern::Pattern;
use crate::fault::Fault;
use crate::suggest;

/// In how many schedules of a hundred each fault, and each pattern made of faults, exists at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeatureOdds([u8; Feature::COUNT]);

/// Something that exists in a schedule or does not (swarm testing).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Feature {
    /// A kind of fault.
    Fault(Fault),
    /// A contrived situation, made of faults.
    Pattern(Pattern),
}

impl Feature {
    const COUNT: usize = Fault::COUNT + Pattern::ALL.len();

    /// All.
    pub fn all() -> impl Iterator<Item = Feature> {
        let patterns = Pattern::ALL.iter().copied().map(Feature::Pattern);
        Fault::ALL.iter().copied().map(Feature::Fault).chain(patterns)
    }

    /// The name, as files use it.
    pub fn name(self) -> &'static str {
        match self {
            Feature::Fault(fault) => fault.name(),
            Feature::Pattern(pattern) => pattern.name(),
        }
    }

    /// By name, or what to say about it.
    ///
    /// # Errors
    /// When there is none, with those there are.
    pub fn find(name: &str) -> Result<Feature, String> {
        let found = Feature::all().find(|feature| feature.name() == name);
        found.ok_or_else(|| suggest::unknown("fault", name, Feature::all().map(Feature::name)))
    }

    fn place(self) -> usize {
        match self {
            Feature::Fault(fault) => fault.place(),
            Feature::Pattern(pattern) => Fault::COUNT + pattern as usize,
        }
    }
}

impl From<Fault> for Feature {
    fn from(fault: Fault) -> Feature {
        Feature::Fault(fault)
    }
}

impl From<Pattern> for Feature {
    fn from(pattern: Pattern) -> Feature {
        Feature::Pattern(pattern)
    }
}

impl FeatureOdds {
    /// Nothing ever goes wrong.
    pub const NONE: FeatureOdds = FeatureOdds([0; Feature::COUNT]);

    /// In how many schedules of a hundred.
    pub fn of(&self, feature: impl Into<Feature>) -> u8 {
        self.0[feature.into().place()]
    }

    /// In so many schedules of a hundred.
    pub fn set(&mut self, feature: impl Into<Feature>, percent: u8) {
        self.0[feature.into().place()] = percent;
    }
}
