//! ProfileStore's protocol as a pure state machine.
//!
//! No clock, no random numbers, no async, no I/O and no threads: the caller passes the time and the results in,
//! and carries the effects out.
#![warn(clippy::pedantic)]
#![expect(clippy::module_name_repetitions, reason = "the field's own words repeat")]

pub mod record;
pub mod time;

pub use record::{GlobalUpdates, MetaData, Profile, Record, SessionTag, Stored};
pub use time::{Mono, Now, Span, Unix};
