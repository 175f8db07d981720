use std::sync::Arc;

use dupeproof_core::Span;
use dupeproof_sim::guest::Command;
use dupeproof_sim::id::{PlayerId, ServiceName};
use dupeproof_sim::network::Network;
use dupeproof_sim::request::RequestKind;
use dupeproof_sim::schedule::{Direction, Latency, PlayerPlan};
use dupeproof_sim::{Action, Event, Request, Schedule, ServiceError};
use serde_json::json;

use crate::scripted::{Script, Tape, at, publish, schedule, script, server, set, subscribe, unsubscribe};

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
    let outage = Action::Outage { service: ServiceName::Messaging, span: Span::secs(2) };
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

#[test]
fn a_server_gets_its_own_messages_only_where_the_world_says_so() {
    let tape = run(|schedule| schedule.services.echo = false, &talkers(3));
    assert_eq!(received(&tape, 0), []);
    assert_eq!(received(&tape, 1).len(), 3);
    assert_eq!(received(&run(|schedule| schedule.services.echo = true, &talkers(3)), 0).len(), 3);
}

#[test]
fn several_subscriptions_of_one_topic_on_one_server_each_get_every_message() {
    let scripts = [script([(0, subscribe("topic", 5)), (0, subscribe("topic", 6)), (1_000, publish("topic", 1))])];
    let lines: Vec<String> = received(&run(|_| {}, &scripts), 0).into_iter().map(|(_, line)| line).collect();
    assert_eq!(lines, ["message on 5: 1", "message on 6: 1"]);
}

/// Everybody joins the first server at once.
fn crowd(schedule: &mut Schedule, players: u16) {
    schedule.players = vec![PlayerPlan { items: None }; usize::from(players)];
    let join = |player| at(0, Action::Command { server: 0, command: Command::Join(PlayerId(player)) });
    schedule.timeline.extend((0..players).map(join));
}

fn errors(tape: &Tape, kind: RequestKind) -> Vec<Option<ServiceError>> {
    let answers = tape.answers(0).into_iter().filter(|(_, other, _)| *other == kind);
    answers.map(|(.., error)| error).collect()
}

/// How many of the first server's requests succeeded before the first that failed, and with what error it did.
fn let_through(players: u16, percent: u32, requests: Vec<(u64, Request)>, kind: RequestKind) -> (usize, ServiceError) {
    let change = |schedule: &mut Schedule| {
        crowd(schedule, players);
        schedule.services.limits.messaging_percent = percent;
    };
    let mut errors = errors(&run(change, &[script(requests)]), kind);
    // Those that are refused are answered first.
    errors.sort_by_key(Option::is_some);
    let passed = errors.iter().take_while(|error| error.is_none()).count();
    (passed, errors[passed].unwrap())
}

#[test]
fn a_server_sends_600_messages_a_minute_and_240_more_for_each_player() {
    let publishes = |count| (0..count).map(|n| (1, publish("topic", n))).collect();
    let limit = ServiceError::PublishLimit;
    assert_eq!(let_through(0, 100, publishes(700), RequestKind::Publish), (600, limit));
    assert_eq!(let_through(0, 50, publishes(700), RequestKind::Publish), (300, limit));
    // The players' share comes with the time.
    let later = (0..1_100).map(|n| (61_000, publish("topic", n))).collect();
    assert_eq!(let_through(2, 100, later, RequestKind::Publish), (1_080, limit));
}

#[test]
fn what_is_over_the_limit_is_refused_at_once_and_never_sent() {
    let change = |schedule: &mut Schedule| schedule.services.limits.messaging_percent = 1;
    let tape = run(change, &[script((0..9).map(|n| (1_000, publish("topic", n))))]);
    assert_eq!(tape.count(|event| matches!(event, Event::Published { .. })), 6);
    let refused: Vec<_> = tape.answers(0).into_iter().filter(|(_, _, error)| error.is_some()).collect();
    assert_eq!(refused, [(1_000, RequestKind::Publish, Some(ServiceError::PublishLimit)); 3]);
    assert!(ServiceError::PublishLimit.is_definite());
}

#[test]
fn a_server_has_20_subscriptions_and_8_more_for_each_player() {
    let subscribes = |count| (0..count).map(|n| (1, subscribe("topic", n))).collect::<Vec<_>>();
    let limit = ServiceError::SubscriptionLimit;
    assert_eq!(let_through(0, 100, subscribes(30), RequestKind::Subscribe), (20, limit));
    assert_eq!(let_through(2, 100, subscribes(40), RequestKind::Subscribe), (36, limit));
    assert_eq!(let_through(0, 10, subscribes(30), RequestKind::Subscribe), (2, limit));
    let mut again = subscribes(20);
    again.extend([(500, unsubscribe(3)), (501, subscribe("topic", 20)), (501, subscribe("topic", 21))]);
    assert_eq!(let_through(0, 100, again, RequestKind::Subscribe), (21, limit));
}

