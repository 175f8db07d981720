//! Suites: families of schedules, with what a run of many must have seen. Each is a scenario file.

mod field;
mod file;
mod name;
mod table;
mod world_file;

use std::sync::{Arc, LazyLock};

use dupeproof_sim::network::Network;
use dupeproof_sim::{Schedule, Subject};

pub use self::field::topology;
pub use self::file::FileError;
use self::file::ScenarioFile;
pub(crate) use self::file::parse;
use self::name::WorldName;
use self::table::Table;
pub(crate) use self::world_file::WorldFile;
use crate::coverage::Probe;
use crate::finding::FindingKind;
use crate::strategy::{self, FeatureOdds, Shape, Topology, Workload};
use crate::subjects::Subjects;
use crate::suggest;
use crate::world::World;

/// A family of schedules.
#[derive(Clone, Debug)]
pub struct Suite {
    /// How it is called on the command line.
    pub name: String,
    /// One line for people.
    pub about: String,
    /// The subject it is for, if it is for one.
    pub subject: Option<String>,
    /// What goes wrong in it.
    pub world: &'static World,
    /// The network it is made for, if it is made for one.
    pub network: Option<Network>,
    /// How its schedules look.
    pub shape: Arc<Shape>,
    /// What no subject may show here, whatever it promises elsewhere.
    pub never: Vec<FindingKind>,
    /// What may be shown here, whatever the subject promises elsewhere: what admins do means just that.
    pub allows: Vec<FindingKind>,
    /// Counters of [`crate::Coverage`] that must be above zero before the core is called safe, bare or embedded.
    pub must_see: Vec<Probe>,
    /// How many cases are enough to see all of `must_see`.
    pub must_see_after: u64,
    /// A suite of the same draws that does one thing in another way: shown beside this one, never held against it.
    pub twin: Option<String>,
    /// What it was made from, to be made anew in another world.
    file: ScenarioFile,
}

/// How many cases are enough where a scenario file says what must be seen and not after how many.
const ENOUGH: u64 = 1_000;

/// Steps that the schedules of a file may come to: a stay has six at most, and as many again happen between profiles.
const STEPS_MAX: u64 = 60_000;

macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../suites/", $name, ".toml")))),*]
    };
}

static SUITES: LazyLock<Vec<Suite>> = LazyLock::new(|| {
    let texts = embedded![
        "swarm",
        "no_swap",
        "calm",
        "hand_over",
        "crash",
        "services",
        "clocks",
        "brief",
        "fleet",
        "market",
        "market_in_memory",
        "admin",
    ];
    let read = |(name, text): (&str, &str)| {
        let suite = Suite::read(text).unwrap_or_else(|error| panic!("suites/{name}.toml: {error}"));
        assert_eq!(suite.name, name, "a suite is called as its file is");
        suite
    };
    texts.into_iter().map(read).collect()
});

