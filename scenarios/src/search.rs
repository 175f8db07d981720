//! Many cases of one suite, on all cores, merged in case order: the result does not depend on the number of threads.

mod causes;
mod explaining;
mod failed_case;
mod idle;
mod tally;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;

use dupeproof_core::Span;
use dupeproof_sim::network::Network;
use dupeproof_sim::trace::log::{self, LogObserver};
use dupeproof_sim::{Digest, FindingKind, Pace, Schedule, Subject};
use serde::{Deserialize, Serialize};

use crate::behaviour::{Behaviour, BehaviourSeen};
use crate::bound::Exceeded;
use crate::case::{CaseResult, try_case};
use crate::condition::Condition;
use crate::coverage::Coverage;
use crate::factor::Factor;
use crate::failure::{FailureFile, FoundBy};
use crate::fault::Evidence;
use crate::guard::{Ended, guarded};
use crate::measure::Measures;
use crate::score::Score;
use crate::shrink::{Shrunk, shrink_watched};
use crate::stop;
use crate::suite::Suite;
use crate::verdict::Verdict;
use crate::workers;
pub use causes::Depth;
use causes::{Traced, Tracer};
use explaining::Count;
pub use explaining::{Explaining, Listener};
pub use failed_case::{FailedCase, FailedCases};
use rayon::prelude::*;
use tally::{Sighted, Tally};

/// What to search.
#[derive(Clone, Copy)]
pub struct Search<'a> {
    /// The family of schedules.
    pub suite: &'a Suite,
    /// What runs on the servers.
    pub subject: &'a dyn Subject,
    /// Which network.
    pub network: Network,
    /// The root seed.
    pub seed: u64,
    /// The first case.
    pub first: u64,
    /// How many cases.
    pub cases: u64,
    /// How many threads; at least one is used.
    pub jobs: usize,
}

/// Where a search stands; told now and then, from the calling thread.
#[derive(Clone, Copy, Debug, Default)]
pub struct Progress {
    /// Cases done.
    pub cases: u64,
    /// Simulated time so far.
    pub simulated: Span,
    /// Cases with a finding, whether it breaks a promise or is a known exposure.
    pub with_findings: u64,
    /// Whether a case has shown what nobody may show in this suite, or the subject promises never to.
    pub is_broken: bool,
    /// Cases since the latest that showed behaviour which none before had.
    pub quiet_for: u64,
}

