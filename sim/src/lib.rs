//! The simulated world: Roblox's services and game servers, the faults between them, and the trace of what happened.
//!
//! A run is a pure function of its [`Schedule`]: the same schedule gives the same events and the same [`Digest`], on any
//! thread, in any process, in debug and release. Nothing here reads a clock, draws from ambient randomness or does I/O;
//! [`network::turmoil`] runs the same machines as tokio tasks over turmoil's simulated sockets.
//!
//! # The loop
//!
//! 1. A [`Subject`] is the system under test. It makes a [`Guest`] for each life of each server: the server's program.
//! 2. The network wakes the guest with an [`Input`]: a player joins, an answer or a message arrives, the server closes.
//! 3. The guest appends [`Output`]s: requests to services, events of its sessions, log lines. It returns the time of its
//!    next wake.
//! 4. Links and services carry each request, and the schedule's faults act on it: refused, late, lost, applied twice.
//! 5. Everything that happens becomes an [`Event`] with its global time. The [`Observer`] sees each one in order.
//! 6. At [`Schedule::length`] all faults heal, the players leave, and a fresh server loads every profile once more.
//!
//! # Example
//!
//! A subject that reads a player's record, on one server whose next read is refused:
//!
//! ```
//! # use dupeproof_core::{Mono, Span, Stored};
//! # use dupeproof_sim::{guest::*, id::*, network::Network, schedule::*, subject::*, *};
//! struct Reader;
//!
//! impl Guest for Reader {
//!     fn handle(&mut self, _: &Turn<'_>, input: Input, out: &mut Vec<Output>) -> Option<Mono> {
//!         match input {
//!             Input::Command(_) => out.push(Output::Request(RequestId(1), Request::get(key_of(PlayerId(0))))),
//!             Input::Response(_, answer) => out.push(Output::Log(LogLevel::Info, format!("{answer:?}").into())),
//!             Input::Close => out.push(Output::Closed),
//!             _ => {}
//!         }
//!         None // It wants no wake: only inputs make it act.
//!     }
//! }
//! # impl Subject for Reader {
//! #     fn name(&self) -> &str { "reader" }
//! #     fn about(&self) -> &str { "reads and never writes" }
//! #     fn contract(&self) -> &Contract {
//! #         const { &Contract::none(Span::secs(10), Span::secs(10)) }
//! #     }
//! #     fn guest(&self, _: &Boot) -> Box<dyn Guest> { Box::new(Reader) }
//! #     fn record(&self, _: PlayerId, _: &[u32]) -> Stored { Stored::from_json(serde_json::json!({})) }
//! # }
//!
//! struct Lines(Vec<String>);
//!
//! impl Observer for Lines {
//!     fn observe(&mut self, _: Global, event: &Event) {
//!         if let Event::Logged { line, .. } = event {
//!             self.0.push(line.to_string());
//!         }
//!     }
//! }
//!
//! # use dupeproof_sim::id::ServiceName;
//! let fail = Action::FailNext {
//!     server: 0,
//!     service: ServiceName::DataStore,
//!     class: RequestClass::Read,
//!     fault: RequestFault::Refused,
//! };
//! let join = Action::Command { server: 0, command: Command::Join(PlayerId(0)) };
//! let schedule = Schedule {
//!     servers: vec![ServerPlan::default()],
//!     players: vec![PlayerPlan { items: Some(2) }],
//!     timeline: vec![Step { at: Span::secs(0), action: fail }, Step { at: Span::secs(1), action: join }],
//!     length: Span::secs(60),
//!     ..Schedule::default()
//! };
//! let mut lines = Lines(Vec::new());
//! let end = Network::Event.run(&schedule, &Reader, &mut lines);
//! assert!(lines.0[0].starts_with("Err("), "the fault acted: {:?}", lines.0);
//! assert!(lines.0[1].starts_with("Ok("), "the fresh server reads after all faults are healed");
//! assert_eq!(end, Network::Event.run(&schedule, &Reader, &mut Lines(Vec::new())), "the same schedule, the same run");
//! ```

pub mod clock;
pub mod datastore;
pub mod director;
mod event_queue;
mod finding_kind;
pub mod guest;
pub mod id;
pub mod lock_taking;
pub mod marketplace;
pub mod memory_store;
pub mod messaging;
pub mod network;
pub mod node;
pub mod place;
pub mod reader;
pub mod record_layout;
pub mod refusal;
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
pub use finding_kind::FindingKind;
pub use guest::{Command, EndReason, Guest, GuestEvent, Input, Output, StartFailure, Turn};
pub use id::{RequestId, ServerId, SessionRef, Stamp, SubscriptionId};
pub use lock_taking::{KeyLock, LockChange, LockTaking};
pub use place::{KeyPattern, PatternError, Place};
pub use reader::{Reader, Reading};
pub use refusal::Refusal;
pub use request::{Key, Payload, Request, Response, ServiceError, Version};
pub use schedule::{Action, Schedule, ServerPlan, ServiceProfile, Step};
pub use subject::{Contract, Pace, Shows, Subject};
pub use trace::{Digest, Event, Observer, Trace};
