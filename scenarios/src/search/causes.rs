//! What different things one kind of finding comes from.
//!
//! A schedule that shows a finding is made short; the ingredients that it still has are what the finding needs: its
//! cause. A later schedule has that cause, too, if it shows the finding with nothing but these ingredients left. What
//! it shows without them has another cause, which is made short in turn. Nobody has to say beforehand what causes there
//! are. How short the first schedule of a cause becomes is a matter of luck, so a few others of it are made short, too.

use std::collections::BTreeSet;

use dupeproof_sim::network::Network;
use dupeproof_sim::{FindingKind, Schedule, Subject};

use super::explaining::Count;
use crate::belief;
use crate::case::try_shows;
use crate::condition::Condition;
use crate::factor::Factor;
use crate::fault::Evidence;
use crate::guard::Ended;
use crate::shrink::{Shrunk, shrink_watched};
use crate::stop;
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
    pub const SLOW: Depth = Depth { causes: 3, tries: 500 };
    /// Where a run takes a good part of a second.
    pub const TURMOIL: Depth = Depth { causes: 1, tries: 30 };

    /// Schedules of each kind that are looked at: enough that a cause of one in ten is not missed.
    pub(super) fn cases(self) -> usize {
        (self.causes * 10).min(CASES_KEPT)
    }
}

/// Schedules of each kind that a search remembers.
pub(super) const CASES_KEPT: usize = 200;

/// Schedules of a cause that are made short beside the first one.
const RIVALS: usize = 2;

/// A schedule that short leaves nothing to be wished for.
const SHORT: usize = 2;

/// One cause of one kind of finding.
#[derive(Clone, Debug)]
pub(super) struct Traced {
    /// What it needs.
    pub(super) needs: Vec<Factor>,
    /// The same, at its size.
    pub(super) conditions: Vec<Condition>,
    /// Schedules that have it, of those that were looked at.
    pub(super) cases: u64,
    /// The one of them that could be made shortest.
    pub(super) case: u64,
    /// That one, made short.
    pub(super) shrunk: Shrunk,
}

/// A cause while others are looked for.
struct Open {
    traced: Traced,
    /// Others that have it, with only its ingredients left, the shortest first.
    rivals: Vec<(u64, Schedule)>,
}

/// What shows one kind of finding, and how it is run.
pub(super) struct Tracer<'a> {
    pub(super) suite: &'a Suite,
    pub(super) subject: &'a dyn Subject,
    pub(super) seed: u64,
    pub(super) kind: FindingKind,
    pub(super) depth: Depth,
    pub(super) count: &'a Count<'a>,
}

impl Traced {
    /// The cause of a schedule that was made short.
    pub(super) fn of(case: u64, shrunk: Shrunk, cases: u64) -> Traced {
        let conditions = Condition::all_in(&shrunk.schedule, &shrunk.coverage, shrunk.is_least);
        Traced { needs: Factor::all_in(&shrunk.schedule), conditions, cases, case, shrunk }
    }

    /// Steps of the schedule that tells of it.
    fn length(&self) -> usize {
        self.shrunk.schedule.timeline.len()
    }
}