#[test]
fn a_subscription_that_failed_does_not_count() {
    let subscribes = (0..60).map(|n| (u64::from(n / 20) * 1_000, subscribe("topic", n)));
    let tape = run(|schedule| schedule.services.subscribe_error_ppm = 1_000_000, &[script(subscribes)]);
    assert_eq!(errors(&tape, RequestKind::Subscribe), vec![REJECTED; 60]);
}

#[test]
fn a_server_subscribes_240_times_a_minute() {
    let requests = (0..250).flat_map(|n| [(1, subscribe("topic", n)), (1, unsubscribe(n))]).collect();
    let (passed, error) = let_through(0, 100, requests, RequestKind::Subscribe);
    assert_eq!((passed, error), (240, ServiceError::SubscribeLimit));
}

/// One server with enough players to send so much, which listens to these topics and tells each so much.
fn babble(topics: u32, messages: u64) -> Tape {
    let name = |topic| format!("topic {topic}");
    let subscribes = (0..topics).map(|topic| (0, subscribe(&name(topic), topic)));
    let publishes = (0..messages).flat_map(|n| (0..topics).map(move |topic| (61_000, publish(&name(topic), n))));
    run(|schedule| crowd(schedule, 6), &[script(subscribes.chain(publishes))])
}

fn dropped(tape: &Tape) -> usize {
    tape.count(|event| matches!(event, Event::MessageDropped { .. }))
}

#[test]
fn a_topic_receives_40_messages_a_minute_and_80_more_for_each_server_and_the_rest_is_dropped() {
    let just = babble(1, 120);
    assert_eq!((received(&just, 0).len(), dropped(&just)), (120, 0));
    let more = babble(1, 130);
    assert_eq!((received(&more, 0).len(), dropped(&more)), (120, 10));
    // Nobody is told.
    assert!(errors(&more, RequestKind::Publish).iter().all(Option::is_none));
    // With two servers 200, and each message counts on each.
    let publishes = (0..110).map(|n| (1_000, publish("topic", n)));
    let scripts =
        [script([(0, subscribe("topic", 1))].into_iter().chain(publishes)), script([(0, subscribe("topic", 1))])];
    assert_eq!(dropped(&run(|_| {}, &scripts)), 20);
}

#[test]
fn an_experience_receives_400_messages_a_minute_and_200_more_for_each_server() {
    let just = babble(6, 100);
    assert_eq!((received(&just, 0).len(), dropped(&just)), (600, 0));
    let more = babble(7, 100);
    assert_eq!((received(&more, 0).len(), dropped(&more)), (600, 100));
}

#[test]
fn wrong_arguments_are_refused_at_once_and_never_sent() {
    let long = Request::Publish { topic: "topic".into(), data: Arc::new(json!("x".repeat(1_023))) };
    let requests = [publish("", 1), subscribe(&"t".repeat(81), 1), long, publish(&"t".repeat(80), 1)];
    let tape = run(|_| {}, &[script(requests.map(|request| (0, request)))]);
    let expected = [Some(ServiceError::TopicName), Some(ServiceError::MessageTooLarge), None];
    assert_eq!(errors(&tape, RequestKind::Publish), expected);
    assert_eq!(errors(&tape, RequestKind::Subscribe), [Some(ServiceError::TopicName)]);
    assert_eq!(tape.times(|event| matches!(event, Event::Answered { .. })), [0, 0, 0, 100]);
}

/// The answers to everything but the subscribe, and the messages received, of a run in which subscribes hang.
fn hung(network: Network) -> (Vec<Option<ServiceError>>, usize) {
    let scripts = [script([(0, subscribe("topic", 1)), (500, publish("topic", 1)), (40_000, publish("topic", 2))])];
    let mut schedule = schedule(&scripts);
    schedule.services.subscribe_hang_ppm = 1_000_000;
    let (tape, _) = Tape::on(network, &schedule, &scripts);
    assert_eq!(tape.count(|event| matches!(event, Event::SubscribeHung { .. })), 1);
    assert_eq!(errors(&tape, RequestKind::Subscribe), []);
    (errors(&tape, RequestKind::Publish), received(&tape, 0).len())
}

#[test]
fn a_subscribe_that_hangs_is_never_answered_and_connects_nothing() {
    for network in [Network::Event, Network::Turmoil] {
        assert_eq!(hung(network), (vec![None, None], 0), "{network:?}");
    }
}

