//! The backend alone: one server, slot 0, asks it. Player 0's record is there as version 1.

use std::sync::Arc;

use dupeproof_core::{Span, Stored};
use dupeproof_sim::datastore::{DataStore, validate};
use dupeproof_sim::guest::key_of;
use dupeproof_sim::id::{PlayerId, RequestId};
use dupeproof_sim::request::{Attributes, Entry, FromService, KeyInfo, Reading, ToService};
use dupeproof_sim::schedule::{PlayerPlan, RequestClass, RequestFault, WorldClock};
use dupeproof_sim::service::Service;
use dupeproof_sim::service::store_service::StoreService;
use dupeproof_sim::trace::Trace;
use dupeproof_sim::{Global, Key, Request, Response, Schedule, ServiceError, Version};
use serde_json::{Value as Json, json};

use crate::scripted::{Scripted, Tape, schedule, server};

pub(super) type Answer = Result<Response, ServiceError>;

/// When runs begin, by a clock that is right: 2025-06-15T13:00:00Z.
pub(super) const START_MILLIS: i64 = 1_749_992_400_000;

pub(super) struct Backend {
    pub(super) store: StoreService<DataStore>,
    pub(super) tape: Tape,
    pub(super) at: Global,
    asked: u32,
}

impl Backend {
    pub(super) fn new() -> Backend {
        Backend::of(&quiet())
    }

    pub(super) fn of(schedule: &Schedule) -> Backend {
        let store = DataStore::service(schedule, &Scripted::default());
        Backend { store, tape: Tape::default(), at: Global(0), asked: 0 }
    }

    pub(super) fn wait(&mut self, span: Span) {
        self.at = self.at + span;
    }

    /// The next request of this kind meets this fault.
    pub(super) fn fail_next(&mut self, class: RequestClass, fault: RequestFault) {
        self.store.fail_next(0, class, fault);
    }

    /// What is answered at once.
    pub(super) fn ask(&mut self, request: Request) -> Answer {
        let id = self.send(request);
        let mut answers = self.answers();
        assert_eq!(answers.len(), 1, "{answers:?}");
        let (answered, answer) = answers.remove(0);
        assert_eq!(answered, id);
        answer
    }

    pub(super) fn send(&mut self, request: Request) -> RequestId {
        self.asked += 1;
        let id = RequestId(self.asked);
        let kilobytes = validate(&request).expect("what cannot be sent does not get here");
        let frame = ToService { id, request, kilobytes };
        self.store.handle(self.at, server(0), frame, &mut Trace::new(&mut self.tape));
        id
    }

    /// What is answered by now.
    pub(super) fn answers(&mut self) -> Vec<(RequestId, Answer)> {
        let mut answers = Vec::new();
        while let Some((to, frame)) = self.store.poll(self.at, &mut Trace::new(&mut self.tape)) {
            assert_eq!(to, server(0));
            let FromService::Reply { id, result } = frame else { panic!("{frame:?}") };
            answers.push((id, result));
        }
        answers
    }

    pub(super) fn read(&mut self, key: &str) -> Reading {
        match self.ask(Request::get(key.into())) {
            Ok(Response::Value(reading)) => reading,
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn entry(&mut self, key: &str) -> Option<Entry> {
        self.read(key).entry
    }

    /// The value as JSON.
    pub(super) fn value(&mut self, key: &str) -> Option<Json> {
        self.entry(key).map(|entry| entry.value.to_json())
    }

    pub(super) fn set(&mut self, key: &str, value: impl Into<Json>) -> KeyInfo {
        committed(self.ask(Request::set(key.into(), json(value))))
    }

    pub(super) fn remove(&mut self, key: &str) -> Option<Entry> {
        match self.ask(Request::Remove { key: key.into() }) {
            Ok(Response::Removed(before)) => before,
            other => panic!("{other:?}"),
        }
    }
}

/// No faults, one player, and the run begins at a full hour.
pub(super) fn quiet() -> Schedule {
    let clocks = WorldClock { before_the_hour: Span::ZERO, ..WorldClock::default() };
    Schedule { players: vec![PlayerPlan { items: Some(2) }], clocks, ..schedule(&[]) }
}

/// Player 0's.
pub(super) fn key() -> Key {
    key_of(PlayerId(0))
}

pub(super) fn json(value: impl Into<Json>) -> Stored {
    Stored::from_json(value.into())
}

pub(super) fn compare_and_set(key: &str, expected: Option<Version>, value: impl Into<Json>) -> Request {
    Request::compare_and_set(key.into(), expected, json(value))
}

pub(super) fn committed(answer: Answer) -> KeyInfo {
    match answer {
        Ok(Response::Committed(info)) => info,
        other => panic!("{other:?}"),
    }
}

pub(super) fn attributes(user_ids: &[i64]) -> Option<Arc<Attributes>> {
    Some(Arc::new(Attributes { user_ids: user_ids.to_vec(), metadata: json!({ "from": "a test" }) }))
}
