//! The world's tests: each fault really acts, and the same schedule always gives the same run.

mod any_schedule;
mod cache;
mod clocks;
mod datastore;
mod determinism;
mod director;
mod disconnect;
mod lifecycle;
mod limits;
mod log;
mod memory_store;
mod messaging;
mod node;
mod partition;
mod receipts;
mod scripted;
mod settling;
mod trace;
mod turmoil;
