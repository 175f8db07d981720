use dupeproof_core::Span;
use dupeproof_sim::memory_store::{EXPIRATION_MAX, KEY_MAX, VALUE_MAX, validate};
use dupeproof_sim::request::{Bound, MemoryCall, MemoryError, MemoryValue, RangeQuery, RequestKind};
use dupeproof_sim::schedule::{MemoryStoreProfile, Schedule};
use dupeproof_sim::service::Service;
use dupeproof_sim::{Key, ServiceError};
use serde_json::json;

use super::backend::{Backend, hash, number, payload, queue, request, sorted, text, value};
use crate::scripted::{Tape, schedule, script};

#[test]
fn a_key_has_1_to_128_characters() {
    let get = |key: &str| validate(&hash(key), &MemoryCall::Get);
    assert_eq!(get(""), Err(MemoryError::Key));
    assert_eq!(get(&"é".repeat(KEY_MAX)), Ok(()));
    assert_eq!(get(&"k".repeat(KEY_MAX + 1)), Err(MemoryError::Key));
}

#[test]
fn a_value_has_at_most_32_768_bytes_of_json() {
    // Two are the quotes around it.
    let text = |length| "x".repeat(length - 2);
    let set = |length| validate(&hash("k"), &MemoryCall::Set(value(text(length), 1)));
    let add = |length| {
        let call = MemoryCall::Add { value: payload(text(length)), expiration: 1, priority: 0.0 };
        validate(&queue(), &call)
    };
    assert_eq!((set(VALUE_MAX), add(VALUE_MAX)), (Ok(()), Ok(())));
    assert_eq!(set(VALUE_MAX + 1), Err(MemoryError::ValueTooLarge));
    assert_eq!(add(VALUE_MAX + 1), Err(MemoryError::ValueTooLarge));
}

#[test]
fn an_item_lasts_45_days_at_most() {
    let set = |expiration| validate(&hash("k"), &MemoryCall::Set(value(1, expiration)));
    assert_eq!((set(0), set(EXPIRATION_MAX)), (Ok(()), Ok(())));
    assert_eq!(set(-1), Err(MemoryError::Expiration));
    assert_eq!(set(EXPIRATION_MAX + 1), Err(MemoryError::Expiration));
    let add = MemoryCall::Add { value: payload(1), expiration: EXPIRATION_MAX + 1, priority: 0.0 };
    assert_eq!(validate(&queue(), &add), Err(MemoryError::Expiration));
}

#[test]
fn sort_keys_counts_and_priorities_are_within_bounds() {
    let set = |sort_key| validate(&sorted("k"), &MemoryCall::Set(MemoryValue { sort_key, ..value(1, 1) }));
    assert_eq!((set(number(1.5)), set(text(&"s".repeat(128)))), (Ok(()), Ok(())));
    assert_eq!(set(number(f64::NAN)), Err(MemoryError::SortKey));
    assert_eq!(set(text(&"s".repeat(129))), Err(MemoryError::SortKey));
    let range =
        |count, lower| validate(&sorted(""), &MemoryCall::Range(RangeQuery { count, lower, ..RangeQuery::default() }));
    assert_eq!((range(1, None), range(200, None)), (Ok(()), Ok(())));
    assert_eq!((range(0, None), range(201, None)), (Err(MemoryError::Count), Err(MemoryError::Count)));
    let bound = Bound { key: Some("k".repeat(129).into()), sort_key: None };
    assert_eq!(range(1, Some(bound)), Err(MemoryError::Key));
    let read =
        |count, invisibility| validate(&queue(), &MemoryCall::Read { count, all_or_nothing: false, invisibility });
    assert_eq!((read(100, 0), read(101, 0)), (Ok(()), Err(MemoryError::Count)));
    assert_eq!(read(1, -1), Err(MemoryError::Argument));
    let add = MemoryCall::Add { value: payload(1), expiration: 1, priority: f64::INFINITY };
    assert_eq!(validate(&queue(), &add), Err(MemoryError::Argument));
}

