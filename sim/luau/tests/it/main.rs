//! Luau on virtual servers.

mod host;
mod upstream;
mod workload;
