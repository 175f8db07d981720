//! A schedule that can be made simpler, one small step at a time: delta debugging as a proptest value tree.

mod reduction;

use dupeproof_sim::Schedule;
use proptest::strategy::ValueTree;

use reduction::{Attempt, PASSES};

/// A schedule and where shrinking stands. [`ValueTree::simplify`] means "the current one still fails: take it and
/// try a simpler one", [`ValueTree::complicate`] "it does not: go back and try another".
#[derive(Clone, Debug)]
pub struct ScheduleTree {
    /// The simplest schedule known to fail.
    failing: Schedule,
    /// What is being tried; the same at first and at the end.
    current: Schedule,
    pass: usize,
    index: usize,
    /// Whether this round over all passes has made anything simpler; the last round has not.
    progress: bool,
}

impl ScheduleTree {
    /// Shrinking any schedule.
    pub fn of(schedule: Schedule) -> ScheduleTree {
        ScheduleTree { current: schedule.clone(), failing: schedule, pass: 0, index: 0, progress: false }
    }

    /// Puts the next candidate into `current`.
    fn advance(&mut self) -> bool {
        loop {
            let Some(pass) = PASSES.get(self.pass) else {
                if !self.progress {
                    self.current.clone_from(&self.failing);
                    return false;
                }
                (self.pass, self.index, self.progress) = (0, 0, false);
                continue;
            };
            match pass(&self.failing, self.index) {
                Attempt::Try(simpler) => {
                    self.current = *simpler;
                    return true;
                }
                Attempt::Skip => self.index += 1,
                Attempt::Over => (self.pass, self.index) = (self.pass + 1, 0),
            }
        }
    }
}

impl ValueTree for ScheduleTree {
    type Value = Schedule;

    fn current(&self) -> Schedule {
        self.current.clone()
    }

    fn simplify(&mut self) -> bool {
        // The same index again: what follows has moved up, or the same value can shrink further.
        self.progress |= self.current != self.failing;
        self.failing.clone_from(&self.current);
        self.advance()
    }

    fn complicate(&mut self) -> bool {
        self.index += 1;
        self.advance()
    }
}