/// What a search found.
#[derive(Clone, Debug)]
pub struct SearchReport {
    /// The first case.
    pub first: u64,
    /// Cases run.
    pub cases: u64,
    /// Simulated time of all together.
    pub simulated: Span,
    /// The digests of all cases, in order, as one.
    pub digest: Digest,
    /// What was seen, summed.
    pub coverage: Coverage,
    /// How much behaviour was seen.
    pub behaviour: BehaviourSeen,
    /// How long it took and what it cost, over all cases.
    pub measures: Measures,
    /// Each kind found: those with the most real causes first, of these the worst.
    pub findings: Vec<Found>,
    /// The whole.
    pub verdict: Verdict,
    /// Bounds of the suite beyond which something was measured.
    pub exceeded: Vec<Exceeded>,
    /// What had to be seen and was not.
    pub unseen: Vec<&'static str>,
    /// Promises that nothing in these runs could have broken, each with the reason.
    pub not_tried: Vec<(FindingKind, &'static str)>,
    /// Cases in which this program made a mistake. All else is about the others.
    pub failed: FailedCases,
}

impl SearchReport {
    /// Of a search that was not made, since the subject is broken.
    pub fn broken() -> SearchReport {
        SearchReport {
            first: 0,
            cases: 0,
            simulated: Span::ZERO,
            digest: Digest::default(),
            coverage: Coverage::default(),
            behaviour: BehaviourSeen::default(),
            measures: Measures::default(),
            findings: Vec::new(),
            verdict: Verdict::Broken,
            exceeded: Vec::new(),
            unseen: Vec::new(),
            not_tried: Vec::new(),
            failed: FailedCases::default(),
        }
    }
}

/// One kind of finding over a whole search.
#[derive(Clone, Debug)]
pub struct Found {
    /// The kind.
    pub kind: FindingKind,
    /// Cases that showed it.
    pub cases: u64,
    /// Whether the subject promises never to show it, or nobody may in this suite; and a cause is as real as is believed.
    pub breaks_contract: bool,
    /// The first case that showed it.
    pub first_case: u64,
    /// The longest it lasted, for kinds that last.
    pub worst: Option<Span>,
    /// Of those cases, how many were looked at to tell causes apart.
    pub looked_at: u64,
    /// What it comes from, the most real first, of these those that need least; at least one, unless this program fails when it looks for them.
    pub causes: Vec<Cause>,
}

/// One cause of a kind of finding.
#[derive(Clone, Debug)]
pub struct Cause {
    /// What the finding needs; empty if players who join and leave are enough.
    pub needs: Vec<Factor>,
    /// The same, as large as it has to be, each with what is known of it.
    pub conditions: Vec<Condition>,
    /// Cases that have it, of those that were looked at. A case can have more than one.
    pub cases: u64,
    /// One of them, shrunk.
    pub failure: FailureFile,
}

impl Cause {
    /// How real it is: as the least real of what it needs.
    pub fn evidence(&self) -> Evidence {
        Condition::evidence(&self.conditions)
    }
}

impl Found {
    /// How real its most real cause is.
    pub fn evidence(&self) -> Evidence {
        self.causes.iter().map(Cause::evidence).min().unwrap_or(Evidence::Ordinary)
    }
}

/// Gives a survey of what has run so far.
pub type SoFar<'a> = dyn Fn() -> Survey + 'a;

/// What a search counted, before anything is made short. Written down, it can be gone on from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survey {
    /// The first case.
    pub first: u64,
    /// Cases run.
    pub cases: u64,
    /// Cases with a finding.
    pub with_findings: u64,
    /// Simulated time of all together.
    pub simulated: Span,
    /// The digests of all cases, in order, as one.
    pub digest: Digest,
    /// How long it took and what it cost, over all cases.
    pub measures: Measures,
    /// What was seen, summed.
    pub coverage: Coverage,
    /// Which behaviour was seen.
    pub behaviour: Behaviour,
    /// Each kind found, worst first.
    pub kinds: Vec<Counted>,
    /// Cases in which this program made a mistake.
    pub failed: FailedCases,
    /// Each case in brief, in order, if that was asked for; `None` of a case in which this program made a mistake.
    pub scores: Vec<Option<Score>>,
}

/// How often one kind of finding came up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// The kind.
    pub kind: FindingKind,
    /// Cases that showed it.
    pub cases: u64,
    /// Whether the subject promises never to show it, or nobody may in this suite.
    pub breaks_contract: bool,
    /// The first cases that showed it, in order; at least one.
    pub first_cases: Vec<u64>,
    /// The longest it lasted, for kinds that last.
    pub worst: Option<Span>,
}

impl Counted {
    /// The cases that are looked at to tell causes apart.
    fn looked_at(&self, depth: Depth) -> &[u64] {
        &self.first_cases[..self.first_cases.len().min(depth.cases())]
    }
}

