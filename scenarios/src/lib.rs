//! What happens on the virtual servers, and what must hold: schedules, workloads, invariants, suites, shrinking.

pub mod audit;
pub mod case;
pub mod failure;
pub mod fault;
pub mod finding;
pub mod ingredient;
pub mod invariant;
pub mod knob;
pub mod ledger;
pub mod measure;
pub mod naming;
pub mod search;
pub mod seen;
pub mod shrink;
pub mod strategy;
pub mod subjects;
pub mod suite;
pub mod world;

pub use audit::Audit;
pub use case::{CaseResult, run_case};
pub use failure::FailureFile;
pub use fault::Fault;
pub use finding::{Finding, FindingKind, Verdict};
pub use ingredient::Ingredient;
pub use invariant::Invariants;
pub use knob::Knob;
pub use measure::Measures;
pub use search::{Search, SearchReport};
pub use seen::{Counter, Seen};
pub use suite::Suite;
pub use world::World;
