//! How far a search is with its causes.

use std::sync::{Mutex, PoisonError};

use super::Found;

/// How far a search is with grouping its findings by cause and shrinking their schedules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Explaining {
    /// Schedules with a finding that were looked at. One with findings of two kinds counts twice.
    pub looked_at: u64,
    /// Schedules that are to be looked at.
    pub of: u64,
    /// Schedules that were shrunk.
    pub shrunk: u64,
    /// Runs that this took so far.
    pub runs: u64,
}

/// Is told how a search is explained, from any thread.
pub trait Listener: Sync {
    /// The schedules of one kind of finding are shrunk.
    fn found(&self, _found: &Found) {}

    /// Something was done; never less than before.
    fn at(&self, _now: Explaining) {}
}

/// Nobody listens.
impl Listener for () {}

/// Counts what is done, and tells of it.
pub(super) struct Count<'a> {
    now: Mutex<Explaining>,
    listener: &'a dyn Listener,
}

impl<'a> Count<'a> {
    /// Of so many schedules, none is looked at yet.
    pub(super) fn of(schedules: u64, listener: &'a dyn Listener) -> Count<'a> {
        Count { now: Mutex::new(Explaining { of: schedules, ..Explaining::default() }), listener }
    }

    /// A schedule is run.
    pub(super) fn run(&self) {
        self.tell(|now| now.runs += 1);
    }

    /// A schedule was shrunk.
    pub(super) fn shrunk(&self) {
        self.tell(|now| now.shrunk += 1);
    }

    /// So many more schedules were looked at.
    pub(super) fn looked_at(&self, schedules: usize) {
        self.tell(|now| now.looked_at += schedules as u64);
    }

    /// Tells while it counts, so that what is told never goes back.
    fn tell(&self, count: impl FnOnce(&mut Explaining)) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        count(&mut now);
        self.listener.at(*now);
    }
}
