//! What the driver and the hosts' tasks share.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use dupeproof_core::Span;
use futures::FutureExt;

use super::gate::Gate;
use crate::clock::{Global, epoch_unix_micros};
use crate::id::{ServerId, ServiceName, Slot};
use crate::node::NodeNews;
use crate::schedule::Schedule;
use crate::trace::{Event, Observer, Trace, log};

/// The time, the links, and what tasks have to tell the driver at the end of a tick.
pub(super) struct Shared {
    tick: Span,
    now: Cell<Global>,
    epoch_unix_micros: i64,
    links: Vec<[LinkState; ServiceName::COUNT]>,
    /// By service.
    served: [Cell<bool>; ServiceName::COUNT],
    log: RefCell<Log>,
    news: RefCell<Vec<News>>,
    panic: RefCell<Option<Box<dyn Any + Send>>>,
}

/// What happened on a server that the director is to know.
pub(super) enum News {
    /// It is done closing.
    Closed(ServerId),
    /// Its guest said something.
    Node(ServerId, NodeNews),
    /// It asks for a service that has no host yet.
    AskedForService(ServiceName),
}

/// The link between one slot and one service.
#[derive(Default)]
pub(super) struct LinkState {
    /// Where requests come off the wire.
    pub(super) to_service: Gate,
    /// Where replies and messages come off the wire.
    pub(super) from_service: Gate,
    /// Whether something was sent since the link's latency was last drawn.
    pub(super) used: Cell<bool>,
    /// How often the connection of a life was broken on purpose: what comes over one that is older than that is lost.
    breaks: RefCell<BTreeMap<u16, u32>>,
}

impl LinkState {
    /// Breaks a life's connection, if there is one; the server drops its end itself when it hears of it.
    pub(super) fn break_off(&self, server: ServerId) {
        *self.breaks.borrow_mut().entry(server.life).or_default() += 1;
    }

    /// How often a life's connection was broken.
    pub(super) fn breaks(&self, server: ServerId) -> u32 {
        self.breaks.borrow().get(&server.life).copied().unwrap_or_default()
    }

    /// Whether nothing gets through either way.
    pub(super) fn is_cut(&self) -> bool {
        self.to_service.is_held() && self.from_service.is_held()
    }
}

impl Shared {
    pub(super) fn new(schedule: &Schedule, tick: Span, reads_calls: bool) -> Shared {
        Shared {
            tick,
            now: Cell::new(Global(0)),
            epoch_unix_micros: epoch_unix_micros(&schedule.clocks),
            // One more for the fresh server.
            links: (0..=schedule.servers.len()).map(|_| Default::default()).collect(),
            served: Default::default(),
            log: RefCell::new(Log { events: Vec::new(), reads_calls }),
            news: RefCell::default(),
            panic: RefCell::default(),
        }
    }

    /// Global time: the start of the running tick. Everything within a tick happens at its start, because hosts run
    /// one after the other, each through the whole tick; only so does time never run backwards in the trace.
    pub(super) fn now(&self) -> Global {
        self.now.get()
    }

    /// The Unix time at which the run began.
    pub(super) fn epoch_unix_micros(&self) -> i64 {
        self.epoch_unix_micros
    }

    /// The next tick begins.
    pub(super) fn advance(&self, to: Global) {
        // What turmoil says in this tick has its time.
        log::advance(to);
        self.now.set(to);
    }

    /// A link; of the schedule's slots or the fresh server's.
    pub(super) fn link(&self, slot: Slot, service: ServiceName) -> &LinkState {
        &self.links[usize::from(slot)][service as usize]
    }

    /// A service has its host from now on.
    pub(super) fn serve(&self, service: ServiceName) {
        self.served[service as usize].set(true);
    }

    /// Whether a service has its host.
    pub(super) fn is_served(&self, service: ServiceName) -> bool {
        self.served[service as usize].get()
    }

    /// Waits, on a host, for the first tick that begins at or after `due`; for ever if never due.
    pub(super) async fn reached(&self, due: Option<Global>) {
        let Some(due) = due else { return std::future::pending().await };
        while self.now() < due {
            self.pause(due.since(self.now())).await;
        }
    }

    /// Waits, on a host, for a span, rounded up to ticks, and for one tick at least.
    pub(super) async fn pause(&self, span: Span) {
        let ticks = span.0.div_ceil(self.tick.0).max(1);
        tokio::time::sleep(Duration::from_micros(ticks * self.tick.0)).await;
    }

    /// Lets a machine act at this moment and keeps what it says for the trace.
    pub(super) fn traced<R>(&self, act: impl FnOnce(Global, &mut Trace<'_>) -> R) -> R {
        act(self.now(), &mut Trace::new(&mut *self.log.borrow_mut()))
    }

    /// Moves what machines said since the last call to the run's own trace.
    pub(super) fn drain(&self, trace: &mut Trace<'_>) {
        for (at, event) in self.log.borrow_mut().events.drain(..) {
            trace.record(at, &event);
        }
    }

    /// Keeps something for the director.
    pub(super) fn say(&self, news: News) {
        self.news.borrow_mut().push(news);
    }

    /// What the director is to know since the last call.
    pub(super) fn take_news(&self) -> Vec<News> {
        self.news.take()
    }

    /// Runs a task's body so that a panic in it can end the whole run, with its own message.
    pub(super) async fn guard(&self, task: impl Future<Output = ()>) {
        if let Err(payload) = AssertUnwindSafe(task).catch_unwind().await {
            self.panic.borrow_mut().get_or_insert(payload);
        }
    }

    /// Goes on with the first panic of any task.
    pub(super) fn resume_panic(&self) {
        if let Some(payload) = self.panic.take() {
            std::panic::resume_unwind(payload);
        }
    }
}

/// Machines run in tasks, which live too long to borrow the run's observer; so their events wait here for the end of
/// the tick.
struct Log {
    events: Vec<(Global, Event)>,
    reads_calls: bool,
}

impl Observer for Log {
    fn observe(&mut self, at: Global, event: &Event) {
        self.events.push((at, event.clone()));
    }

    fn reads_calls(&self) -> bool {
        self.reads_calls
    }
}
