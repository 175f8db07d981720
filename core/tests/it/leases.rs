//! Live means leased.

use dupeproof_core::{CallRequest, Config, EndReason, Event, Input, Span};
use serde_json::json;

use crate::bench::{Bench, Fault, KEY};

#[test]
fn an_idle_session_stays_live_by_one_read_every_15_s() {
    let mut bench = Bench::new(1);
    let session = bench.start(0);
    bench.advance(Span::secs(150));
    assert!(bench.is_active(0, session));
    assert_eq!((bench.servers[0].reads, bench.servers[0].updates), (10, 1));
}

#[test]
fn a_session_is_not_live_45_s_after_the_start_of_its_last_confirming_call() {
    let mut bench = Bench::new(1);
    let session = bench.start(0);
    bench.servers[0].frozen = true;
    bench.advance(Span::millis(44_999));
    assert!(bench.is_active(0, session));
    bench.advance(Span::millis(1));
    assert!(!bench.is_active(0, session), "nobody had to tell it");
    assert!(bench.servers[0].store.data_mut(session, bench.now).is_err());
}

#[test]
fn unanswered_checks_suspend_and_a_confirming_one_resumes() {
    let mut bench = Bench::new(1);
    let session = bench.start(0);
    bench.events(0);
    for _ in 0..12 {
        bench.fault(0, Fault::Refused);
    }
    bench.advance(Span::secs(45));
    assert!(bench.events(0).contains(&Event::Suspended { session }));
    bench.advance(Span::secs(30));
    assert!(bench.events(0).contains(&Event::Resumed { session }));
    assert!(bench.is_active(0, session));
}

#[test]
fn an_answer_older_than_the_lease_resumes_nothing() {
    let mut bench = Bench::new(1);
    let session = bench.start(0);
    bench.advance(Span::secs(14));
    for _ in 0..40 {
        bench.fault(0, Fault::Held);
    }
    bench.advance(Span::secs(1));
    bench.servers[0].frozen = true;
    bench.advance(Span::secs(60));
    bench.servers[0].frozen = false;
    bench.answer_held(0);
    assert!(!bench.is_active(0, session));
    assert!(bench.events(0).contains(&Event::Suspended { session }));
}

#[test]
fn a_lease_runs_from_the_start_of_a_call_not_from_its_answer() {
    let mut bench = Bench::new(1);
    let session = bench.start(0);
    bench.advance(Span::secs(14));
    bench.fault(0, Fault::Held);
    bench.advance(Span::secs(1));
    for _ in 0..40 {
        bench.fault(0, Fault::Refused);
    }
    bench.advance(Span::secs(20));
    bench.answer_held(0);
    bench.advance(Span::millis(24_999));
    assert!(bench.is_active(0, session));
    bench.advance(Span::millis(1));
    assert!(!bench.is_active(0, session), "15 s + 45 s");
}

#[test]
fn a_check_that_sees_a_foreign_marker_ends_the_session_and_releases_the_lock() {
    let mut bench = Bench::new(1);
    let session = bench.start(0);
    bench.set_gold(0, session, 5);
    let mut record = bench.stored();
    record["MetaData"]["ForceLoadSession"] = json!([1, "job-9"]);
    bench.value = Some(dupeproof_core::Stored::from_json(record));
    bench.advance(Span::secs(15));
    assert!(bench.events(0).contains(&Event::Ended { session, reason: EndReason::External }));
    assert_eq!(bench.stored()["Data"]["Gold"], 5);
    assert!(bench.stored()["MetaData"].get("ActiveSession").is_none());
}

#[test]
fn a_save_that_sees_a_foreign_marker_ends_the_session_too() {
    let mut bench = Bench::new(1);
    let session = bench.start(0);
    let mut record = bench.stored();
    record["MetaData"]["ForceLoadSession"] = json!([1, "job-9", "guid-9"]);
    bench.value = Some(dupeproof_core::Stored::from_json(record));
    bench.input(0, Input::Save { session });
    assert!(bench.events(0).contains(&Event::Ended { session, reason: EndReason::External }));
}

#[test]
fn every_profile_is_saved_once_a_period_and_never_all_at_once() {
    let mut bench = Bench::new(1);
    bench.start(0);
    bench.advance(Span::secs(299));
    let before = bench.servers[0].updates;
    bench.advance(Span::secs(302));
    let saves = bench.servers[0].updates - before;
    assert!((1..=2).contains(&saves), "{saves}");
}

#[test]
fn a_long_freeze_is_not_followed_by_a_burst_of_auto_saves() {
    let mut bench = Bench::new(1);
    bench.start(0);
    bench.servers[0].frozen = true;
    bench.advance(Span::secs(3_000));
    bench.servers[0].frozen = false;
    let before = bench.servers[0].updates;
    bench.advance(Span::secs(1));
    assert!(bench.servers[0].updates - before <= 1);
}

#[test]
fn a_session_keeps_the_lease_that_its_record_states() {
    let mut bench = Bench::new(1);
    let set_lease = |bench: &mut Bench, seconds| {
        bench.on(0, |store, _| store.set_config(Config { lease: Span::secs(seconds), ..Config::default() }));
    };
    let session = bench.start(0);
    set_lease(&mut bench, 90);
    bench.input(0, Input::Save { session });
    assert_eq!(bench.stored()["MetaData"]["Lease"], 45);
    bench.servers[0].frozen = true;
    bench.advance(Span::secs(45));
    assert!(!bench.is_active(0, session), "the lease that was stated when it was granted");
    bench.servers[0].frozen = false;
    bench.input(0, Input::EndSession { session });
    let session = bench.start(0);
    assert_eq!(bench.stored()["MetaData"]["Lease"], 90);
    set_lease(&mut bench, 10);
    bench.servers[0].frozen = true;
    bench.advance(Span::secs(89));
    assert!(bench.is_active(0, session));
}

#[test]
fn a_waiter_waits_for_the_lease_of_the_holder_not_for_its_own() {
    let mut bench = Bench::new(2);
    bench.on(0, |store, _| store.set_config(Config { lease: Span::secs(90), ..Config::default() }));
    bench.lose_messages = true;
    let first = bench.start(0);
    bench.servers[0].frozen = true;
    bench.start(1);
    bench.advance(Span::secs(90));
    assert!(!bench.is_active(0, first) && bench.events(1).is_empty());
    bench.advance(Span::secs(5));
    assert!(bench.events(1).iter().any(|event| matches!(event, Event::Started { .. })));
}

#[test]
fn a_message_is_announced_when_the_session_that_can_process_it_is_live_again() {
    let mut bench = Bench::new(2);
    let session = bench.start(0);
    bench.events(0);
    bench.lose_messages = true;
    bench.servers[0].faults.extend([Fault::Refused; 12]);
    bench.advance(Span::secs(45));
    bench.call(1, CallRequest::Message { key: KEY.into(), message: json!("hello").into() });
    bench.servers[0].faults.clear();
    bench.advance(Span::secs(30));
    let events: Vec<Event> = bench
        .events(0)
        .into_iter()
        .filter(|event| matches!(event, Event::Suspended { .. } | Event::Resumed { .. } | Event::Message { .. }))
        .collect();
    assert_eq!(
        events,
        [Event::Suspended { session }, Event::Resumed { session }, Event::Message { session, index: 1 }]
    );
}
