//! The ways between servers and services.

use dupeproof_core::Span;
use dupeproof_sim::id::ServiceName;
use dupeproof_sim::network::Network;
use dupeproof_sim::request::{MemoryAddress, MemoryCall, MemoryValue, RequestKind, Structure};
use dupeproof_sim::schedule::{Direction, Latency, RequestClass, RequestFault};
use dupeproof_sim::{Action, Event, Request, ServiceError};
use serde_json::json;

use super::{Promise, assert_released, assert_times, committed, promise, received, run, steps};
use crate::scripted::{Script, Tape, fail_next, get, publish, script, set, subscribe};

pub(super) const PROMISES: &[Promise] = &[
    promise("latency", "requests", requests_take_as_long_as_their_ways),
    promise("latency", "message deliveries", deliveries_take_as_long_as_they_are_told),
    promise("partition", "the link to one service", a_cut_is_of_one_server_and_one_service),
    promise("partition", "holds back requests", a_cut_towards_a_service_holds_requests),
    promise("partition", "replies", a_cut_from_a_service_holds_replies),
    promise("partition", "both", a_cut_both_ways_holds_both),
    promise("partition", "until it heals", a_cut_lasts_as_long_as_it_is_told),
    promise("disconnect", "a connection breaks", a_broken_connection_is_made_anew),
    promise("disconnect", "what is on its way is lost", a_request_on_its_way_is_lost),
    promise("disconnect", "what is on its way is lost", a_reply_on_its_way_is_lost),
    promise("disconnect", "what is on its way is lost", a_message_on_its_way_is_lost),
    promise("disconnect", "requests fail", all_requests_without_an_answer_fail_at_once),
];

fn exactly(millis: u64) -> Latency {
    Latency { min: Span::millis(millis), max: Span::millis(millis) }
}

/// A value in a memory store.
pub(super) fn remember(value: u64) -> Request {
    let address = MemoryAddress::new(Structure::HashMap, "Locks", "key");
    let value = MemoryValue { value: std::sync::Arc::new(json!(value)), expiration: 300, sort_key: None };
    Request::Memory { address: address.to_key(), call: Box::new(MemoryCall::Set(value)) }
}

pub(super) fn remembered(event: &Event) -> bool {
    matches!(event, Event::MemoryChanged { .. })
}

fn requests_take_as_long_as_their_ways(network: Network) {
    for leg in [10, 1_200] {
        let scripts = [script([(2_000, set(0, 1)), (10_000, get(0))])];
        let tape = run(network, &scripts, |schedule| schedule.services.datastore_latency = exactly(leg));
        assert_times(network, &tape.times(committed), &[2_000 + leg]);
        let answered: Vec<u64> = tape.answers(0).into_iter().map(|(at, ..)| at).collect();
        assert_times(network, &answered, &[2_000 + 2 * leg, 10_000 + 2 * leg]);
    }
}

fn deliveries_take_as_long_as_they_are_told(network: Network) {
    for (leg, delay) in [(10, 10), (10, 8_000), (900, 10)] {
        let scripts = [script([(1_000, subscribe("topic", 1)), (20_000, publish("topic", 1))])];
        let tape = run(network, &scripts, |schedule| {
            schedule.services.messaging_latency = exactly(leg);
            schedule.services.delivery_delay = exactly(delay);
        });
        // To the service, its delay, and to the subscriber.
        assert_times(network, &tape.times(received), &[20_000 + leg + delay + leg]);
    }
}

/// A server asks all three services at 5 s, and another one does, too. Its subscription and its connections are older.
fn cut(network: Network, service: ServiceName, direction: Direction) -> Tape {
    let asks = [(5_000, set(0, 1)), (5_000, remember(1)), (5_000, publish("topic", 1))];
    let first = [(500, subscribe("topic", 1)), (600, remember(0)), (650, set(1, 0))];
    let scripts = vec![script(first.into_iter().chain(asks)); 2];
    let cut = Action::Partition { server: 0, service, direction, span: Span::secs(20) };
    run(network, &scripts, steps([(4_000, cut)]))
}

