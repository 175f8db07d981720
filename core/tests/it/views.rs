//! What is done to a record without a session, and what its session finds out.

use std::sync::Arc;

use dupeproof_core::{CallRequest, CallResult, EndReason, Event, Input, Span};
use serde_json::json;

use crate::bench::{Bench, Fault, KEY};

#[test]
fn a_view_mode_set_ends_the_live_session_and_keeps_the_queue() {
    let mut bench = Bench::new(2);
    let session = bench.start(0);
    bench.call(1, CallRequest::Message { key: KEY.into(), message: Arc::new(json!(1)) });
    bench.call(1, CallRequest::Set { key: KEY.into(), data: Arc::new(json!({"Gold": 99})) });
    bench.advance(Span::secs(1));
    assert!(!bench.is_active(0, session));
    assert_eq!(bench.stored()["Data"]["Gold"], 99);
    assert_eq!(bench.stored()["GlobalUpdates"][1].as_array().unwrap().len(), 1);
}

#[test]
fn a_view_mode_set_can_restore_a_removed_key() {
    let mut bench = Bench::new(1);
    let call = bench.call(0, CallRequest::Set { key: KEY.into(), data: Arc::new(json!({"Gold": 5})) });
    assert!(bench.events(0).contains(&Event::CallDone { call, result: CallResult::Done }));
    assert_eq!(bench.stored()["Data"]["Gold"], 5);
}

#[test]
fn a_removal_ends_the_live_session_which_is_told() {
    let mut bench = Bench::new(2);
    let session = bench.start(0);
    bench.call(1, CallRequest::Remove { key: KEY.into() });
    bench.advance(Span::secs(20));
    assert!(!bench.is_active(0, session));
    let ended = bench.events(0).into_iter().any(|event| matches!(event, Event::Ended { .. }));
    assert!(ended && bench.value.is_none());
}

#[test]
fn a_get_shows_the_record_without_taking_it() {
    let mut bench = Bench::new(2);
    let session = bench.start(0);
    let call = bench.call(1, CallRequest::Get { key: KEY.into() });
    let done = bench.events(1).into_iter().find_map(|event| match event {
        Event::CallDone { call: done, result } if done == call => Some(result),
        _ => None,
    });
    assert!(matches!(done, Some(CallResult::Value(Some(_)))));
    assert!(bench.is_active(0, session));
}

#[test]
fn a_steal_takes_the_lock_at_once_and_tells_the_holder() {
    let mut bench = Bench::new(2);
    let holder = bench.start(0);
    let stealer = bench.start_as(1, KEY, true);
    assert!(bench.is_active(1, stealer));
    assert!(!bench.is_active(0, holder), "told by message");
    assert!(bench.events(0).contains(&Event::Ended { session: holder, reason: EndReason::External }));
}

#[test]
fn a_holder_that_was_not_told_of_a_steal_finds_out_and_never_writes() {
    let mut bench = Bench::new(2);
    bench.lose_messages = true;
    let holder = bench.start(0);
    bench.set_gold(0, holder, 1);
    bench.start_as(1, KEY, true);
    bench.advance(Span::secs(15));
    assert!(bench.events(0).contains(&Event::Ended { session: holder, reason: EndReason::Lost }));
    assert_eq!(bench.stored()["Data"]["Gold"], 0);
}

#[test]
fn user_ids_metadata_and_reconciled_fields_are_stored() {
    let mut bench = Bench::new(1);
    bench.value =
        Some(dupeproof_core::Stored::from_json(serde_json::from_str(include_str!("records/released.json")).unwrap()));
    let session = bench.start(0);
    bench.on(0, |store, now| {
        store.add_user_id(session, now, 42).unwrap();
        store.add_user_id(session, now, 43).unwrap();
        store.remove_user_id(session, now, 42).unwrap();
        store.set_roblox_metadata(session, now, json!({"Country": "LT"})).unwrap();
        store.data_mut(session, now).unwrap().as_object_mut().unwrap().remove("Gold");
        store.reconcile(session, now).unwrap();
    });
    bench.input(0, Input::EndSession { session });
    assert_eq!(bench.stored()["UserIds"], json!([43]));
    assert_eq!(bench.stored()["RobloxMetaData"], json!({"Country": "LT"}));
    assert_eq!(bench.stored()["Data"], json!({"Gold": 0, "Items": []}));
}

#[test]
fn five_errors_within_two_minutes_are_the_critical_state_which_ends_by_itself() {
    let mut bench = Bench::new(1);
    for _ in 0..5 {
        bench.fault(0, Fault::Refused);
    }
    bench.start(0);
    bench.advance(Span::secs(40));
    assert!(bench.events(0).contains(&Event::Critical(true)));
    assert!(bench.servers[0].store.is_critical_state());
    bench.advance(Span::secs(121));
    assert!(bench.events(0).contains(&Event::Critical(false)));
}
