//! Connections that break, on both networks.

use dupeproof_core::Span;
use dupeproof_sim::id::ServiceName;
use dupeproof_sim::network::Network;
use dupeproof_sim::request::RequestKind;
use dupeproof_sim::schedule::Direction;
use dupeproof_sim::{Action, Event, ServiceError};

use crate::scripted::{Script, Tape, at, publish, schedule, script, set, stored, subscribe};

const NETWORKS: [Network; 2] = [Network::Event, Network::Turmoil];
const LOST: Option<ServiceError> = Some(ServiceError::ConnectionLost);

fn break_of(service: ServiceName) -> Action {
    Action::Disconnect { server: 0, service }
}

fn run(network: Network, scripts: &[Script], timeline: impl IntoIterator<Item = (u64, Action)>) -> Tape {
    let mut schedule = schedule(scripts);
    schedule.timeline = timeline.into_iter().map(|(millis, action)| at(millis, action)).collect();
    Tape::on(network, &schedule, scripts).0
}

fn committed(event: &Event) -> bool {
    matches!(event, Event::Committed { .. })
}

fn received(event: &Event) -> bool {
    matches!(event, Event::MessageReceived { .. })
}

/// Every error that a server was answered, and about when: turmoil is up to two ticks late.
fn assert_lost(tape: &Tape, millis: u64, count: usize) {
    let lost: Vec<_> = tape.answers(0).into_iter().filter(|(_, _, error)| *error == LOST).collect();
    assert_eq!(lost.len(), count, "{lost:?}");
    assert!(lost.iter().all(|(at, ..)| (millis..=millis + 20).contains(at)), "{lost:?}");
}

#[test]
fn a_request_on_its_way_when_its_connection_breaks_never_arrives_and_is_answered_connection_lost() {
    for network in NETWORKS {
        let scripts = [script([(1_000, set(0, 1))])];
        let tape = run(network, &scripts, [(1_030, break_of(ServiceName::DataStore))]);
        assert_eq!(tape.count(committed), 0, "{network:?}");
        assert_lost(&tape, 1_030, 1);
        let server = crate::scripted::server(0);
        let broke = |event: &Event| matches!(event, Event::Disconnected { server: of, service: ServiceName::DataStore } if *of == server);
        assert_eq!(tape.count(broke), 1, "{network:?}");
    }
}

#[test]
fn a_reply_on_its_way_when_its_connection_breaks_never_arrives_and_the_write_stays_applied() {
    for network in NETWORKS {
        let scripts = [script([(1_000, set(0, 1))])];
        let tape = run(network, &scripts, [(1_080, break_of(ServiceName::DataStore))]);
        assert_eq!(tape.commits().len(), 1, "{network:?}");
        assert_eq!(tape.answers(0).len(), 1, "{network:?}");
        assert_lost(&tape, 1_080, 1);
        assert_eq!(tape.count(|event| matches!(event, Event::AnsweredTooLate { .. })), 0, "{network:?}");
    }
}

#[test]
fn after_a_break_the_connection_is_made_anew() {
    for network in NETWORKS {
        let scripts = [script([(1_000, set(0, 1)), (2_000, set(0, 2)), (2_001, set(0, 3)), (4_000, set(0, 4))])];
        let breaks = [1_030, 2_040, 2_060, 2_090].map(|at| (at, break_of(ServiceName::DataStore)));
        let tape = run(network, &scripts, breaks);
        let values: Vec<_> = tape.commits().into_iter().filter_map(|(_, value)| value).collect();
        assert_eq!(values.last(), Some(&stored(4)), "{network:?}");
        assert_eq!(tape.answers(0).last().unwrap().2, None, "{network:?}");
    }
}

#[test]
fn a_break_towards_one_service_leaves_the_other_alone() {
    for network in NETWORKS {
        let scripts = [script([(0, subscribe("topic", 1)), (2_000, set(0, 1)), (2_000, publish("topic", 1))])];
        let tape = run(network, &scripts, [(2_030, break_of(ServiceName::Messaging))]);
        assert_eq!(tape.count(committed), 1, "{network:?}");
        assert_eq!(tape.count(|event| matches!(event, Event::Published { .. })), 0, "{network:?}");
        let failed: Vec<_> = tape.answers(0).into_iter().filter(|(_, _, error)| error.is_some()).collect();
        assert_eq!(failed.len(), 1, "{network:?}");
        assert_eq!((failed[0].1, failed[0].2), (RequestKind::Publish, LOST), "{network:?}");
    }
}

