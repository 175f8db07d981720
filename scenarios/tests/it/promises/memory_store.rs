//! MemoryStoreService.

use dupeproof_core::Span;
use dupeproof_sim::network::Network;
use dupeproof_sim::request::MemoryError;
use dupeproof_sim::schedule::{Latency, RequestClass, RequestFault};
use dupeproof_sim::{Event, ServiceError};

use super::link::{remember, remembered};
use super::outage::{forget, recall};
use super::{Promise, assert_times, promise, run};
use crate::scripted::{Tape, script};

pub(super) const PROMISES: &[Promise] = &[
    promise(
        "memory_store_latency",
        "requests to memory stores are unusually slow",
        requests_take_as_long_as_their_ways,
    ),
    promise("memory_store_errors", "requests to memory stores fail", requests_fail),
    promise("memory_store_errors", "applied", failed_requests_were_applied),
    promise("memory_store_errors", "not", failed_requests_were_not_applied),
    promise("memory_store_errors", "are answered late", answers_come_late),
    promise("memory_store_errors", "never", answers_never_come),
    promise("memory_store_errors", "requests to memory stores fail", what_failed_is_applied_later),
    promise("memory_store_errors", "requests to memory stores fail", what_was_applied_is_applied_again),
    promise("memory_store_errors", "requests to memory stores fail", reads_find_nothing),
    promise("memory_store_limits", "other servers use nearly all request units of memory stores", few_units_are_left),
    promise("memory_store_limits", "requests fail", requests_over_the_units_fail),
];

const SPAN: Span = Span::secs(15);
const INTERNAL: Option<ServiceError> = Some(ServiceError::Memory(MemoryError::Internal));

fn requests_take_as_long_as_their_ways(network: Network) {
    for leg in [10, 1_200] {
        let latency = Latency { min: Span::millis(leg), max: Span::millis(leg) };
        // Over sockets the first has to wait for the service to be there, and for the connection to it.
        let scripts = [script([(500, remember(0)), (10_000, remember(1))])];
        let tape = run(network, &scripts, |schedule| schedule.services.memory_store.latency = latency);
        assert_times(network, &tape.times(remembered)[1..], &[10_000 + leg]);
        assert_times(network, &[tape.answers(0)[1].0], &[10_000 + 2 * leg]);
    }
}

/// A value is set and read, and all that meets this fault.
fn struck(network: Network, fault: RequestFault) -> Tape {
    // The first makes the connection; its class meets nothing.
    let scripts = [script([(500, forget()), (5_000, remember(1)), (8_000, recall())])];
    run(network, &scripts, |schedule| {
        schedule.services.lateness = Latency { min: SPAN, max: SPAN };
        for class in [RequestClass::Set, RequestClass::Read] {
            *schedule.services.memory_store.faults.of_mut(class).of_mut(fault) = 1_000_000;
        }
    })
}

fn answers(tape: &Tape) -> (Vec<u64>, Vec<Option<ServiceError>>) {
    tape.answers(0).into_iter().skip(1).map(|(at, _, error)| (at, error)).unzip()
}

/// When the value was set.
fn set_at(tape: &Tape) -> Vec<u64> {
    tape.times(|event| matches!(event, Event::MemoryChanged { value: Some(_), .. }))
}

fn requests_fail(network: Network) {
    let late = RequestFault::LateApply { span: SPAN };
    for fault in [RequestFault::Refused, RequestFault::AppliedThenError, late] {
        let (times, errors) = answers(&struck(network, fault));
        assert_times(network, &times, &[5_100, 8_100]);
        assert_eq!(errors, [INTERNAL; 2], "{fault:?}");
    }
}

fn failed_requests_were_applied(network: Network) {
    assert_times(network, &set_at(&struck(network, RequestFault::AppliedThenError)), &[5_050]);
}

fn failed_requests_were_not_applied(network: Network) {
    assert_times(network, &set_at(&struck(network, RequestFault::Refused)), &[]);
}

fn answers_come_late(network: Network) {
    let tape = struck(network, RequestFault::LateReply { span: SPAN });
    let (times, errors) = answers(&tape);
    assert_times(network, &times, &[20_100, 23_100]);
    assert_eq!(errors, [None; 2]);
    assert_times(network, &set_at(&tape), &[5_050]);
}

fn answers_never_come(network: Network) {
    let tape = struck(network, RequestFault::LostReply);
    let (times, errors) = answers(&tape);
    assert_times(network, &times, &[35_000, 38_000]);
    assert_eq!(errors, [Some(ServiceError::TimedOut); 2]);
    assert_times(network, &set_at(&tape), &[5_050]);
}

fn what_failed_is_applied_later(network: Network) {
    assert_times(network, &set_at(&struck(network, RequestFault::LateApply { span: SPAN })), &[20_050]);
}

fn what_was_applied_is_applied_again(network: Network) {
    let tape = struck(network, RequestFault::AppliedTwice { span: SPAN });
    assert_times(network, &set_at(&tape), &[5_050, 20_050]);
    assert_eq!(answers(&tape).1, [None; 2]);
}

fn reads_find_nothing(network: Network) {
    let finds = |fault| {
        let lines = struck(network, fault).log(0);
        lines.iter().any(|(_, line)| line.starts_with("2: Ok(Memory(Item(None))"))
    };
    assert!(finds(RequestFault::NilRead));
    assert!(!finds(RequestFault::AppliedTwice { span: SPAN }));
}

/// Twelve thousandths of the 1,000 units a minute are left: 12 to begin with, and 8 more in the 40 s after that.
fn scarce(network: Network, units_ppm: u32) -> Tape {
    let asks = (0..40).map(|second| (2_000 + second * 1_000, remember(second)));
    run(network, &[script(asks)], |schedule| {
        schedule.services.limits.other_players = 0;
        schedule.services.memory_store.units_ppm = units_ppm;
    })
}

fn few_units_are_left(network: Network) {
    let set = |units_ppm| set_at(&scarce(network, units_ppm)).len();
    let (few, more, all) = (set(12_000), set(24_000), set(1_000_000));
    assert!((18..=22).contains(&few) && (36..=40).contains(&more) && all == 40, "{few}, {more} and {all} of 40");
}

fn requests_over_the_units_fail(network: Network) {
    let tape = scarce(network, 12_000);
    let over = Some(ServiceError::Memory(MemoryError::Requests));
    let failed = tape.answers(0).into_iter().filter(|(.., error)| *error == over).count();
    assert_eq!(failed + set_at(&tape).len(), 40);
    assert!(failed > 15, "{failed} of 40");
}
