//! ProfileStore's protocol as a pure state machine.
//!
//! No clock, no random numbers, no async, no I/O and no threads: the caller passes in the time and the results of
//! requests, and makes the requests that come out.
//!
//! 1. Pass what happened to [`ProfileStore::handle`].
//! 2. Take outputs from [`ProfileStore::poll_output`] until there is none, and do what each says. For [`Output::Update`], read the
//!    key, run [`ProfileStore::transform`], and write its result only if the key has not changed since; if it has,
//!    begin again. Only what is known to be committed changes the machine.
//! 3. Call [`ProfileStore::handle`] with [`Input::Wake`] no later than [`ProfileStore::poll_timeout`].
//!
//! A session is *live* while its lease runs: ask [`ProfileStore::is_active`] at the moment it matters.
//! [`Config::takeover_wait`] explains why no two servers are ever live for one key.

mod backoff;
mod call;
mod config;
mod constant;
mod context;
mod coordinator;
mod critical;
mod event;
#[cfg(feature = "explore")]
pub mod explore;
mod fence;
mod ids;
mod io;
mod limits;
mod message;
mod outcome;
mod plan;
mod record;
#[cfg_attr(not(feature = "sabotage"), expect(unreachable_pub, reason = "public with the feature `sabotage`"))]
mod sabotage;
mod session;
mod size;
mod store;
mod time;
mod transform;
mod version;

pub use config::Config;
pub use constant::{Constant, ConstantError};
pub use event::Event;
pub use ids::{CallId, Guid, Key, OpId, OpNo, Owner, ServerIdentity, SessionId};
pub use io::{CallRequest, Input, Output};
pub use limits::{Limits, TagError};
pub use message::gift_sender;
pub use outcome::{Acquired, CallFailed, CallResult, EndReason, NotActive, Purchase, StartFailure, Unstorable};
pub use plan::{Plan, Transform, UpdateOutcome};
pub use record::{CoordinatorId, Escrow, GlobalUpdates, MetaData, Profile, Record, SessionTag, Stored, Unknown};
#[cfg(feature = "sabotage")]
pub use sabotage::Sabotage;
pub use store::ProfileStore;
pub use time::{Mono, Now, Span, Unix};
pub use version::{VersionInfo, VersionQuery};