impl Tracer<'_> {
    /// The causes among these cases, the most real first, of these those that need least; all cases show the kind. And how many
    /// of the cases were looked at: all, unless somebody has asked to stop.
    pub(super) fn causes(&self, cases: &[u64]) -> (Vec<Traced>, usize) {
        let mut open: Vec<Open> = Vec::new();
        let drawn = |case: &u64| (*case, self.suite.schedule(self.seed, *case, self.subject.name()));
        let mut drawn: Vec<(u64, Schedule)> = cases.iter().map(drawn).collect();
        // Only so many causes are told apart: the most real are looked for first.
        drawn.sort_by_cached_key(|(_, schedule)| self.evidence(schedule));
        let mut looked_at = 0;
        for (case, schedule) in &drawn {
            if stop::is_asked() && !open.is_empty() {
                break;
            }
            looked_at += 1;
            let (mut has, rest) = self.explained(*case, schedule, &mut open);
            if let Some(shrunk) = rest.filter(|_| open.len() < self.depth.causes).and_then(|rest| self.shrink(&rest)) {
                let traced = Traced::of(*case, shrunk, 0);
                let known = open.iter().position(|other| other.traced.needs == traced.needs);
                has.insert(known.unwrap_or(open.len()));
                if known.is_none() {
                    open.push(Open { traced, rivals: Vec::new() });
                }
            }
            has.into_iter().for_each(|place| open[place].traced.cases += 1);
            self.count.looked_at(1);
        }
        let mut causes: Vec<Traced> = open.into_iter().map(|open| self.shortest(open)).collect();
        causes.sort_by_key(|cause| {
            (Condition::evidence(&cause.conditions), cause.needs.len(), cause.length(), cause.case)
        });
        (causes, looked_at)
    }

    /// How real a schedule's finding can be: with what is less real left out, it still shows it.
    fn evidence(&self, schedule: &Schedule) -> Evidence {
        let believed = self.suite.believe().least();
        if stop::is_asked() {
            return believed;
        }
        let shows = |most: &&Evidence| {
            let mut kept = schedule.clone();
            belief::keep_to(**most, &mut kept);
            self.shows(&kept)
        };
        Evidence::ALL.iter().take_while(|most| **most < believed).find(shows).copied().unwrap_or(believed)
    }

    /// Which of the causes a schedule has; and what is left without them, if it shows the finding still.
    fn explained(&self, case: u64, schedule: &Schedule, causes: &mut [Open]) -> (BTreeSet<usize>, Option<Schedule>) {
        let there = Factor::all_in(schedule);
        let mut rest = schedule.clone();
        let mut has = BTreeSet::new();
        let mut hidden = false;
        for (place, Open { traced, rivals }) in causes.iter_mut().enumerate() {
            let needs = &traced.needs;
            if !needs.iter().all(|need| there.contains(need)) {
                continue;
            }
            let mut alone = schedule.clone();
            there.iter().filter(|other| !needs.contains(other)).for_each(|other| other.take_out(&mut alone));
            if self.shows(&alone) {
                has.insert(place);
                needs.iter().for_each(|need| need.take_out(&mut rest));
                // What needs nothing cannot be taken away: whatever else there is hides behind it.
                hidden |= needs.is_empty();
                rivals.push((case, alone));
                rivals.sort_by_key(|(_, rival)| rival.timeline.len());
                rivals.truncate(RIVALS);
            }
        }
        let more = has.is_empty() || (!hidden && self.shows(&rest));
        (has, more.then_some(rest))
    }

    /// The cause, told by the shortest schedule.
    fn shortest(&self, Open { mut traced, rivals }: Open) -> Traced {
        for (case, rival) in rivals {
            if traced.length() <= SHORT || stop::is_asked() {
                break;
            }
            // Nothing, if it shows the finding and then fails.
            let Some(shrunk) = self.shrink(&rival) else { continue };
            let other = Traced::of(case, shrunk, traced.cases);
            let evidence = Condition::evidence(&other.conditions);
            let better = (evidence, other.length()) < (Condition::evidence(&traced.conditions), traced.length());
            // What needs even less is another cause, which it has beside this one.
            if better && other.needs == traced.needs {
                traced = other;
            }
        }
        traced
    }

    fn shows(&self, schedule: &Schedule) -> bool {
        self.count.run();
        match try_shows(schedule, self.kind, self.subject, Network::Event) {
            Ok(shown) => shown,
            Err(Ended::Internal(_)) => false,
            Err(Ended::Refused(refusal)) => refusal.raise(),
        }
    }

    fn shrink(&self, schedule: &Schedule) -> Option<Shrunk> {
        let (running, tries) = (|| self.count.run(), self.depth.tries);
        let shrunk = shrink_watched(schedule, self.suite, self.kind, self.subject, Network::Event, tries, &running);
        self.count.shrunk();
        shrunk
    }
}
