//! Worlds: named sets of faults and knobs, each with its figures and reasons.

use dupeproof_sim::FindingKind;
use std::sync::LazyLock;

use crate::coverage::Probe;
use crate::embedded::embedded;
use crate::file::{self, FileError, WorldFile};
use crate::strategy::{FeatureOdds, Setting, Workload};
use crate::suggest;

/// A world: what goes wrong, how often, and how the services behave.
#[derive(Clone, Debug)]
pub struct World {
    /// How it is called on the command line and in scenario files.
    pub name: String,
    /// One line for people.
    pub about: String,
    /// Findings that may be shown in it, whatever the subject promises: no subject could avoid them.
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
        assert_eq!(world.name, name, "a world has the name of its file");
        world
    };
    texts.into_iter().map(read).collect()
});

impl World {
    /// All worlds, the mildest first.
    pub fn all() -> &'static [World] {
        &WORLDS
    }

    /// A world, by name.
    ///
    /// # Errors
    /// When there is none of that name: the names there are, and the nearest.
    pub fn find(name: &str) -> Result<&'static World, String> {
        let found = World::all().iter().find(|world| world.name == name);
        found.ok_or_else(|| suggest::unknown("world", name, World::all().iter().map(|world| &*world.name)))
    }

    /// Reads a world file.
    ///
    /// # Errors
    /// When something in it is not known, or out of range; with the line and what is allowed.
    pub fn parse(text: &str) -> Result<World, FileError> {
        let file: WorldFile = file::parse(text)?;
        Ok(World {
            name: file.name(),
            about: file.about.clone(),
            allows: file.allows(),
            must_see: file.must_see(),
            must_see_after: file.must_see_after,
            file,
        })
    }

    /// Puts its odds, knobs and workload in force.
    pub(crate) fn apply(&self, odds: &mut FeatureOdds, settings: &mut Vec<Setting>, workload: &mut Workload) {
        self.file.apply(odds, settings, workload);
    }
}
