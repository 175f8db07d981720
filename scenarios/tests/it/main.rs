//! What the scenarios promise: invariants that catch what is planted, schedules that vary and shrink, searches that
//! do not depend on threads; and the suites themselves, on both networks, the corpus of past failures first.

mod agreement;
mod audit;
mod causes;
mod conflicts;
mod corpus;
mod coverage;
mod digest;
mod effects;
mod embed;
mod everywhere;
mod failure_file;
mod faults;
mod full_records;
mod game;
mod game_plan;
mod generation;
mod guard;
mod harness;
mod invariants;
mod knobs;
mod leases;
mod log;
mod measures;
mod naive;
mod promises;
mod properties;
mod prove;
mod reality;
mod sabotage;
mod scenario_file;
mod schedules;
#[expect(dead_code, reason = "the tests of the simulated world use all of it")]
#[path = "../../../sim/tests/it/scripted.rs"]
mod scripted;
mod search;
mod shrinking;
mod stream;
mod suites;
