//! The backend alone: one server, slot 0, asks it.

use std::sync::Arc;

use dupeproof_core::Span;
use dupeproof_sim::id::RequestId;
use dupeproof_sim::memory_store::{MemoryStore, validate};
use dupeproof_sim::request::{
    FromService, MemoryAddress, MemoryAnswer, MemoryCall, MemoryError, MemoryItem, MemoryValue, Payload, ReadId,
    SortKey, Structure, ToService,
};
use dupeproof_sim::service::Service;
use dupeproof_sim::service::store_service::StoreService;
use dupeproof_sim::trace::Trace;
use dupeproof_sim::{Global, Key, Request, Response, Schedule, ServiceError, Version};
use serde_json::{Value as Json, json};

use crate::scripted::{Tape, schedule, server};

pub(super) type Answer = Result<MemoryAnswer, MemoryError>;

pub(super) struct Backend {
    pub(super) store: StoreService<MemoryStore>,
    pub(super) tape: Tape,
    pub(super) at: Global,
    asked: u32,
}

/// `Locks/key` in a hash map.
pub(super) fn hash(key: &str) -> Key {
    MemoryAddress::new(Structure::HashMap, "Locks", key).to_key()
}

/// The same in a sorted map.
pub(super) fn sorted(key: &str) -> Key {
    MemoryAddress::new(Structure::SortedMap, "Locks", key).to_key()
}

pub(super) fn queue() -> Key {
    MemoryAddress::new(Structure::Queue, "Line", "").to_key()
}

pub(super) fn value(value: impl Into<Json>, expiration: i64) -> MemoryValue {
    MemoryValue { value: payload(value), expiration, sort_key: None }
}

pub(super) fn payload(value: impl Into<Json>) -> Payload {
    Arc::new(value.into())
}

pub(super) fn number(number: f64) -> Option<SortKey> {
    Some(SortKey::Number(number))
}

pub(super) fn text(text: &str) -> Option<SortKey> {
    Some(SortKey::Text(text.into()))
}

pub(super) fn request(address: &Key, call: MemoryCall) -> Request {
    Request::Memory { address: address.clone(), call: Box::new(call) }
}

impl Backend {
    pub(super) fn new() -> Backend {
        Backend::of(&schedule(&[]))
    }

    pub(super) fn of(schedule: &Schedule) -> Backend {
        Backend { store: MemoryStore::service(schedule), tape: Tape::default(), at: Global(0), asked: 0 }
    }

    pub(super) fn wait(&mut self, span: Span) {
        self.at = self.at + span;
    }

    /// What is answered at once.
    pub(super) fn ask(&mut self, address: &Key, call: MemoryCall) -> Answer {
        let id = self.send(address, call);
        let mut answers = self.answers();
        assert_eq!(answers.len(), 1, "{answers:?}");
        let (answered, answer) = answers.remove(0);
        assert_eq!(answered, id);
        answer
    }

    pub(super) fn send(&mut self, address: &Key, call: MemoryCall) -> RequestId {
        self.asked += 1;
        let id = RequestId(self.asked);
        validate(address, &call).expect("what cannot be sent does not get here");
        let frame = ToService { id, request: request(address, call), kilobytes: 0 };
        self.store.handle(self.at, server(0), frame, &mut Trace::new(&mut self.tape));
        id
    }

    /// What is answered by now.
    pub(super) fn answers(&mut self) -> Vec<(RequestId, Answer)> {
        let mut answers = Vec::new();
        while let Some((to, frame)) = self.store.poll(self.at, &mut Trace::new(&mut self.tape)) {
            assert_eq!(to, server(0));
            let FromService::Reply { id, result } = frame else { panic!("{frame:?}") };
            answers.push((id, own(result)));
        }
        answers
    }

    pub(super) fn set(&mut self, address: &Key, new: impl Into<Json>, expiration: i64) {
        assert_eq!(self.ask(address, MemoryCall::Set(value(new, expiration))), Ok(MemoryAnswer::Done));
    }

    pub(super) fn set_sorted(&mut self, key: &str, new: impl Into<Json>, sort_key: Option<SortKey>) {
        let new = MemoryValue { sort_key, ..value(new, 1_000) };
        assert_eq!(self.ask(&sorted(key), MemoryCall::Set(new)), Ok(MemoryAnswer::Done));
    }

    pub(super) fn item(&mut self, address: &Key) -> Option<MemoryItem> {
        match self.ask(address, MemoryCall::Get) {
            Ok(MemoryAnswer::Item(item)) => item,
            other => panic!("{other:?}"),
        }
    }

    /// The value as JSON.
    pub(super) fn get(&mut self, address: &Key) -> Option<Json> {
        self.item(address).map(|item| Json::clone(&item.value))
    }

    pub(super) fn compare_and_set(&mut self, address: &Key, expected: Option<Version>, new: MemoryValue) -> Answer {
        self.ask(address, MemoryCall::CompareAndSet { expected, new })
    }

    /// The items of a range or a list.
    pub(super) fn items(&mut self, address: &Key, call: MemoryCall) -> Vec<String> {
        match self.ask(address, call) {
            Ok(MemoryAnswer::Items(page)) => page.items.iter().map(|item| item.key.to_string()).collect(),
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn size(&mut self, address: &Key, exclude_invisible: bool) -> u32 {
        match self.ask(address, MemoryCall::Size { exclude_invisible }) {
            Ok(MemoryAnswer::Size(size)) => size,
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn add(&mut self, name: &str, expiration: i64, priority: f64) {
        let call = MemoryCall::Add { value: payload(name), expiration, priority };
        assert_eq!(self.ask(&queue(), call), Ok(MemoryAnswer::Done));
    }

    /// Reads with the default invisibility.
    pub(super) fn read(&mut self, count: i64, all_or_nothing: bool) -> (Option<ReadId>, Vec<String>) {
        let call = MemoryCall::Read { count, all_or_nothing, invisibility: 30 };
        match self.ask(&queue(), call) {
            Ok(MemoryAnswer::Read(Some((id, values)))) => {
                (Some(id), values.iter().map(|value| value.as_str().unwrap().to_owned()).collect())
            }
            Ok(MemoryAnswer::Read(None)) => (None, Vec::new()),
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn remove_read(&mut self, id: ReadId) {
        assert_eq!(self.ask(&queue(), MemoryCall::RemoveRead { id }), Ok(MemoryAnswer::Done));
    }
}

fn own(result: Result<Response, ServiceError>) -> Answer {
    match result {
        Ok(Response::Memory(answer)) => Ok(answer),
        Err(ServiceError::Memory(error)) => Err(error),
        other => panic!("{other:?}"),
    }
}

/// What a lock may look like.
pub(super) fn lock(holder: &str) -> Json {
    json!({ "holder": holder })
}
