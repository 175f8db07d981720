//! A server's own side of its services: budgets, throttle queues, the cache, time limits, subscriptions.

mod budget;
mod cache;
mod in_flight;
mod messages;
mod queue;

use std::collections::VecDeque;

use self::budget::Budget;
use self::cache::Cache;
use self::in_flight::{InFlight, Open};
use self::messages::Messages;
use self::queue::{Queued, Queues};
use crate::clock::Global;
use crate::datastore::validate;
use crate::event_queue::earlier;
use crate::guest::{Budgets, Output};
use crate::id::{RequestId, ServerId, ServiceName, SubscriptionId};
use crate::memory_store::validate as validate_memory;
use crate::messaging::limits::validate as validate_message;
use crate::request::{
    Answer, Reading, Request, RequestKind, RequestType, Response, ServiceError, ThrottledCall, ToService,
};
use crate::rng::Seed;
use crate::schedule::{Limits, Regime, Schedule};
use crate::trace::{Event, Trace};

/// Sees to it that every request is answered exactly once, but `Unsubscribe`, which is not answered, and `Subscribe`,
/// which may never be: there is no time limit for it.
///
/// Errors 401 and 402 ("the experience is shutting down") are not modelled: data stores work while `BindToClose` runs
/// (class reference, `DataModel:BindToClose`), and whether the errors appear before its 30 s are over is not documented.
pub(super) struct Client {
    server: ServerId,
    regime: Regime,
    budget: Budget,
    queues: Queues,
    cache: Cache,
    messages: Messages,
    in_flight: InFlight,
    /// Answers that need no service; to be given before anything else happens.
    at_once: VecDeque<AtOnce>,
}

/// What the client does with a new request.
enum Admission {
    /// It is sent, or waits in a queue until it is.
    Accepted,
    /// It is answered by the cache.
    Cached(Reading),
    /// It is answered with an error, and is not sent.
    Refused(ServiceError),
}

/// An answer that needs no service.
struct AtOnce {
    id: RequestId,
    kind: RequestKind,
    made: Global,
    answer: Answer,
}

impl Client {
    pub(super) fn new(server: ServerId, at: Global, schedule: &Schedule) -> Client {
        let services = &schedule.services;
        let limits = services.limits;
        let number = u32::from(server.slot) << 16 | u32::from(server.life);
        let order = (!limits.fifo).then(|| Seed(schedule.seed).stream("throttle queues", number));
        Client {
            server,
            regime: limits.regime,
            budget: Budget::new(at, limits),
            queues: Queues::new(limits.queue, order),
            cache: Cache::new(services.cache_nil),
            messages: Messages::new(at, &limits),
            in_flight: InFlight::new(services.request_timeout),
            at_once: VecDeque::new(),
        }
    }

    /// The guest makes a request: it is sent, queued, or answered at once.
    pub(super) fn request(&mut self, at: Global, frame: ToService, trace: &mut Trace<'_>, out: &mut Vec<ToService>) {
        let (id, kind) = (frame.id, frame.request.kind());
        trace.record(at, &Event::Requested { server: self.server, id, kind, target: frame.request.target().cloned() });
        let admission = match frame.request.request_type() {
            Some(limited) => self.admit_store_request(at, limited, frame, trace, out),
            None => self.admit_other_request(at, frame, out),
        };
        let answer = match admission {
            Admission::Accepted => return,
            Admission::Cached(reading) => Ok(Response::Value(reading)),
            Admission::Refused(error) => Err(error),
        };
        self.at_once.push_back(AtOnce { id, kind, made: at, answer });
    }

