//! What happens to single requests to the DataStore, of every class: at a chosen moment, and throughout.

use dupeproof_core::{Span, VersionQuery};
use dupeproof_sim::guest::key_of;
use dupeproof_sim::id::PlayerId;
use dupeproof_sim::network::Network;
use dupeproof_sim::schedule::{Latency, RequestClass, RequestFault};
use dupeproof_sim::{Event, Request, ServiceError};

use super::{Promise, assert_times, promise, run};
use crate::scripted::{Tape, compare_and_set, fail_next, get, remove, script, set};

pub(super) const PROMISES: &[Promise] = &[
    promise("refused", "the DataStore answers with an error", |network| {
        errors_come_at_once(network, RequestFault::Refused);
    }),
    promise("refused", "applies nothing", |network| writes_are_applied(network, RequestFault::Refused, &[])),
    promise("applied_then_error", "the DataStore applies the request", |network| {
        writes_are_applied(network, RequestFault::AppliedThenError, AT_ONCE);
    }),
    promise("applied_then_error", "answers with an error", |network| {
        errors_come_at_once(network, RequestFault::AppliedThenError);
    }),
    promise("lost_reply", "the DataStore applies the request", |network| {
        writes_are_applied(network, RequestFault::LostReply, AT_ONCE);
    }),
    promise("lost_reply", "its answer never comes", answers_never_come),
    promise("late_reply", "the DataStore applies the request", |network| {
        writes_are_applied(network, LATE_REPLY, AT_ONCE);
    }),
    promise("late_reply", "answers late", answers_come_late),
    promise("late_apply", "the DataStore answers with an error at once", |network| {
        errors_come_at_once(network, LATE_APPLY);
    }),
    promise("late_apply", "applies the request later", |network| writes_are_applied(network, LATE_APPLY, LATER)),
    promise("applied_twice", "the DataStore applies the request", |network| {
        writes_are_applied(network, APPLIED_TWICE, TWICE);
    }),
    promise("applied_twice", "answers", answers_come_at_once),
    promise("applied_twice", "applies it once more later", the_second_time_undoes_what_came_between),
    promise("nil_read", "a read finds nothing though there is something", reads_find_nothing),
    promise("nil_read", "as in January 2019", what_was_not_found_is_still_there),
];

const SPAN: Span = Span::secs(15);
const LATE_REPLY: RequestFault = RequestFault::LateReply { span: SPAN };
const LATE_APPLY: RequestFault = RequestFault::LateApply { span: SPAN };
const APPLIED_TWICE: RequestFault = RequestFault::AppliedTwice { span: SPAN };

/// When the three writes of [`struck`] are applied.
const AT_ONCE: &[u64] = &[2_050, 3_050, 4_050];
const LATER: &[u64] = &[17_050, 18_050, 19_050];
/// The conditional write finds another version the second time, and the removal nothing to remove.
const TWICE: &[u64] = &[2_050, 3_050, 4_050, 18_050];

/// Every class meets a fault: a conditional write at 2 s, another at 3 s, a removal at 4 s, a read at 5 s, a list at 6 s.
fn struck(network: Network, fault: RequestFault, throughout: bool) -> Tape {
    let key = key_of(PlayerId(3));
    let list = Request::ListVersions { key, query: VersionQuery::default(), page_size: 1 };
    let asks = [compare_and_set(0, 1, 1), set(1, 2), remove(2), get(3), list];
    let scripts = [script([2_000, 3_000, 4_000, 5_000, 6_000].into_iter().zip(asks))];
    run(network, &scripts, |schedule| {
        schedule.services.lateness = Latency { min: SPAN, max: SPAN };
        for class in RequestClass::ALL {
            if throughout {
                *schedule.services.faults.of_mut(class).of_mut(fault) = 1_000_000;
            } else {
                schedule.timeline.push(fail_next(0, class, fault));
            }
        }
    })
}

fn both_ways(network: Network, fault: RequestFault) -> [Tape; 2] {
    [false, true].map(|throughout| {
        let tape = struck(network, fault, throughout);
        let met = tape.count(|event| matches!(event, Event::RequestFault { fault: other, .. } if *other == fault));
        assert_eq!(met, 5, "every class meets it");
        tape
    })
}

