//! A schedule that can be made simpler, one small step at a time: delta debugging as a proptest value tree.

mod reduction;

use std::sync::Arc;

use dupeproof_sim::Schedule;
use proptest::strategy::ValueTree;

use super::shape::Shape;
use crate::factor::{Factor, Intervention};
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
    /// Where the current one was made simpler last, and whether that was in this round over all passes. What follows that
    /// place has been tried since; when all before it has been, too, nothing is left to try.
    last: (usize, usize),
    progress: bool,
    /// The family that it is of: its numbers stay in the ranges of that.
    shape: Arc<Shape>,
}

impl ScheduleTree {
    /// Shrinking a schedule of this family.
    pub fn of(schedule: Schedule, shape: Arc<Shape>) -> ScheduleTree {
        let current = schedule.clone();
        ScheduleTree { current, failing: schedule, pass: 0, index: 0, last: (0, 0), progress: true, shape }
    }

    /// Puts the next candidate into `current`.
    fn advance(&mut self) -> bool {
        loop {
            if !self.progress && (self.pass, self.index) >= self.last {
                self.current.clone_from(&self.failing);
                return false;
            }
            let Some(pass) = PASSES.get(self.pass) else {
                (self.pass, self.index, self.progress) = (0, 0, false);
                continue;
            };
            match pass(&self.failing, self.index) {
                Attempt::Try(mut simpler) => {
                    self.shape.hold(&mut simpler, &self.failing);
                    if *simpler != self.failing && !needs_more(&simpler, &self.failing) {
                        self.current = *simpler;
                        return true;
                    }
                    self.index += 1;
                }
                Attempt::Skip => self.index += 1,
                Attempt::Over => (self.pass, self.index) = (self.pass + 1, 0),
            }
        }
    }
}

/// Whether something that players do is in one schedule and not in another. What needs more is not simpler, even if it is
/// shorter: without the step with which somebody leaves, they stay for long.
fn needs_more(simpler: &Schedule, than: &Schedule) -> bool {
    Intervention::OF_STAYS.into_iter().map(Factor::Intervention).any(|done| done.is_in(simpler) && !done.is_in(than))
}

impl ValueTree for ScheduleTree {
    type Value = Schedule;

    fn current(&self) -> Schedule {
        self.current.clone()
    }

    fn simplify(&mut self) -> bool {
        // The same index again: what follows has moved up, or the same value can shrink further.
        if self.current != self.failing {
            (self.last, self.progress) = ((self.pass, self.index), true);
        }
        self.failing.clone_from(&self.current);
        self.advance()
    }

    fn complicate(&mut self) -> bool {
        self.index += 1;
        self.advance()
    }
}
