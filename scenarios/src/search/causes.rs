//! What different things one kind of finding comes from.
//!
//! A schedule that shows a finding is made short; the ingredients that it still has are what the finding needs: its
//! cause. A later schedule has that cause, too, if it shows the finding with nothing but these ingredients left. What
//! it shows without them has another cause, which is made short in turn. Nobody has to say beforehand what causes there
//! are.

use std::collections::BTreeSet;

use dupeproof_sim::network::Network;
use dupeproof_sim::{Schedule, Subject};

use crate::case::judge;
use crate::finding::FindingKind;
use crate::ingredient::Ingredient;
use crate::shrink::{Shrunk, shrink};
use crate::suite::Suite;

/// How far to go in telling causes apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Depth {
    /// Causes of each kind of finding, at most; at least one is looked for.
    pub causes: usize,
    /// Runs that making one schedule short may take.
    pub tries: u32,
}

impl Depth {
    /// Where thousands of runs take a second.
    pub const QUICK: Depth = Depth { causes: 6, tries: 3_000 };
    /// For virtual machines, of which a run takes tens of milliseconds.
    pub const SLOW: Depth = Depth { causes: 3, tries: 200 };
    /// Where a run takes a good part of a second.
    pub const TURMOIL: Depth = Depth { causes: 1, tries: 30 };

    /// Schedules of each kind that are looked at: enough that a cause of one in ten is not missed.
    pub(super) fn cases(self) -> usize {
        (self.causes * 10).min(CASES_KEPT)
    }
}

/// Schedules of each kind that a search remembers.
pub(super) const CASES_KEPT: usize = 200;

/// One cause of one kind of finding.
#[derive(Clone, Debug)]
pub(super) struct Traced {
    /// What it needs.
    pub(super) needs: Vec<Ingredient>,
    /// Schedules that have it, of those that were looked at.
    pub(super) cases: u64,
    /// The first of them.
    pub(super) first_case: u64,
    /// That one, made short.
    pub(super) shrunk: Shrunk,
}

/// What shows one kind of finding, and how it is run.
pub(super) struct Tracer<'a> {
    pub(super) suite: &'a Suite,
    pub(super) subject: &'a dyn Subject,
    pub(super) seed: u64,
    pub(super) kind: FindingKind,
    pub(super) depth: Depth,
}

impl Tracer<'_> {
    /// The causes among these cases, those first that need least; all cases show the kind.
    pub(super) fn causes(&self, cases: &[u64]) -> Vec<Traced> {
        let mut causes: Vec<Traced> = Vec::new();
        for case in cases {
            let schedule = self.suite.schedule(self.seed, *case, self.subject.name());
            let (mut has, rest) = self.explained(&schedule, &causes);
            if let Some(shrunk) = rest.filter(|_| causes.len() < self.depth.causes).and_then(|rest| self.shrink(&rest))
            {
                let needs = Ingredient::all_in(&shrunk.schedule);
                let known = causes.iter().position(|cause| cause.needs == needs);
                has.insert(known.unwrap_or(causes.len()));
                if known.is_none() {
                    causes.push(Traced { needs, cases: 0, first_case: *case, shrunk });
                }
            }
            has.into_iter().for_each(|place| causes[place].cases += 1);
        }
        causes.sort_by_key(|cause| (cause.needs.len(), cause.shrunk.schedule.timeline.len(), cause.first_case));
        causes
    }

    /// Which of the causes a schedule has; and what is left without them, if it shows the finding still.
    fn explained(&self, schedule: &Schedule, causes: &[Traced]) -> (BTreeSet<usize>, Option<Schedule>) {
        let there = Ingredient::all_in(schedule);
        let mut rest = schedule.clone();
        let mut has = BTreeSet::new();
        let known = causes.iter().enumerate();
        for (place, cause) in known.filter(|(_, cause)| cause.needs.iter().all(|need| there.contains(need))) {
            let mut alone = schedule.clone();
            for other in there.iter().filter(|other| !cause.needs.contains(other)) {
                other.take_out(&mut alone);
            }
            if self.shows(&alone) {
                has.insert(place);
                cause.needs.iter().for_each(|need| need.take_out(&mut rest));
            }
        }
        // What needs nothing cannot be taken away: whatever else there is hides behind it.
        let hidden = has.iter().any(|place| causes[*place].needs.is_empty());
        let more = has.is_empty() || (!hidden && self.shows(&rest));
        (has, more.then_some(rest))
    }

    fn shows(&self, schedule: &Schedule) -> bool {
        let judged = judge(schedule, self.subject, Network::Event, &mut ());
        judged.breaches.iter().any(|breach| breach.kind() == self.kind)
    }

    fn shrink(&self, schedule: &Schedule) -> Option<Shrunk> {
        shrink(schedule, self.kind, self.subject, Network::Event, self.depth.tries)
    }
}