impl Search<'_> {
    /// Runs all cases and explains what they show. `progress` is told now and then, from the calling thread, and may
    /// end the search early: the report is then of the cases that ran, a prefix of all.
    ///
    /// # Panics
    /// With a [`dupeproof_sim::Refusal`], if the operating system gives no threads or no memory, or the subject cannot go
    /// on. A run that panics otherwise is counted in [`SearchReport::failed`].
    pub fn run(&self, progress: &mut dyn FnMut(Progress) -> ControlFlow<()>) -> SearchReport {
        self.explain(self.survey(progress), self.depth())
    }

    /// Runs all cases and only counts what they show.
    ///
    /// # Panics
    /// As [`Search::run`].
    pub fn survey(&self, progress: &mut dyn FnMut(Progress) -> ControlFlow<()>) -> Survey {
        survey_of(self, self.tally(Tally::new(self.first, false), &mut |now, _| progress(now)))
    }

    /// The same, and keeps the score of each.
    ///
    /// # Panics
    /// As [`Search::run`].
    pub fn scored(&self, progress: &mut dyn FnMut(Progress) -> ControlFlow<()>) -> Survey {
        survey_of(self, self.tally(Tally::new(self.first, true), &mut |now, _| progress(now)))
    }

    /// The first cases of this search with those that follow: one survey, as if they had never been apart.
    pub fn joined(&self, mut before: Survey, next: Survey) -> Survey {
        let keeps_scores = !before.scores.is_empty() || !next.scores.is_empty();
        if before.cases == 0 {
            before.first = next.first;
        }
        let mut tally = Tally::of(before, keeps_scores);
        tally.append(&Tally::of(next, keeps_scores));
        survey_of(self, tally)
    }

    /// Goes on after the cases of an earlier survey of the same search, and returns one of all cases. `watch` is told the
    /// progress, and how to have a survey of what has run so far.
    ///
    /// # Panics
    /// As [`Search::run`].
    pub fn resumed(
        &self,
        before: Survey,
        keeps_scores: bool,
        watch: &mut dyn FnMut(Progress, &SoFar<'_>) -> ControlFlow<()>,
    ) -> Survey {
        let start =
            if before.cases == 0 { Tally::new(self.first, keeps_scores) } else { Tally::of(before, keeps_scores) };
        let tally = self.tally(start, &mut |now, so_far| watch(now, &|| survey_of(self, so_far.clone())));
        survey_of(self, tally)
    }

    /// Groups the findings of each kind by cause, and shrinks a schedule of each cause.
    ///
    /// # Panics
    /// As [`Search::run`].
    pub fn explain(&self, survey: Survey, depth: Depth) -> SearchReport {
        self.explain_each(survey, depth, &())
    }

    /// The same, and tells how it goes, and of each kind as soon as its schedules are shrunk.
    ///
    /// # Panics
    /// As [`Search::run`].
    pub fn explain_each(&self, survey: Survey, depth: Depth, listener: &dyn Listener) -> SearchReport {
        let Survey { first, cases, simulated, digest, measures, coverage, behaviour, kinds, mut failed, .. } = survey;
        let count = Count::of(kinds.iter().map(|counted| counted.looked_at(depth).len() as u64).sum(), listener);
        let explained = |counted: Counted| {
            let (found, failed) = self.found(&counted, depth, &count);
            listener.found(&found);
            (found, failed)
        };
        let found = || kinds.into_par_iter().map(explained).unzip();
        let (mut findings, while_shrinking): (Vec<Found>, Vec<Vec<FailedCase>>) =
            workers::pool_within(self.jobs).install(found);
        while_shrinking.into_iter().flatten().for_each(|case| failed.add(case));
        findings.sort_by_key(|found| (found.evidence(), found.kind));
        let unseen = self.unseen(&coverage);
        let shown = |kind: FindingKind| findings.iter().any(|found| found.kind == kind);
        let forbidden = self.suite.forbidden(self.subject);
        let mut not_tried = self.suite.not_tried(self.subject);
        not_tried.extend(idle::idle(&coverage).filter(|(kind, _)| forbidden.contains(kind) && !shown(*kind)));
        not_tried.sort();
        // Where no finding is forbidden, or none could come up, a run without a broken promise says nothing.
        let can_judge = forbidden.iter().any(|kind| not_tried.iter().all(|(idle, _)| idle != kind));
        let exceeded: Vec<Exceeded> =
            self.suite.bounds.iter().filter_map(|(bound, allowed)| bound.exceeded(*allowed, &measures)).collect();
        let verdict = if !exceeded.is_empty() || findings.iter().any(|found| found.breaks_contract) {
            Verdict::Unsafe
        } else if can_judge && unseen.is_empty() && failed.count == 0 {
            Verdict::Safe
        } else {
            Verdict::Unknown
        };
        SearchReport {
            first,
            cases,
            simulated,
            digest,
            coverage,
            behaviour: behaviour.summed_up(first, cases),
            measures,
            findings,
            verdict,
            exceeded,
            unseen,
            not_tried,
            failed,
        }
    }

    /// How far it is worth going in telling causes apart.
    pub fn depth(&self) -> Depth {
        match (self.network, self.subject.pace()) {
            (Network::Event, Pace::Quick) => Depth::QUICK,
            (Network::Event, Pace::Slow) => Depth::SLOW,
            (Network::Turmoil, _) => Depth::TURMOIL,
        }
    }

    fn tally(&self, before: Tally, watch: &mut Watch<'_>) -> Tally {
        let (first, scores) = (self.first.saturating_add(before.sum.cases), before.keeps_scores());
        let pool = workers::pool(self.jobs);
        let next = AtomicU64::new(0);
        let stop = AtomicBool::new(false);
        pool.in_place_scope(|scope| {
            let (sender, receiver) = mpsc::channel();
            for _ in 0..self.jobs.max(1) {
                let sender = sender.clone();
                let (next, stop) = (&next, &stop);
                scope.spawn(move |_| self.work(first, scores, (next, stop), &sender));
            }
            drop(sender);
            let tally = self.merge(&receiver, before, watch);
            stop.store(true, Ordering::Relaxed);
            tally
        })
    }

    /// One thread: takes the next chunk of cases until there are none, or somebody has asked to stop. A chunk that is not done
    /// by then is dropped.
    fn work(
        &self,
        start: u64,
        scores: bool,
        (next, stop): (&AtomicU64, &AtomicBool),
        sender: &mpsc::Sender<(u64, Tally)>,
    ) {
        while !stop.load(Ordering::Relaxed) {
            let chunk = next.fetch_add(1, Ordering::Relaxed);
            let first = chunk.saturating_mul(self.chunk()).saturating_add(start);
            let end = self.first.saturating_add(self.cases);
            if first >= end {
                return;
            }
            let mut tally = Tally::new(first, scores);
            for case in first..end.min(first.saturating_add(self.chunk())) {
                if stop::is_asked() {
                    return;
                }
                match self.case(case) {
                    Ok(result) => tally.add(case, result),
                    Err(Ended::Internal(error)) => tally.failed(case, error),
                    Err(Ended::Refused(refusal)) => {
                        stop.store(true, Ordering::Relaxed);
                        refusal.raise();
                    }
                }
            }
            if sender.send((chunk, tally)).is_err() {
                return;
            }
        }
    }

    /// Draws and runs one case.
    fn case(&self, case: u64) -> Result<CaseResult, Ended> {
        let (subject, network) = (self.subject, self.network);
        let schedule = guarded(|| self.suite.schedule(self.seed, case, subject.name()))?;
        if log::is_on() {
            let observer = || LogObserver::of_case(self.seed, case);
            return try_case(&schedule, subject, network, observer).map(|(result, _)| result);
        }
        try_case(&schedule, subject, network, || ()).map(|(result, ())| result)
    }

    /// Cases that are told together: milliseconds' worth. The result does not depend on it.
    fn chunk(&self) -> u64 {
        match (self.network, self.subject.pace()) {
            (Network::Event, Pace::Quick) => 128,
            (Network::Event, Pace::Slow) => 2,
            (Network::Turmoil, _) => 1,
        }
    }

    /// Also of a few cases: they may have seen everything, and if they have not they prove nothing.
    fn unseen(&self, coverage: &Coverage) -> Vec<&'static str> {
        let must_see = self.suite.must_see_of(self.subject);
        must_see.iter().filter(|probe| coverage.of(**probe) == 0).map(|probe| probe.name()).collect()
    }

    fn found(&self, counted: &Counted, depth: Depth, count: &Count<'_>) -> (Found, Vec<FailedCase>) {
        let Counted { kind, cases, breaks_contract, ref first_cases, worst } = *counted;
        let looked_at = counted.looked_at(depth);
        let (causes, looked_at) = match self.network {
            Network::Event => self.tracer(kind, depth, count).causes(looked_at),
            Network::Turmoil => {
                let traced = self.traced_on_turmoil(kind, first_cases[0], depth, count);
                count.looked_at(looked_at.len());
                (traced.into_iter().collect(), looked_at.len())
            }
        };
        let failed = causes.iter().filter_map(|traced| {
            let error = traced.shrunk.error.clone()?;
            Some(FailedCase { case: traced.case, shrinking: true, error })
        });
        let failed = failed.collect();
        let mut found = Found {
            kind,
            cases,
            breaks_contract,
            first_case: first_cases[0],
            worst,
            looked_at: looked_at as u64,
            causes: causes.into_iter().map(|traced| self.cause(traced)).collect(),
        };
        found.breaks_contract &= self.suite.believe().counts(found.evidence());
        (found, failed)
    }

    fn tracer<'a>(&'a self, kind: FindingKind, depth: Depth, count: &'a Count<'a>) -> Tracer<'a> {
        Tracer { suite: self.suite, subject: self.subject, seed: self.seed, kind, depth, count }
    }

    /// Shrinks on the event network where that shows the same kind, and has turmoil confirm the result.
    /// `None` if the shrunk schedule fails by a mistake of this program.
    fn traced_on_turmoil(&self, kind: FindingKind, case: u64, depth: Depth, count: &Count<'_>) -> Option<Traced> {
        let schedule = self.suite.schedule(self.seed, case, self.subject.name());
        let running = || count.run();
        let on = |schedule: &Schedule, network, tries| {
            shrink_watched(schedule, self.suite, kind, self.subject, network, tries, &running)
        };
        let shrunk = on(&schedule, Network::Event, Depth::SLOW.tries)
            .and_then(|short| on(&short.schedule, Network::Turmoil, 1))
            .or_else(|| on(&schedule, Network::Turmoil, depth.tries))?;
        count.shrunk();
        Some(Traced::of(case, shrunk, 1))
    }

    /// Puts the chunks together in their order, telling the progress, until all are there or the caller has enough.
    fn merge(&self, receiver: &mpsc::Receiver<(u64, Tally)>, mut total: Tally, watch: &mut Watch<'_>) -> Tally {
        let mut early: BTreeMap<u64, Tally> = BTreeMap::new();
        let mut next = 0;
        for (chunk, tally) in receiver {
            early.insert(chunk, tally);
            while let Some(tally) = early.remove(&next) {
                next += 1;
                total.append(&tally);
                if watch(self.progress(&total), &total).is_break() {
                    return total;
                }
            }
        }
        total
    }

    fn progress(&self, Tally { sum, kinds, .. }: &Tally) -> Progress {
        let mut shown = FindingKind::ALL.iter().filter(|kind| kinds[**kind as usize].is_some());
        let latest = sum.behaviour.newest().map_or(0, |case| case + 1 - sum.first);
        Progress {
            cases: sum.cases,
            simulated: sum.simulated,
            with_findings: sum.with_findings,
            is_broken: shown.any(|kind| self.suite.forbids(*kind, self.subject)),
            quiet_for: sum.cases - latest,
        }
    }

    fn cause(&self, traced: Traced) -> Cause {
        let Traced { needs, conditions, cases, case, shrunk: Shrunk { schedule, finding, digest, .. } } = traced;
        let Search { suite, subject, network, seed, .. } = *self;
        let failure = FailureFile::found(FoundBy { suite, subject, network, seed, case }, schedule, finding, digest);
        Cause { needs, conditions, cases, failure }
    }
}

/// Who is told the progress, with all cases that have run.
type Watch<'a> = dyn FnMut(Progress, &Tally) -> ControlFlow<()> + 'a;

/// Sums up, worst kind first.
fn survey_of(search: &Search<'_>, tally: Tally) -> Survey {
    let Tally { sum, mut kinds, .. } = tally;
    let counted = |(kind, sighted): (FindingKind, Option<Sighted>)| {
        let Sighted { cases, first_cases, worst, .. } = sighted?;
        let breaks_contract = search.suite.forbids(kind, search.subject);
        Some(Counted { kind, cases, breaks_contract, first_cases, worst })
    };
    let sighted = FindingKind::ALL.map(|kind| (kind, kinds[kind as usize].take()));
    Survey { kinds: sighted.into_iter().filter_map(counted).collect(), ..sum }
}