/// When the first server was answered what it had asked at 5 s: by the DataStore, a memory store, MessagingService.
fn answered(tape: &Tape, slot: u16) -> [Vec<u64>; 3] {
    [RequestKind::Set, RequestKind::MemorySet, RequestKind::Publish].map(|wanted| {
        let answers = tape.answers(slot).into_iter().filter(|(at, kind, _)| *kind == wanted && *at > 4_000);
        answers.map(|(at, ..)| at).collect()
    })
}

/// When what the first server had asked at 5 s had come to the service.
fn arrived(tape: &Tape, service: ServiceName) -> Vec<u64> {
    let of_first = crate::scripted::server(0);
    let late = |event: &Event| match event {
        Event::Committed { server, .. } => service == ServiceName::DataStore && *server == of_first,
        Event::MemoryChanged { server, .. } => service == ServiceName::MemoryStore && *server == of_first,
        Event::Published { server, .. } => service == ServiceName::Messaging && *server == of_first,
        _ => false,
    };
    tape.times(late).into_iter().filter(|at| *at > 4_000).collect()
}

fn a_cut_is_of_one_server_and_one_service(network: Network) {
    for (place, service) in
        [ServiceName::DataStore, ServiceName::MemoryStore, ServiceName::Messaging].into_iter().enumerate()
    {
        let tape = cut(network, service, Direction::Both);
        for (other, times) in answered(&tape, 0).into_iter().enumerate() {
            if other == place {
                assert_released(network, &times, 24_000, &[24_100]);
            } else {
                assert_times(network, &times, &[5_100]);
            }
        }
        for times in answered(&tape, 1) {
            assert_times(network, &times, &[5_100]);
        }
    }
}

fn a_cut_towards_a_service_holds_requests(network: Network) {
    for service in ServiceName::ALL {
        let tape = cut(network, service, Direction::ToService);
        assert_released(network, &arrived(&tape, service), 24_000, &[24_050]);
        // Messages of the other server come through meanwhile.
        assert_times(network, &tape.times(received)[..1], &[5_150]);
    }
}

fn a_cut_from_a_service_holds_replies(network: Network) {
    for (place, service) in
        [ServiceName::DataStore, ServiceName::MemoryStore, ServiceName::Messaging].into_iter().enumerate()
    {
        let tape = cut(network, service, Direction::FromService);
        assert_times(network, &arrived(&tape, service), &[5_050]);
        assert_released(network, &answered(&tape, 0)[place], 24_000, &[24_050]);
    }
    // And messages: two for the first server, two for the other.
    let tape = cut(network, ServiceName::Messaging, Direction::FromService);
    let heard = tape.times(received);
    assert_times(network, &heard[..2], &[5_150, 5_150]);
    assert_released(network, &heard[2..], 24_000, &[24_050, 24_050]);
}

/// A reply is 2 s late, so that it would set out in the cut.
fn a_cut_both_ways_holds_both(network: Network) {
    let scripts = [script([(1_000, get(0)), (5_000, set(0, 1)), (7_000, get(0))])];
    let (service, direction, span) = (ServiceName::DataStore, Direction::Both, Span::secs(20));
    let late = RequestFault::LateReply { span: Span::secs(2) };
    let tape = run(network, &scripts, |schedule| {
        schedule.timeline.push(fail_next(0, RequestClass::Set, late));
        steps([(6_000, Action::Partition { server: 0, service, direction, span })])(schedule);
    });
    assert_times(network, &tape.times(committed), &[5_050]);
    let answered: Vec<u64> = tape.answers(0).into_iter().map(|(at, ..)| at).collect();
    assert_times(network, &answered[..1], &[1_100]);
    assert_released(network, &answered[1..], 26_000, &[26_050, 26_100]);
}

