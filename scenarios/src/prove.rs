//! Exhaustive exploration: the core itself, in small worlds, through every order of what can happen and every
//! placement of a few deviations from health.
//!
//! A [`Script`] says who does what; [`Proof::explore`] meets every state that its runs can reach. Nothing stands for the
//! core: the same [`dupeproof_core::ProfileStore`] that the search runs is copied from state to state, with the same game
//! on top. Two states are the same if they go on in the same way: times count relative to the present, so a session that
//! renews its lease for an hour meets one state again and again.
//!
//! What is free: the order in which requests are carried out and messages arrive, the moment of each step, the order of
//! timers that are due together, and each server's clock at either end of the allowed rates. What is counted: refused,
//! held, half-done and late requests, lost, doubled and held messages, freezes, and servers cut off from the data store.
//! What is left out: moments between those of the script's grid (`grid_ms`), on which timers are late, too; whatever
//! comes between the asking and the answering of a healthy read, and answers to one server that overtake each other in
//! no time: both need a deviation; a message that is sent at the moment of a timer, or of the only answer that a server
//! waits for, and comes before it; cuts of more than 12 requests; auto-saves; versions of a record but the newest.
//! Fingerprints have 64 bits: among 10^8 states the chance that one hides another is 1 in 4,000.
//!
//! Why it is fast: what an input does to a server depends on nothing but the server, so it is carried out once for all
//! states of the world in which the same server gets the same input (`world/effect.rs`).

mod choice;
mod ending;
mod exploration;
mod explorer;
mod met;
mod monitor;
mod script;
mod store;
mod world;

pub use choice::{Choice, FlightDeviation};
pub use exploration::{Exploration, Progress, ResumeError};
pub use explorer::{Counterexample, Explored, Proof};
pub use monitor::Violation;
pub use script::{Clocks, Deed, Script, ScriptError, Step};
