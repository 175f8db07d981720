//! What happens on the virtual servers, and what must hold: schedules, workloads, invariants, suites, shrinking.
//!
//! # Test your own guest
//!
//! Anything that implements [`Guest`](dupeproof_sim::Guest) (one server's program) and
//! [`Subject`](dupeproof_sim::Subject) (makes guests, and states what they promise) can be tested here, in an ordinary
//! `proptest!` test: [`schedules`] is the strategy that draws and shrinks schedules, [`run_case`] runs one and judges
//! it. `examples/test_my_own_guest.rs` is a small game with save code of its own that does so; [`schedules`] shows the
//! test alone.

pub mod audit;
pub mod case;
pub mod coverage;
pub mod factor;
pub mod failure;
pub mod fault;
pub mod file;
pub mod finding;
pub mod history;
pub mod invariant;
pub mod knob;
pub mod measure;
pub mod search;
pub mod shrink;
pub mod strategy;
pub mod subjects;
pub mod suggest;
pub mod suite;
pub mod world;

pub use audit::Audit;
pub use case::{CaseResult, run_case};
pub use coverage::{Coverage, Probe};
pub use factor::Factor;
pub use failure::FailureFile;
pub use fault::Fault;
pub use finding::{Finding, FindingKind, Verdict};
pub use invariant::Invariants;
pub use knob::Knob;
pub use measure::Measures;
pub use search::{Search, SearchReport};
pub use strategy::schedules;
pub use suite::Suite;
pub use world::World;
