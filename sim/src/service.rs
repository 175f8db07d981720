//! What a service is: a plain machine that servers ask over a network, and that knows nothing of it.
//!
//! To add a service, write its machine in a file of its own, with a `ServiceRow` that says how networks host it, give it
//! a name in [`ServiceName`](crate::id::ServiceName), and put that name and the row into the table in
//! `network/services.rs`. Both networks read this table and know no service by name.

pub mod store_service;

use crate::clock::Global;
use crate::id::{ServerId, Slot};
use crate::request::{FromService, ToService};
use crate::schedule::{Latency, RequestClass, RequestFault, Schedule, ServiceProfile};
use crate::subject::Subject;
use crate::trace::Trace;

/// A service. Time never goes back from call to call.
pub trait Service {
    /// A request arrives. Its answer comes out of [`Service::poll`], now or later.
    fn handle(&mut self, at: Global, from: ServerId, frame: ToService, trace: &mut Trace<'_>);

    /// When [`Service::poll`] has something next. Only `handle` and `poll` change it.
    fn next_due(&self) -> Option<Global>;

    /// The next answer or message that is due at `at`, doing what is due on the way.
    fn poll(&mut self, at: Global, trace: &mut Trace<'_>) -> Option<(ServerId, FromService)>;

    /// An outage begins (true) or ends: everything is refused meanwhile. Nothing that is stored is lost by it.
    fn set_outage(&mut self, refuse: bool);

    /// All faults end, and so do limits that are tighter than the documented ones. Late writes that are still pending are
    /// applied at their time.
    fn heal(&mut self);

    /// So many players are on all servers together from `at` on: limits that all servers share grow with it.
    fn set_players(&mut self, _at: Global, _players: u32) {}

    /// The next request of this class from this slot meets this fault.
    fn fail_next(&mut self, _slot: Slot, _class: RequestClass, _fault: RequestFault) {}

    /// A server's life is over.
    fn disconnect(&mut self, _server: ServerId) {}

    /// The run is over: records what is stored, if invariants are to see it.
    fn end(&self, _at: Global, _trace: &mut Trace<'_>) {}
}

/// What the networks have to know of a service.
pub(crate) struct ServiceRow {
    /// Makes its machine.
    pub(crate) build: fn(&Schedule, &dyn Subject) -> Box<dyn Service>,
    /// How long one way between a server and it takes.
    pub(crate) latency: fn(&ServiceProfile) -> Latency,
    /// The stream that the latencies of its links are drawn from on the event network.
    pub(crate) link_stream: &'static str,
    /// The name of its host on turmoil.
    pub(crate) host: &'static str,
    pub(crate) hosting: Hosting,
}

/// When a service has a host on turmoil, where each host makes every tick slower.
#[derive(Clone, Copy)]
pub(crate) enum Hosting {
    /// In every run.
    Always,
    /// From the moment when a server first asks it. The latencies of its links are drawn from this stream, so that runs
    /// without it are the same.
    OnDemand(&'static str),
}

impl ServiceRow {
    /// The latency once all faults have ended: the default one, where it was slower.
    pub(crate) fn healthy_latency(&self, services: &ServiceProfile) -> Latency {
        (self.latency)(services).healed((self.latency)(&ServiceProfile::default()))
    }
}
