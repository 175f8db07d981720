//! Many cases of one suite, on all cores, merged in case order: the result does not depend on the number of threads.

mod tally;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;

use dupeproof_core::Span;
use dupeproof_sim::network::Network;
use dupeproof_sim::{Digest, Schedule, Subject};

use crate::failure::{FORMAT, FailureFile};
use crate::finding::{FindingKind, Verdict};
use crate::measure::Measures;
use crate::seen::Seen;
use crate::shrink::{Shrunk, shrink};
use crate::suite::Suite;
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
    /// Cases with a finding, in the contract or not.
    pub with_findings: u64,
}

/// What a search found.
#[derive(Clone, Debug)]
pub struct SearchReport {
    /// Cases run.
    pub cases: u64,
    /// Simulated time of all together.
    pub simulated: Span,
    /// The digests of all cases, in order, as one.
    pub digest: Digest,
    /// What was seen, summed.
    pub seen: Seen,
    /// How long it took and what it cost, over all cases.
    pub measures: Measures,
    /// Each kind found, worst first.
    pub findings: Vec<Found>,
    /// The whole.
    pub verdict: Verdict,
    /// What had to be seen and was not.
    pub unseen: Vec<&'static str>,
}

/// One kind of finding over a whole search.
#[derive(Clone, Debug)]
pub struct Found {
    /// The kind.
    pub kind: FindingKind,
    /// Cases that showed it.
    pub cases: u64,
    /// Whether the subject promises never to show it, or nobody may in this suite.
    pub breaks_contract: bool,
    /// The first case that showed it.
    pub first_case: u64,
    /// The longest it lasted, for kinds that last.
    pub worst: Option<Span>,
    /// The first case, shrunk.
    pub failure: FailureFile,
}

/// What a search counted, where nothing was to be shrunk.
#[derive(Clone, Debug)]
pub struct Survey {
    /// Cases run.
    pub cases: u64,
    /// Simulated time of all together.
    pub simulated: Span,
    /// The digests of all cases, in order, as one.
    pub digest: Digest,
    /// How long it took and what it cost, over all cases.
    pub measures: Measures,
    /// Each kind found, worst first.
    pub kinds: Vec<Counted>,
}

/// How often one kind of finding came up.
#[derive(Clone, Copy, Debug)]
pub struct Counted {
    /// The kind.
    pub kind: FindingKind,
    /// Cases that showed it.
    pub cases: u64,
    /// Whether the subject promises never to show it, or nobody may in this suite.
    pub breaks_contract: bool,
    /// The first case that showed it.
    pub first_case: u64,
    /// The longest it lasted, for kinds that last.
    pub worst: Option<Span>,
}

/// Runs that shrinking one finding may take on the event network.
const SHRINK_TRIES: u32 = 3_000;
/// The same for virtual machines, of which a run takes tens of milliseconds.
const SHRINK_TRIES_SLOW: u32 = 200;
/// The same where a run takes a good part of a second.
const SHRINK_TRIES_TURMOIL: u32 = 30;

