//! In how many schedules of a hundred each kind of fault exists at all.

use crate::fault::Fault;
use crate::suggest;

/// In how many schedules of a hundred each kind of fault, and each contrived situation, exists at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeatureOdds([u8; Feature::COUNT]);

/// Something that exists in a schedule or does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Feature {
    /// A kind of fault.
    Of(Fault),
    /// A holder is frozen or cut off for longer than its lease while its player turns up elsewhere.
    SilentHolder,
    /// A third server asks for a held lock and gives up, while the one that asked before it is silent.
    ThirdWaiter,
}

impl Feature {
    const COUNT: usize = Fault::COUNT + Feature::SITUATIONS.len();

    /// The contrived situations, made of freezes, cuts and outages.
    pub const SITUATIONS: [Feature; 2] = [Feature::SilentHolder, Feature::ThirdWaiter];

    /// All.
    pub fn all() -> impl Iterator<Item = Feature> {
        Fault::ALL.iter().map(|fault| Feature::Of(*fault)).chain(Feature::SITUATIONS)
    }

    /// The name, as files use it.
    pub fn name(self) -> &'static str {
        match self {
            Feature::Of(fault) => fault.name(),
            Feature::SilentHolder => "silent_holder",
            Feature::ThirdWaiter => "third_waiter",
        }
    }

    /// One line for people.
    pub fn about(self) -> &'static str {
        match self {
            Feature::Of(fault) => fault.about(),
            Feature::SilentHolder => "a server is silent for longer than its lease while its player turns up elsewhere",
            Feature::ThirdWaiter => {
                "a third server asks for a held lock and gives up, while the one before it is silent"
            }
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
            Feature::Of(fault) => fault as usize,
            Feature::SilentHolder => Fault::COUNT,
            Feature::ThirdWaiter => Fault::COUNT + 1,
        }
    }
}

impl From<Fault> for Feature {
    fn from(fault: Fault) -> Feature {
        Feature::Of(fault)
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
