//! What happens on the virtual servers, and what must hold: schedules, workloads, invariants, suites, shrinking.

pub mod audit;
mod between;
pub mod case;
mod catalogue;
pub mod coverage;
pub mod factor;
pub mod failure;
pub mod fault;
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
pub use coverage::{Coverage, Milestone, Probe};
pub use factor::Factor;
pub use failure::FailureFile;
pub use fault::Fault;
pub use finding::{Finding, FindingKind, Verdict};
pub use invariant::Invariants;
pub use knob::Knob;
pub use measure::Measures;
pub use search::{Search, SearchReport};
pub use suite::Suite;
pub use world::World;
