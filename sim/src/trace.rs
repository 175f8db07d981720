//! The one ordered stream of what happened. Invariants, counters, pictures and the digest are made from it.

mod digest;
mod encoding;
pub mod jsonl;
pub mod log;

use std::sync::Arc;

use dupeproof_core::{Span, Stored};
use serde::Serialize;

pub use self::digest::Digest;
use self::digest::DigestHasher;
use crate::clock::Global;
use crate::guest::{GuestEvent, LogLevel};
use crate::id::{ReceiptId, RequestId, ServerId, ServiceName, Slot, SubscriptionId};
use crate::request::{Key, Payload, RequestKind, ServiceError, Version};
use crate::schedule::{Action, Direction, RequestFault};

/// Something that happened. How each kind is encoded for the digest is stated in `trace/encoding/events.rs`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A step of the timeline took effect (steps that made no sense at their time leave no event).
    Acted {
        /// Its place in the timeline; `None` for what the settling does. The players that a closing server sends
        /// away leave by the step of the closing.
        step: Option<u32>,
        /// The action of the step.
        action: Action,
    },
    /// A server is up.
    ServerStarted {
        /// The life that begins.
        server: ServerId,
    },
    /// A server stopped at once.
    ServerCrashed {
        /// The life that ends.
        server: ServerId,
    },
    /// A server froze.
    ServerFroze {
        /// The server that reacts to nothing from here on.
        server: ServerId,
    },
    /// A server runs again.
    ServerWoke {
        /// The server that was frozen.
        server: ServerId,
    },
    /// `BindToClose` began.
    ServerClosing {
        /// The server that nobody can join from here on.
        server: ServerId,
    },
    /// The server closed in time.
    ServerClosed {
        /// The life that ends.
        server: ServerId,
    },
    /// The server was still closing after 30 s and was killed.
    ServerKilled {
        /// The life that ends.
        server: ServerId,
    },
    /// A link began to hold everything back, one way: a cut of both ways is two of these, and each way heals by
    /// itself, so that each beginning has its end.
    PartitionBegan {
        /// The server's end of the link.
        slot: Slot,
        /// The other end of the link.
        service: ServiceName,
        /// The way that is cut: one of the two, never both.
        direction: Direction,
    },
    /// A link lets everything through again, one way.
    PartitionHealed {
        /// The server's end of the link.
        slot: Slot,
        /// The other end of the link.
        service: ServiceName,
        /// The way that is open again: one of the two, never both.
        direction: Direction,
    },
    /// A service began to refuse everything.
    OutageBegan {
        /// The service that refuses.
        service: ServiceName,
    },
    /// A service works again.
    OutageEnded {
        /// The service that had refused.
        service: ServiceName,
    },
    /// All faults are healed; settling begins.
    Healed,
    /// The players of the settled world begin to arrive on the fresh server.
    FinalCheckBegan {
        /// The fresh server.
        server: ServerId,
    },
    /// A guest made a request.
    Requested {
        /// The server that made the request.
        server: ServerId,
        /// The request, by the number that its guest gave it.
        id: RequestId,
        /// The kind of request.
        kind: RequestKind,
        /// The key or topic.
        target: Option<Arc<str>>,
    },
    /// The request waits for budget.
    Throttled {
        /// The server that made the request.
        server: ServerId,
        /// The request, by the number that its guest gave it.
        id: RequestId,
    },
    /// A request met a fault inside the service.
    RequestFault {
        /// The server that made the request.
        server: ServerId,
        /// The request, by the number that its guest gave it.
        id: RequestId,
        /// The kind of request.
        kind: RequestKind,
        /// What happened to the request.
        fault: RequestFault,
    },
    /// A write was applied.
    Committed {
        /// The server that made the request.
        server: ServerId,
        /// The request, by the number that its guest gave it.
        id: RequestId,
        /// The key that was written.
        key: Key,
        /// The version it made.
        version: Version,
        /// The value before.
        before: Option<Stored>,
        /// The value now; `None` after a removal.
        after: Option<Stored>,
    },
    /// A conditional write found another version and was not applied.
    Conflicted {
        /// The server that made the request.
        server: ServerId,
        /// The request, by the number that its guest gave it.
        id: RequestId,
        /// The key that was to be written.
        key: Key,
    },
    /// A request's answer reached the guest (or its client gave up on it).
    Answered {
        /// The server that made the request.
        server: ServerId,
        /// The request, by the number that its guest gave it.
        id: RequestId,
        /// The kind of request.
        kind: RequestKind,
        /// The error, if one.
        error: Option<ServiceError>,
        /// Time since it was made, by global time.
        after: Span,
    },
    /// An answer came after the client had given up, and was dropped.
    AnsweredTooLate {
        /// The server that made the request.
        server: ServerId,
        /// The request, by the number that its guest gave it.
        id: RequestId,
    },
    /// The backend accepted a message.
    Published {
        /// The server that made the request.
        server: ServerId,
        /// The request, by the number that its guest gave it.
        id: RequestId,
        /// The topic of the message.
        topic: Arc<str>,
    },
    /// A message (numbered by its publish) was lost on its way to a subscriber.
    MessageLost {
        /// The server that the message was for.
        to: ServerId,
        /// The topic.
        topic: Arc<str>,
    },
    /// A message was duplicated on its way to a subscriber.
    MessageDoubled {
        /// The server that the message was for.
        to: ServerId,
        /// The topic.
        topic: Arc<str>,
    },
    /// A message reached a guest.
    MessageReceived {
        /// The server that received the message.
        server: ServerId,
        /// On which of its subscriptions.
        subscription: SubscriptionId,
        /// Whose it is.
        publisher: Option<ServerId>,
    },
    /// A guest said something about its sessions.
    Guest {
        /// The server that the guest runs on.
        server: ServerId,
        /// The end of liveness that the event carries, in global time: the first moment at which the session's own
        /// `is_active()` answers false. `None` if it carries none, or no end.
        live_until: Option<Global>,
        /// What the guest said.
        event: GuestEvent,
    },
    /// A read was answered by the server's own cache.
    ServedFromCache {
        /// The server that made the request.
        server: ServerId,
        /// The request, by the number that its guest gave it.
        id: RequestId,
    },
    /// The connection of a server to a service broke, and was made anew.
    Disconnected {
        /// The server's end of the connection.
        server: ServerId,
        /// The other end of the connection.
        service: ServiceName,
    },
    /// A message was dropped because too many were sent (documented limits; that they drop silently is inferred).
    MessageDropped {
        /// The server that the message was for.
        to: ServerId,
        /// The topic.
        topic: Arc<str>,
    },
    /// A subscribe will never be answered.
    SubscribeHung {
        /// The server that made the request.
        server: ServerId,
        /// The request, by the number that its guest gave it.
        id: RequestId,
    },
    /// A receipt was answered with granted, which was not recorded: it will be delivered again.
    ReceiptNotRecorded {
        /// The receipt that will be delivered again.
        receipt: ReceiptId,
    },
    /// A guest logged a line.
    Logged {
        /// The server that the guest runs on.
        server: ServerId,
        /// How serious it is.
        level: LogLevel,
        /// The line, without a line break at its end.
        line: Arc<str>,
    },
    /// The run is over; the value of each key now, in order of key.
    Ended {
        /// Key and value.
        store: Vec<(Key, Stored)>,
    },
    /// An item of a memory store was written or removed, or the items of a queue were.
    MemoryChanged {
        /// The server that made the request.
        server: ServerId,
        /// The request, by the number that its guest gave it.
        id: RequestId,
        /// The item, or the queue.
        address: Key,
        /// The value now; `None` after a removal.
        value: Option<Payload>,
        /// When its time will have passed, if nobody writes it again; `None` after a removal.
        until: Option<Global>,
    },
    /// A conditional write to a memory store found another item than was read and was not applied.
    MemoryConflicted {
        /// The server that made the request.
        server: ServerId,
        /// The request, by the number that its guest gave it.
        id: RequestId,
        /// The item, as an address of a memory store.
        address: Key,
    },
    /// Items of a memory store were gone since their time had passed, when somebody next asked for their structure.
    MemoryExpired {
        /// The structure, as an address without a key.
        address: Key,
        /// How many items were gone.
        items: u32,
    },
    /// What runs on a server failed as a whole, or a part of it was stopped for what it used.
    ScriptCrashed {
        /// The server that the script runs on.
        server: ServerId,
        /// What failed, why, and where it was.
        text: Arc<str>,
    },
    /// A server's frames began to take long.
    ServerLagged {
        /// Which.
        server: ServerId,
        /// How long a frame takes.
        frame: Span,
    },
    /// A server runs at its full pace again.
    ServerRecovered {
        /// Which.
        server: ServerId,
    },
    /// Where in its scripts what the server asks for or tells next comes from. A [remark](Event::is_remark).
    CalledFrom {
        /// The server that the scripts run on.
        server: ServerId,
        /// The calls, the innermost first, a line each: `SCRIPT:LINE`, and the name of the function if it has one.
        calls: Arc<str>,
    },
    /// A script's `UpdateAsync` wrote nothing, since its transform returned nil. A [remark](Event::is_remark).
    UpdateCancelled {
        /// The server that the script runs on.
        server: ServerId,
        /// The request that read what the transform was given, the first time.
        id: RequestId,
    },
    /// What the message says that the backend accepts next. A [remark](Event::is_remark).
    MessageSays {
        /// The server that publishes it.
        server: ServerId,
        /// The message.
        data: Payload,
    },
}

