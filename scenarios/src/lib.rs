//! Schedules, the subjects that are built in, what must hold, and the search for a schedule that breaks it.
//!
//! A *suite* is a family of schedules; a *world* says which faults there are in it; an *invariant* watches one run and
//! reports *findings*. A subject (the system under test) has a *contract*: the kinds of finding that it promises never
//! to show.
//!
//! # The loop
//!
//! 1. [`Suite::schedule`] draws case `n` of a seed: first which faults exist in this schedule at all (swarm testing),
//!    then the timeline of players, actions and faults.
//! 2. [`run_case`] runs it. The [`Invariants`] read the trace, and nothing else, and give [`Finding`]s; [`Coverage`]
//!    counts which interesting things happened.
//! 3. [`Search`] does that for many cases on all cores and merges the results in the order of the cases.
//! 4. The first case of each kind of finding is shrunk ([`shrink`](mod@shrink)) and its causes are told apart
//!    ([`factor`]): schedules of different causes are shrunk separately.
//! 5. The verdict is [`Verdict::Unsafe`] if a finding breaks a promise of the suite, [`Verdict::Unknown`] if the suite
//!    did not see everything that it must see or no promise was tried, and [`Verdict::Safe`] otherwise. Each cause has a
//!    [`FailureFile`], which replays.
//!
//! Whoever searches asks [`Preflight`] first: a subject that fails in a calm run is [`Verdict::Broken`], and not searched.
//!
//! # Example
//!
//! A search on `naive`, the simple save script without a lock:
//!
//! ```
//! use std::ops::ControlFlow;
//!
//! use dupeproof_scenarios::subjects::Subjects;
//! use dupeproof_scenarios::{FailureFile, Search, Suite, Verdict, run_case};
//! use dupeproof_sim::FindingKind;
//! use dupeproof_sim::network::Network;
//!
//! let subjects = Subjects::default();
//! let naive = subjects.named("naive").expect("it is built in");
//! let suite = Suite::named("swarm").expect("it is built in");
//! let search = Search { suite, subject: naive, network: Network::Event, seed: 1, first: 0, cases: 60, jobs: 1 };
//! let report = search.run(&mut |_| ControlFlow::Continue(()));
//! assert_eq!(report.verdict, Verdict::Unsafe);
//!
//! let lost = report.findings.iter().find(|found| found.kind == FindingKind::LostUpdate).expect("it has no lock");
//! let failure = &lost.causes[0].failure;
//! println!("{} needs {} steps: {:?}", lost.kind.name(), failure.schedule.timeline.len(), failure.finding.fact);
//!
//! // The failure file holds all that its run needs.
//! let failure = FailureFile::parse(&failure.to_json()).expect("it was written by this version");
//! let again = run_case(&failure.schedule, naive, failure.network, &mut ());
//! assert_eq!(again.end.digest, failure.digest);
//! ```
//!
//! A test of a Rust game of your own adds its [`Subject`](dupeproof_sim::Subject) to the [`Subjects`](subjects::Subjects),
//! or hands it to [`Search`] directly. A world and a suite of your own are a scenario file: [`Suite::parse`].
//!
//! # Test your own guest
//!
//! Anything that implements [`Guest`](dupeproof_sim::Guest) (one server's program) and
//! [`Subject`](dupeproof_sim::Subject) (makes guests, and states what they promise) can be tested here, in an ordinary
//! `proptest!` test: [`schedules`] is the strategy that draws and shrinks schedules, [`run_case`] runs one and judges
//! it. `examples/test_my_own_guest.rs` is a small game with save code of its own that does so; [`schedules`] shows the
//! test alone. [`harness`] makes each scenario file of a crate a test of its own.

pub mod audit;
pub mod behaviour;
pub mod belief;
mod between;
pub mod bound;
pub mod case;
mod catalogue;
pub mod condition;
pub mod coverage;
mod embedded;
pub mod everywhere;
pub mod excerpt;
pub mod fact;
pub mod factor;
pub mod failure;
pub mod fault;
pub mod file;
pub mod finding;
pub mod game_record;
pub mod guard;
pub mod harness;
pub mod history;
pub mod invariant;
mod json_header;
pub mod knob;
mod left_open;
pub mod measure;
pub mod pairing;
pub mod parameter;
pub mod preflight;
pub mod prove;
pub mod score;
pub mod search;
pub mod shrink;
pub mod significance;
pub mod size;
pub mod standing;
pub mod stop;
pub mod strategy;
pub mod subjects;
pub mod suggest;
pub mod suite;
pub mod verdict;
pub mod workers;
pub mod world;

pub use audit::Audit;
pub use belief::Belief;
pub use case::{CaseResult, run_case, try_case};
pub use condition::Condition;
pub use coverage::{Coverage, Milestone, Probe};
pub use fact::Fact;
pub use factor::Factor;
pub use failure::FailureFile;
pub use fault::{Evidence, Fault};
pub use finding::Finding;
pub use invariant::Invariants;
pub use json_header::JsonHeader;
pub use knob::Knob;
pub use measure::Measures;
pub use pairing::Pairing;
pub use parameter::Parameter;
pub use preflight::Preflight;
pub use score::Score;
pub use search::{Search, SearchReport};
pub use size::{Size, SizeUnit};
pub use strategy::schedules;
pub use suite::Suite;
pub use verdict::Verdict;
pub use world::World;
