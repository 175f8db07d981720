//! One fault at every point of a few short scripts, for any subject: what `prove` does for modules and games.
//!
//! A short script is run once without a fault. Each request that it makes, and each moment before and after something that
//! a server does, is a *point*. Then it is run once more for each point and each fault that can be placed there. All of these
//! runs are of one seed: until its fault, each is the run without one. So the result is about these scripts, with the
//! latencies of this seed, and about one fault at a time; not about two, nor about other timing.

mod placement;
mod point;
mod short_script;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use dupeproof_sim::network::Network;
use dupeproof_sim::schedule::{Schedule, Step};
use dupeproof_sim::{FindingKind, Subject};
use rayon::prelude::*;

use crate::case::{CaseResult, try_case};
use crate::condition::Condition;
use crate::failure::{FailureFile, FoundBy};
use crate::fault::{Evidence, Fault};
use crate::guard::{Ended, InternalError};
use crate::size::Size;
use crate::stop;
use crate::suite::Suite;
use crate::workers;

use point::{Point, Points};
pub use short_script::ShortScript;

/// What is tried.
#[derive(Clone, Copy)]
pub struct Everywhere<'a> {
    /// Its promises, its constants, and what it believes.
    pub suite: &'a Suite,
    /// What runs on the servers.
    pub subject: &'a dyn Subject,
    /// The root of all randomness: how long everything takes.
    pub seed: u64,
    /// How many threads; at least one is used. Results are the same.
    pub jobs: usize,
}

/// One script, with one fault everywhere.
#[derive(Clone, Debug, Default)]
pub struct Tried {
    /// Requests to services that store values.
    pub requests: u64,
    /// Moments at which servers did something.
    pub moments: u64,
    /// Runs with one fault. Fewer than there are placements if somebody asked to stop.
    pub schedules: u64,
    /// Runs that there are.
    pub placements: u64,
    /// What breaks a promise, without a fault first.
    pub broken: Vec<Broken>,
    /// Findings that break no promise, by kind: how many runs show each.
    pub exposures: BTreeMap<FindingKind, u64>,
    /// Runs that a mistake of this program ended, and the mistakes.
    pub failed: Vec<InternalError>,
}

/// A broken promise.
#[derive(Clone, Debug)]
pub struct Broken {
    /// The fault; `None` if none is needed. Then no fault is told of this kind.
    pub fault: Option<Fault>,
    /// At how many of its placements it breaks the promise.
    pub at: u64,
    /// How many placements it has.
    pub of: u64,
    /// How real the most real of these faults is.
    pub evidence: Evidence,
    /// How large the smallest of those is, if it has a size.
    pub size: Option<Size>,
    /// That one in words, with its size; empty without a fault.
    pub words: String,
    /// Its run.
    pub failure: FailureFile,
}

/// One fault in one place, and what it came to.
struct Outcome {
    fault: Option<Fault>,
    schedule: Schedule,
    result: Result<CaseResult, Ended>,
}

