//! Luau on virtual servers.

mod calls;
mod captured;
mod common;
mod data_modules;
mod determinism;
mod host;
mod hostile;
mod leased;
mod locks;
mod log;
mod names;
mod odd_numbers;
mod own_script;
mod sandbox;
mod search;
mod stale_lock;
mod subject;
mod tree;
mod upstream;
mod workload;
