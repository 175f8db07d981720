//! The counters that are more than a count of one kind of event.

use dupeproof_scenarios::{Counter, Seen};
use dupeproof_sim::EndReason;
use dupeproof_sim::guest::Acquired;
use dupeproof_sim::request::RequestKind;
use dupeproof_sim::trace::Event;
use dupeproof_sim::{RequestId, ServiceError};

use crate::stream::{Stream, server, unlocked};

#[test]
fn a_takeover_counts_as_after_a_crash_only_if_the_former_holder_died() {
    let mut stream = Stream::new();
    stream.starts(1.0, 0, 0, Some(45.0)).crashes(2.0, 0).starts_as(60.0, 1, 0, Some(95.0), Acquired::TakenOver);
    stream.suspended(95.0, 1).starts_as(110.0, 2, 0, Some(150.0), Acquired::TakenOver);
    let (_, seen) = stream.verdict();
    assert_eq!((seen.of(Counter::TakenOver), seen.of(Counter::TakeoverAfterCrash)), (2, 1));
}

#[test]
fn a_freeze_across_a_takeover_needs_the_holder_frozen_and_not_told() {
    let frozen = |told: bool| {
        let mut stream = Stream::new();
        stream.starts(1.0, 0, 0, Some(45.0));
        if told {
            stream.ends(2.0, 0);
        }
        stream.tell(3.0, Event::ServerFroze { server: server(0) }).starts(60.0, 1, 0, Some(95.0));
        stream.verdict().1.of(Counter::FreezeAcrossTakeover)
    };
    assert_eq!((frozen(false), frozen(true)), (1, 0));
}

#[test]
fn edits_are_lost_only_with_their_session_and_only_if_no_stored_state_holds_them() {
    let lost = |reason: Option<EndReason>| {
        let mut stream = Stream::new();
        stream.starts(1.0, 0, 0, Some(45.0)).edits(2.0, 0, 0, 1).edits(3.0, 0, 1, 2).commits(4.0, 0, Some(unlocked(2)));
        stream.edits(5.0, 0, 2, 3).edits(6.0, 0, 3, 4);
        match reason {
            Some(reason) => stream.ends_as(7.0, 0, reason),
            None => stream.crashes(7.0, 0),
        };
        stream.over(100.0, &[&[]]).verdict().1.of(Counter::UnsavedEditsLost)
    };
    assert_eq!((lost(None), lost(Some(EndReason::Lost)), lost(Some(EndReason::Manual))), (2, 2, 0));
}

#[test]
fn a_throttled_save_is_a_throttled_write() {
    let mut stream = Stream::new();
    for (id, kind) in [(1, RequestKind::Get), (2, RequestKind::CompareAndSet), (3, RequestKind::Set)] {
        let (server, id) = (server(0), RequestId(id));
        stream.tell(1.0, Event::Requested { server, id, kind, target: None });
        stream.tell(1.0, Event::Throttled { server, id });
    }
    let (_, seen) = stream.verdict();
    assert_eq!((seen.of(Counter::Throttled), seen.of(Counter::ThrottledSave)), (3, 2));
}

#[test]
fn answers_count_by_their_error() {
    let mut stream = Stream::new();
    for error in [None, Some(ServiceError::TimedOut), Some(ServiceError::QueueFull), Some(ServiceError::Rejected)] {
        let (server, id, kind) = (server(0), RequestId(1), RequestKind::Get);
        stream.tell(1.0, Event::Answered { server, id, kind, error, after: dupeproof_core::Span::ZERO });
    }
    let (_, seen) = stream.verdict();
    assert_eq!((seen.of(Counter::TimedOut), seen.of(Counter::QueueFull)), (1, 1));
}

#[test]
fn counters_have_their_own_names_and_are_told_as_a_map_in_order() {
    let names: Vec<_> = Seen::default().iter().map(|(name, _)| name).collect();
    let unique: std::collections::BTreeSet<_> = names.iter().collect();
    assert_eq!((names.len(), unique.len()), (Counter::ALL.len(), Counter::ALL.len()));
    let mut seen = Seen::default();
    seen.count(Counter::Crashed);
    let json = serde_json::to_string(&seen).unwrap();
    assert!(json.starts_with(r#"{"sessions_started":0,"handed_over":0,"#), "{json}");
    assert!(json.contains(r#""crashed":1"#), "{json}");
    assert_eq!((seen.named("crashed"), seen.named("nothing of the kind")), (1, 0));
}