impl Everywhere<'_> {
    /// Runs a script once without a fault, then with each fault at each point. Tells now and then how many runs are done, and
    /// how many there are, from any thread.
    ///
    /// # Panics
    /// By a [`dupeproof_sim::Refusal`], if a run is refused what it needs.
    pub fn tried(&self, script: &ShortScript, progress: &(dyn Fn(u64, u64) + Sync)) -> Tried {
        let calm = self.calm(script);
        let (result, points) = match try_case(&calm, self.subject, Network::Event, Points::default) {
            Ok((result, points)) => (result, points.all(calm.length)),
            Err(Ended::Internal(error)) => return Tried { failed: vec![error], ..Tried::default() },
            Err(Ended::Refused(refusal)) => refusal.raise(),
        };
        let (schedules, done) = (self.with_faults(&calm, &points), AtomicU64::new(0));
        let all = schedules.len() as u64;
        let run = |(fault, schedule): (Fault, Schedule)| {
            if stop::is_asked() {
                return None;
            }
            let result = try_case(&schedule, self.subject, Network::Event, || ()).map(|(result, ())| result);
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, all);
            Some(Outcome { fault: Some(fault), schedule, result })
        };
        let outcomes: Vec<Option<Outcome>> =
            workers::pool(self.jobs).install(|| schedules.into_par_iter().map(run).collect());
        let mut tried = Tried {
            requests: points.iter().filter(|point| point.request.is_some()).count() as u64,
            moments: points.iter().filter(|point| point.request.is_none()).count() as u64,
            placements: all,
            ..Tried::default()
        };
        let calm = Outcome { fault: None, schedule: calm, result: Ok(result) };
        self.judge(calm, outcomes.into_iter().flatten(), &mut tried);
        tried
    }

    /// Without a fault, and without what is not believed.
    fn calm(&self, script: &ShortScript) -> Schedule {
        let schedule = script.schedule(self.subject.name(), self.seed);
        let mut schedule = Schedule { constants: self.suite.shape.constants.clone(), ..schedule };
        self.suite.believe().keep_to(&mut schedule);
        schedule
    }

    /// One fault each, as far as it is believed.
    fn with_faults(&self, calm: &Schedule, points: &[Point]) -> Vec<(Fault, Schedule)> {
        let placed = |step: Step| {
            let mut schedule = calm.clone();
            let place = schedule.timeline.partition_point(|other| other.at <= step.at);
            schedule.timeline.insert(place, step.clone());
            self.suite.believe().keep_to(&mut schedule);
            let fault = Fault::of_action(&step.action)?;
            // What is not believed has been taken out, or made smaller.
            (schedule.timeline.get(place) == Some(&step)).then_some((fault, schedule))
        };
        points.iter().flat_map(placement::steps).filter_map(placed).collect()
    }

    fn judge(&self, calm: Outcome, outcomes: impl Iterator<Item = Outcome>, tried: &mut Tried) {
        let mut broken: BTreeMap<(Option<Fault>, FindingKind), Broken> = BTreeMap::new();
        let mut of: BTreeMap<Option<Fault>, u64> = BTreeMap::new();
        let without: Vec<FindingKind> = match &calm.result {
            Ok(result) => result.findings.iter().map(|finding| finding.kind()).collect(),
            Err(_) => Vec::new(),
        };
        for Outcome { fault, schedule, result } in std::iter::once(calm).chain(outcomes) {
            tried.schedules += u64::from(fault.is_some());
            *of.entry(fault).or_default() += 1;
            let result = match result {
                Ok(result) => result,
                Err(Ended::Internal(error)) => {
                    tried.failed.push(error);
                    continue;
                }
                Err(Ended::Refused(refusal)) => refusal.raise(),
            };
            let shown = FindingKind::ALL.into_iter().filter(|kind| result.shows(*kind));
            for kind in shown.filter(|kind| fault.is_none() || !without.contains(kind)) {
                if !self.suite.forbids(kind, self.subject) {
                    *tried.exposures.entry(kind).or_default() += 1;
                    continue;
                }
                let found = self.broken((fault, kind), &schedule, &result);
                match broken.entry((fault, kind)) {
                    std::collections::btree_map::Entry::Vacant(place) => drop(place.insert(found)),
                    std::collections::btree_map::Entry::Occupied(mut place) => {
                        let before = place.get_mut();
                        let at = before.at + 1;
                        if (found.evidence, found.size) < (before.evidence, before.size) {
                            *before = found;
                        }
                        before.at = at;
                    }
                }
            }
        }
        tried.broken = broken.into_iter().map(|((fault, _), found)| Broken { of: of[&fault], ..found }).collect();
    }

    fn broken(&self, (fault, kind): (Option<Fault>, FindingKind), schedule: &Schedule, result: &CaseResult) -> Broken {
        let conditions = Condition::all_in(schedule, &result.coverage, false);
        let said = conditions.iter().find(|condition| fault.is_some() && condition.name == fault.map(Fault::name));
        let Everywhere { suite, subject, seed, .. } = *self;
        let by = FoundBy { suite, subject, network: Network::Event, seed, case: 0 };
        let finding = result.first(kind).expect("it is shown").clone();
        let failure = FailureFile::found(by, schedule.clone(), finding, result.end.digest);
        Broken {
            fault,
            at: 1,
            of: 1,
            evidence: Condition::evidence(&conditions),
            size: said.and_then(|condition| condition.size),
            words: said.map_or_else(String::new, |condition| condition.words.clone()),
            failure,
        }
    }
}
