//! A value as a script holds it, and what of it a data store keeps: Roblox's rules for JSON.

mod number;
mod reading;
mod table;
mod writing;

pub use table::{ScriptKey, ScriptTable};

/// A Luau value.
#[derive(Clone, Debug, PartialEq)]
pub enum ScriptValue {
    /// No value.
    Nil,
    /// `true` or `false`.
    Boolean(bool),
    /// Luau has no integers.
    Number(f64),
    /// Any bytes.
    String(Vec<u8>),
    /// A table without metatable.
    Table(ScriptTable),
    /// A table that is also one of those around it.
    Cycle,
    /// One that is far larger than anything that can be stored: it has not been copied.
    TooLarge,
    /// A `buffer`: storable since 2025-01-14 (class reference, `GlobalDataStore`).
    Buffer(Vec<u8>),
    /// A function.
    Function,
    /// A coroutine.
    Thread,
    /// An Instance, a Vector3 or another engine type.
    Userdata,
}