impl Search<'_> {
    /// Runs all cases. `progress` is told now and then, from the calling thread, and may end the search early: the
    /// report is then of the cases that ran, a prefix of all.
    ///
    /// # Panics
    /// If the operating system gives no threads, or a run panics.
    pub fn run(&self, progress: &mut dyn FnMut(Progress) -> ControlFlow<()>) -> SearchReport {
        self.report(self.tally(progress), SHRINK_TRIES)
    }

    /// The same for a subject whose runs take long: what is found is made short in fewer tries.
    ///
    /// # Panics
    /// As [`Search::run`].
    pub fn run_slow(&self, progress: &mut dyn FnMut(Progress) -> ControlFlow<()>) -> SearchReport {
        self.report(self.tally(progress), SHRINK_TRIES_SLOW)
    }

    /// Runs all cases and only counts what they show: nothing is shrunk.
    ///
    /// # Panics
    /// As [`Search::run`].
    pub fn survey(&self, progress: &mut dyn FnMut(Progress) -> ControlFlow<()>) -> Survey {
        let Tally { cases, simulated, digest, measures, kinds, .. } = self.tally(progress);
        let sighted = |kind: FindingKind| {
            let Sighted { cases, first_case, worst } = kinds[kind as usize]?;
            let breaks_contract = self.suite.forbids(kind, self.subject);
            Some(Counted { kind, cases, breaks_contract, first_case, worst })
        };
        let kinds = FindingKind::ALL.into_iter().filter_map(sighted).collect();
        Survey { cases, simulated, digest, measures, kinds }
    }

    fn tally(&self, progress: &mut dyn FnMut(Progress) -> ControlFlow<()>) -> Tally {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.jobs.max(1)).build();
        let pool = pool.expect("the operating system gives threads");
        let next = AtomicU64::new(0);
        let stop = AtomicBool::new(false);
        pool.in_place_scope(|scope| {
            let (sender, receiver) = mpsc::channel();
            for _ in 0..self.jobs.max(1) {
                let sender = sender.clone();
                let (next, stop) = (&next, &stop);
                scope.spawn(move |_| self.work(next, stop, &sender));
            }
            drop(sender);
            let tally = merge(&receiver, progress);
            stop.store(true, Ordering::Relaxed);
            tally
        })
    }

    /// One thread: takes the next chunk of cases until there are none.
    fn work(&self, next: &AtomicU64, stop: &AtomicBool, sender: &mpsc::Sender<(u64, Tally)>) {
        while !stop.load(Ordering::Relaxed) {
            let chunk = next.fetch_add(1, Ordering::Relaxed);
            let first = chunk.saturating_mul(self.chunk());
            if first >= self.cases {
                return;
            }
            let mut tally = Tally::default();
            for case in first..self.cases.min(first + self.chunk()) {
                let schedule = self.suite.schedule(self.seed, case, self.subject.name());
                tally.run(case, &schedule, self.subject, self.network);
            }
            if sender.send((chunk, tally)).is_err() {
                return;
            }
        }
    }

    /// Cases that are told together: milliseconds' worth. The result does not depend on it.
    fn chunk(&self) -> u64 {
        match self.network {
            Network::Event => 128,
            Network::Turmoil => 1,
        }
    }

    fn report(&self, tally: Tally, tries: u32) -> SearchReport {
        let findings: Vec<Found> = FindingKind::ALL
            .into_iter()
            .filter_map(|kind| Some(self.found(kind, *tally.kinds[kind as usize].as_ref()?, tries)))
            .collect();
        let unseen = self.unseen(&tally);
        let verdict = if findings.iter().any(|found| found.breaks_contract) {
            Verdict::Unsafe
        } else if unseen.is_empty() {
            Verdict::Safe
        } else {
            Verdict::Unknown
        };
        let Tally { cases, simulated, digest, seen, measures, .. } = tally;
        SearchReport { cases, simulated, digest, seen, measures, findings, verdict, unseen }
    }

    /// Also of a few cases: they may have seen everything, and if they have not they prove nothing.
    fn unseen(&self, tally: &Tally) -> Vec<&'static str> {
        let must_see = self.suite.must_see_of(self.subject);
        must_see.iter().filter(|counter| tally.seen.of(**counter) == 0).map(|counter| counter.name()).collect()
    }

    fn found(&self, kind: FindingKind, sighted: Sighted, tries: u32) -> Found {
        let Shrunk { schedule, finding, digest, .. } = self.shrunk(kind, sighted.first_case, tries);
        Found {
            kind,
            cases: sighted.cases,
            breaks_contract: self.suite.forbids(kind, self.subject),
            first_case: sighted.first_case,
            worst: sighted.worst,
            failure: FailureFile {
                format: FORMAT,
                dupeproof: env!("CARGO_PKG_VERSION").to_owned(),
                suite: self.suite.name.clone(),
                world: self.suite.world.name.clone(),
                forbidden: self.suite.forbidden(self.subject),
                seed: self.seed,
                case: sighted.first_case,
                network: self.network,
                finding,
                digest,
                scripts: None,
                schedule,
            },
        }
    }

    /// Shrinks on the event network where that shows the same kind, and has turmoil confirm the result.
    fn shrunk(&self, kind: FindingKind, case: u64, tries: u32) -> Shrunk {
        let schedule = self.suite.schedule(self.seed, case, self.subject.name());
        let on = |schedule: &Schedule, network, tries| shrink(schedule, kind, self.subject, network, tries);
        let confirmed = match self.network {
            Network::Event => on(&schedule, Network::Event, tries),
            Network::Turmoil => on(&schedule, Network::Event, tries)
                .and_then(|short| on(&short.schedule, Network::Turmoil, 1))
                .or_else(|| on(&schedule, Network::Turmoil, SHRINK_TRIES_TURMOIL)),
        };
        confirmed.expect("the same schedule gives the same run: this case showed it before")
    }
}

/// Puts the chunks together in their order, telling the progress, until all are there or the caller has enough.
fn merge(receiver: &mpsc::Receiver<(u64, Tally)>, progress: &mut dyn FnMut(Progress) -> ControlFlow<()>) -> Tally {
    let mut total = Tally::default();
    let mut early: BTreeMap<u64, Tally> = BTreeMap::new();
    let mut next = 0;
    for (chunk, tally) in receiver {
        early.insert(chunk, tally);
        while let Some(tally) = early.remove(&next) {
            next += 1;
            total.append(&tally);
            let Tally { cases, simulated, with_findings, .. } = total;
            if progress(Progress { cases, simulated, with_findings }).is_break() {
                return total;
            }
        }
    }
    total
}
