//! What each fault does to each class.

use dupeproof_core::{Span, VersionQuery};
use dupeproof_sim::request::{Page, Reading};
use dupeproof_sim::schedule::{RequestClass, RequestFault};
use dupeproof_sim::service::Service;
use dupeproof_sim::{Event, Request, Response, ServiceError};
use serde_json::{Value as Json, json};

use super::backend::{Answer, Backend, compare_and_set, json as stored};

const LATE: Span = Span::secs(40);

const REJECTED: Answer = Err(ServiceError::Rejected);

/// The key `k` holds 5.
fn filled() -> Backend {
    let mut store = Backend::new();
    store.set("k", 5);
    store
}

/// One request for `k` of each class that writes, and what `k` holds after it.
fn writes(store: &mut Backend) -> [(RequestClass, Request, Option<Json>); 4] {
    let expected = store.read("k").version;
    [
        (RequestClass::Write, compare_and_set("k", expected, 6), Some(json!(6))),
        (RequestClass::Set, Request::set("k".into(), stored(7)), Some(json!(7))),
        (RequestClass::Set, Request::Increment { key: "k".into(), delta: 1, attributes: None }, Some(json!(6))),
        (RequestClass::Remove, Request::Remove { key: "k".into() }, None),
    ]
}

/// One request of each class that reads.
fn reads() -> [(RequestClass, Request); 2] {
    let list = Request::ListVersions { key: "k".into(), query: VersionQuery::default(), page_size: 0 };
    [(RequestClass::Read, Request::get("k".into())), (RequestClass::List, list)]
}

/// Makes each request with this fault on a store of its own, and tells what it was answered and what `k` holds then
/// and after [`LATE`].
fn strike(fault: RequestFault, check: impl Fn(RequestClass, Vec<Answer>, [Option<Json>; 2], Option<Json>)) {
    for place in 0..4 {
        let mut store = filled();
        let (class, request, written) = writes(&mut store)[place].clone();
        store.fail_next(class, fault);
        store.send(request);
        let answers = store.answers().into_iter().map(|(_, answer)| answer).collect();
        let now = store.value("k");
        store.wait(LATE);
        store.answers();
        check(class, answers, [now, store.value("k")], written);
        assert_eq!(store.tape.count(|event| matches!(event, Event::RequestFault { .. })), 1);
    }
}

fn answer_to_read(fault: RequestFault, place: usize) -> (Option<Answer>, Option<Answer>) {
    let mut store = filled();
    let (class, request) = reads()[place].clone();
    store.fail_next(class, fault);
    store.send(request);
    let mut next = |span| {
        store.wait(span);
        store.answers().pop().map(|(_, answer)| answer)
    };
    (next(Span::ZERO), next(LATE))
}

#[test]
fn a_refused_write_of_any_class_is_answered_with_an_error_and_changes_nothing() {
    strike(RequestFault::Refused, |class, answers, values, _| {
        assert_eq!((answers, values), (vec![REJECTED], [Some(json!(5)), Some(json!(5))]), "{class:?}");
    });
}

#[test]
fn a_write_of_any_class_can_be_applied_and_answered_with_an_error() {
    strike(RequestFault::AppliedThenError, |class, answers, values, written| {
        assert_eq!((answers, values), (vec![REJECTED], [written.clone(), written]), "{class:?}");
    });
}

#[test]
fn a_write_of_any_class_can_be_applied_and_never_answered() {
    strike(RequestFault::LostReply, |class, answers, values, written| {
        assert_eq!((answers, values), (vec![], [written.clone(), written]), "{class:?}");
    });
}

#[test]
fn a_write_of_any_class_can_be_applied_and_answered_late() {
    strike(RequestFault::LateReply { span: LATE }, |class, answers, values, written| {
        assert_eq!((answers, values), (vec![], [written.clone(), written]), "{class:?}");
    });
    let mut store = filled();
    store.fail_next(RequestClass::Set, RequestFault::LateReply { span: LATE });
    let id = store.send(Request::set("k".into(), stored(7)));
    assert_eq!(store.store.next_due(), Some(store.at + LATE));
    store.wait(LATE);
    assert!(matches!(store.answers()[..], [(late, Ok(Response::Committed(_)))] if late == id));
}

#[test]
fn a_write_of_any_class_can_be_answered_with_an_error_and_applied_late() {
    strike(RequestFault::LateApply { span: LATE }, |class, answers, values, written| {
        assert_eq!((answers, values), (vec![REJECTED], [Some(json!(5)), written]), "{class:?}");
        assert!(!ServiceError::Rejected.is_definite());
    });
}