    /// A reply arrives. False if the guest has its answer already.
    pub(super) fn reply(&mut self, at: Global, id: RequestId, answer: &Answer, trace: &mut Trace<'_>) -> bool {
        let Some(mut open) = self.in_flight.take(id) else {
            trace.record(at, &Event::AnsweredTooLate { server: self.server, id });
            return false;
        };
        match (open.key.take(), answer) {
            (Some(key), Ok(response)) => self.cache.note(at, key, open.kind, open.written.take(), response),
            (Some(key), Err(ServiceError::KeyThrottled)) => self.queues.pause(at, key, open.kind.is_write()),
            _ => {}
        }
        self.answered(at, &open, answer.as_ref().err().copied(), trace);
        true
    }

    /// The next request whose time limit had passed by a moment that is now or past; it is answered
    /// [`ServiceError::TimedOut`].
    pub(super) fn time_out(&mut self, by: Global, at: Global, trace: &mut Trace<'_>) -> Option<RequestId> {
        let open = self.in_flight.time_out(by)?;
        self.answered(at, &open, Some(ServiceError::TimedOut), trace);
        Some(open.id)
    }

    /// The connection to a service broke and was made anew: whatever was on its way there is answered
    /// [`ServiceError::ConnectionLost`], at once. What happens to subscriptions then is not documented; they stay.
    pub(super) fn connection_lost(&mut self, service: ServiceName) {
        while let Some(open) = self.in_flight.take_first(service) {
            self.forget_failed(&open);
            let Open { id, kind, made, .. } = open;
            self.at_once.push_back(AtOnce { id, kind, made, answer: Err(ServiceError::ConnectionLost) });
        }
    }

    /// The next answer that needs no service.
    pub(super) fn answer_at_once(&mut self, at: Global, trace: &mut Trace<'_>) -> Option<(RequestId, Answer)> {
        let AtOnce { id, kind, made, answer } = self.at_once.pop_front()?;
        let (error, after) = (answer.as_ref().err().copied(), at.since(made));
        trace.record(at, &Event::Answered { server: self.server, id, kind, error, after });
        Some((id, answer))
    }

    /// Sends what waited and can be paid for now.
    pub(super) fn send_queued(&mut self, at: Global, out: &mut Vec<ToService>) {
        while let Some(Queued { made, frame, .. }) = self.queues.pop(at, &mut self.budget) {
            self.send(at, made, frame, out);
        }
    }

    /// When a time limit passes or a queued request can be paid for.
    pub(super) fn next_due(&self) -> Option<Global> {
        earlier(self.in_flight.next_limit(), self.queues.next_due(&self.budget))
    }

    /// Whether messages on a subscription are for the guest.
    pub(super) fn listens(&self, subscription: SubscriptionId) -> bool {
        self.messages.are_for(subscription)
    }

    /// This many players are here now.
    pub(super) fn set_players(&mut self, at: Global, players: u32) {
        self.budget.set_players(at, players);
        self.messages.set_players(at, players);
    }

    /// `BindToClose` begins.
    pub(super) fn closing(&mut self, at: Global) {
        self.budget.closing(at);
    }

    /// Tighter limits than the ordinary ones are a fault, and end.
    pub(super) fn heal(&mut self) {
        self.budget.heal();
        self.queues.heal(Limits::default().queue);
        self.messages.heal();
    }

