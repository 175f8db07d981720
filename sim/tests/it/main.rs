//! The world's tests: each fault really acts, and the same schedule always gives the same run.

mod any_schedule;
mod datastore;
mod determinism;
mod director;
mod messaging;
mod node;
mod partition;
mod scripted;
mod trace;
mod turmoil;
