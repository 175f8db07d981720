//! Services that refuse everything for a while.

use dupeproof_core::{Span, VersionQuery};
use dupeproof_sim::guest::key_of;
use dupeproof_sim::id::{PlayerId, ServiceName};
use dupeproof_sim::network::Network;
use dupeproof_sim::request::{MemoryCall, MemoryError};
use dupeproof_sim::{Action, Event, Request, Schedule, ServiceError};

use super::link::{remember, remembered};
use super::{Promise, assert_times, committed, promise, received, run, steps};
use crate::scripted::{Tape, compare_and_set, get, publish, remove, script, set, subscribe};

pub(super) const PROMISES: &[Promise] = &[
    promise("outage_datastore", "the DataStore refuses everything", the_data_store_refuses_everything),
    promise("outage_datastore", "for a while", the_data_store_refuses_for_as_long_as_it_is_told),
    promise("outage_messaging", "MessagingService refuses everything", messaging_refuses_everything),
    promise("outage_messaging", "delivers nothing", messaging_delivers_nothing),
    promise("outage_messaging", "for a while", messaging_refuses_for_as_long_as_it_is_told),
    promise("outage_memory_store", "MemoryStoreService refuses everything", memory_stores_refuse_everything),
    promise("outage_memory_store", "for a while", memory_stores_refuse_for_as_long_as_they_are_told),
    promise("outage_memory_store", "items expire", items_expire_in_an_outage),
];

/// An outage from 4.5 s to 19.5 s.
fn outage(network: Network, service: ServiceName, requests: Vec<(u64, Request)>) -> Tape {
    run(network, &[script(requests)], steps([(4_500, Action::Outage { service, span: Span::secs(15) })]))
}

fn list(player: u16) -> Request {
    Request::ListVersions { key: key_of(PlayerId(player)), query: VersionQuery::default(), page_size: 1 }
}

/// The errors of all that is asked a second after another from 1 s on.
fn errors(tape: &Tape) -> Vec<Option<ServiceError>> {
    tape.answers(0).into_iter().map(|(.., error)| error).collect()
}

fn the_data_store_refuses_everything(network: Network) {
    let asks = [get(0), compare_and_set(0, 1, 1), set(0, 2), remove(0), list(0)];
    let asks = asks.into_iter().zip([5_000, 6_000, 7_000, 8_000, 9_000]).map(|(ask, at)| (at, ask)).collect();
    let tape = outage(network, ServiceName::DataStore, asks);
    assert_eq!(errors(&tape), [Some(ServiceError::Rejected); 5]);
    assert_eq!(tape.count(committed), 0);
}

/// One in each second; those from 5 s to 19 s fail.
fn fails_for_15_s(network: Network, service: ServiceName, ask: fn(u64) -> Request, error: ServiceError) {
    let tape = outage(network, service, (1..30).map(|second| (second * 1_000, ask(second))).collect());
    let failed: Vec<u64> =
        tape.answers(0).into_iter().filter(|(.., of)| *of == Some(error)).map(|(at, ..)| at).collect();
    let expected: Vec<u64> = (5..20).map(|second| second * 1_000 + 100).collect();
    assert_times(network, &failed, &expected);
    assert_eq!(errors(&tape).iter().filter(|error| error.is_none()).count(), 14);
}

fn the_data_store_refuses_for_as_long_as_it_is_told(network: Network) {
    fails_for_15_s(network, ServiceName::DataStore, |second| set(0, second), ServiceError::Rejected);
}

fn messaging_refuses_everything(network: Network) {
    let asks = vec![(5_000, subscribe("topic", 1)), (6_000, publish("topic", 1))];
    let tape = outage(network, ServiceName::Messaging, asks);
    assert_eq!(errors(&tape), [Some(ServiceError::Rejected); 2]);
    assert_eq!(tape.count(|event| matches!(event, Event::Published { .. })), 0);
}

/// What was published before is delivered in the outage or not at all.
fn messaging_delivers_nothing(network: Network) {
    let asks = vec![(1_000, subscribe("topic", 1)), (3_000, publish("topic", 1)), (4_380, publish("topic", 2))];
    let tape = outage(network, ServiceName::Messaging, [asks, vec![(25_000, publish("topic", 3))]].concat());
    assert_eq!(tape.count(|event| matches!(event, Event::Published { .. })), 3);
    // The second arrives at 4.43 s and would be sent on at 4.48 s, and the third is after the outage. With a delay of 1 s,
    // the second is due in the outage.
    assert_times(network, &tape.times(received), &[3_150, 4_530, 25_150]);
    let slow = |schedule: &mut Schedule| {
        schedule.services.delivery_delay.min = Span::secs(1);
        schedule.services.delivery_delay.max = Span::secs(1);
        steps([(4_500, Action::Outage { service: ServiceName::Messaging, span: Span::secs(15) })])(schedule);
    };
    let asks = [(1_000, subscribe("topic", 1)), (2_000, publish("topic", 1)), (4_000, publish("topic", 2))];
    let tape = run(network, &[script(asks)], slow);
    assert_times(network, &tape.times(received), &[3_100]);
    assert_eq!(tape.count(|event| matches!(event, Event::MessageLost { .. })), 1);
}

fn messaging_refuses_for_as_long_as_it_is_told(network: Network) {
    fails_for_15_s(network, ServiceName::Messaging, |second| publish("topic", second), ServiceError::Rejected);
}

fn memory_stores_refuse_everything(network: Network) {
    let asks = vec![(5_000, remember(1)), (6_000, recall()), (7_000, forget())];
    let tape = outage(network, ServiceName::MemoryStore, asks);
    assert_eq!(errors(&tape), [Some(ServiceError::Memory(MemoryError::Internal)); 3]);
    assert_eq!(tape.count(remembered), 0);
}

fn memory_stores_refuse_for_as_long_as_they_are_told(network: Network) {
    fails_for_15_s(network, ServiceName::MemoryStore, remember, ServiceError::Memory(MemoryError::Internal));
}

fn call(call: MemoryCall) -> Request {
    match remember(0) {
        Request::Memory { address, .. } => Request::Memory { address, call: Box::new(call) },
        other => unreachable!("{other:?}"),
    }
}

pub(super) fn recall() -> Request {
    call(MemoryCall::Get)
}

pub(super) fn forget() -> Request {
    call(MemoryCall::Remove)
}

fn items_expire_in_an_outage(network: Network) {
    let brief = |seconds| match remember(1) {
        Request::Memory { address, call } => match *call {
            MemoryCall::Set(mut value) => {
                value.expiration = seconds;
                Request::Memory { address, call: Box::new(MemoryCall::Set(value)) }
            }
            other => unreachable!("{other:?}"),
        },
        other => unreachable!("{other:?}"),
    };
    for (seconds, found) in [(10, false), (60, true)] {
        let tape = outage(network, ServiceName::MemoryStore, vec![(2_000, brief(seconds)), (20_000, recall())]);
        let lines = tape.log(0);
        let answer = &lines.iter().find(|(_, line)| line.starts_with("1: Ok")).unwrap().1;
        assert_eq!(answer.contains("Item(Some"), found, "{answer}");
    }
}
