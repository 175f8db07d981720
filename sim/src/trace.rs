//! The one ordered stream of what happened. Invariants, counters, pictures and the digest are made from it.

pub mod jsonl;

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use dupeproof_core::{Span, Stored};
use serde::{Deserialize, Serialize};

use crate::clock::Global;
use crate::guest::{GuestEvent, ReceiptId, SessionNo};
use crate::request::{Key, Payload, RequestId, RequestKind, ServiceError, ServiceName, SubscriptionId, Version};
use crate::schedule::{Action, Direction, RequestFault, Slot};

/// One life of one server: a slot and how often it has started. One JobId.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ServerId {
    /// The slot.
    pub slot: Slot,
    /// The life, from zero.
    pub life: u16,
}

impl ServerId {
    /// `game.JobId` of this life.
    pub fn job_id(self) -> String {
        format!("job-{}-{}", self.slot, self.life)
    }
}

/// A session anywhere in the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct SessionRef {
    /// Where.
    pub server: ServerId,
    /// Which there.
    pub no: SessionNo,
}

/// Something that happened. New ones come last: the digest counts an event's place in this list.
#[derive(Clone, Debug, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A step of the timeline took effect (steps that made no sense at their time leave no event).
    Acted {
        /// Its place in the timeline; `None` for what the settling does. The players that a closing server sends
        /// away leave by the step of the closing.
        step: Option<u32>,
        /// What.
        action: Action,
    },
    /// A server is up.
    ServerStarted {
        /// Which.
        server: ServerId,
    },
    /// A server stopped at once.
    ServerCrashed {
        /// Which.
        server: ServerId,
    },
    /// A server froze.
    ServerFroze {
        /// Which.
        server: ServerId,
    },
    /// A server runs again.
    ServerWoke {
        /// Which.
        server: ServerId,
    },
    /// `BindToClose` began.
    ServerClosing {
        /// Which.
        server: ServerId,
    },
    /// The server closed in time.
    ServerClosed {
        /// Which.
        server: ServerId,
    },
    /// The server was still closing after 30 s and was killed.
    ServerKilled {
        /// Which.
        server: ServerId,
    },
    /// A link began to hold everything back, one way: a cut of both ways is two of these, and each way heals by
    /// itself, so that each beginning has its end.
    PartitionBegan {
        /// Whose.
        slot: Slot,
        /// From what.
        service: ServiceName,
        /// Which way.
        direction: Direction,
    },
    /// A link lets everything through again, one way.
    PartitionHealed {
        /// Whose.
        slot: Slot,
        /// From what.
        service: ServiceName,
        /// Which way.
        direction: Direction,
    },
    /// A service began to refuse everything.
    OutageBegan {
        /// Which.
        service: ServiceName,
    },
    /// A service works again.
    OutageEnded {
        /// Which.
        service: ServiceName,
    },
    /// All faults are healed; settling begins.
    Healed,
    /// The players of the settled world begin to arrive on the probe server.
    ProbeBegan {
        /// The probe server.
        server: ServerId,
    },
    /// A guest made a request.
    Requested {
        /// Who.
        server: ServerId,
        /// Which.
        id: RequestId,
        /// What.
        kind: RequestKind,
        /// The key or topic.
        target: Option<Arc<str>>,
    },
    /// The request waits for budget.
    Throttled {
        /// Who.
        server: ServerId,
        /// Which.
        id: RequestId,
    },
    /// A fate other than the ordinary befell a request inside the service.
    RequestFault {
        /// Whose.
        server: ServerId,
        /// Which.
        id: RequestId,
        /// What.
        kind: RequestKind,
        /// How.
        fault: RequestFault,
    },
    /// A write was applied.
    Committed {
        /// Who asked for it.
        server: ServerId,
        /// Which request.
        id: RequestId,
        /// The key.
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
        /// Who asked for it.
        server: ServerId,
        /// Which request.
        id: RequestId,
        /// The key.
        key: Key,
    },
    /// A request's answer reached the guest (or its client gave up on it).
    Answered {
        /// Whose.
        server: ServerId,
        /// Which.
        id: RequestId,
        /// What kind it was.
        kind: RequestKind,
        /// The error, if one.
        error: Option<ServiceError>,
        /// Time since it was made, by global time.
        after: Span,
    },
    /// An answer came after the client had given up, and was dropped.
    AnsweredTooLate {
        /// Whose.
        server: ServerId,
        /// Which.
        id: RequestId,
    },
    /// The backend accepted a message.
    Published {
        /// Whose.
        server: ServerId,
        /// Which request.
        id: RequestId,
        /// On what topic.
        topic: Arc<str>,
    },
    /// A message (numbered by its publish) was lost on its way to a subscriber.
    MessageLost {
        /// To whom.
        to: ServerId,
        /// On what topic.
        topic: Arc<str>,
    },
    /// A message was doubled on its way to a subscriber.
    MessageDoubled {
        /// To whom.
        to: ServerId,
        /// On what topic.
        topic: Arc<str>,
    },
    /// A message reached a guest.
    MessageReceived {
        /// Whom.
        server: ServerId,
        /// On which of its subscriptions.
        subscription: SubscriptionId,
        /// Whose it is.
        publisher: Option<ServerId>,
    },
    /// A guest said something about its sessions.
    Guest {
        /// Which server.
        server: ServerId,
        /// The end of liveness that the event carries, in global time: the first moment at which the session's own
        /// `is_active()` answers false. `None` if it carries none, or no end.
        live_until: Option<Global>,
        /// What.
        event: GuestEvent,
    },
    /// A read was answered by the server's own cache.
    ServedFromCache {
        /// Whose.
        server: ServerId,
        /// Which.
        id: RequestId,
    },
    /// The connection of a server to a service broke, and was made anew.
    Disconnected {
        /// Whose.
        server: ServerId,
        /// To what.
        service: ServiceName,
    },
    /// A message was dropped because too many were sent (documented limits; that they drop silently is inferred).
    MessageDropped {
        /// To whom.
        to: ServerId,
        /// On what topic.
        topic: Arc<str>,
    },
    /// A subscribe will never be answered.
    SubscribeHung {
        /// Whose.
        server: ServerId,
        /// Which.
        id: RequestId,
    },
    /// A receipt was answered with granted, which was not recorded: it will be delivered again.
    ReceiptNotRecorded {
        /// Which.
        receipt: ReceiptId,
    },
    /// A guest logged a line.
    Logged {
        /// Which server.
        server: ServerId,
        /// The line.
        line: Arc<str>,
    },
    /// The run is over; the value of each key now, in order of key.
    Ended {
        /// Key and value.
        store: Vec<(Key, Stored)>,
    },
    /// An item of a memory store was written or removed, or the items of a queue were.
    MemoryChanged {
        /// Who asked for it.
        server: ServerId,
        /// Which request.
        id: RequestId,
        /// The item, or the queue.
        address: Key,
        /// The value now; `None` after a removal.
        value: Option<Payload>,
    },
    /// A conditional write to a memory store found another item than was read and was not applied.
    MemoryConflicted {
        /// Who asked for it.
        server: ServerId,
        /// Which request.
        id: RequestId,
        /// The item.
        address: Key,
    },
    /// Items of a memory store were gone since their time had passed, when somebody next asked for their structure.
    MemoryExpired {
        /// The structure.
        address: Key,
        /// How many.
        items: u32,
    },
    /// What runs on a server failed as a whole, or a part of it was stopped for what it used.
    ScriptCrashed {
        /// Which server.
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
}