#[test]
fn what_a_cut_holds_back_is_lost_with_its_connection() {
    for network in NETWORKS {
        for direction in [Direction::ToService, Direction::Both] {
            let scripts = [script([(1_000, set(0, 1)), (20_000, set(0, 2))])];
            let span = Span::secs(10);
            let cut = Action::Partition { server: 0, service: ServiceName::DataStore, direction, span };
            let tape = run(network, &scripts, [(500, cut), (3_000, break_of(ServiceName::DataStore))]);
            let values: Vec<_> = tape.commits().into_iter().filter_map(|(_, value)| value).collect();
            assert_eq!(values, [stored(2)], "{network:?} {direction:?}");
            assert_lost(&tape, 3_000, 1);
        }
    }
}

#[test]
fn subscriptions_outlive_the_connection_they_were_made_over() {
    for network in NETWORKS {
        let scripts = [script([(500, subscribe("topic", 1))]), script([(5_000, publish("topic", 7))])];
        let tape = run(network, &scripts, [(1_000, break_of(ServiceName::Messaging))]);
        assert_eq!(tape.count(received), 1, "{network:?}");
    }
}

#[test]
fn the_subscriptions_of_a_server_that_dies_before_it_has_reconnected_end_with_it() {
    for network in NETWORKS {
        let scripts = [script([(500, subscribe("topic", 1))]), script([(5_000, publish("topic", 7))])];
        let mut schedule = schedule(&scripts);
        schedule.services.message_lost_ppm = 1_000_000;
        let crash = Action::Crash { server: 0 };
        schedule.timeline = vec![at(1_000, break_of(ServiceName::Messaging)), at(1_010, crash)];
        let tape = Tape::on(network, &schedule, &scripts).0;
        assert_eq!(tape.count(|event| matches!(event, Event::MessageLost { .. })), 0, "{network:?}");
        schedule.timeline.clear();
        let tape = Tape::on(network, &schedule, &scripts).0;
        assert_eq!(tape.count(|event| matches!(event, Event::MessageLost { .. })), 1, "{network:?}");
    }
}

#[test]
fn a_message_on_its_way_when_the_connection_breaks_is_lost() {
    for network in NETWORKS {
        let scripts = [script([(500, subscribe("topic", 1))]), script([(5_000, publish("topic", 7))])];
        let received_at = run(network, &scripts, []).times(received);
        assert_eq!(received_at.len(), 1, "{network:?}");
        let tape = run(network, &scripts, [(received_at[0] - 20, break_of(ServiceName::Messaging))]);
        assert_eq!(tape.count(received), 0, "{network:?}");
    }
}

#[test]
fn a_frozen_server_learns_of_a_break_when_it_wakes() {
    for network in NETWORKS {
        let scripts = [script([(1_000, set(0, 1))])];
        let freeze = Action::Freeze { server: 0, span: Span::secs(10) };
        let tape = run(network, &scripts, [(1_010, freeze), (1_030, break_of(ServiceName::DataStore))]);
        assert_eq!(tape.count(committed), 0, "{network:?}");
        assert_lost(&tape, 11_010, 1);
    }
}

#[test]
fn what_an_earlier_life_sent_does_not_break_with_the_connection_of_a_later_one() {
    for network in NETWORKS {
        let scripts = [script([(1_000, set(0, 1))])];
        let span = Span::secs(10);
        let direction = Direction::ToService;
        let cut = Action::Partition { server: 0, service: ServiceName::DataStore, direction, span };
        let crash = (2_000, Action::Crash { server: 0 });
        let restart = (5_000, Action::Restart { server: 0 });
        let tape = run(network, &scripts, [(900, cut), crash, restart, (5_500, break_of(ServiceName::DataStore))]);
        // The first life's at 1 s, held until 10.9 s, and the second's at 6 s.
        assert_eq!(tape.count(committed), 2, "{network:?}");
    }
}

#[test]
fn a_server_that_is_down_has_no_connection_to_break() {
    let tape = run(
        Network::Event,
        &[Script::default()],
        [(1, Action::Crash { server: 0 }), (2, break_of(ServiceName::DataStore))],
    );
    assert_eq!(tape.count(|event| matches!(event, Event::Disconnected { .. })), 0);
}
