use dupeproof_core::Span;
use dupeproof_sim::id::ServiceName;
use dupeproof_sim::network::Network;
use dupeproof_sim::request::RequestKind;
use dupeproof_sim::schedule::{Direction, Latency};
use dupeproof_sim::{Action, Event, Schedule};

use crate::scripted::{Script, Tape, at, get, publish, schedule, script, set, subscribe};

fn cut(service: ServiceName, direction: Direction, seconds: u64) -> Action {
    Action::Partition { server: 0, service, direction, span: Span::secs(seconds) }
}

fn run(scripts: &[Script], timeline: impl IntoIterator<Item = (u64, Action)>) -> Tape {
    let mut schedule: Schedule = schedule(scripts);
    schedule.timeline = timeline.into_iter().map(|(millis, action)| at(millis, action)).collect();
    Tape::of(&schedule, scripts)
}

fn committed(event: &Event) -> bool {
    matches!(event, Event::Committed { .. })
}

#[test]
fn requests_wait_before_a_link_cut_towards_the_service_and_replies_do_not() {
    let scripts = [script([(0, set(0, 1)), (1_000, set(0, 2))]), script([(1_000, set(1, 3))])];
    let tape = run(&scripts, [(75, cut(ServiceName::DataStore, Direction::ToService, 10))]);
    // 10.075 s: released, and 50 ms to arrive.
    assert_eq!(tape.times(committed), [50, 1_050, 10_125]);
    assert_eq!(tape.answers(0), [(100, RequestKind::Set, None), (10_175, RequestKind::Set, None)]);
}

#[test]
fn replies_wait_behind_a_link_cut_from_the_service_and_requests_do_not() {
    let scripts = [script([(0, set(0, 1)), (1_000, set(0, 2))])];
    let tape = run(&scripts, [(500, cut(ServiceName::DataStore, Direction::FromService, 10))]);
    assert_eq!(tape.times(committed), [50, 1_050]);
    assert_eq!(tape.answers(0), [(100, RequestKind::Set, None), (10_550, RequestKind::Set, None)]);
}

#[test]
fn what_is_on_its_way_when_the_link_is_cut_arrives() {
    let scripts = [script([(0, set(0, 1))])];
    let tape = run(&scripts, [(75, cut(ServiceName::DataStore, Direction::Both, 10))]);
    assert_eq!(tape.answers(0), [(100, RequestKind::Set, None)]);
}

#[test]
fn a_link_cut_both_ways_holds_both_and_only_to_its_own_service() {
    let scripts = [script([(0, subscribe("topic", 1)), (1_000, set(0, 1)), (1_000, publish("topic", 2))])];
    let tape = run(&scripts, [(500, cut(ServiceName::DataStore, Direction::Both, 10))]);
    assert_eq!(tape.times(committed), [10_550]);
    assert_eq!(tape.times(|event| matches!(event, Event::MessageReceived { .. })), [1_150]);
    let tape = run(&scripts, [(500, cut(ServiceName::Messaging, Direction::Both, 10))]);
    assert_eq!(tape.times(committed), [1_050]);
    assert_eq!(tape.times(|event| matches!(event, Event::MessageReceived { .. })), [10_650]);
}

#[test]
fn messages_wait_behind_a_link_cut_from_messaging() {
    let scripts = [script([(0, subscribe("topic", 1))]), script([(1_000, publish("topic", 2))])];
    let tape = run(&scripts, [(500, cut(ServiceName::Messaging, Direction::FromService, 10))]);
    assert_eq!(tape.times(|event| matches!(event, Event::MessageReceived { .. })), [10_550]);
}

