//! A server's own side of its services: request budget, throttle queue, time limits, subscriptions.

use std::collections::VecDeque;

use dupeproof_core::Span;

use super::bucket::Bucket;
use crate::agenda::earlier;
use crate::clock::Global;
use crate::guest::Budgets;
use crate::request::{Request, RequestId, RequestKind, Response, Service, ServiceError, SubscriptionId, ToService};
use crate::request::{RequestType, ThrottledCall};
use crate::schedule::{Limits, ServiceProfile};
use crate::trace::{Event, ServerId, Trace};

/// Sees to it that every request but `Unsubscribe` is answered exactly once.
pub(super) struct Client {
    server: ServerId,
    limits: Limits,
    players: u32,
    bucket: Bucket,
    request_timeout: Span,
    /// Waiting for budget, in order.
    queued: VecDeque<Queued>,
    /// Sent and not answered, in order of sending and so of time limit.
    in_flight: VecDeque<InFlight>,
    /// Dropped by the full queue; to be answered before anything else happens.
    dropped: VecDeque<(RequestId, RequestKind)>,
    /// Asked for and neither failed nor disconnected.
    subscriptions: Vec<SubscriptionId>,
}

struct Queued {
    made: Global,
    frame: ToService,
}

struct InFlight {
    id: RequestId,
    kind: RequestKind,
    subscription: Option<SubscriptionId>,
    made: Global,
    limit: Global,
}

impl Client {
    pub(super) fn new(server: ServerId, at: Global, services: &ServiceProfile) -> Client {
        let limits = services.limits;
        Client {
            server,
            limits,
            players: 0,
            bucket: Bucket::new(
                at,
                limits.startup_burst,
                limits.server(RequestType::StandardRead).per_minute(0) * u64::from(limits.server_percent) / 100,
            ),
            request_timeout: services.request_timeout,
            queued: VecDeque::new(),
            in_flight: VecDeque::new(),
            dropped: VecDeque::new(),
            subscriptions: Vec::new(),
        }
    }

    /// The guest makes a request: it is sent, queued or dropped.
    pub(super) fn request(&mut self, at: Global, frame: ToService, trace: &mut Trace<'_>, out: &mut Vec<ToService>) {
        let (id, kind) = (frame.id, frame.request.kind());
        trace.record(at, &Event::Requested { server: self.server, id, kind, target: frame.request.target().cloned() });
        match frame.request {
            Request::Subscribe { subscription, .. } => self.subscriptions.push(subscription),
            Request::Unsubscribe { subscription } => {
                self.subscriptions.retain(|other| *other != subscription);
                return out.push(frame);
            }
            _ => {}
        }
        if frame.request.service() == Service::Messaging || (self.queued.is_empty() && self.bucket.pay(at)) {
            self.send(at, at, frame, out);
        } else if self.queued.len() < self.limits.queue as usize {
            trace.record(at, &Event::Throttled { server: self.server, id });
            self.queued.push_back(Queued { made: at, frame });
        } else {
            self.dropped.push_back((id, kind));
        }
    }

    /// A reply arrives. False if the guest has its answer already.
    pub(super) fn reply(
        &mut self,
        at: Global,
        id: RequestId,
        result: &Result<Response, ServiceError>,
        trace: &mut Trace<'_>,
    ) -> bool {
        let Some(place) = self.in_flight.iter().position(|request| request.id == id) else {
            trace.record(at, &Event::AnsweredTooLate { server: self.server, id });
            return false;
        };
        if let Some(request) = self.in_flight.remove(place) {
            self.answered(at, &request, result.as_ref().err().copied(), trace);
        }
        true
    }

    /// The next request whose time limit has passed at `at`; it is answered [`ServiceError::TimedOut`].
    pub(super) fn time_out(&mut self, at: Global, trace: &mut Trace<'_>) -> Option<RequestId> {
        let request = self.in_flight.pop_front_if(|request| request.limit <= at)?;
        self.answered(at, &request, Some(ServiceError::TimedOut), trace);
        Some(request.id)
    }

    /// The next request that found the queue full; it is answered [`ServiceError::QueueFull(ThrottledCall::Update)`].
    pub(super) fn drop_out(&mut self, at: Global, trace: &mut Trace<'_>) -> Option<RequestId> {
        let (id, kind) = self.dropped.pop_front()?;
        let error = Some(ServiceError::QueueFull(ThrottledCall::Update));
        trace.record(at, &Event::Answered { server: self.server, id, kind, error, after: Span::ZERO });
        Some(id)
    }

    /// Sends what waited and can be paid for now.
    pub(super) fn send_queued(&mut self, at: Global, out: &mut Vec<ToService>) {
        while !self.queued.is_empty() && self.bucket.pay(at) {
            if let Some(Queued { made, frame }) = self.queued.pop_front() {
                self.send(at, made, frame, out);
            }
        }
    }

    /// When a time limit passes or a queued request can be paid for.
    pub(super) fn next_due(&self) -> Option<Global> {
        let limit = self.in_flight.front().map(|request| request.limit);
        let budget = (!self.queued.is_empty()).then(|| self.bucket.affordable_at());
        earlier(limit, budget)
    }

    /// Whether messages on a subscription are for the guest.
    pub(super) fn listens(&self, subscription: SubscriptionId) -> bool {
        self.subscriptions.contains(&subscription)
    }

    /// This many players are here now.
    pub(super) fn set_players(&mut self, at: Global, players: u32) {
        self.players = players;
        self.bucket.set_rate(at, self.per_minute());
    }

    /// A tighter budget than the ordinary one is a fault, and ends.
    pub(super) fn heal(&mut self) {
        let ordinary = Limits::default();
        self.limits.server_percent = self.limits.server_percent.max(ordinary.server_percent);
        self.limits.startup_burst = self.limits.startup_burst.max(ordinary.startup_burst);
        self.limits.queue = self.limits.queue.max(ordinary.queue);
        self.bucket.replace(self.limits.startup_burst, self.per_minute());
    }

    fn send(&mut self, at: Global, made: Global, frame: ToService, out: &mut Vec<ToService>) {
        let subscription = match frame.request {
            Request::Subscribe { subscription, .. } => Some(subscription),
            _ => None,
        };
        let (id, kind, limit) = (frame.id, frame.request.kind(), at + self.request_timeout);
        self.in_flight.push_back(InFlight { id, kind, subscription, made, limit });
        out.push(frame);
    }

    fn answered(&mut self, at: Global, request: &InFlight, error: Option<ServiceError>, trace: &mut Trace<'_>) {
        let InFlight { id, kind, subscription, made, .. } = *request;
        // A subscribe that failed connected nothing, whatever the backend believes.
        if let (Some(failed), Some(_)) = (subscription, error) {
            self.subscriptions.retain(|other| *other != failed);
        }
        trace.record(at, &Event::Answered { server: self.server, id, kind, error, after: at.since(made) });
    }

    fn per_minute(&self) -> u64 {
        self.limits.server(RequestType::StandardRead).per_minute(self.players) * u64::from(self.limits.server_percent)
            / 100
    }
}

impl Budgets for Client {
    fn budget(&self, _kind: RequestType) -> u32 {
        0
    }
}