impl Event {
    /// Whether it is there only if an observer [reads calls](Observer::reads_calls): neither the digest nor the number of
    /// events shows it.
    pub fn is_remark(&self) -> bool {
        matches!(self, Event::CalledFrom { .. } | Event::UpdateCancelled { .. } | Event::MessageSays { .. })
    }
}

/// Watches a run.
pub trait Observer {
    /// Sees one event. Events come in order; several may share one moment.
    fn observe(&mut self, at: Global, event: &Event);

    /// Whether it wants to be told where in the scripts everything comes from, and what they decide without asking for
    /// anything ([`Event::is_remark`]), which takes time. What happens is the same.
    fn reads_calls(&self) -> bool {
        false
    }
}

/// Two watchers are one.
impl<A: Observer, B: Observer> Observer for (A, B) {
    fn observe(&mut self, at: Global, event: &Event) {
        self.0.observe(at, event);
        self.1.observe(at, event);
    }

    fn reads_calls(&self) -> bool {
        self.0.reads_calls() || self.1.reads_calls()
    }
}

impl<O: Observer + ?Sized> Observer for &mut O {
    fn observe(&mut self, at: Global, event: &Event) {
        (**self).observe(at, event);
    }

    fn reads_calls(&self) -> bool {
        (**self).reads_calls()
    }
}

/// Nobody watches.
impl Observer for () {
    fn observe(&mut self, _at: Global, _event: &Event) {}
}

/// The run's trace on its way to the digest and to the observer.
pub struct Trace<'a> {
    digest: DigestHasher,
    events: u64,
    observer: &'a mut dyn Observer,
}

impl<'a> Trace<'a> {
    /// An empty trace, watched.
    pub fn new(observer: &'a mut dyn Observer) -> Trace<'a> {
        Trace { digest: DigestHasher::new(), events: 0, observer }
    }

    /// Appends one event.
    pub fn record(&mut self, at: Global, event: &Event) {
        if !event.is_remark() {
            self.events += 1;
            self.digest.add(at, event);
        }
        self.observer.observe(at, event);
    }

    /// Whether somebody reads [remarks](Event::is_remark).
    pub fn reads_calls(&self) -> bool {
        self.observer.reads_calls()
    }

    /// Events so far.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// The fingerprint of everything so far.
    pub fn digest(&mut self) -> Digest {
        self.digest.digest()
    }
}
