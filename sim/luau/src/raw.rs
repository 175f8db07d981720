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
//! The virtual machine lives in memory of its own (`region`), is never closed, and is forgotten with it.
#![expect(unsafe_code, reason = "Luau is a C++ library")]

#[cfg(not(feature = "system-memory"))]
mod blocks;
mod bytecode;
mod calls;
mod library;
mod memory;
mod meter;
#[cfg(not(feature = "system-memory"))]
mod region;
mod safepoint;
mod stack;
mod state;
#[cfg(test)]
mod tests;
mod thread;

pub(crate) use self::bytecode::Chunk;
pub use self::meter::Limits;
pub(crate) use self::safepoint::OWN;
pub(crate) use self::state::{Host, State};
