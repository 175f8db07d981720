//! What stands before the backend of a service that keeps values: outages, what befalls requests, what comes late, and
//! the answers that wait.

use std::collections::VecDeque;

use crate::clock::Global;
use crate::event_queue::EventQueue;
use crate::request::{FromService, Request, RequestId, Response, ServiceError, ToService};
use crate::request_faults::RequestFaults;
use crate::schedule::{RequestClass, RequestFault};
use crate::trace::{Event, ServerId, Trace};

pub(crate) type Answer = Result<Response, ServiceError>;

/// Its state.
pub(crate) struct Front {
    pub(crate) request_faults: RequestFaults,
    /// Whether everything is refused.
    pub(crate) refusing: bool,
    /// When the last request came or the last late thing was due: since when the answers wait.
    at: Global,
    answers: VecDeque<(ServerId, FromService)>,
    late: EventQueue<Late>,
}

enum Late {
    Answer(ServerId, FromService),
    /// A conditional write's condition is looked at when its time comes.
    Write(ServerId, ToService),
}

/// A backend that has one.
pub(crate) trait Backend {
    /// What it answers in an outage, and when a fate has it report a failure.
    const UNAVAILABLE: ServiceError;

    fn front(&mut self) -> &mut Front;

    /// Whether the limits let a request through.
    fn admit(&mut self, at: Global, frame: &ToService) -> Result<(), ServiceError>;

    /// Carries a request out.
    fn apply(&mut self, at: Global, from: ServerId, frame: ToService, trace: &mut Trace<'_>) -> Answer;

    /// What a read that finds nothing is answered.
    fn nothing(request: &Request) -> Response;
}

impl Front {
    pub(crate) fn new(request_faults: RequestFaults) -> Front {
        Front { request_faults, refusing: false, at: Global(0), answers: VecDeque::new(), late: EventQueue::new() }
    }

    /// When [`poll`] has something next.
    pub(crate) fn next_due(&self) -> Option<Global> {
        if self.answers.is_empty() { self.late.next_due() } else { Some(self.at) }
    }

    /// No more faults; says since when. Late writes still pending are applied at their time.
    pub(crate) fn heal(&mut self) -> Global {
        self.refusing = false;
        self.request_faults.heal();
        self.at
    }

    fn answer(&mut self, to: ServerId, id: RequestId, result: Answer) {
        self.answers.push_back((to, FromService::Reply { id, result }));
    }

    /// A read is not made twice.
    fn apply_later(&mut self, due: Global, from: ServerId, frame: ToService) {
        if frame.request.kind().changes_values() {
            self.late.push(due, Late::Write(from, frame));
        }
    }
}

/// A request arrives.
pub(crate) fn handle<B: Backend>(backend: &mut B, at: Global, from: ServerId, frame: ToService, trace: &mut Trace<'_>) {
    bring_in_late(backend, at, trace);
    let (id, kind) = (frame.id, frame.request.kind());
    let front = backend.front();
    let fault = front
        .request_faults
        .next(from.slot, RequestClass::of(kind))
        .filter(|fault| *fault != RequestFault::NilRead || !kind.changes_values());
    if front.refusing {
        return front.answer(from, id, Err(B::UNAVAILABLE));
    }
    if let Err(error) = backend.admit(at, &frame) {
        return backend.front().answer(from, id, Err(error));
    }
    if let Some(fault) = fault {
        trace.record(at, &Event::RequestFault { server: from, id, kind, fault });
    }
    let answer = match fault {
        None => backend.apply(at, from, frame, trace),
        Some(RequestFault::Refused) => Err(B::UNAVAILABLE),
        Some(RequestFault::AppliedThenError) => {
            drop(backend.apply(at, from, frame, trace));
            Err(B::UNAVAILABLE)
        }
        Some(RequestFault::LostReply) => return drop(backend.apply(at, from, frame, trace)),
        Some(RequestFault::LateReply { span }) => {
            let result = backend.apply(at, from, frame, trace);
            return backend.front().late.push(at + span, Late::Answer(from, FromService::Reply { id, result }));
        }
        Some(RequestFault::LateApply { span }) => {
            backend.front().apply_later(at + span, from, frame);
            Err(B::UNAVAILABLE)
        }
        Some(RequestFault::AppliedTwice { span }) => {
            backend.front().apply_later(at + span, from, frame.clone());
            backend.apply(at, from, frame, trace)
        }
        Some(RequestFault::NilRead) => Ok(B::nothing(&frame.request)),
    };
    backend.front().answer(from, id, answer);
}

/// The next answer that is due at `at`, applying late writes that are due on the way.
pub(crate) fn poll<B: Backend>(backend: &mut B, at: Global, trace: &mut Trace<'_>) -> Option<(ServerId, FromService)> {
    bring_in_late(backend, at, trace);
    backend.front().answers.pop_front()
}

fn bring_in_late<B: Backend>(backend: &mut B, at: Global, trace: &mut Trace<'_>) {
    let front = backend.front();
    front.at = front.at.max(at);
    while let Some(late) = backend.front().late.pop_due(at) {
        match late {
            Late::Answer(to, frame) => backend.front().answers.push_back((to, frame)),
            Late::Write(from, frame) => drop(backend.apply(at, from, frame, trace)),
        }
    }
}
