//! Messages, exactly once.

use std::sync::Arc;

use dupeproof_core::{CallRequest, CallResult, Event, Input, Span, Stored};
use serde_json::{Value as Json, json};

use crate::bench::{Bench, Fault, KEY};

fn hat(bench: &mut Bench, server: usize, number: u32) -> dupeproof_core::CallId {
    bench.call(server, CallRequest::Message { key: KEY.into(), message: Arc::new(json!({"Hat": number})) })
}

fn queue(bench: &Bench) -> Vec<Json> {
    let stored = bench.stored();
    let entries = stored["GlobalUpdates"][1].as_array().unwrap();
    entries.iter().map(|entry| entry.as_array().unwrap().last().unwrap().clone()).collect()
}

/// Handles every waiting message by counting its hat.
fn handle_all(bench: &mut Bench, server: usize, session: dupeproof_core::SessionId) -> usize {
    let waiting: Vec<u64> = bench.servers[server].store.messages(session).map(|(index, _)| index).collect();
    for &index in &waiting {
        bench.on(server, |store, now| {
            let handled = store.process_message(session, now, index, |data, message| {
                data["Hats"] = json!(data["Hats"].as_u64().unwrap_or(0) + message["Hat"].as_u64().unwrap_or(0));
                true
            });
            assert!(handled.unwrap());
        });
    }
    waiting.len()
}

#[test]
fn a_message_to_an_offline_profile_waits_in_its_record_also_before_the_first_session() {
    let mut bench = Bench::new(2);
    let call = hat(&mut bench, 0, 9);
    assert!(bench.events(0).contains(&Event::CallDone { call, result: CallResult::Done }));
    assert_eq!(queue(&bench), [json!({"Hat": 9})]);
    let session = bench.start(1);
    assert_eq!(handle_all(&mut bench, 1, session), 1);
    assert_eq!(bench.stored()["Data"]["Hats"], 9);
    assert!(queue(&bench).is_empty(), "removed by the write that stored the effect");
}

#[test]
fn a_message_to_a_live_session_arrives_within_a_second_of_its_ping() {
    let mut bench = Bench::new(2);
    let session = bench.start(1);
    bench.advance(Span::secs(5));
    hat(&mut bench, 0, 1);
    bench.advance(Span::secs(1));
    assert_eq!(handle_all(&mut bench, 1, session), 1);
}

#[test]
fn a_message_whose_ping_is_lost_arrives_with_the_next_check() {
    let mut bench = Bench::new(2);
    bench.lose_messages = true;
    let session = bench.start(1);
    hat(&mut bench, 0, 1);
    bench.advance(Span::secs(15));
    assert_eq!(handle_all(&mut bench, 1, session), 1);
}

#[test]
fn pings_that_come_close_together_are_deferred_and_not_dropped() {
    let mut bench = Bench::new(2);
    let session = bench.start(1);
    bench.advance(Span::secs(5));
    let reads = bench.servers[1].reads;
    for number in 1..=5 {
        hat(&mut bench, 0, number);
    }
    bench.advance(Span::secs(2));
    assert_eq!(bench.servers[1].store.messages(session).count(), 5);
    assert!(bench.servers[1].reads - reads <= 3, "{}", bench.servers[1].reads - reads);
}

#[test]
fn a_send_that_was_stored_and_answered_with_an_error_is_not_stored_twice() {
    let mut bench = Bench::new(1);
    bench.fault(0, Fault::AppliedThenError);
    let call = hat(&mut bench, 0, 1);
    bench.advance(Span::secs(1));
    assert!(bench.events(0).contains(&Event::CallDone { call, result: CallResult::Done }));
    assert_eq!(queue(&bench).len(), 1);
}

#[test]
fn a_send_is_recognised_even_after_its_message_was_processed() {
    let mut bench = Bench::new(2);
    let session = bench.start(1);
    bench.fault(0, Fault::AppliedThenError);
    hat(&mut bench, 0, 1);
    bench.input(1, Input::Save { session });
    assert_eq!(handle_all(&mut bench, 1, session), 1);
    bench.advance(Span::secs(20));
    assert_eq!(handle_all(&mut bench, 1, session), 0);
    assert_eq!(bench.stored()["Data"]["Hats"], 1);
}