    /// The budgets as they are at a moment.
    pub(super) fn budgets(&self, at: Global) -> BudgetsAt<'_> {
        BudgetsAt { client: self, at }
    }

    /// A request to DataStoreService.
    fn admit_store_request(
        &mut self,
        at: Global,
        limited: RequestType,
        mut frame: ToService,
        trace: &mut Trace<'_>,
        out: &mut Vec<ToService>,
    ) -> Admission {
        match validate(&frame.request) {
            Ok(kilobytes) => frame.kilobytes = kilobytes,
            Err(error) => return Admission::Refused(error),
        }
        let (server, id) = (self.server, frame.id);
        if let Some(reading) = self.known(at, &frame.request) {
            trace.record(at, &Event::ServedFromCache { server, id });
            return Admission::Cached(reading.clone());
        }
        let account = self.budget.account(&frame.request, limited);
        // Whatever waits for the same budget goes first, even if there is budget now.
        if !self.queues.wait_for(account) && self.budget.pay(account, at) {
            self.send(at, at, frame, out);
            return Admission::Accepted;
        }
        match self.queues.push(limited, Queued { made: at, account, frame }) {
            Ok(()) => {
                trace.record(at, &Event::Throttled { server, id });
                Admission::Accepted
            }
            Err(Queued { frame, .. }) => Admission::Refused(match self.regime {
                Regime::Roblox2026 => ServiceError::ServerThrottled(limited),
                Regime::RobloxLegacy => ServiceError::QueueFull(call_of(frame.request.kind())),
            }),
        }
    }

    /// What the cache answers to a request, at once and at no cost (versioning-listing-and-caching).
    fn known(&self, at: Global, request: &Request) -> Option<&Reading> {
        match request {
            Request::Get { key, use_cache: true } => self.cache.get(at, key),
            _ => None,
        }
    }

    /// A request to MessagingService or MemoryStoreService.
    fn admit_other_request(&mut self, at: Global, frame: ToService, out: &mut Vec<ToService>) -> Admission {
        if let Err(error) = self.check_other_request(at, &frame.request) {
            return Admission::Refused(error);
        }
        match frame.request {
            // It is never answered, so nothing waits for its answer.
            Request::Unsubscribe { .. } => out.push(frame),
            _ => self.send(at, at, frame, out),
        }
        Admission::Accepted
    }

    fn check_other_request(&mut self, at: Global, request: &Request) -> Result<(), ServiceError> {
        if let Request::Memory { address, call } = request {
            validate_memory(address, call)?;
        }
        validate_message(request)?;
        self.messages.admit(at, request)
    }

    fn send(&mut self, at: Global, made: Global, frame: ToService, out: &mut Vec<ToService>) {
        self.in_flight.push(at, made, &frame);
        out.push(frame);
    }

    fn answered(&mut self, at: Global, open: &Open, error: Option<ServiceError>, trace: &mut Trace<'_>) {
        if error.is_some() {
            self.forget_failed(open);
        }
        let Open { id, kind, made, .. } = *open;
        trace.record(at, &Event::Answered { server: self.server, id, kind, error, after: at.since(made) });
    }

    /// A subscribe that failed connected nothing, whatever the backend believes.
    fn forget_failed(&mut self, open: &Open) {
        if let Some(failed) = open.subscription {
            self.messages.forget(failed);
        }
    }
}

/// A server's budgets at a moment.
pub(super) struct BudgetsAt<'a> {
    client: &'a Client,
    at: Global,
}

impl Budgets for BudgetsAt<'_> {
    fn budget(&self, kind: RequestType, pending: &[Output]) -> u32 {
        let (budget, at) = (&self.client.budget, self.at);
        let account = budget.account_of(kind);
        let spends = |output: &&Output| match output {
            Output::Request(_, request) => {
                request.request_type().is_some_and(|kind| budget.account(request, kind) == account)
                    && self.client.known(at, request).is_none()
            }
            _ => false,
        };
        let spent = u32::try_from(pending.iter().filter(spends).count()).unwrap_or(u32::MAX);
        budget.holds(account, at).saturating_sub(spent)
    }
}

/// What the error of a full queue names. A client cannot tell the read leg of an `UpdateAsync` from a `GetAsync` here:
/// it is dropped as one.
fn call_of(kind: RequestKind) -> ThrottledCall {
    match kind {
        RequestKind::Get => ThrottledCall::Get,
        RequestKind::CompareAndSet => ThrottledCall::Update,
        RequestKind::Increment => ThrottledCall::Increment,
        RequestKind::Remove => ThrottledCall::Remove,
        RequestKind::GetSorted => ThrottledCall::GetSorted,
        RequestKind::ListVersions | RequestKind::GetVersion | RequestKind::ListKeys => ThrottledCall::List,
        // Nothing else waits in a queue.
        _ => ThrottledCall::Set,
    }
}
