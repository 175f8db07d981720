//! Real Luau modules on the virtual game servers.
//!
//! A [`LuauSubject`] runs a user's unmodified scripts: each server is a virtual machine of its own, in which a prelude
//! written in Luau plays the part of Roblox. `raw` holds the virtual machine and all `unsafe`; everything else here
//! turns the server's inputs into calls of one dispatch function, and what scripts ask for into requests.

mod contract;
mod fidelity;
mod guest;
mod guid;
mod host;
mod prelude;
mod raw;
mod subject;
mod tree;
mod value;

pub use contract::{ADAPTERS, BuiltIn, contract_of};
pub use fidelity::Fidelity;
pub use guest::LuauGuest;
pub use raw::Limits;
pub use subject::{LuauSubject, Options, SubjectError, read_adapter};
pub use tree::{Files, MountError};