fn a_cut_lasts_as_long_as_it_is_told(network: Network) {
    for span in [2, 30] {
        let cut = Action::Partition {
            server: 0,
            service: ServiceName::DataStore,
            direction: Direction::ToService,
            span: Span::secs(span),
        };
        let asks = (1..44).map(|second| (second * 1_000, set(0, second)));
        let tape = run(network, &[script(asks)], steps([(5_500, cut)]));
        let held = usize::try_from(span).unwrap();
        let times = tape.times(committed);
        let healed = 5_500 + span * 1_000;
        assert_released(network, &times[5..5 + held], healed, &vec![healed + 50; held]);
        assert_times(network, &times[5 + held..6 + held], &[healed + 550]);
        assert_eq!(times.len(), 43);
    }
}

/// Breaks a connection of the first server at a moment.
fn broken(network: Network, service: ServiceName, at: u64, script: Script) -> Tape {
    run(network, &[script], steps([(at, Action::Disconnect { server: 0, service })]))
}

const LOST: Option<ServiceError> = Some(ServiceError::ConnectionLost);

/// A service, what it is asked, and whether an event is that it has carried that out.
type Ask = (ServiceName, fn() -> Request, fn(&Event) -> bool);

const ASKS: [Ask; 3] = [
    (ServiceName::DataStore, || set(0, 1), committed),
    (ServiceName::MemoryStore, || remember(1), remembered),
    (ServiceName::Messaging, || publish("topic", 1), |event| matches!(event, Event::Published { .. })),
];

fn a_broken_connection_is_made_anew(network: Network) {
    for (service, ask, applied) in ASKS {
        let tape = broken(network, service, 5_000, script([(2_000, ask()), (6_000, ask())]));
        assert_eq!(tape.times(|event| matches!(event, Event::Disconnected { .. })).len(), 1);
        assert_eq!(tape.count(applied), 2, "{service:?}");
        assert!(tape.answers(0).iter().all(|(.., error)| error.is_none()), "{:?}", tape.answers(0));
    }
}

fn a_request_on_its_way_is_lost(network: Network) {
    for (service, ask, applied) in ASKS {
        let tape = broken(network, service, 5_030, script([(2_000, ask()), (5_000, ask())]));
        assert_eq!(tape.count(applied), 1, "{service:?}");
    }
}

fn a_reply_on_its_way_is_lost(network: Network) {
    for (service, ask, applied) in ASKS {
        let tape = broken(network, service, 5_080, script([(2_000, ask()), (5_000, ask())]));
        assert_eq!(tape.count(applied), 2, "{service:?}");
        assert_eq!(tape.answers(0).len(), 2, "{service:?}");
        assert_eq!(tape.count(|event| matches!(event, Event::AnsweredTooLate { .. })), 0, "{service:?}");
    }
}

fn a_message_on_its_way_is_lost(network: Network) {
    let messages =
        || script([(1_000, subscribe("topic", 1)), (5_000, publish("topic", 1)), (8_000, publish("topic", 2))]);
    // Published at 5.05 s, sent on at 5.1 s, there at 5.15 s.
    let tape = broken(network, ServiceName::Messaging, 5_135, messages());
    assert_times(network, &tape.times(received), &[8_150]);
}

fn all_requests_without_an_answer_fail_at_once(network: Network) {
    for (service, ask, _) in ASKS {
        // Two are on their way to the service, and one's reply is on its way back.
        let asks = [(2_000, ask()), (4_930, ask()), (4_980, ask()), (4_990, ask())];
        let tape = broken(network, service, 5_010, script(asks));
        let failed: Vec<u64> =
            tape.answers(0).into_iter().filter(|(.., error)| *error == LOST).map(|(at, ..)| at).collect();
        assert_times(network, &failed, &[5_010; 3]);
    }
    // Those to others do not.
    let tape = broken(network, ServiceName::Messaging, 5_030, script([(2_000, set(0, 1)), (5_000, set(0, 2))]));
    assert!(tape.answers(0).iter().all(|(.., error)| error.is_none()));
}
