//! Luau on virtual servers.

mod host;