#[test]
fn what_cannot_be_asked_is_refused_at_once() {
    let long = request(&hash(&"k".repeat(129)), MemoryCall::Get);
    let scripts = [script([(1_000, long)])];
    let tape = Tape::of(&schedule(&scripts), &scripts);
    assert_eq!(tape.answers(0), [(1_000, RequestKind::MemoryGet, Some(ServiceError::Memory(MemoryError::Key)))]);
}

/// A hundredth of the limits, and nobody there: 10 units a minute.
fn tight() -> Schedule {
    let mut schedule = schedule(&[]);
    schedule.services.limits.other_players = 0;
    schedule.services.memory_store = MemoryStoreProfile { units_ppm: 10_000, ..MemoryStoreProfile::default() };
    schedule
}

/// How many of them are let through at once.
fn let_through(store: &mut Backend, address: &Key, call: &MemoryCall) -> u32 {
    let mut admitted = 0;
    loop {
        match store.ask(address, call.clone()) {
            Ok(_) => admitted += 1,
            Err(MemoryError::Requests) => return admitted,
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn the_experience_has_1000_request_units_a_minute_and_120_more_for_each_player() {
    let mut store = Backend::of(&tight());
    assert_eq!(let_through(&mut store, &hash("k"), &MemoryCall::Get), 10);
    store.wait(Span::secs(60));
    assert_eq!(let_through(&mut store, &hash("k"), &MemoryCall::Get), 10);
    store.store.set_players(store.at, 25);
    store.wait(Span::secs(60));
    assert_eq!(let_through(&mut store, &hash("k"), &MemoryCall::Get), 40);
    store.store.heal();
    assert_eq!(let_through(&mut store, &hash("k"), &MemoryCall::Get), 4_000);
}

#[test]
fn an_update_costs_two_units_in_a_hash_map_and_one_in_a_sorted_map() {
    for (address, times) in [(hash("k"), 5), (sorted("k"), 10)] {
        let mut store = Backend::of(&tight());
        for _ in 0..times {
            let expected = store.item(&address).map(|item| item.version);
            store.compare_and_set(&address, expected, value(1, 60)).unwrap();
        }
        assert_eq!(store.ask(&address, MemoryCall::Get), Err(MemoryError::Requests));
    }
}

#[test]
fn what_is_returned_costs_units_too() {
    let everything = MemoryCall::Range(RangeQuery { count: 200, ..RangeQuery::default() });
    let read = MemoryCall::Read { count: 4, all_or_nothing: false, invisibility: 0 };
    let list = MemoryCall::List { count: 200, after: None };
    let filled = || {
        let mut store = Backend::of(&tight());
        for n in 0..4 {
            store.set(&sorted(&n.to_string()), n, 10_000);
            store.add("item", 10_000, 0.0);
        }
        store.wait(Span::secs(60));
        for n in 0..4 {
            store.set(&hash(&n.to_string()), n, 10_000);
        }
        store.wait(Span::secs(60));
        store
    };
    // Of ten units: four for each, and what is left of the last is not owed.
    assert_eq!(let_through(&mut filled(), &sorted(""), &everything), 3);
    assert_eq!(let_through(&mut filled(), &queue(), &read), 3);
    // One more for the partition.
    assert_eq!(let_through(&mut filled(), &hash(""), &list), 2);
}

#[test]
fn once_the_memory_is_used_up_what_needs_more_fails_and_nothing_else() {
    let mut schedule = schedule(&[]);
    schedule.services.limits.other_players = 0;
    let mut store = Backend::of(&schedule);
    let large = "x".repeat(30_000);
    store.set(&hash("a"), json!(large), 60);
    store.set(&sorted("b"), json!(large), 600);
    let more = MemoryCall::Set(value(json!(large), 600));
    assert_eq!(store.ask(&hash("c"), more.clone()), Err(MemoryError::Memory));
    let add = MemoryCall::Add { value: payload(json!(large)), expiration: 60, priority: 0.0 };
    assert_eq!(store.ask(&queue(), add), Err(MemoryError::Memory));
    store.set(&sorted("b"), json!(large), 600);
    store.set(&hash("d"), 1, 600);
    store.wait(Span::secs(60));
    assert!(store.ask(&sorted("c"), more).is_ok(), "what has expired elsewhere makes room");
}
