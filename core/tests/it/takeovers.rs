//! From one server to another.

use dupeproof_core::{Acquired, Config, EndReason, Event, Input, SessionId, Span, StartFailure, Stored};
use serde_json::json;

use crate::bench::{Bench, Fault};

#[test]
fn a_healthy_holder_hands_over_at_once() {
    let mut bench = Bench::new(2);
    let old = bench.start(0);
    bench.set_gold(0, old, 7);
    let new = bench.start(1);
    bench.advance(Span::millis(500));
    assert!(!bench.is_active(0, old) && bench.is_active(1, new));
    assert_eq!(bench.servers[1].store.data(new).unwrap()["Gold"], 7);
    assert!(bench.events(0).contains(&Event::Ended { session: old, reason: EndReason::External }));
    assert!(bench.events(1).contains(&Event::Started {
        session: new,
        acquired: Acquired::HandedOver,
        overwritten: false
    }));
}

#[test]
fn without_messages_the_holder_sees_the_marker_at_its_next_check() {
    let mut bench = Bench::new(2);
    bench.lose_messages = true;
    let old = bench.start(0);
    let new = bench.start(1);
    bench.advance(Span::secs(14));
    assert!(bench.is_active(0, old));
    bench.advance(Span::secs(1));
    assert!(!bench.is_active(0, old));
    bench.advance(Span::secs(10));
    assert!(bench.is_active(1, new), "looks at 1, 3, 7, 15, 25 s");
}

#[test]
fn a_dead_holder_is_taken_over_after_lease_and_drift_and_not_before() {
    // 45 s × 21/20 = 47.25 s from the reply that proved the marker.
    let mut bench = Bench::new(2);
    bench.start(0);
    bench.crash(0);
    let new = bench.start(1);
    bench.advance(Span::millis(47_249));
    assert!(!bench.is_active(1, new));
    bench.advance(Span::millis(1));
    assert!(bench.is_active(1, new));
    let events = bench.events(1);
    assert!(matches!(events[..], [Event::Started { acquired: Acquired::TakenOver, .. }]), "{events:?}");
}

#[test]
fn a_start_outlasts_the_longest_lease_of_a_dead_holder() {
    // 600 s × 21/20 is more than START_SESSION_TIMEOUT: given up before, no start would ever get the profile.
    let mut bench = Bench::new(2);
    bench.on(0, |store, _| store.set_config(Config { lease: Config::LEASE_MAX, ..Config::default() }));
    bench.start(0);
    bench.crash(0);
    let new = bench.start(1);
    bench.advance(Span::secs(629));
    assert!(bench.events(1).is_empty(), "it waits");
    bench.advance(Span::secs(1));
    assert!(bench.is_active(1, new));
}

#[test]
fn a_lease_edited_into_a_record_is_waited_out_as_the_longest() {
    let mut bench = Bench::new(2);
    bench.start(0);
    bench.crash(0);
    let mut record = bench.value.as_ref().expect("it was started").to_json();
    record["MetaData"]["Lease"] = json!(u64::MAX);
    bench.value = Some(Stored::from_json(record));
    let new = bench.start(1);
    bench.advance(Span::secs(631));
    assert!(bench.is_active(1, new));
}

#[test]
fn a_start_without_an_answer_gives_up_after_its_timeout_whatever_the_lease() {
    let mut bench = Bench::new(1);
    bench.on(0, |store, _| store.set_config(Config { lease: Config::LEASE_MAX, ..Config::default() }));
    for _ in 0..200 {
        bench.fault(0, Fault::Refused);
    }
    bench.start(0);
    bench.advance(Span::secs(120));
    let timed_out = |event: &Event| matches!(event, Event::StartFailed { failure: StartFailure::TimedOut, .. });
    assert!(bench.events(0).iter().any(timed_out));
}

#[test]
fn the_wait_begins_when_the_marker_is_proven_not_when_it_is_sent() {
    let mut bench = Bench::new(2);
    bench.start(0);
    bench.crash(0);
    bench.fault(1, Fault::Held);
    let new = bench.start(1);
    bench.advance(Span::secs(20));
    bench.answer_held(1);
    bench.advance(Span::secs(47));
    assert!(!bench.is_active(1, new));
    bench.advance(Span::secs(1));
    assert!(bench.is_active(1, new));
}

