use dupeproof_core::Span;
use dupeproof_sim::request::{RequestKind, Service};
use dupeproof_sim::schedule::Latency;
use dupeproof_sim::{Action, Event, Schedule, ServiceError};

use crate::scripted::{Script, Tape, at, publish, schedule, script, server, subscribe, unsubscribe};

const REJECTED: Option<ServiceError> = Some(ServiceError::Rejected);

/// One server publishes 1 at 1 s, 2 at 2 s ..., to itself and to another.
fn talkers(messages: u64) -> [Script; 2] {
    let publishes = (1..=messages).map(|n| (n * 1_000, publish("topic", n)));
    [script([(0, subscribe("topic", 5))].into_iter().chain(publishes)), script([(0, subscribe("topic", 6))])]
}

fn received(tape: &Tape, slot: u16) -> Vec<(u64, String)> {
    tape.log(slot).into_iter().filter(|(_, line)| line.starts_with("message")).collect()
}

fn run(change: impl Fn(&mut Schedule), scripts: &[Script]) -> Tape {
    let mut schedule = schedule(scripts);
    change(&mut schedule);
    Tape::of(&schedule, scripts)
}

#[test]
fn a_message_reaches_each_subscriber_the_publisher_too_after_two_legs_and_a_delay() {
    let tape = run(|_| {}, &talkers(1));
    assert_eq!(received(&tape, 0), [(1_150, "message on 5: 1".into())]);
    assert_eq!(received(&tape, 1), [(1_150, "message on 6: 1".into())]);
    assert_eq!(tape.answers(0)[1], (1_100, RequestKind::Publish, None));
    let from_first = |event: &Event| matches!(event, Event::MessageReceived { publisher: Some(publisher), .. } if *publisher == server(0));
    assert_eq!(tape.count(from_first), 2);
}

#[test]
fn a_message_on_another_topic_or_before_the_subscription_is_not_received() {
    let scripts = [
        script([(0, publish("topic", 1)), (1_000, publish("other", 2)), (2_000, publish("topic", 3))]),
        script([(500, subscribe("topic", 6))]),
    ];
    assert_eq!(received(&run(|_| {}, &scripts), 1), [(2_150, "message on 6: 3".into())]);
}

#[test]
fn after_unsubscribing_even_a_message_on_its_way_is_dropped() {
    // Published at 51 ms, sent on to the subscriber at 101 ms, there at 151 ms; disconnected at 120 ms.
    let soon = |schedule: &mut Schedule| schedule.services.delivery_delay = Latency { min: Span(1), max: Span(1) };
    let publisher = script([(51, publish("topic", 1))]);
    let leaves = script([(0, subscribe("topic", 6)), (120, unsubscribe(6))]);
    let stays = script([(0, subscribe("topic", 6))]);
    assert_eq!(received(&run(soon, &[publisher.clone(), leaves]), 1), []);
    assert_eq!(received(&run(soon, &[publisher, stays]), 1), [(151, "message on 6: 1".into())]);
}

#[test]
fn a_third_of_the_deliveries_are_lost_each_on_its_own() {
    let tape = run(|schedule| schedule.services.message_lost_ppm = 333_333, &talkers(90));
    let (first, second) = (received(&tape, 0), received(&tape, 1));
    let lost = tape.count(|event| matches!(event, Event::MessageLost { .. }));
    assert!((40..=80).contains(&lost), "{lost} of 180 were lost");
    assert_eq!(first.len() + second.len() + lost, 180);
    let messages = |received: &[(u64, String)]| received.iter().map(|(at, _)| *at).collect::<Vec<_>>();
    assert_ne!(messages(&first), messages(&second));
}

#[test]
fn a_third_of_the_deliveries_come_twice() {
    let tape = run(|schedule| schedule.services.message_doubled_ppm = 333_333, &talkers(90));
    let doubled = tape.count(|event| matches!(event, Event::MessageDoubled { .. }));
    assert!((40..=80).contains(&doubled), "{doubled} of 180 came twice");
    assert_eq!(received(&tape, 0).len() + received(&tape, 1).len(), 180 + doubled);
}

#[test]
fn messages_overtake_each_other() {
    let tape = run(|schedule| schedule.services.delivery_delay.max = Span::secs(5), &talkers(30));
    let numbers: Vec<u64> =
        received(&tape, 1).iter().map(|(_, line)| line.rsplit(' ').next().unwrap().parse().unwrap()).collect();
    assert_eq!(numbers.len(), 30);
    assert!(!numbers.is_sorted(), "{numbers:?}");
}

#[test]
fn half_of_the_publishes_answered_with_an_error_are_accepted() {
    let tape = run(|schedule| schedule.services.publish_error_ppm = 1_000_000, &talkers(80));
    assert!(tape.answers(0)[1..].iter().all(|(_, _, error)| *error == REJECTED));
    let accepted = received(&tape, 1).len();
    assert!((25..=55).contains(&accepted), "{accepted} of 80 were accepted");
    assert_eq!(tape.count(|event| matches!(event, Event::Published { .. })), accepted);
}

#[test]
fn a_failed_subscribe_connects_nothing() {
    let tape = run(|schedule| schedule.services.subscribe_error_ppm = 1_000_000, &talkers(5));
    assert_eq!(tape.answers(1), [(100, RequestKind::Subscribe, REJECTED)]);
    assert_eq!(received(&tape, 1), []);
}

#[test]
fn an_outage_rejects_requests_and_loses_deliveries_due_in_it() {
    let outage = Action::Outage { service: Service::Messaging, span: Span::secs(2) };
    let tape = run(|schedule| schedule.timeline = vec![at(1_075, outage)], &talkers(5));
    // The first is on its way when the outage begins, the second and third arrive in it or are due in it.
    assert_eq!(tape.answers(0)[1..3], [(1_100, RequestKind::Publish, None), (2_100, RequestKind::Publish, REJECTED)]);
    assert_eq!(tape.times(|event| matches!(event, Event::MessageLost { .. })), [1_100, 1_100]);
    let messages: Vec<String> = received(&tape, 1).into_iter().map(|(_, line)| line).collect();
    assert_eq!(messages, ["message on 6: 4", "message on 6: 5"]);
}

#[test]
fn a_crashed_server_is_subscribed_no_more() {
    let scripts = talkers(3);
    let tape = run(
        |schedule| {
            let (crash, restart) = (Action::Crash { server: 1 }, Action::Restart { server: 1 });
            schedule.timeline = vec![at(1_500, crash), at(10_000, restart)];
        },
        &scripts,
    );
    assert_eq!(received(&tape, 1), [(1_150, "message on 6: 1".into())]);
}