fn writes_are_applied(network: Network, fault: RequestFault, expected: &[u64]) {
    for tape in both_ways(network, fault) {
        let commits: Vec<u64> = tape.commits().into_iter().map(|(at, _)| at).collect();
        assert_times(network, &commits, expected);
    }
}

/// When the answers came, and with which error.
fn answers(tape: &Tape) -> (Vec<u64>, Vec<Option<ServiceError>>) {
    tape.answers(0).into_iter().map(|(at, _, error)| (at, error)).unzip()
}

fn errors_come_at_once(network: Network, fault: RequestFault) {
    for tape in both_ways(network, fault) {
        let (times, errors) = answers(&tape);
        assert_times(network, &times, &[2_100, 3_100, 4_100, 5_100, 6_100]);
        assert_eq!(errors, [Some(ServiceError::Rejected); 5]);
    }
}

/// The client gives up after 30 s, and nothing comes after that.
fn answers_never_come(network: Network) {
    for tape in both_ways(network, RequestFault::LostReply) {
        let (times, errors) = answers(&tape);
        assert_times(network, &times, &[32_000, 33_000, 34_000, 35_000, 36_000]);
        assert_eq!(errors, [Some(ServiceError::TimedOut); 5]);
        assert_eq!(tape.count(|event| matches!(event, Event::AnsweredTooLate { .. })), 0);
    }
}

fn answers_come_late(network: Network) {
    for tape in both_ways(network, LATE_REPLY) {
        let (times, errors) = answers(&tape);
        assert_times(network, &times, &[17_100, 18_100, 19_100, 20_100, 21_100]);
        assert_eq!(errors, [None; 5]);
    }
}

/// Only writes can be applied twice in a way that anybody notices; reads are answered all the same.
fn answers_come_at_once(network: Network) {
    for tape in both_ways(network, APPLIED_TWICE) {
        let (times, errors) = answers(&tape);
        assert_times(network, &times, &[2_100, 3_100, 4_100, 5_100, 6_100]);
        assert_eq!(errors, [None; 5]);
    }
}

fn the_second_time_undoes_what_came_between(network: Network) {
    let scripts = [script([(2_000, set(0, 1)), (5_000, set(0, 2))])];
    let tape =
        run(network, &scripts, |schedule| schedule.timeline.push(fail_next(0, RequestClass::Set, APPLIED_TWICE)));
    let (times, values): (Vec<u64>, Vec<_>) = tape.commits().into_iter().unzip();
    assert_times(network, &times, &[2_050, 5_050, 17_050]);
    assert_eq!(values, [1, 2, 1].map(|value| Some(crate::scripted::stored(value))));
}

/// The answers to a read and a list that find nothing, and to the same again.
fn found(network: Network, throughout: bool) -> Vec<String> {
    let list = || Request::ListVersions { key: key_of(PlayerId(0)), query: VersionQuery::default(), page_size: 1 };
    // The settling begins at 45 s and ends what holds throughout.
    let scripts = [script([(2_000, get(0)), (3_000, list()), (46_000, get(0)), (47_000, list())])];
    let tape = run(network, &scripts, |schedule| {
        for class in [RequestClass::Read, RequestClass::List] {
            if throughout {
                schedule.services.faults.of_mut(class).nil_read_ppm = 1_000_000;
            } else {
                schedule.timeline.push(fail_next(0, class, RequestFault::NilRead));
            }
        }
    });
    tape.log(0).into_iter().map(|(_, line)| line).filter(|line| line.contains(": Ok")).collect()
}

fn reads_find_nothing(network: Network) {
    for throughout in [false, true] {
        let found = found(network, throughout);
        assert!(found[0].ends_with("Ok(Value(Reading { version: None, entry: None }))"), "{found:?}");
        assert!(found[1].contains("Versions(Page { items: []"), "{found:?}");
    }
}

fn what_was_not_found_is_still_there(network: Network) {
    for throughout in [false, true] {
        let found = found(network, throughout);
        assert!(found[2].contains("entry: Some("), "{found:?}");
        assert!(found[3].contains("Versions(Page { items: [VersionInfo"), "{found:?}");
    }
}