#[test]
fn a_second_cut_prolongs_the_first_and_a_shorter_one_does_not_end_it() {
    let scripts = [script([(1_000, set(0, 1))])];
    let cut = |seconds| cut(ServiceName::DataStore, Direction::ToService, seconds);
    let tape = run(&scripts, [(0, cut(10)), (5_000, cut(15)), (6_000, cut(1))]);
    assert_eq!(tape.times(|event| matches!(event, Event::PartitionBegan { .. })), [0]);
    assert_eq!(tape.times(|event| matches!(event, Event::PartitionHealed { .. })), [20_000]);
    assert_eq!(tape.times(committed), [20_050]);
}

#[test]
fn the_healing_mends_a_cut_that_would_last_longer() {
    let scripts = [script([(1_000, set(0, 1))])];
    let tape = run(&scripts, [(500, cut(ServiceName::DataStore, Direction::Both, 1_000))]);
    assert_eq!(tape.times(|event| matches!(event, Event::PartitionHealed { .. })), [100_000, 100_000]);
    assert_eq!(tape.times(committed), [100_050]);
}

#[test]
fn a_crashed_servers_requests_held_back_still_arrive_and_its_replies_reach_nobody() {
    let scripts = [script([(0, get(0)), (1_000, set(0, 1))])];
    let crash = (2_000, Action::Crash { server: 0 });
    let restart = (3_000, Action::Restart { server: 0 });
    let tape = run(&scripts, [(500, cut(ServiceName::DataStore, Direction::Both, 10)), crash, restart]);
    // The first life's write at 1 s and the second's at 4 s, both held until 10.5 s.
    assert_eq!(tape.times(committed), [10_550, 10_550]);
    assert_eq!(tape.count(|event| matches!(event, Event::AnsweredTooLate { .. })), 0);
    let lives: Vec<u16> = tape
        .events
        .iter()
        .filter_map(|(at, event)| match event {
            Event::Answered { server, .. } if at.0 > 10_000_000 => Some(server.life),
            _ => None,
        })
        .collect();
    assert_eq!(lives, [1, 1]);
}

#[test]
fn replies_overtake_each_other() {
    let scripts = [script((0..40).map(|n| (n, get(0))))];
    let mut schedule = schedule(&scripts);
    schedule.services.datastore_latency = Latency { min: Span::millis(25), max: Span::millis(100) };
    let tape = Tape::of(&schedule, &scripts);
    let numbers: Vec<u32> = tape
        .lines(0)
        .iter()
        .filter_map(|line| line.split_once(": Ok").map(|(number, _)| number.parse().unwrap()))
        .collect();
    assert_eq!(numbers.len(), 40);
    assert!(!numbers.is_sorted(), "{numbers:?}");
}

#[test]
fn slow_links_are_ordinary_again_once_all_has_healed() {
    for network in [Network::Event, Network::Turmoil] {
        let scripts = [script([(50_000, get(0)), (110_000, get(0))])];
        let mut schedule = schedule(&scripts);
        schedule.services.datastore_latency.min = Span::secs(2);
        schedule.services.datastore_latency.max = Span::secs(3);
        let tape = Tape::on(network, &schedule, &scripts).0;
        let took: Vec<u64> =
            tape.answers(0).iter().map(|(at, ..)| *at).zip([50_000, 110_000]).map(|(at, asked)| at - asked).collect();
        assert!((4_000..=6_100).contains(&took[0]) && (50..=250).contains(&took[1]), "{network:?}: {took:?}");
        assert_eq!(tape.count(|event| matches!(event, Event::Healed)), 1);
    }
}

#[test]
fn messages_take_their_ordinary_time_again_once_all_has_healed() {
    let scripts = [script([(0, subscribe("topic", 1)), (50_000, publish("topic", 1)), (110_000, publish("topic", 2))])];
    let mut schedule = schedule(&scripts);
    schedule.services.delivery_delay = Latency { min: Span::secs(20), max: Span::secs(20) };
    let times = Tape::of(&schedule, &scripts).times(|event| matches!(event, Event::MessageReceived { .. }));
    assert_eq!(times[0], 70_100);
    assert!((110_350..=111_900).contains(&times[1]), "{times:?}");
}
