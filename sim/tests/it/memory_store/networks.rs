//! Requests to memory stores on their way.

use dupeproof_core::Span;
use dupeproof_sim::id::ServiceName;
use dupeproof_sim::network::Network;
use dupeproof_sim::request::{MemoryCall, MemoryError, RequestKind};
use dupeproof_sim::schedule::{Direction, Latency, RequestClass, RequestFault};
use dupeproof_sim::{Action, Event, Request, Schedule, ServiceError};

use super::backend::{hash, request, value};
use crate::scripted::{LEG, Script, Tape, at, schedule, script};

const NETWORKS: [Network; 2] = [Network::Event, Network::Turmoil];

fn set(n: i64) -> Request {
    request(&hash("k"), MemoryCall::Set(value(n, 60)))
}

fn get() -> Request {
    request(&hash("k"), MemoryCall::Get)
}

/// Every leg takes 50 ms, and the run is short.
fn world(scripts: &[Script]) -> Schedule {
    let mut schedule = schedule(scripts);
    schedule.services.memory_store.latency = Latency { min: LEG, max: LEG };
    schedule.length = Span::secs(30);
    schedule
}

fn errors(tape: &Tape, slot: u16) -> Vec<(RequestKind, Option<ServiceError>)> {
    tape.answers(slot).into_iter().map(|(_, kind, error)| (kind, error)).collect()
}

#[test]
fn what_one_server_sets_another_reads_on_both_networks() {
    let scripts = [script([(1_000, set(7))]), script([(2_000, get())])];
    for network in NETWORKS {
        let (tape, end) = Tape::on(network, &world(&scripts), &scripts);
        assert!(tape.lines(1).iter().any(|line| line.contains("Number(7)")), "{network:?}: {:?}", tape.lines(1));
        assert_eq!(tape.count(|event| matches!(event, Event::MemoryChanged { .. })), 1, "{network:?}");
        assert_eq!(end, Tape::on(network, &world(&scripts), &scripts).1, "{network:?}");
    }
}

#[test]
fn a_request_takes_a_leg_there_and_a_leg_back() {
    let scripts = [script([(1_000, get())])];
    assert_eq!(Tape::of(&world(&scripts), &scripts).answers(0), [(1_100, RequestKind::MemoryGet, None)]);
    // Over sockets the first has to wait for the service to be there, and for the connection to it.
    let scripts = [script([(1_000, get()), (3_000, get())])];
    let answers = Tape::on(Network::Turmoil, &world(&scripts), &scripts).0.answers(0);
    assert!((1_100..2_500).contains(&answers[0].0) && (3_090..3_140).contains(&answers[1].0), "{answers:?}");
}

#[test]
fn an_outage_a_partition_and_a_disconnect_of_it_are_felt_on_both_networks() {
    let asks = [1_000, 5_000, 12_000, 20_000, 25_000].map(|millis| (millis, get()));
    let scripts = [script(asks)];
    let (service, span) = (ServiceName::MemoryStore, Span::secs(3));
    let mut schedule = world(&scripts);
    schedule.timeline = vec![
        at(4_000, Action::Outage { service, span }),
        at(11_000, Action::Partition { server: 0, service, direction: Direction::ToService, span }),
        at(20_020, Action::Disconnect { server: 0, service }),
    ];
    let kind = RequestKind::MemoryGet;
    for network in NETWORKS {
        let tape = Tape::on(network, &schedule, &scripts).0;
        let expected = [
            (kind, None),
            (kind, Some(ServiceError::Memory(MemoryError::Internal))),
            (kind, None),
            (kind, Some(ServiceError::ConnectionLost)),
            (kind, None),
        ];
        assert_eq!(errors(&tape, 0), expected, "{network:?}");
        let held = tape.answers(0)[2].0;
        assert!((14_000..14_400).contains(&held), "{network:?}: {held}");
    }
}

#[test]
fn one_request_to_it_fails_at_a_chosen_moment_and_none_to_the_data_store_on_both_networks() {
    let scripts = [script([(5_000, crate::scripted::get(0)), (6_000, get()), (7_000, get())])];
    let mut schedule = world(&scripts);
    let (service, class) = (ServiceName::MemoryStore, RequestClass::Read);
    schedule.timeline = vec![at(4_000, Action::FailNext { server: 0, service, class, fault: RequestFault::Refused })];
    for network in NETWORKS {
        let tape = Tape::on(network, &schedule, &scripts).0;
        let expected = [
            (RequestKind::Get, None),
            (RequestKind::MemoryGet, Some(ServiceError::Memory(MemoryError::Internal))),
            (RequestKind::MemoryGet, None),
        ];
        assert_eq!(errors(&tape, 0), expected, "{network:?}");
    }
}

#[test]
fn a_request_that_is_never_answered_times_out() {
    let scripts = [script([(1_000, get())])];
    let mut schedule = world(&scripts);
    schedule.services.request_timeout = Span::secs(10);
    schedule.services.memory_store.faults.read.lost_reply_ppm = 1_000_000;
    let answers = Tape::of(&schedule, &scripts).answers(0);
    assert_eq!(answers, [(11_000, RequestKind::MemoryGet, Some(ServiceError::TimedOut))]);
}

#[test]
fn everything_heals() {
    let scripts = [script([(20_000, get()), (31_000, get())])];
    let mut schedule = world(&scripts);
    schedule.services.memory_store.latency = Latency { min: Span::secs(2), max: Span::secs(2) };
    schedule.services.memory_store.faults.read.refused_ppm = 1_000_000;
    let answers = Tape::of(&schedule, &scripts).answers(0);
    assert_eq!(answers[0].2, Some(ServiceError::Memory(MemoryError::Internal)));
    assert!(answers[1].2.is_none() && answers[1].0 < 31_100, "{answers:?}");
}

/// Whoever does not use memory stores has the same run whatever they are like.
#[test]
fn without_a_request_to_it_the_service_is_not_there() {
    let scripts = [script([(1_000, crate::scripted::get(0)), (2_000, crate::scripted::set(1, 2))])];
    let ordinary = world(&scripts);
    let mut other = ordinary.clone();
    other.services.memory_store.latency.max = Span::secs(9);
    other.services.memory_store.faults.read.lost_reply_ppm = 500_000;
    other.services.memory_store.units_ppm = 1;
    for network in NETWORKS {
        assert_eq!(Tape::on(network, &ordinary, &scripts).1, Tape::on(network, &other, &scripts).1, "{network:?}");
    }
}
