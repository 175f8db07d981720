//! Whether each kind of fault does anything: of a sample of schedules, a twin without it is run, and what reached the
//! programs on the servers, when, and what was stored is compared. A kind that never changes any of it is inert, and
//! whoever believes that it was tested is mistaken.

mod ear;

use dupeproof_sim::Subject;
use dupeproof_sim::network::Network;
use rayon::prelude::*;

use self::ear::heard;
use crate::fault::Fault;
use crate::suite::Suite;

/// What to look into.
#[derive(Clone, Copy)]
pub struct Audit<'a> {
    /// The family of schedules.
    pub suite: &'a Suite,
    /// What runs on the servers.
    pub subject: &'a dyn Subject,
    /// Which network.
    pub network: Network,
    /// The root seed.
    pub seed: u64,
    /// How many cases.
    pub cases: u64,
}

/// What came of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Audited {
    /// The kind.
    pub fault: Fault,
    /// Schedules that had it.
    pub had: u64,
    /// Those that were other schedules without it, for all that anybody could notice.
    pub changed: u64,
}

/// What is to be said of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It changed something.
    Works,
    /// It never changed anything.
    Inert,
    /// It may be drawn here, and was not.
    NeverDrawn,
}

impl Audited {
    /// What is to be said of it.
    pub fn standing(&self) -> Standing {
        match (self.had, self.changed) {
            (0, _) => Standing::NeverDrawn,
            (_, 0) => Standing::Inert,
            _ => Standing::Works,
        }
    }
}

impl Audit<'_> {
    /// Runs the sample and its twins; each kind that was in it, or might have been.
    pub fn run(&self) -> Vec<Audited> {
        let none = || vec![(0, 0); Fault::COUNT];
        let add = |sum: Vec<(u64, u64)>, next: Vec<(u64, u64)>| {
            sum.into_iter().zip(next).map(|(one, other)| (one.0 + other.0, one.1 + other.1)).collect()
        };
        let counts = (0..self.cases).into_par_iter().map(|case| self.case(case)).reduce(none, add);
        let audited = |(fault, (had, changed)): (&Fault, (u64, u64))| Audited { fault: *fault, had, changed };
        let kinds = Fault::ALL.iter().zip(counts).map(audited);
        kinds.filter(|kind| kind.had > 0 || self.suite.shape.odds.of(kind.fault) > 0).collect()
    }

    /// By fault: whether one schedule had it, and whether it changed it.
    fn case(&self, case: u64) -> Vec<(u64, u64)> {
        let schedule = self.suite.schedule(self.seed, case, self.subject.name());
        let with = heard(&schedule, self.subject, self.network);
        let without = |fault: &Fault| {
            let twin = fault.without(&schedule)?;
            Some(heard(&twin, self.subject, self.network) != with)
        };
        let count = |changed: Option<bool>| (u64::from(changed.is_some()), u64::from(changed == Some(true)));
        Fault::ALL.iter().map(|fault| count(without(fault))).collect()
    }
}
