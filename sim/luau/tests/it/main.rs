//! Luau on virtual servers.

mod common;
mod determinism;
mod host;
mod sandbox;
mod search;
mod tree;
mod upstream;
mod workload;