#[test]
fn one_senders_messages_arrive_in_order_although_the_first_is_late() {
    let mut bench = Bench::new(1);
    bench.fault(0, Fault::Refused);
    hat(&mut bench, 0, 1);
    hat(&mut bench, 0, 2);
    bench.advance(Span::secs(2));
    assert_eq!(queue(&bench), [json!({"Hat": 1}), json!({"Hat": 2})]);
}

#[test]
fn a_handler_that_does_not_process_leaves_no_trace() {
    let mut bench = Bench::new(1);
    hat(&mut bench, 0, 1);
    let session = bench.start(0);
    let (index, _) = bench.servers[0].store.messages(session).next().unwrap();
    bench.on(0, |store, now| {
        let handled = store.process_message(session, now, index, |data, _| {
            data["Hats"] = json!(100);
            false
        });
        assert!(!handled.unwrap());
    });
    bench.input(0, Input::EndSession { session });
    assert!(bench.stored()["Data"].get("Hats").is_none());
    assert_eq!(queue(&bench).len(), 1);
}

#[test]
fn an_effect_that_was_not_stored_comes_again_with_its_message() {
    let mut bench = Bench::new(2);
    hat(&mut bench, 1, 1);
    let session = bench.start(0);
    bench.fault(0, Fault::Refused);
    assert_eq!(handle_all(&mut bench, 0, session), 1);
    bench.crash(0);
    let next = bench.start(1);
    bench.advance(Span::secs(48));
    assert_eq!(handle_all(&mut bench, 1, next), 1);
    assert_eq!(bench.stored()["Data"]["Hats"], 1);
}

#[test]
fn a_full_queue_refuses_the_new_message_and_keeps_the_old() {
    let mut bench = Bench::new(1);
    for number in 0..1_000 {
        hat(&mut bench, 0, number);
    }
    let call = hat(&mut bench, 0, 1_000);
    assert!(bench.events(0).contains(&Event::CallDone { call, result: CallResult::QueueFull }));
    assert_eq!(queue(&bench)[0], json!({"Hat": 0}));
}

#[test]
fn entries_that_profileservice_wrote_are_delivered_too() {
    let mut bench = Bench::new(1);
    let mut record: Json = serde_json::from_str(include_str!("records/released_with_messages.json")).unwrap();
    record["GlobalUpdates"] = json!([2, [[1, 0, false, {"Hat": 3}], [2, {"Hat": 4}]]]);
    bench.value = Some(Stored::from_json(record));
    let session = bench.start(0);
    assert_eq!(handle_all(&mut bench, 0, session), 2);
    assert_eq!(bench.stored()["Data"]["Hats"], 7);
}

#[test]
fn shutdown_waits_for_messages_on_their_way() {
    let mut bench = Bench::new(1);
    bench.fault(0, Fault::Refused);
    hat(&mut bench, 0, 1);
    bench.input(0, Input::Shutdown);
    assert!(!bench.events(0).contains(&Event::ShutDown));
    bench.advance(Span::secs(1));
    assert!(bench.events(0).contains(&Event::ShutDown));
    assert_eq!(queue(&bench).len(), 1);
}

#[test]
fn messages_that_wait_for_one_key_go_together() {
    let mut bench = Bench::new(1);
    bench.fault(0, Fault::Held);
    hat(&mut bench, 0, 0);
    let calls: Vec<_> = (1..=30).map(|number| hat(&mut bench, 0, number)).collect();
    bench.answer_held(0);
    assert_eq!(bench.servers[0].updates, 2);
    let events = bench.events(0);
    assert!(calls.iter().all(|&call| events.contains(&Event::CallDone { call, result: CallResult::Done })));
    assert_eq!(queue(&bench), (0..=30).map(|number| json!({"Hat": number})).collect::<Vec<_>>());
}
