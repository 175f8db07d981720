//! Suites: families of schedules, with what a run of many must have seen. Each is a scenario file.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use dupeproof_sim::network::Network;
use dupeproof_sim::{Digest, FindingKind, Schedule, Shows, Subject};

use crate::belief::Belief;
use crate::bound::Bound;
use crate::coverage::{EVERYBODY, Probe};
use crate::embedded::embedded;
use crate::fault::Fault;
use crate::file::{self, FileError, ScenarioFile};
use crate::strategy::{self, FeatureOdds, Shape, Topology, Workload};
use crate::subjects::Subjects;
use crate::suggest;
use crate::world::World;

/// Schedules that show what is left out of them: a fault of six in a hundred is in many of these.
const SAMPLE: u64 = 300;

/// What is left out of schedules because it is not believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Kinds of fault that are not in them.
    pub faults: BTreeSet<Fault>,
    /// Kinds of fault that are, in sizes that are believed.
    pub sizes: BTreeSet<Fault>,
}

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
    /// Findings that no subject may show here, whatever it promises elsewhere.
    pub never: Vec<FindingKind>,
    /// Findings that may be shown here, whatever the subject promises elsewhere: an admin who removes a record means
    /// to lose what is in it.
    pub allows: Vec<FindingKind>,
    /// Counters of [`crate::Coverage`] that must be above zero before a subject that can show them is called safe.
    pub must_see: Vec<Probe>,
    /// How many cases are enough to see all of `must_see`.
    pub must_see_after: u64,
    /// What is measured may be at most this, in the unit of the bound.
    pub(crate) bounds: Vec<(&'static Bound, u64)>,
    /// Whether a user's own file says what must be seen: then it counts for every subject.
    asked_to_see: bool,
    /// A suite of the same random schedules that does one thing in another way: shown beside this one, it does not affect the verdict.
    pub twin: Option<String>,
    /// What it was made from, to be made anew in another world.
    file: ScenarioFile,
}

/// How many cases are enough where a scenario file says what must be seen and not after how many.
const ENOUGH: u64 = 1_000;

/// Schedules that tell one family from another.
const DRAWN: u64 = 4;

/// Steps that the schedules of a file may come to: a stay has six at most, and as many again happen between profiles.
const STEPS_MAX: u64 = 60_000;

