//! Starting a session.

use std::sync::Arc;

use dupeproof_core::{Acquired, CallRequest, CallResult, Event, Input, Span, StartFailure};
use serde_json::{Value as Json, json};

use crate::bench::{Bench, Fault};

#[test]
fn a_free_profile_starts_at_once() {
    let mut bench = Bench::new(1);
    let session = bench.start(0);
    assert_eq!(bench.events(0), [Event::Started { session, acquired: Acquired::Free, overwritten: false }]);
    assert!(bench.is_active(0, session));
}

#[test]
fn a_second_start_while_active_is_an_error() {
    let mut bench = Bench::new(1);
    let first = bench.start(0);
    bench.events(0);
    let second = bench.start(0);
    assert_eq!(bench.events(0), [Event::StartFailed { session: second, failure: StartFailure::AlreadyActive }]);
    assert!(bench.is_active(0, first));
}

#[test]
fn of_three_concurrent_starts_only_the_newest_gets_the_session() {
    let mut bench = Bench::new(1);
    bench.fault(0, Fault::Held);
    let first = bench.start(0);
    let second = bench.start(0);
    let third = bench.start(0);
    bench.answer_held(0);
    bench.advance(Span::secs(1));
    assert!(bench.is_active(0, third));
    let events = bench.events(0);
    for session in [first, second] {
        assert!(events.contains(&Event::StartFailed { session, failure: StartFailure::Superseded }), "{events:?}");
    }
    assert_eq!(bench.stored()["MetaData"]["ActiveSession"][2], "guid-2");
}

#[test]
fn a_cancelled_start_leaves_neither_marker_nor_lock() {
    let mut bench = Bench::new(2);
    bench.lose_messages = true;
    bench.start(0);
    let waiting = bench.start(1);
    assert_eq!(bench.stored()["MetaData"]["ForceLoadSession"][2], "guid-1");
    bench.input(1, Input::CancelStart { session: waiting });
    assert!(bench.stored()["MetaData"].get("ForceLoadSession").is_none());
    assert_eq!(bench.stored()["MetaData"]["ActiveSession"][2], "guid-0");
    let events = bench.events(1);
    assert!(events.contains(&Event::StartFailed { session: waiting, failure: StartFailure::Cancelled }));
}

#[test]
fn a_start_cancelled_while_its_write_is_in_flight_gives_the_lock_back() {
    let mut bench = Bench::new(1);
    bench.fault(0, Fault::Held);
    let session = bench.start(0);
    bench.input(0, Input::CancelStart { session });
    bench.answer_held(0);
    assert!(!bench.is_active(0, session));
    assert!(bench.stored()["MetaData"].get("ActiveSession").is_none());
}

#[test]
fn a_start_times_out_after_120_s() {
    let mut bench = Bench::new(1);
    for _ in 0..20 {
        bench.fault(0, Fault::Refused);
    }
    let session = bench.start(0);
    bench.advance(Span::secs(119));
    assert!(!bench.events(0).iter().any(|event| matches!(event, Event::StartFailed { .. })));
    bench.advance(Span::secs(2));
    assert!(bench.events(0).contains(&Event::StartFailed { session, failure: StartFailure::TimedOut }));
}

#[test]
fn an_acquiring_write_that_came_back_as_an_error_is_recognised_as_ones_own() {
    let mut bench = Bench::new(1);
    bench.fault(0, Fault::AppliedThenError);
    let session = bench.start(0);
    assert!(!bench.is_active(0, session));
    bench.advance(Span::secs(1));
    assert!(bench.is_active(0, session));
    assert_eq!(bench.stored()["MetaData"]["SessionLoadCount"], 1);
}

#[test]
fn a_transform_that_is_run_again_has_one_effect() {
    let mut bench = Bench::new(1);
    bench.fault(0, Fault::Conflict);
    bench.start(0);
    assert_eq!(bench.stored()["MetaData"]["SessionLoadCount"], 1);
}

#[test]
fn an_acquisition_answered_later_than_the_lease_is_not_live_until_a_check_confirms_it() {
    let mut bench = Bench::new(1);
    bench.fault(0, Fault::Held);
    bench.fault(0, Fault::Held);
    let session = bench.start(0);
    bench.advance(Span::secs(46));
    bench.answer_held(0);
    assert!(!bench.is_active(0, session), "the acquiring call started 46 s ago");
    bench.answer_held(0);
    assert!(bench.is_active(0, session), "the check started just now");
}

#[test]
fn a_start_behind_an_unfinished_final_save_waits_for_it() {
    let mut bench = Bench::new(1);
    let first = bench.start(0);
    bench.set_gold(0, first, 999);
    bench.fault(0, Fault::Refused);
    bench.input(0, Input::EndSession { session: first });
    let second = bench.start(0);
    assert!(!bench.is_active(0, second));
    bench.advance(Span::secs(1));
    assert!(bench.is_active(0, second));
    assert_eq!(bench.servers[0].store.data(second).unwrap()["Gold"], 999);
}

#[test]
fn a_cancelled_start_makes_sure_that_a_write_of_unknown_outcome_cannot_land_later() {
    let mut bench = Bench::new(1);
    bench.fault(0, Fault::AppliedLater);
    let session = bench.start(0);
    bench.input(0, Input::CancelStart { session });
    bench.apply_late();
    assert!(bench.stored()["MetaData"].get("ActiveSession").is_none(), "{}", bench.stored());
}

#[test]
fn keys_that_are_kept_for_trades_are_refused() {
    let mut bench = Bench::new(1);
    let session = bench.start_as(0, "Trade_t-1", false);
    let failure = StartFailure::ReservedKey;
    assert_eq!(bench.events(0), [Event::StartFailed { session, failure }]);
    let key: Arc<str> = "Trade_t-1".into();
    let data = || Arc::new(json!({"Gold": 0}));
    let requests = [
        CallRequest::Message { key: Arc::clone(&key), message: data() },
        CallRequest::Get { key: Arc::clone(&key) },
        CallRequest::Set { key: Arc::clone(&key), data: data() },
        CallRequest::Remove { key: Arc::clone(&key) },
    ];
    for request in requests {
        let call = bench.call(0, request);
        assert_eq!(bench.events(0), [Event::CallDone { call, result: CallResult::ReservedKey }]);
    }
    let giver = bench.start(0);
    let gift = |data: &mut Json| Some(data["Gold"].take());
    assert_eq!(bench.on(0, |store, now| store.gift(giver, now, &"g".into(), &key, gift)), Ok(false));
    assert!(bench.others.is_empty());
}
