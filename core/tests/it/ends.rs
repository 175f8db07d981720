//! Ends, each told once, and saves that are acknowledged only when they are stored.

use dupeproof_core::{EndReason, Event, Input, Span, Stored};
use serde_json::json;

use crate::bench::{Bench, Fault};

fn ends(events: &[Event]) -> Vec<EndReason> {
    events
        .iter()
        .filter_map(|event| if let Event::Ended { reason, .. } = event { Some(*reason) } else { None })
        .collect()
}

fn saved_gold(events: &[Event]) -> Vec<i64> {
    let gold = |event: &Event| if let Event::AfterSave { data, .. } = event { data["Gold"].as_i64() } else { None };
    events.iter().filter_map(gold).collect()
}

#[test]
fn an_end_saves_and_releases_and_is_told_once() {
    let mut bench = Bench::new(1);
    let session = bench.start(0);
    bench.set_gold(0, session, 3);
    bench.input(0, Input::EndSession { session });
    bench.input(0, Input::EndSession { session });
    let events = bench.events(0);
    assert_eq!(ends(&events), [EndReason::Manual]);
    assert_eq!(saved_gold(&events), [3]);
    assert_eq!(bench.stored()["Data"]["Gold"], 3);
    assert!(bench.stored()["MetaData"].get("ActiveSession").is_none());
    assert!(bench.stored()["MetaData"].get("Lease").is_none());
}

#[test]
fn data_cannot_be_changed_after_the_end() {
    let mut bench = Bench::new(1);
    let session = bench.start(0);
    bench.fault(0, Fault::Refused);
    bench.input(0, Input::EndSession { session });
    assert!(bench.servers[0].store.data_mut(session, bench.now).is_err());
}

#[test]
fn a_failed_final_save_is_tried_again_until_it_is_stored() {
    let mut bench = Bench::new(1);
    let session = bench.start(0);
    bench.set_gold(0, session, 3);
    for _ in 0..3 {
        bench.fault(0, Fault::Refused);
    }
    bench.input(0, Input::EndSession { session });
    bench.advance(Span::secs(6));
    assert_eq!(bench.stored()["Data"]["Gold"], 0);
    bench.advance(Span::secs(1));
    assert_eq!(bench.stored()["Data"]["Gold"], 3, "tries at 0, 1, 3, 7 s");
}

#[test]
fn a_final_save_that_was_stored_but_answered_with_an_error_is_looked_up_and_acknowledged_once() {
    let mut bench = Bench::new(1);
    let session = bench.start(0);
    bench.set_gold(0, session, 3);
    bench.fault(0, Fault::AppliedThenError);
    bench.input(0, Input::EndSession { session });
    assert!(saved_gold(&bench.events(0)).is_empty());
    bench.advance(Span::secs(1));
    assert_eq!(saved_gold(&bench.events(0)), [3]);
}

#[test]
fn a_final_save_is_acknowledged_even_after_another_session_has_taken_the_lock() {
    let mut bench = Bench::new(2);
    let session = bench.start(0);
    bench.set_gold(0, session, 3);
    bench.fault(0, Fault::AppliedThenError);
    bench.input(0, Input::EndSession { session });
    bench.start(1);
    bench.advance(Span::secs(1));
    assert_eq!(saved_gold(&bench.events(0)), [3]);
}

#[test]
fn a_save_of_unknown_outcome_that_was_not_stored_is_never_acknowledged() {
    let mut bench = Bench::new(1);
    let session = bench.start(0);
    bench.set_gold(0, session, 3);
    bench.fault(0, Fault::Refused);
    bench.input(0, Input::Save { session });
    bench.value = Some(Stored::from_json(json!("gone")));
    bench.advance(Span::secs(2));
    let events = bench.events(0);
    assert_eq!((ends(&events), saved_gold(&events)), (vec![EndReason::Overwritten], Vec::<i64>::new()));
}

#[test]
fn a_session_whose_record_was_taken_removed_or_overwritten_ends_once_and_writes_nothing() {
    let mut taken = Bench::new(1);
    taken.start(0);
    let mut record = taken.stored();
    record["MetaData"]["ActiveSession"] = json!([1, "job-9", "guid-9"]);
    record["MetaData"]["SessionLoadCount"] = json!(2);
    let cases = [
        (Some(Stored::from_json(record)), EndReason::Lost),
        (None, EndReason::Removed),
        (Some(Stored::from_json(json!("hello"))), EndReason::Overwritten),
    ];
    for (value, reason) in cases {
        let mut bench = Bench::new(1);
        bench.start(0);
        bench.value.clone_from(&value);
        bench.advance(Span::secs(300));
        assert_eq!(ends(&bench.events(0)), [reason]);
        assert_eq!(bench.value, value);
    }
}

#[test]
fn the_fence_compares_the_load_count_too() {
    let mut bench = Bench::new(1);
    let session = bench.start(0);
    let mut record = bench.stored();
    record["MetaData"]["SessionLoadCount"] = json!(2);
    bench.value = Some(Stored::from_json(record));
    bench.input(0, Input::Save { session });
    assert_eq!(ends(&bench.events(0)), [EndReason::Lost]);
}

#[test]
fn shutdown_ends_everything_and_is_complete_when_everything_is_stored() {
    let mut bench = Bench::new(1);
    let session = bench.start(0);
    bench.set_gold(0, session, 3);
    bench.fault(0, Fault::Refused);
    bench.input(0, Input::Shutdown);
    assert!(!bench.events(0).contains(&Event::ShutDown));
    bench.advance(Span::secs(1));
    assert!(bench.events(0).contains(&Event::ShutDown));
    assert_eq!(bench.stored()["Data"]["Gold"], 3);
}

#[test]
fn last_saved_data_is_a_snapshot_of_what_is_stored() {
    let mut bench = Bench::new(1);
    let session = bench.start(0);
    bench.set_gold(0, session, 3);
    assert_eq!(bench.servers[0].store.last_saved_data(session).unwrap()["Gold"], 0);
    bench.input(0, Input::Save { session });
    bench.set_gold(0, session, 4);
    assert_eq!(bench.servers[0].store.last_saved_data(session).unwrap()["Gold"], 3);
}
