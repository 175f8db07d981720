//! Luau on virtual servers.

mod host;
mod workload;
