use std::cell::Cell;
use std::sync::Arc;

use dupeproof_core::{Span, Stored};
use dupeproof_sim::rng::{Seed, Stream};
use dupeproof_sim::schedule::{Latency, RequestClass, RequestFault, TransformError};
use dupeproof_sim::update::{Next, Transformed, UpdateAsync, UpdateError, UpdateRules, Updated};
use dupeproof_sim::{Request, Response, ServiceError};
use serde_json::json;

use super::backend::{Backend, attributes, json as stored, quiet};

fn rules() -> UpdateRules {
    UpdateRules::of(&quiet().services)
}

fn draws() -> Stream {
    Seed(1).stream("update", 0)
}

fn keep(_: Option<&Stored>) -> Transformed {
    Transformed::Cancel
}

/// Carries a call through. `between` may do something before each write leg.
fn update(
    store: &mut Backend,
    rules: UpdateRules,
    transform: impl Fn(Option<&Stored>) -> Transformed,
    mut between: impl FnMut(&mut Backend),
) -> Result<Updated, UpdateError> {
    let (mut call, mut draws) = (UpdateAsync::new("k".into(), rules), draws());
    let mut request = call.read();
    loop {
        if matches!(request, Request::CompareAndSet { .. }) {
            between(store);
        }
        let answer = store.ask(request);
        match call.answered(answer, &mut draws, |value, info| {
            assert_eq!(value.is_some(), info.is_some());
            transform(value)
        }) {
            Next::Ask(next) => request = next,
            Next::Pause(span) => {
                store.wait(span);
                request = call.read();
            }
            Next::Done(result) => return result,
        }
    }
}

/// Adds one.
fn count(value: Option<&Stored>) -> Transformed {
    let value = value.and_then(|value| value.to_json().as_i64()).unwrap_or(0);
    Transformed::Write(stored(value + 1), None)
}

#[test]
fn an_update_reads_transforms_and_writes_and_answers_the_new_value_with_its_info() {
    let mut store = Backend::new();
    store.set("k", 5);
    let Ok(Updated::Written(value, info)) = update(&mut store, rules(), count, |_| {}) else { panic!() };
    let entry = store.entry("k").unwrap();
    assert_eq!((value, info), (stored(6), Some(entry.info.clone())));
    assert_eq!(entry.value, stored(6));
}

#[test]
fn a_transform_gets_no_value_and_no_info_for_a_new_key_and_after_a_removal() {
    let mut store = Backend::new();
    let seen = Cell::new(0);
    let absent = |value: Option<&Stored>| {
        seen.set(seen.get() + u32::from(value.is_none()));
        Transformed::Write(stored(1), None)
    };
    update(&mut store, rules(), absent, |_| {}).unwrap();
    store.remove("k");
    update(&mut store, rules(), absent, |_| {}).unwrap();
    assert_eq!(seen.get(), 2);
}

#[test]
fn a_transform_runs_again_as_often_as_somebody_writes_in_between() {
    let mut store = Backend::new();
    store.set("k", 0);
    let (runs, mut others) = (Cell::new(0), 0);
    let counted = |value: Option<&Stored>| {
        runs.set(runs.get() + 1);
        count(value)
    };
    let result = update(&mut store, rules(), counted, |store| {
        others += 1;
        if others <= 20 {
            store.set("k", others * 100);
        }
    });
    assert!(matches!(result, Ok(Updated::Written(value, _)) if value == stored(2_001)));
    assert_eq!(runs.get(), 21);
}

#[test]
fn after_a_conflict_it_can_wait_before_it_reads_again() {
    let delay = Latency { min: Span::secs(6), max: Span::secs(7) };
    let mut store = Backend::new();
    let mut first = true;
    update(&mut store, UpdateRules { conflict_delay: delay, ..rules() }, count, |store| {
        if std::mem::take(&mut first) {
            store.set("k", 1);
        }
    })
    .unwrap();
    assert!((6_000_000..=7_000_000).contains(&store.at.0), "{:?}", store.at);
    assert_eq!(store.value("k"), Some(json!(2)));
}

