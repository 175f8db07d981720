//! Many cases of one suite, on all cores, merged in case order: the result does not depend on the number of threads.

use std::ops::ControlFlow;

use dupeproof_core::Span;
use dupeproof_sim::network::Network;
use dupeproof_sim::{Digest, Subject};

use crate::failure::FailureFile;
use crate::finding::{FindingKind, Verdict};
use crate::seen::Seen;
use crate::suite::Suite;

/// What to search.
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
    /// How many threads.
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
    /// Whether the subject promises never to show it.
    pub breaks_contract: bool,
    /// The first case that showed it.
    pub first_case: u64,
    /// The longest it lasted, for kinds that last.
    pub worst: Option<Span>,
    /// The first case, shrunk.
    pub failure: FailureFile,
}

impl Search<'_> {
    /// Runs all cases. `progress` is told now and then, from the calling thread, and may end the search early: the
    /// report is then of the cases that ran, a prefix of all.
    pub fn run(&self, _progress: &mut dyn FnMut(Progress) -> ControlFlow<()>) -> SearchReport {
        unimplemented!()
    }
}