#[test]
fn a_conditional_write_that_is_applied_late_sees_its_condition_broken_by_then() {
    let mut store = filled();
    let expected = store.read("k").version;
    store.fail_next(RequestClass::Write, RequestFault::LateApply { span: LATE });
    assert_eq!(store.ask(compare_and_set("k", expected, 6)), REJECTED);
    store.set("k", 8);
    store.wait(LATE);
    assert_eq!(store.value("k"), Some(json!(8)));
    assert_eq!(store.tape.count(|event| matches!(event, Event::Conflicted { .. })), 1);
}

#[test]
fn what_is_applied_twice_is_answered_once_and_done_again_to_what_came_between() {
    for (place, after) in [(0, Some(json!(9))), (1, Some(json!(7))), (2, Some(json!(10))), (3, None)] {
        let mut store = filled();
        let (class, request, written) = writes(&mut store)[place].clone();
        store.fail_next(class, RequestFault::AppliedTwice { span: LATE });
        assert!(store.ask(request).is_ok());
        assert_eq!(store.value("k"), written);
        store.set("k", 9);
        store.wait(LATE);
        assert_eq!(store.answers(), []);
        assert_eq!(store.value("k"), after, "{class:?}");
        // The conditional write found its own.
        let conflicts = store.tape.count(|event| matches!(event, Event::Conflicted { .. }));
        assert_eq!(conflicts, usize::from(class == RequestClass::Write));
    }
}

#[test]
fn reads_and_lists_can_be_refused_unanswered_or_answered_late() {
    for place in 0..2 {
        for fault in [RequestFault::Refused, RequestFault::AppliedThenError, RequestFault::LateApply { span: LATE }] {
            assert_eq!(answer_to_read(fault, place), (Some(REJECTED), None), "{fault:?}");
        }
        assert_eq!(answer_to_read(RequestFault::LostReply, place), (None, None));
        let (now, late) = answer_to_read(RequestFault::LateReply { span: LATE }, place);
        assert!(now.is_none() && late.is_some_and(|answer| answer.is_ok()));
        let (now, late) = answer_to_read(RequestFault::AppliedTwice { span: LATE }, place);
        assert!(now.is_some_and(|answer| answer.is_ok()) && late.is_none());
    }
}

#[test]
fn a_nil_read_finds_nothing_where_there_is_something() {
    assert_eq!(answer_to_read(RequestFault::NilRead, 0).0, Some(Ok(Response::Value(Reading::default()))));
    let nothing = Page { items: Vec::new(), next: None };
    assert_eq!(answer_to_read(RequestFault::NilRead, 1).0, Some(Ok(Response::Versions(nothing))));
    let mut store = filled();
    store.fail_next(RequestClass::Read, RequestFault::NilRead);
    assert_eq!(store.value("k"), None);
    assert_eq!(store.value("k"), Some(json!(5)));
}

#[test]
fn a_write_is_no_nil_read() {
    let mut store = filled();
    for (class, request, _) in writes(&mut store) {
        store.fail_next(class, RequestFault::NilRead);
        assert!(store.ask(request).is_ok());
    }
    assert_eq!(store.tape.count(|event| matches!(event, Event::RequestFault { .. })), 0);
}

#[test]
fn a_fault_waits_for_its_own_class() {
    for class in RequestClass::ALL {
        let mut store = filled();
        store.fail_next(class, RequestFault::Refused);
        let mut refused = Vec::new();
        let others = writes(&mut filled()).map(|(class, request, _)| (class, request));
        for (other, request) in reads().into_iter().chain(others) {
            if store.ask(request) == REJECTED {
                refused.push(other);
            }
        }
        assert_eq!(refused, [class]);
    }
}

#[test]
fn each_classs_rates_are_its_own() {
    for class in RequestClass::ALL {
        let mut schedule = super::backend::quiet();
        schedule.services.faults.of_mut(class).refused_ppm = 1_000_000;
        let mut store = Backend::of(&schedule);
        let writes = [
            (RequestClass::Write, compare_and_set("k", None, 6)),
            (RequestClass::Set, Request::set("k".into(), stored(7))),
            (RequestClass::Remove, Request::Remove { key: "k".into() }),
        ];
        for (other, request) in reads().into_iter().chain(writes) {
            assert_eq!(store.ask(request) == REJECTED, other == class, "{other:?}");
        }
    }
}
