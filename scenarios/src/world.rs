//! Worlds: named hardships, each a set of odds and knobs with its figures and reasons.

use dupeproof_sim::FindingKind;
use std::sync::LazyLock;

use crate::coverage::Probe;
use crate::embedded::embedded;
use crate::strategy::{FeatureOdds, Setting, Workload};
use crate::suggest;
use crate::suite::{self, WorldFile};

/// A world: what goes wrong, how often, and how the services behave.
#[derive(Clone, Debug)]
pub struct World {
    /// How it is called on the command line and in scenario files.
    pub name: String,
    /// One line for people.
    pub about: String,
    /// Findings that may be shown in it, whatever the subject promises: nobody could help showing them.
    pub allows: Vec<FindingKind>,
    /// What must be seen in it before the `core` subject is called safe.
    pub must_see: Vec<Probe>,
    /// How many cases are enough to see all of it.
    pub must_see_after: u64,
    file: WorldFile,
}

static WORLDS: LazyLock<Vec<World>> = LazyLock::new(|| {
    let texts = embedded!["worlds":
        "calm",
        "typical",
        "stormy",
        "swarm",
        "flaky_replies",
        "datastore_brownout",
        "throttled",
        "legacy_limits",
        "big_profiles",
        "messaging_down",
        "memory_stores",
        "update_day",
        "two_devices",
        "clock_chaos",
        "january_2019",
    ];
    let read = |(name, text): (&str, &str)| {
        let world = World::parse(text).unwrap_or_else(|error| panic!("worlds/{name}.toml: {error}"));
        assert_eq!(world.name, name, "a world is called as its file is");
        world
    };
    texts.into_iter().map(read).collect()
});

impl World {
    /// All, the mildest first.
    pub fn all() -> &'static [World] {
        &WORLDS
    }

    /// By name, or what to say about it.
    ///
    /// # Errors
    /// When there is none, with those there are.
    pub fn find(name: &str) -> Result<&'static World, String> {
        let found = World::all().iter().find(|world| world.name == name);
        found.ok_or_else(|| suggest::unknown("world", name, World::all().iter().map(|world| &*world.name)))
    }

    /// Reads one.
    ///
    /// # Errors
    /// When something in it is not known, or out of range.
    pub fn parse(text: &str) -> Result<World, suite::FileError> {
        let file: WorldFile = suite::parse(text)?;
        Ok(World {
            name: file.name(),
            about: file.about.clone(),
            allows: file.allows(),
            must_see: file.must_see(),
            must_see_after: file.must_see_after,
            file,
        })
    }

    /// Puts its odds, knobs and habits in force.
    pub(crate) fn apply(&self, odds: &mut FeatureOdds, settings: &mut Vec<Setting>, workload: &mut Workload) {
        self.file.apply(odds, settings, workload);
    }
}
