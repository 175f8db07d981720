//! The simulated world: services, servers, clocks, faults, two networks that carry them, and the trace.
//!
//! Everything here is a plain machine driven by simulated time, except `network::turmoil`, which runs the same
//! machines as tokio tasks over turmoil's sockets.

pub mod clock;
pub mod datastore;
pub mod director;
mod event_queue;
pub mod guest;
pub mod id;
pub mod marketplace;
pub mod memory_store;
pub mod messaging;
pub mod network;
pub mod node;
pub mod record_layout;
pub mod request;
mod request_faults;
pub mod rng;
pub mod schedule;
pub mod service;
pub mod subject;
mod token_bucket;
pub mod trace;
pub mod update;
pub mod value;

pub use clock::{Clock, Global};
pub use guest::{Command, EndReason, Guest, GuestEvent, Input, Output, StartFailure, Turn};
pub use id::{RequestId, ServerId, SessionRef, Stamp, SubscriptionId};
pub use request::{Key, Payload, Request, Response, ServiceError, Version};
pub use schedule::{Action, Schedule, ServerPlan, ServiceProfile, Step};
pub use subject::{Contract, Pace, Subject};
pub use trace::{Digest, Event, Observer, Trace};
