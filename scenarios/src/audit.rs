//! Whether each kind of fault does anything: of a sample of schedules, a twin without it is run, and what reached the
//! programs on the servers, when, and what was stored is compared. A kind that never changes any of it is inert, and
//! whoever believes that it was tested is mistaken ([`Audit`]).
//!
//! And whether it does as much as it did: a kind that does half of what it says changes something, too. Its effect is
//! measured ([`Trial`], [`Gauge`]) on servers that do the same whatever happens ([`Metronome`]), and compared with what was
//! recorded ([`Record`]).

mod effect;
mod fingerprint;
mod gauge;
mod meter;
mod metronome;
mod record;

use dupeproof_sim::Subject;
use dupeproof_sim::network::Network;
use rayon::prelude::*;

pub use self::effect::{Effect, Pair, Run, Size, Trial};
use self::fingerprint::heard;
pub use self::gauge::Gauge;
pub use self::metronome::Metronome;
pub use self::record::{Compared, Record, Stray, to_toml};
use crate::fault::Fault;
use crate::suite::Suite;

/// What to look into.
#[derive(Clone, Copy)]
pub struct Audit<'a> {
    /// The family of schedules.
    pub suite: &'a Suite,
    /// What runs on the servers: each of these in turn.
    pub subjects: &'a [&'a dyn Subject],
    /// Which network.
    pub network: Network,
    /// The root seed.
    pub seed: u64,
    /// How many cases.
    pub cases: u64,
}

/// The result of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audited {
    /// The kind.
    pub fault: Fault,
    /// Schedules that had it.
    pub had: u64,
    /// Those that were other schedules without it, for all that anybody could notice: with each subject.
    pub changed: Vec<u64>,
}

/// What is to be said of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It changed something.
    Works,
    /// It never changed anything, for any subject, in at least [`Audited::ENOUGH`] schedules.
    Inert,
    /// It has not changed anything yet, in fewer schedules than that.
    TooFew,
    /// It may occur here, and did not.
    NeverOccurred,
}

impl Audited {
    /// Schedules with a fault that are enough to call it inert: fewer may all have had it where nothing was going on.
    pub const ENOUGH: u64 = 20;

    /// What is to be said of it.
    pub fn standing(&self) -> Standing {
        match (self.had, self.changed.iter().sum()) {
            (0, _) => Standing::NeverOccurred,
            (..Self::ENOUGH, 0) => Standing::TooFew,
            (_, 0) => Standing::Inert,
            _ => Standing::Works,
        }
    }
}

impl Audit<'_> {
    /// Runs the sample and its twins; each kind that was in it, or might have been.
    pub fn run(&self) -> Vec<Audited> {
        let mut kinds: Vec<Audited> = Fault::ALL
            .iter()
            .map(|fault| Audited { fault: *fault, had: 0, changed: vec![0; self.subjects.len()] })
            .collect();
        let cases: Vec<Vec<Sample>> = (0..self.cases).into_par_iter().map(|case| self.case(case)).collect();
        for (place, fault, changed) in cases.into_iter().flatten() {
            let kind = &mut kinds[fault.place()];
            // The same schedules, whatever the subject.
            kind.had += u64::from(place == 0);
            kind.changed[place] += u64::from(changed);
        }
        kinds.retain(|kind| kind.had > 0 || self.suite.shape.odds.of(kind.fault) > 0);
        kinds
    }

    /// Each kind that one schedule has, and whether it changes it; with each subject.
    fn case(&self, case: u64) -> Vec<Sample> {
        let mut samples = Vec::new();
        for (place, subject) in self.subjects.iter().enumerate() {
            let schedule = self.suite.schedule(self.seed, case, subject.name());
            let with = heard(&schedule, *subject, self.network);
            let twins = Fault::ALL.iter().filter_map(|fault| Some((*fault, fault.without(&schedule)?)));
            samples.extend(twins.map(|(fault, twin)| (place, fault, heard(&twin, *subject, self.network) != with)));
        }
        samples
    }
}

/// A subject's place, a kind, and whether it changed anything.
type Sample = (usize, Fault, bool);