impl Suite {
    /// All built-in suites, the default first.
    pub fn all() -> &'static [Suite] {
        &SUITES
    }

    /// A built-in suite, by name.
    pub fn named(name: &str) -> Option<&'static Suite> {
        Suite::all().iter().find(|suite| suite.name == name)
    }

    /// A built-in suite, by name, or what to say about it.
    ///
    /// # Errors
    /// When there is none, with those there are.
    pub fn find(name: &str) -> Result<&'static Suite, String> {
        let names = Suite::all().iter().map(|suite| &*suite.name);
        Suite::named(name).ok_or_else(|| suggest::unknown("suite", name, names))
    }

    /// Reads a scenario file.
    ///
    /// # Errors
    /// When something in it is not known, out of range, or not for its subject; with the line and what is allowed.
    pub fn parse(text: &str, subjects: &Subjects) -> Result<Suite, FileError> {
        let suite = Suite::read(text)?;
        suite.check_subject(text, subjects)?;
        if let Some(twin) = &suite.file.twin {
            Suite::find(twin.get_ref()).map_err(|what| FileError::at(text, twin.span().start, what))?;
        }
        Ok(suite)
    }

    /// Reads one, taking its word for what only others can check.
    fn read(text: &str) -> Result<Suite, FileError> {
        let suite = Suite::of(parse(text)?);
        let Topology { players, gatherings, stays, .. } = suite.shape.topology;
        let steps = 12 * u64::from(players.max) * u64::from(gatherings.max) * u64::from(stays.max);
        if steps > STEPS_MAX {
            let what = format!(
                "topology: {} players with {} times {} stays may come to {steps} steps, more than {STEPS_MAX}",
                players.max, gatherings.max, stays.max
            );
            return Err(FileError { line: 0, what });
        }
        if let Some(after) = &suite.file.must_see_after
            && *after.get_ref() == 0
        {
            return Err(FileError::at(text, after.span().start, "must_see_after: 0 cases see nothing"));
        }
        Ok(suite)
    }

    fn check_subject(&self, text: &str, subjects: &Subjects) -> Result<(), FileError> {
        let (name, place) = match &self.file.subject {
            Some(name) => (name.get_ref().as_str(), name.span().start),
            None => (DEFAULT_SUBJECT, 0),
        };
        let Some(subject) = subjects.named(name) else {
            let what = suggest::unknown("subject", name, subjects.all().map(Subject::name));
            return Err(FileError::at(text, place, what));
        };
        self.file.constants.iter().try_for_each(|(name, value)| {
            let checked = subject.check_constant(name, *value.get_ref());
            checked.map_err(|what| FileError::at(text, value.span().start, what))
        })
    }

    /// The same players, doing the same, in another world.
    #[must_use]
    pub fn in_world(&self, world: &'static World) -> Suite {
        Suite::of(ScenarioFile {
            world: Some(WorldName(world)),
            odds: Table::default(),
            knobs: Table::default(),
            must_see: None,
            must_see_after: None,
            ..self.file.clone()
        })
    }

    /// What the file says, on top of what its world says, on top of the defaults.
    fn of(file: ScenarioFile) -> Suite {
        let world = file.world.map_or_else(|| &World::all()[0], |name| name.0);
        let (mut odds, mut settings) = (FeatureOdds::NONE, Vec::new());
        let (mut topology, mut workload) = (Topology::default(), Workload::default());
        world.apply(&mut odds, &mut settings, &mut workload);
        file.odds.apply(&mut odds);
        file.knobs.apply(&mut settings);
        file.topology.apply(&mut topology);
        file.workload.apply(&mut workload);
        let constants = file.constants.iter().map(|(name, value)| (name.clone(), *value.get_ref())).collect();
        let mut allows: Vec<_> = file.allows.iter().flat_map(|names| names.0.iter().copied()).collect();
        allows.extend(&world.allows);
        let never = file.never.iter().flat_map(|names| names.0.iter().copied());
        let (must_see, enough) = match &file.must_see {
            Some(names) => (names.iter().map(|name| name.0).collect(), ENOUGH),
            None => (world.must_see.clone(), world.must_see_after),
        };
        Suite {
            name: file.name.0.clone(),
            about: file.about.clone(),
            subject: file.subject.as_ref().map(|name| name.get_ref().clone()),
            world,
            network: file.network,
            shape: Arc::new(Shape { topology, workload, odds, settings, constants }),
            never: never.filter(|kind| !world.allows.contains(kind)).collect(),
            allows,
            must_see,
            must_see_after: file.must_see_after.as_ref().map_or(enough, |after| *after.get_ref()),
            twin: file.twin.as_ref().map(|name| name.get_ref().clone()),
            file,
        }
    }

    /// Case number `case` of root seed `seed` for a subject: the same always.
    pub fn schedule(&self, seed: u64, case: u64, subject: &str) -> Schedule {
        self.shape.draw(subject, &mut strategy::rng(seed, case))
    }

    /// What must be seen before this subject is called safe; others than the core may lack what it takes.
    pub fn must_see_of(&self, subject: &dyn Subject) -> &[Probe] {
        if matches!(subject.name(), "core" | "embed") { &self.must_see } else { &[] }
    }

    /// Whether a finding of this kind fails a run of this suite: nobody may show it here, or the subject promises
    /// never to show it and the suite does not allow it.
    pub fn forbids(&self, kind: FindingKind, subject: &dyn Subject) -> bool {
        let promised = subject.contract().never.contains(&kind.name());
        self.never.contains(&kind) || (promised && !self.allows.contains(&kind))
    }
}

impl Suite {
    /// Everything that fails a run of this suite.
    pub fn forbidden(&self, subject: &dyn Subject) -> Vec<FindingKind> {
        FindingKind::ALL.into_iter().filter(|kind| self.forbids(*kind, subject)).collect()
    }
}

impl AsRef<Shape> for Suite {
    fn as_ref(&self) -> &Shape {
        &self.shape
    }
}

/// The subject of a suite that is for any.
pub const DEFAULT_SUBJECT: &str = "core";