#[test]
fn a_subscribe_that_hangs_does_not_keep_the_time_limit_of_others() {
    let scripts = [script([(0, subscribe("topic", 1)), (1_000, set(0, 1))])];
    let change = |schedule: &mut Schedule| {
        schedule.services.subscribe_hang_ppm = 1_000_000;
        schedule.services.request_timeout = Span::millis(80);
    };
    assert_eq!(run(change, &scripts).answers(0), [(1_080, RequestKind::Set, Some(ServiceError::TimedOut))]);
}

#[test]
fn a_subscribe_waits_for_as_long_as_it_takes() {
    let scripts = [script([(1_000, subscribe("topic", 1))])];
    let span = Span::secs(60);
    let partition =
        Action::Partition { server: 0, service: ServiceName::Messaging, direction: Direction::ToService, span };
    let tape = run(|schedule| schedule.timeline = vec![at(0, partition)], &scripts);
    assert_eq!(tape.answers(0), [(60_100, RequestKind::Subscribe, None)]);
}

#[test]
fn a_subscribe_that_hangs_fails_when_its_connection_breaks() {
    let scripts = [script([(1_000, subscribe("topic", 1))])];
    let change = |schedule: &mut Schedule| {
        schedule.services.subscribe_hang_ppm = 1_000_000;
        let messaging = ServiceName::Messaging;
        schedule.timeline = vec![at(5_000, Action::Disconnect { server: 0, service: messaging })];
    };
    let lost = Some(ServiceError::ConnectionLost);
    assert_eq!(run(change, &scripts).answers(0), [(5_000, RequestKind::Subscribe, lost)]);
}

#[test]
fn a_subscription_outlives_its_connection() {
    let scripts = [script([(0, subscribe("topic", 1)), (6_000, publish("topic", 1))])];
    let disconnect = vec![at(5_000, Action::Disconnect { server: 0, service: ServiceName::Messaging })];
    for network in [Network::Event, Network::Turmoil] {
        let mut schedule = schedule(&scripts);
        schedule.timeline.clone_from(&disconnect);
        let (tape, _) = Tape::on(network, &schedule, &scripts);
        assert_eq!(received(&tape, 0).len(), 1, "{network:?}");
    }
}

#[test]
fn a_third_of_the_subscribes_hang_and_a_third_fail() {
    let subscribes = (0..90)
        .flat_map(|n| [(u64::from(n) * 1_000, subscribe("topic", n)), (u64::from(n) * 1_000 + 500, unsubscribe(n))]);
    let change = |schedule: &mut Schedule| {
        schedule.services.subscribe_hang_ppm = 333_333;
        schedule.services.subscribe_error_ppm = 333_333;
    };
    let tape = run(change, &[script(subscribes)]);
    let hung = tape.count(|event| matches!(event, Event::SubscribeHung { .. }));
    let errors = errors(&tape, RequestKind::Subscribe);
    let failed = errors.iter().filter(|error| error.is_some()).count();
    assert_eq!(errors.len() + hung, 90);
    assert!((18..=42).contains(&hung) && (18..=42).contains(&failed), "{hung} hung, {failed} failed");
}

#[test]
fn the_healing_ends_tight_limits_and_hanging_subscribes() {
    let late = (0..30).map(|n| (101_000, publish("topic", n)));
    let scripts = [script([(99_000, subscribe("topic", 1)), (101_000, subscribe("topic", 2))].into_iter().chain(late))];
    let change = |schedule: &mut Schedule| {
        schedule.services.subscribe_hang_ppm = 1_000_000;
        schedule.services.limits.messaging_percent = 1;
        schedule.length = Span::secs(100);
    };
    let tape = run(change, &scripts);
    assert_eq!(errors(&tape, RequestKind::Subscribe), [None]);
    assert_eq!(errors(&tape, RequestKind::Publish), [None; 30]);
    assert_eq!(dropped(&tape), 0);
}

#[test]
fn over_a_wire_too_a_server_gets_no_echo_and_what_is_too_much_is_dropped() {
    let publishes = (0..9).map(|n| (1_000, publish("topic", n)));
    let scripts =
        [script([(0, subscribe("topic", 1))].into_iter().chain(publishes)), script([(0, subscribe("topic", 1))])];
    let mut schedule = schedule(&scripts);
    schedule.services.echo = false;
    schedule.services.limits.messaging_percent = 2;
    let (tape, _) = Tape::on(Network::Turmoil, &schedule, &scripts);
    // 2 percent of 200.
    assert_eq!((received(&tape, 0).len(), received(&tape, 1).len(), dropped(&tape)), (0, 4, 5));
}
