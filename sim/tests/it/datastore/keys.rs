use dupeproof_core::Span;
use dupeproof_sim::request::{Reading, ValueType};
use dupeproof_sim::{Event, Request, Response, ServiceError, Version};
use serde_json::json;

use super::backend::{Backend, START_MILLIS, attributes, committed, compare_and_set, json, key, quiet};

const DAY_MILLIS: i64 = 24 * 3_600_000;

fn increment(key: &str, delta: i64) -> Request {
    Request::Increment { key: key.into(), delta, attributes: None }
}

#[test]
fn a_key_that_was_never_written_has_neither_version_nor_value_nor_info() {
    assert_eq!(Backend::new().read("new"), Reading::default());
}

#[test]
fn each_write_makes_a_new_version_also_of_the_same_value_in_the_same_hour() {
    let mut store = Backend::new();
    let (first, second) = (store.set("k", 1).version, store.set("k", 1).version);
    assert!(second > first);
    assert_eq!(store.read("k").version, Some(second));
}

#[test]
fn key_info_tells_both_times_in_milliseconds_of_the_backends_clock() {
    let mut schedule = quiet();
    schedule.clocks.before_the_hour = Span::secs(600);
    schedule.clocks.backend_offset = -5_000_000;
    schedule.clocks.backend_rate_ppm = 100_000;
    let mut store = Backend::of(&schedule);
    store.wait(Span::secs(10));
    store.set("k", 1);
    store.wait(Span::secs(10));
    let info = store.set("k", 2);
    let start = START_MILLIS - 600_000 - 5_000;
    assert_eq!((info.created_time, info.updated_time), (start + 11_000, start + 22_000));
    assert_eq!(store.entry("k").unwrap().info, info);
}

#[test]
fn a_player_who_has_played_before_was_saved_the_day_before() {
    let info = Backend::new().entry(&key()).unwrap().info;
    assert_eq!((info.version, info.updated_time), (Version(1), START_MILLIS - DAY_MILLIS));
}

#[test]
fn user_ids_and_metadata_are_replaced_by_every_write_and_cleared_by_one_without() {
    let mut store = Backend::new();
    let set = |ids: &[i64]| Request::Set { key: "k".into(), value: json(1), attributes: attributes(ids) };
    assert_eq!(committed(store.ask(set(&[11]))).attributes, attributes(&[11]));
    store.ask(set(&[12, 13])).unwrap();
    assert_eq!(store.entry("k").unwrap().info.attributes, attributes(&[12, 13]));
    let version = store.read("k").version;
    store.ask(compare_and_set("k", version, 2)).unwrap();
    assert_eq!(store.entry("k").unwrap().info.attributes, None);
    store.ask(set(&[11])).unwrap();
    store.ask(increment("k", 1)).unwrap();
    assert_eq!(store.entry("k").unwrap().info.attributes, None);
}

#[test]
fn a_conditional_write_conflicts_if_anybody_wrote_since_the_read() {
    let mut store = Backend::new();
    let read = store.read(&key()).version;
    store.set(&key(), 7);
    assert_eq!(store.ask(compare_and_set(&key(), read, 8)), Ok(Response::Conflict));
    assert_eq!(store.value(&key()), Some(json!(7)));
    assert_eq!(store.tape.count(|event| matches!(event, Event::Conflicted { .. })), 1);
}

#[test]
fn an_increment_adds_to_an_integer_and_to_nothing_as_to_zero() {
    let mut store = Backend::new();
    for (delta, sum) in [(5, 5), (-7, -2)] {
        let Ok(Response::Incremented(told, info)) = store.ask(increment("k", delta)) else { panic!() };
        assert_eq!((told, store.value("k")), (sum, Some(json!(sum))));
        assert_eq!(store.entry("k").unwrap().info, info);
    }
    store.remove("k");
    assert!(matches!(store.ask(increment("k", 1)), Ok(Response::Incremented(1, _))));
}

#[test]
fn what_is_no_integer_cannot_be_incremented_nor_can_one_beyond_all_integers() {
    let mut store = Backend::new();
    for value in [json!(1.5), json!("7"), json!([]), json!(i64::MAX)] {
        store.set("k", value.clone());
        let refused = Err(ServiceError::ValueNotAllowed(ValueType::Number));
        assert_eq!(store.ask(increment("k", 1)), refused);
        assert_eq!(store.value("k"), Some(value));
    }
}

#[test]
fn a_removal_answers_the_value_before_with_its_info_and_a_second_one_nothing() {
    let mut store = Backend::new();
    let before = store.entry(&key());
    assert_eq!(store.remove(&key()), before);
    assert_eq!(store.entry(&key()), None);
    assert_eq!(store.remove(&key()), None);
    assert_eq!(store.tape.count(|event| matches!(event, Event::Committed { .. })), 1);
}

#[test]
fn nothing_conditional_lands_across_a_removal_however_long_ago() {
    let mut store = Backend::new();
    let read = store.read(&key()).version;
    store.remove(&key());
    for days in [0, 29, 40] {
        store.wait(Span::secs(days * 24 * 3_600));
        assert_eq!(store.ask(compare_and_set(&key(), read, 8)), Ok(Response::Conflict));
        assert_eq!(store.ask(compare_and_set(&key(), None, 8)), Ok(Response::Conflict));
    }
    let now = store.read(&key()).version;
    committed(store.ask(compare_and_set(&key(), now, 9)));
}

#[test]
fn a_key_that_is_written_again_after_its_removal_is_created_anew() {
    let mut store = Backend::new();
    store.set("k", 1);
    store.wait(Span::secs(10));
    store.remove("k");
    store.wait(Span::secs(10));
    assert_eq!(store.set("k", 2).created_time, START_MILLIS + 20_000);
}