#[test]
fn a_holder_without_a_lease_is_taken_over_as_profilestore_would() {
    let mut bench = Bench::new(1);
    let record = include_str!("records/active.json");
    bench.value = Some(Stored::from_json(serde_json::from_str(record).unwrap()));
    bench.start(0);
    bench.advance(Span::millis(39_999));
    assert_eq!(bench.events(0), []);
    bench.advance(Span::millis(1));
    let events = bench.events(0);
    assert!(matches!(events[..], [Event::Started { acquired: Acquired::Unprotected, .. }]), "{events:?}");
}

#[test]
fn a_holder_without_a_lease_that_has_not_written_for_630_s_is_dead() {
    let mut bench = Bench::new(1);
    let mut record: serde_json::Value = serde_json::from_str(include_str!("records/active.json")).unwrap();
    record["MetaData"]["LastUpdate"] = json!(1_700_001_000 - 631);
    bench.value = Some(Stored::from_json(record));
    bench.start(0);
    let events = bench.events(0);
    assert!(matches!(events[..], [Event::Started { acquired: Acquired::Unprotected, .. }]), "{events:?}");
}

#[test]
fn of_two_waiting_servers_the_newer_gets_it_and_the_older_is_told() {
    let mut bench = Bench::new(3);
    bench.start(0);
    bench.crash(0);
    let older = bench.start(1);
    bench.advance(Span::secs(5));
    let newer = bench.start(2);
    bench.advance(Span::secs(48));
    assert!(bench.is_active(2, newer) && !bench.is_active(1, older));
    assert!(bench.events(1).contains(&Event::StartFailed { session: older, failure: StartFailure::Superseded }));
}

#[test]
fn a_takeover_rechecks_marker_and_lock_inside_its_transform() {
    let mut bench = Bench::new(2);
    bench.start(0);
    bench.crash(0);
    let new = bench.start(1);
    bench.advance(Span::secs(47));
    let mut record = bench.stored();
    record["MetaData"]["ActiveSession"] = json!([1, "job-9", "guid-9"]);
    record["MetaData"]["SessionLoadCount"] = json!(2);
    bench.value = Some(Stored::from_json(record));
    bench.advance(Span::secs(2));
    assert!(!bench.is_active(1, new), "another holder, another lease");
    bench.advance(Span::secs(50));
    assert!(bench.is_active(1, new));
}

#[test]
fn a_lost_ping_is_made_up_for_by_the_next_look() {
    let mut bench = Bench::new(2);
    let old = bench.start(0);
    bench.lose_messages = true;
    let new = bench.start(1);
    bench.input(0, Input::EndSession { session: old });
    assert!(!bench.is_active(1, new));
    bench.advance(Span::secs(1));
    assert!(bench.is_active(1, new));
}

/// Server 1 waits for server 0, and is frozen while server 2 replaces its marker and gives up again.
fn frozen_while_the_marker_was_gone() -> (Bench, SessionId, SessionId) {
    let mut bench = Bench::new(3);
    bench.lose_messages = true;
    let holder = bench.start(0);
    let waiter = bench.start(1);
    bench.servers[1].frozen = true;
    let other = bench.start(2);
    bench.input(2, Input::CancelStart { session: other });
    bench.advance(Span::secs(60));
    assert!(bench.is_active(0, holder), "it never saw a marker");
    bench.servers[1].frozen = false;
    (bench, holder, waiter)
}

#[test]
fn a_marker_that_was_replaced_and_removed_and_is_written_again_begins_the_wait_anew() {
    let (mut bench, holder, waiter) = frozen_while_the_marker_was_gone();
    for _ in 0..10 {
        bench.advance(Span::secs(2));
        assert!(!bench.is_active(0, holder) || !bench.is_active(1, waiter));
    }
    bench.advance(Span::secs(10));
    assert!(bench.is_active(1, waiter), "handed over after the holder's next check");
}

#[test]
fn a_marker_written_again_by_a_write_of_unknown_outcome_begins_the_wait_anew() {
    let (mut bench, holder, waiter) = frozen_while_the_marker_was_gone();
    bench.fault(1, Fault::AppliedThenError);
    for _ in 0..10 {
        bench.advance(Span::secs(2));
        assert!(!bench.is_active(0, holder) || !bench.is_active(1, waiter));
    }
}