#[test]
fn nil_cancels_and_the_call_answers_nil_and_not_the_old_value() {
    let mut store = Backend::new();
    store.set("k", 5);
    assert_eq!(update(&mut store, rules(), keep, |_| {}), Ok(Updated::Nothing { thrown: None }));
    assert_eq!(store.value("k"), Some(json!(5)));
}

#[test]
fn user_ids_and_metadata_that_are_not_returned_are_cleared() {
    let mut store = Backend::new();
    let with = |_: Option<&Stored>| Transformed::Write(stored(1), attributes(&[11]));
    update(&mut store, rules(), with, |_| {}).unwrap();
    assert_eq!(store.entry("k").unwrap().info.attributes, attributes(&[11]));
    update(&mut store, rules(), count, |_| {}).unwrap();
    assert_eq!(store.entry("k").unwrap().info.attributes, None);
}

#[test]
fn a_transform_that_throws_makes_the_call_throw_or_answer_nil() {
    let mut store = Backend::new();
    let text: Arc<str> = "attempt to index nil".into();
    let throw = |_: Option<&Stored>| Transformed::Throw("attempt to index nil".into());
    assert_eq!(update(&mut store, rules(), throw, |_| {}), Err(UpdateError::Transform(Arc::clone(&text))));
    let quietly = UpdateRules { transform_error: TransformError::ReturnsNil, ..rules() };
    assert_eq!(update(&mut store, quietly, throw, |_| {}), Ok(Updated::Nothing { thrown: Some(text) }));
    assert_eq!(store.value("k"), None);
}

#[test]
fn an_error_on_either_leg_ends_the_call_and_after_the_write_leg_the_value_may_be_written() {
    for (class, runs, value) in [(RequestClass::Read, 0, None), (RequestClass::Write, 1, Some(json!(1)))] {
        let mut store = Backend::new();
        store.fail_next(class, RequestFault::AppliedThenError);
        let ran = Cell::new(0);
        let counted = |value: Option<&Stored>| {
            ran.set(ran.get() + 1);
            count(value)
        };
        let result = update(&mut store, rules(), counted, |_| {});
        assert_eq!(result, Err(UpdateError::Service(ServiceError::Rejected)));
        assert_eq!((ran.get(), store.value("k")), (runs, value));
    }
}

#[test]
fn a_nil_read_runs_the_transform_on_nothing_and_its_write_is_a_conflict() {
    let mut store = Backend::new();
    store.set("k", 5);
    store.fail_next(RequestClass::Read, RequestFault::NilRead);
    let seen = Cell::new(0);
    let counted = |value: Option<&Stored>| {
        seen.set(seen.get() + u32::from(value.is_none()));
        count(value)
    };
    update(&mut store, rules(), counted, |_| {}).unwrap();
    assert_eq!((seen.get(), store.value("k")), (1, Some(json!(6))));
}

#[test]
fn an_ordered_store_gives_no_key_info() {
    let (mut call, mut draws) = (UpdateAsync::new("ordered:Coins/global/k".into(), rules()), draws());
    let mut store = Backend::new();
    store.set("ordered:Coins/global/k", 5);
    let answer = store.ask(call.read());
    let Next::Ask(write) = call.answered(answer, &mut draws, |value, info| {
        assert!(info.is_none());
        count(value)
    }) else {
        panic!()
    };
    let written = store.ask(write);
    let done = call.answered(written, &mut draws, |_, _| Transformed::Cancel);
    assert_eq!(done, Next::Done(Ok(Updated::Written(stored(6), None))));
}

#[test]
#[should_panic(expected = "no answer to a leg of UpdateAsync")]
fn an_answer_to_something_else_is_a_fault_in_the_guest() {
    let mut call = UpdateAsync::new("k".into(), rules());
    call.answered(Ok(Response::Published), &mut draws(), |_, _| Transformed::Cancel);
}