static SUITES: LazyLock<Vec<Suite>> = LazyLock::new(|| {
    let texts = embedded!["suites":
        "swarm",
        "no_swap",
        "calm",
        "hand_over",
        "crash",
        "cut_off",
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
        assert_eq!(suite.name, name, "a suite has the name of its file");
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

    /// A built-in suite, by name.
    ///
    /// # Errors
    /// When there is none of that name: the names there are, and the nearest.
    pub fn find(name: &str) -> Result<&'static Suite, String> {
        let names = Suite::all().iter().map(|suite| &*suite.name);
        Suite::named(name).ok_or_else(|| suggest::unknown("suite", name, names))
    }

    /// Reads a scenario file.
    ///
    /// # Errors
    /// When something in it is not known, out of range, or not for its subject; with the line and what is allowed.
    pub fn parse(text: &str, subjects: &Subjects) -> Result<Suite, FileError> {
        let mut suite = Suite::read(text)?;
        suite.asked_to_see = suite.file.must_see().is_some();
        suite.check_subject(text, subjects)?;
        if let Some(twin) = &suite.file.twin {
            Suite::find(twin.get_ref()).map_err(|what| FileError::at(text, twin, what))?;
        }
        Ok(suite)
    }

    /// Reads a scenario file without a look at its subject and its twin, which only others know.
    fn read(text: &str) -> Result<Suite, FileError> {
        let file: ScenarioFile = file::parse(text)?;
        let world = match &file.world {
            Some(name) => World::find(name.get_ref()).map_err(|what| FileError::at(text, name, what))?,
            None => &World::all()[0],
        };
        check_steps(text, &file)?;
        if let Some(after) = file.must_see_after.as_ref().filter(|after| *after.get_ref() == 0) {
            return Err(FileError::at(text, after, "must_see_after: 0 cases see nothing"));
        }
        Ok(Suite::of(file, world))
    }

    fn check_subject(&self, text: &str, subjects: &Subjects) -> Result<(), FileError> {
        let name = self.subject.as_deref().unwrap_or(DEFAULT_SUBJECT);
        let Some(subject) = subjects.named(name) else {
            let what = suggest::unknown("subject", name, subjects.all().map(Subject::name));
            return Err(match &self.file.subject {
                Some(place) => FileError::at(text, place, what),
                None => FileError::of_file(what),
            });
        };
        self.file.constants.iter().try_for_each(|(name, value)| {
            let checked = subject.check_constant(name, *value.get_ref());
            checked.map_err(|what| FileError::at(text, value, what))
        })
    }

    /// The same players, doing the same, in another world.
    #[must_use]
    pub fn in_world(&self, world: &'static World) -> Suite {
        Suite::of(self.file.without_world(), world)
    }

    /// The same schedules without what is less real than this; findings that need it break no promise.
    #[must_use]
    pub fn believing(&self, believe: Belief) -> Suite {
        Suite { shape: Arc::new(Shape { believe, ..Shape::clone(&self.shape) }), ..self.clone() }
    }

    /// What must be so real to be drawn, and to break a promise.
    pub fn believe(&self) -> Belief {
        self.shape.believe
    }

    /// How real that must be if nobody says otherwise.
    pub fn own_belief(&self) -> Belief {
        self.file.believe()
    }

    /// What the schedules lack because it is not believed, seen in a sample: kinds of fault that are left out, and those of
    /// which only some sizes are.
    pub fn left_out(&self, subject: &dyn Subject) -> LeftOut {
        let everything = self.believing(Belief::All);
        let mut left_out = LeftOut::default();
        for case in 0..if self.believe() == Belief::All { 0 } else { SAMPLE } {
            let before = everything.schedule(0, case, subject.name());
            let after = self.schedule(0, case, subject.name());
            for fault in Fault::ALL.iter().copied().filter(|fault| fault.without(&before).is_some()) {
                match fault.without(&after) {
                    None => drop(left_out.faults.insert(fault)),
                    Some(_) if fault.is_smaller(&before, &after) => drop(left_out.sizes.insert(fault)),
                    Some(_) => {}
                }
            }
        }
        left_out.sizes.retain(|fault| !left_out.faults.contains(fault));
        left_out
    }

    /// What the file says, on top of what its world says, on top of the defaults.
    fn of(file: ScenarioFile, world: &'static World) -> Suite {
        let (mut odds, mut settings, mut workload) = (FeatureOdds::NONE, Vec::new(), Workload::default());
        world.apply(&mut odds, &mut settings, &mut workload);
        file.apply(&mut odds, &mut settings, &mut workload);
        let (topology, constants) = (file.topology(), file.constants());
        let (must_see, enough) = match file.must_see() {
            Some(must_see) => (must_see, ENOUGH),
            None => (world.must_see.clone(), world.must_see_after),
        };
        Suite {
            name: file.name(),
            about: file.about.clone(),
            subject: file.subject.as_ref().map(|name| name.get_ref().clone()),
            world,
            network: file.network,
            shape: Arc::new(Shape { topology, workload, odds, settings, constants, believe: file.believe() }),
            never: file.never().filter(|kind| !world.allows.contains(kind)).collect(),
            allows: file.allows().chain(world.allows.iter().copied()).collect(),
            must_see,
            bounds: file.bounds.0.clone(),
            asked_to_see: false,
            must_see_after: file.must_see_after.as_ref().map_or(enough, |after| *after.get_ref()),
            twin: file.twin.as_ref().map(|name| name.get_ref().clone()),
            file,
        }
    }

    /// Case number `case` of root seed `seed` for a subject: the same always.
    pub fn schedule(&self, seed: u64, case: u64, subject: &str) -> Schedule {
        self.shape.draw(subject, &mut strategy::rng(seed, case))
    }

    /// A digest of the first schedules of a seed: another one means that the same cases are other schedules.
    pub fn drawn(&self, seed: u64) -> Digest {
        let schedules = (0..DRAWN).map(|case| self.schedule(seed, case, ""));
        schedules.fold(Digest::default(), |all, schedule| {
            let text = serde_json::to_vec(&schedule).expect("a schedule is plain data");
            text.iter().fold(all, |all, byte| all.then(Digest(u64::from(*byte))))
        })
    }

    /// What must be seen before this subject is called safe: no more than it can show, unless the user asks for more.
    pub fn must_see_of(&self, subject: &dyn Subject) -> Vec<Probe> {
        let mut must_see = self.must_see.clone();
        if !self.asked_to_see {
            must_see.retain(|probe| self.believe().counts(probe.evidence()));
        }
        if self.asked_to_see || subject.shows() == Shows::Everything {
            return must_see;
        }
        let mut of_world: Vec<Probe> = Probe::strikes_of_everybody().filter(|probe| must_see.contains(probe)).collect();
        of_world.sort();
        EVERYBODY.map(Probe::from).into_iter().chain(of_world).collect()
    }

    /// Whether a finding of this kind fails a run of this suite: nobody may show it here, or the subject promises
    /// never to show it and the suite does not allow it.
    pub fn forbids(&self, kind: FindingKind, subject: &dyn Subject) -> bool {
        self.asks_for(kind, subject) && subject.not_tried(kind).is_none()
    }

    /// The same, whether or not it can be told for the subject.
    fn asks_for(&self, kind: FindingKind, subject: &dyn Subject) -> bool {
        let promised = subject.contract().never.contains(&kind);
        self.never.contains(&kind) || (promised && !self.allows.contains(&kind))
    }

    /// What would fail a run of this suite and cannot be told for this subject, each with the reason, for people.
    pub fn not_tried(&self, subject: &dyn Subject) -> Vec<(FindingKind, &'static str)> {
        let asked_for = FindingKind::ALL.into_iter().filter(|kind| self.asks_for(*kind, subject));
        asked_for.filter_map(|kind| Some((kind, subject.not_tried(kind)?))).collect()
    }

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

/// How long a timeline may become is known before one is drawn.
fn check_steps(text: &str, file: &ScenarioFile) -> Result<(), FileError> {
    let Topology { players, gatherings, stays, .. } = file.topology();
    let steps = 12 * u64::from(players.max) * u64::from(gatherings.max) * u64::from(stays.max);
    let Some(table) = file.topology.as_ref().filter(|_| steps > STEPS_MAX) else { return Ok(()) };
    let what = format!(
        "topology: {} players with {} times {} stays may come to {steps} steps, more than {STEPS_MAX}",
        players.max, gatherings.max, stays.max
    );
    Err(FileError::at(text, table, what))
}

/// The subject of a suite that is for any.
pub const DEFAULT_SUBJECT: &str = "core";