/// Watches a run.
pub trait Observer {
    /// Sees one event. Events come in order; several may share one moment.
    fn observe(&mut self, at: Global, event: &Event);
}

/// Two watchers are one.
impl<A: Observer, B: Observer> Observer for (A, B) {
    fn observe(&mut self, at: Global, event: &Event) {
        self.0.observe(at, event);
        self.1.observe(at, event);
    }
}

impl<O: Observer + ?Sized> Observer for &mut O {
    fn observe(&mut self, at: Global, event: &Event) {
        (**self).observe(at, event);
    }
}

/// Nobody watches.
impl Observer for () {
    fn observe(&mut self, _at: Global, _event: &Event) {}
}

/// The run's trace on its way to the digest and to whoever watches.
pub struct Trace<'a> {
    digest: DigestHasher,
    events: u64,
    observer: &'a mut dyn Observer,
}

impl<'a> Trace<'a> {
    /// An empty trace, watched.
    pub fn new(observer: &'a mut dyn Observer) -> Trace<'a> {
        Trace { digest: DigestHasher::default(), events: 0, observer }
    }

    /// Appends one event.
    pub fn record(&mut self, at: Global, event: &Event) {
        self.events += 1;
        at.hash(&mut self.digest);
        match event {
            // The value before was hashed when it was written, or is one that the schedule began with.
            Event::Committed { server, id, key, version, before, after } => {
                (server, id, key, version, before.is_some(), after).hash(&mut self.digest);
            }
            _ => event.hash(&mut self.digest),
        }
        self.observer.observe(at, event);
    }

    /// Events so far.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// The fingerprint of everything so far.
    pub fn digest(&self) -> Digest {
        Digest(self.digest.finish())
    }
}

/// The fingerprint of a run: equal digests mean equal traces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Digest(pub u64);

impl Digest {
    /// The fingerprint of several runs, in order.
    pub fn then(self, next: Digest) -> Digest {
        let mut hasher = DigestHasher::default();
        hasher.write_u64(self.0);
        hasher.write_u64(next.0);
        Digest(hasher.finish())
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:016x}", self.0)
    }
}

impl std::str::FromStr for Digest {
    type Err = std::num::ParseIntError;
    fn from_str(text: &str) -> Result<Digest, Self::Err> {
        u64::from_str_radix(text, 16).map(Digest)
    }
}

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Digest, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(|_| serde::de::Error::custom("a digest is 16 hexadecimal digits"))
    }
}

type DigestHasher = rapidhash::fast::RapidHasher<'static>;
