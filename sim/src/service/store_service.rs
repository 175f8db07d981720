//! A service that stores values. Outages, limits, request faults, and answers that come late are the same for all of
//! them and are here; what requests do to the values is up to the [`Store`].

use std::collections::VecDeque;

use super::Service;
use crate::clock::Global;
use crate::event_queue::EventQueue;
use crate::id::{RequestId, ServerId, Slot};
use crate::request::{Answer, FromService, Request, Response, ServiceError, ToService};
use crate::request_faults::RequestFaults;
use crate::schedule::{RequestClass, RequestFault};
use crate::trace::{Event, Trace};

/// The values of a service, and their limits.
pub trait Store {
    /// What is answered in an outage, and where a request fault reports a failure.
    const UNAVAILABLE: ServiceError;

    /// Whether the limits let a request through.
    ///
    /// # Errors
    /// What the request is answered if they do not.
    fn admit(&mut self, at: Global, frame: &ToService) -> Result<(), ServiceError>;

    /// Carries a request out.
    ///
    /// # Errors
    /// What the service answers to a request that cannot be carried out.
    fn apply(&mut self, at: Global, from: ServerId, frame: ToService, trace: &mut Trace<'_>) -> Answer;

    /// What a read that finds nothing is answered.
    fn nothing(request: &Request) -> Response;

    /// As [`Service::set_players`].
    fn set_players(&mut self, at: Global, players: u32);

    /// Its limits become the documented ones, if they were tighter; `at` is the moment of the last request.
    fn heal(&mut self, at: Global);

    /// As [`Service::end`].
    fn end(&self, _at: Global, _trace: &mut Trace<'_>) {}
}

/// A store as a service.
pub struct StoreService<S> {
    store: S,
    faults: RequestFaults,
    /// Whether there is an outage.
    refusing: bool,
    /// When the last request came or something late was last due: since when `answers` are due.
    at: Global,
    answers: VecDeque<(ServerId, FromService)>,
    late: EventQueue<Late>,
}

/// What a request fault puts off.
enum Late {
    Answer(ServerId, FromService),
    /// Whether a conditional write's condition holds is decided when its time comes.
    Write(ServerId, ToService),
}

impl<S: Store> StoreService<S> {
    pub(crate) fn new(store: S, faults: RequestFaults) -> StoreService<S> {
        let (answers, late) = (VecDeque::new(), EventQueue::new());
        StoreService { store, faults, refusing: false, at: Global(0), answers, late }
    }

    fn answer(&mut self, to: ServerId, id: RequestId, result: Answer) {
        self.answers.push_back((to, FromService::Reply { id, result }));
    }

    fn apply_later(&mut self, due: Global, from: ServerId, frame: ToService) {
        // A read that nobody waits for changes nothing.
        if frame.request.kind().changes_values() {
            self.late.push(due, Late::Write(from, frame));
        }
    }

    /// Carries a request out as its fault says. `None`: it is not answered now.
    fn apply_with(
        &mut self,
        fault: RequestFault,
        at: Global,
        from: ServerId,
        frame: ToService,
        trace: &mut Trace<'_>,
    ) -> Option<Answer> {
        let id = frame.id;
        Some(match fault {
            RequestFault::Refused => Err(S::UNAVAILABLE),
            RequestFault::AppliedThenError => {
                drop(self.store.apply(at, from, frame, trace));
                Err(S::UNAVAILABLE)
            }
            RequestFault::LostReply => {
                drop(self.store.apply(at, from, frame, trace));
                return None;
            }
            RequestFault::LateReply { span } => {
                let result = self.store.apply(at, from, frame, trace);
                self.late.push(at + span, Late::Answer(from, FromService::Reply { id, result }));
                return None;
            }
            RequestFault::LateApply { span } => {
                self.apply_later(at + span, from, frame);
                Err(S::UNAVAILABLE)
            }
            RequestFault::AppliedTwice { span } => {
                self.apply_later(at + span, from, frame.clone());
                self.store.apply(at, from, frame, trace)
            }
            RequestFault::NilRead => Ok(S::nothing(&frame.request)),
        })
    }

    fn apply_late(&mut self, at: Global, trace: &mut Trace<'_>) {
        self.at = self.at.max(at);
        while let Some(late) = self.late.pop_due(at) {
            match late {
                Late::Answer(to, frame) => self.answers.push_back((to, frame)),
                Late::Write(from, frame) => drop(self.store.apply(at, from, frame, trace)),
            }
        }
    }
}

impl<S: Store> Service for StoreService<S> {
    fn handle(&mut self, at: Global, from: ServerId, frame: ToService, trace: &mut Trace<'_>) {
        self.apply_late(at, trace);
        let (id, kind) = (frame.id, frame.request.kind());
        // Drawn in an outage, too, so that an outage does not move the faults of later requests.
        let fault = self
            .faults
            .next(from.slot, RequestClass::of(kind))
            // Nothing is read by a write.
            .filter(|fault| *fault != RequestFault::NilRead || !kind.changes_values());
        if self.refusing {
            return self.answer(from, id, Err(S::UNAVAILABLE));
        }
        if let Err(error) = self.store.admit(at, &frame) {
            return self.answer(from, id, Err(error));
        }
        let Some(fault) = fault else {
            let answer = self.store.apply(at, from, frame, trace);
            return self.answer(from, id, answer);
        };
        trace.record(at, &Event::RequestFault { server: from, id, kind, fault });
        if let Some(answer) = self.apply_with(fault, at, from, frame, trace) {
            self.answer(from, id, answer);
        }
    }

    fn next_due(&self) -> Option<Global> {
        if self.answers.is_empty() { self.late.next_due() } else { Some(self.at) }
    }

    fn poll(&mut self, at: Global, trace: &mut Trace<'_>) -> Option<(ServerId, FromService)> {
        self.apply_late(at, trace);
        self.answers.pop_front()
    }

    fn set_outage(&mut self, refuse: bool) {
        self.refusing = refuse;
    }

    fn heal(&mut self) {
        self.refusing = false;
        self.faults.heal();
        self.store.heal(self.at);
    }

    fn set_players(&mut self, at: Global, players: u32) {
        self.store.set_players(at, players);
    }

    fn fail_next(&mut self, slot: Slot, class: RequestClass, fault: RequestFault) {
        self.faults.fail_next(slot, class, fault);
    }

    fn end(&self, at: Global, trace: &mut Trace<'_>) {
        self.store.end(at, trace);
    }
}
