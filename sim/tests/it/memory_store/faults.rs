use dupeproof_core::Span;
use dupeproof_sim::Event;
use dupeproof_sim::request::{MemoryAnswer, MemoryCall, MemoryError};
use dupeproof_sim::schedule::{FaultRates, Latency, RequestFaultRates, Schedule};
use dupeproof_sim::service::Service;
use serde_json::json;

use super::backend::{Backend, hash, payload, queue, value};
use crate::scripted::schedule;

const ALWAYS: u32 = 1_000_000;

/// Each of these requests meets this.
fn faulty(faults: RequestFaultRates) -> Schedule {
    let mut schedule = schedule(&[]);
    let late = Span::secs(5);
    schedule.services.lateness = Latency { min: late, max: late };
    schedule.services.memory_store.faults = faults;
    schedule
}

fn writes(odds: FaultRates) -> Backend {
    Backend::of(&faulty(RequestFaultRates { write: odds, set: odds, ..RequestFaultRates::default() }))
}

fn set() -> MemoryCall {
    MemoryCall::Set(value(1, 60))
}

#[test]
fn a_refused_request_is_not_applied() {
    let mut store = writes(FaultRates { refused_ppm: ALWAYS, ..FaultRates::default() });
    assert_eq!(store.ask(&hash("a"), set()), Err(MemoryError::Internal));
    assert_eq!(store.get(&hash("a")), None);
    assert_eq!(store.tape.count(|event| matches!(event, Event::RequestFault { .. })), 1);
}

#[test]
fn a_request_can_be_applied_and_answered_with_an_error_or_never() {
    let mut store = writes(FaultRates { applied_then_error_ppm: ALWAYS, ..FaultRates::default() });
    assert_eq!(store.ask(&hash("a"), set()), Err(MemoryError::Internal));
    assert_eq!(store.get(&hash("a")), Some(1.into()));
    let mut store = writes(FaultRates { lost_reply_ppm: ALWAYS, ..FaultRates::default() });
    store.send(&hash("a"), set());
    assert_eq!(store.answers(), []);
    assert_eq!(store.get(&hash("a")), Some(1.into()));
}

#[test]
fn a_request_can_be_answered_late_or_applied_late() {
    let mut store = writes(FaultRates { late_reply_ppm: ALWAYS, ..FaultRates::default() });
    let id = store.send(&hash("a"), set());
    assert_eq!(store.get(&hash("a")), Some(1.into()));
    store.wait(Span::secs(5));
    assert_eq!(store.answers(), [(id, Ok(MemoryAnswer::Done))]);
    let mut store = writes(FaultRates { late_apply_ppm: ALWAYS, ..FaultRates::default() });
    assert_eq!(store.ask(&hash("a"), set()), Err(MemoryError::Internal));
    assert_eq!(store.get(&hash("a")), None);
    store.wait(Span::secs(5));
    assert_eq!(store.get(&hash("a")), Some(1.into()));
}

#[test]
fn what_is_applied_late_looks_at_its_condition_and_counts_its_time_then() {
    let mut store = Backend::of(&faulty(RequestFaultRates {
        write: FaultRates { late_apply_ppm: ALWAYS, ..FaultRates::default() },
        ..RequestFaultRates::default()
    }));
    let late = |expected| MemoryCall::CompareAndSet { expected, new: value("late", 60) };
    store.ask(&hash("a"), late(None)).unwrap_err();
    store.ask(&hash("b"), late(None)).unwrap_err();
    store.set(&hash("a"), "in time", 600);
    store.wait(Span::secs(5));
    assert_eq!(store.answers(), [], "they were answered already");
    store.wait(Span::secs(59));
    assert_eq!(store.get(&hash("a")), Some(json!("in time")));
    assert_eq!(store.get(&hash("b")), Some(json!("late")));
    store.wait(Span::secs(1));
    assert_eq!(store.get(&hash("b")), None);
}

#[test]
fn a_request_can_be_applied_twice() {
    let mut store = writes(FaultRates { applied_twice_ppm: ALWAYS, ..FaultRates::default() });
    let add = MemoryCall::Add { value: payload("a"), expiration: 60, priority: 0.0 };
    assert_eq!(store.ask(&queue(), add), Ok(MemoryAnswer::Done));
    assert_eq!(store.size(&queue(), false), 1);
    store.wait(Span::secs(5));
    assert_eq!(store.size(&queue(), false), 2);
}

#[test]
fn a_read_can_find_nothing_though_there_is_something_but_a_reading_of_a_queue_is_no_such_read() {
    let odds = FaultRates { nil_read_ppm: ALWAYS, ..FaultRates::default() };
    let mut store = Backend::of(&faulty(RequestFaultRates::all(odds)));
    store.set(&hash("a"), 1, 60);
    store.add("a", 60, 0.0);
    assert_eq!(store.get(&hash("a")), None);
    assert_eq!(store.size(&queue(), false), 0);
    assert_eq!(store.read(1, false).1, ["a"]);
    store.store.heal();
    assert_eq!(store.get(&hash("a")), Some(1.into()));
}

#[test]
fn during_an_outage_everything_fails_and_time_passes() {
    let mut store = Backend::new();
    store.set(&hash("a"), 1, 60);
    store.set(&hash("b"), 1, 600);
    store.store.set_outage(true);
    assert_eq!(store.ask(&hash("a"), MemoryCall::Get), Err(MemoryError::Internal));
    store.wait(Span::secs(60));
    store.store.set_outage(false);
    assert_eq!((store.get(&hash("a")), store.get(&hash("b"))), (None, Some(1.into())));
}
