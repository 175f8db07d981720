//! The Luau virtual machine: the only module with `unsafe`.
//!
//! Luau raises errors as C++ exceptions. What follows from that, and must hold for every function here that Luau calls:
//!
//! * It is `extern "C-unwind"`, so that such an exception may pass through it and drop what it owns.
//! * A Rust panic never leaves it: the host's code runs under `catch_unwind`, and the panic goes on when Luau has
//!   returned.
//! * Nothing that may raise is called under `catch_unwind`, nor outside of a protected call.
//! * It owns nothing when it calls `lua_error`, which never returns.
//!
//! The virtual machine lives in memory of its own (`region`). It is never closed: the region is simply used again.
//!
//! Three terms of the `# Safety` sections:
//!
//! * A state is *live* if it is a thread of a virtual machine that [`State`] made and that has not been dropped, and if
//!   Luau cannot collect it: it runs, or a stack or the registry holds it.
//! * Code runs *under protection* if a protected call of Luau (`Protection::run`, or one of a script) surrounds it, so
//!   that an error that is raised has somewhere to go.
//! * A function that *Luau calls as a C function* gets a live state, under protection, whose stack holds its arguments
//!   and has room for `LUA_MINSTACK` values more.
#![expect(unsafe_code, reason = "Luau is a C++ library")]

#[cfg(not(feature = "system-memory"))]
mod blocks;
mod border;
mod bytecode;
mod callers;
mod calls;
mod cost;
#[cfg(not(feature = "system-memory"))]
mod image;
mod library;
mod memory;
mod meter;
mod pattern;
#[cfg(not(feature = "system-memory"))]
mod region;
mod safepoint;
mod stack;
mod state;
#[cfg(not(feature = "system-memory"))]
mod stopwatch;
#[cfg(test)]
mod tests;
mod text;
mod thread;
mod watchdog;

pub(crate) use self::bytecode::Chunk;
pub(crate) use self::callers::Origin;
#[cfg(not(feature = "system-memory"))]
pub(crate) use self::image::Image;
pub use self::meter::Limits;
pub(crate) use self::meter::is_limit;
pub(crate) use self::safepoint::OWN;
pub(crate) use self::state::{Host, State, Use};
pub(crate) use self::watchdog::begin_run;
