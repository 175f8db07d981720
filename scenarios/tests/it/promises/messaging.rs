//! MessagingService.

use std::collections::BTreeSet;

use dupeproof_core::Span;
use dupeproof_sim::network::Network;
use dupeproof_sim::request::RequestKind;
use dupeproof_sim::{Event, Schedule, ServiceError};

use super::{Promise, assert_times, promise, received, run, told};
use crate::scripted::{Script, Tape, publish, script, subscribe};

pub(super) const PROMISES: &[Promise] = &[
    promise("message_lost", "a message never reaches a subscriber", messages_are_lost),
    promise("message_lost", "a message never reaches a subscriber", as_many_are_lost_as_the_rate_says),
    promise("message_doubled", "a message reaches a subscriber twice", messages_come_twice),
    promise("message_doubled", "a message reaches a subscriber twice", as_many_come_twice_as_the_rate_says),
    promise("message_doubled", "in any order with others", a_copy_comes_after_later_messages),
    promise("publish_error", "a publish is answered with an error", publishes_fail),
    promise("publish_error", "half of them were accepted anyway", half_of_the_failed_publishes_were_accepted),
    promise("subscribe_error", "a subscribe is answered with an error", subscribes_fail),
    promise("subscribe_hang", "a subscribe is never answered", subscribes_are_never_answered),
    promise("messaging_limits", "few messages may be sent", few_messages_may_be_sent),
    promise("messaging_limits", "the others fail", what_is_too_much_to_send_fails),
    promise("messaging_limits", "received", few_messages_may_be_received),
    promise("messaging_limits", "are dropped", what_is_too_much_to_receive_is_dropped),
];

const ALWAYS: u32 = 1_000_000;

/// One server tells itself and another forty things, half a second apart.
fn talk(network: Network, change: impl FnOnce(&mut Schedule)) -> Tape {
    let publishes = (0..40).map(|number| (2_000 + number * 500, publish("topic", number)));
    let talks = script([(500, subscribe("topic", 1))].into_iter().chain(publishes));
    run(network, &[talks, script([(500, subscribe("topic", 1))])], change)
}

fn lost(event: &Event) -> bool {
    matches!(event, Event::MessageLost { .. })
}

fn doubled(event: &Event) -> bool {
    matches!(event, Event::MessageDoubled { .. })
}

/// The errors of a kind of request.
fn errors(tape: &Tape, kind: RequestKind) -> Vec<Option<ServiceError>> {
    tape.answers(0).into_iter().filter(|(_, other, _)| *other == kind).map(|(.., error)| error).collect()
}

fn messages_are_lost(network: Network) {
    let tape = talk(network, |schedule| schedule.services.message_lost_ppm = ALWAYS);
    assert_eq!((tape.count(received), tape.count(lost)), (0, 80));
    assert_eq!(errors(&tape, RequestKind::Publish), [None; 40], "nobody is told");
}

/// A quarter of 80 is 20; three standard deviations are 12.
fn as_many_are_lost_as_the_rate_says(network: Network) {
    let tape = talk(network, |schedule| schedule.services.message_lost_ppm = 250_000);
    let lost = tape.count(lost);
    assert!((8..=32).contains(&lost), "{lost} of 80");
    assert_eq!(tape.count(received) + lost, 80);
}

fn messages_come_twice(network: Network) {
    let tape = talk(network, |schedule| schedule.services.message_doubled_ppm = ALWAYS);
    assert_eq!((tape.count(received), tape.count(doubled)), (160, 80));
    for slot in [0, 1] {
        for number in 0..40 {
            let line = format!("message on 1: {number}");
            assert_eq!(tape.log(slot).into_iter().filter(|(_, other)| *other == line).count(), 2, "{line}");
        }
    }
}

fn as_many_come_twice_as_the_rate_says(network: Network) {
    let tape = talk(network, |schedule| schedule.services.message_doubled_ppm = 250_000);
    let doubled = tape.count(doubled);
    assert!((8..=32).contains(&doubled), "{doubled} of 80");
    assert_eq!(tape.count(received), 80 + doubled);
}

fn a_copy_comes_after_later_messages(network: Network) {
    let tape = talk(network, |schedule| {
        schedule.services.message_doubled_ppm = ALWAYS;
        schedule.services.delivery_delay.max = Span::secs(5);
    });
    let number = |line: &str| line.rsplit(' ').next()?.parse::<u32>().ok();
    let lines = tape.log(1).into_iter().filter(|(_, line)| line.starts_with("message"));
    let numbers: Vec<u32> = lines.filter_map(|(_, line)| number(&line)).collect();
    let last = |wanted: u32| numbers.iter().rposition(|number| *number == wanted).unwrap();
    let first = |wanted: u32| numbers.iter().position(|number| *number == wanted).unwrap();
    assert_eq!(numbers.len(), 80);
    assert!((0..38).any(|number| last(number) > first(number + 2)), "{numbers:?}");
}

fn failing(network: Network) -> Tape {
    talk(network, |schedule| schedule.services.publish_error_ppm = ALWAYS)
}

fn publishes_fail(network: Network) {
    assert_eq!(errors(&failing(network), RequestKind::Publish), [Some(ServiceError::Rejected); 40]);
}

/// Half of 40 are 20; three standard deviations are 9.
fn half_of_the_failed_publishes_were_accepted(network: Network) {
    let tape = failing(network);
    let accepted = tape.count(|event| matches!(event, Event::Published { .. }));
    assert!((11..=29).contains(&accepted), "{accepted} of 40");
    assert_eq!(tape.count(received), 2 * accepted);
}

fn subscribes_fail(network: Network) {
    let tape = talk(network, |schedule| schedule.services.subscribe_error_ppm = ALWAYS);
    assert_eq!(errors(&tape, RequestKind::Subscribe), [Some(ServiceError::Rejected)]);
    assert_eq!(tape.count(received), 0);
}

fn subscribes_are_never_answered(network: Network) {
    let tape = talk(network, |schedule| schedule.services.subscribe_hang_ppm = ALWAYS);
    assert_eq!(errors(&tape, RequestKind::Subscribe), []);
    assert_eq!((tape.count(received), tape.count(|event| matches!(event, Event::SubscribeHung { .. }))), (0, 2));
}

/// One percent of 600 messages a minute.
fn limited(network: Network) -> Tape {
    let publishes = (0..20).map(|number| (5_000, publish("topic", number)));
    run(network, &[script(publishes)], |schedule| schedule.services.limits.messaging_percent = 1)
}

fn few_messages_may_be_sent(network: Network) {
    assert_eq!(limited(network).count(|event| matches!(event, Event::Published { .. })), 6);
}

fn what_is_too_much_to_send_fails(network: Network) {
    let tape = limited(network);
    let failed: Vec<u64> = tape
        .answers(0)
        .into_iter()
        .filter(|(.., error)| *error == Some(ServiceError::PublishLimit))
        .map(|(at, ..)| at)
        .collect();
    assert_times(network, &failed, &[5_000; 14]);
}

/// Three percent of 600 may be sent, 18 by each of four servers; three percent of 40 and of 80 for each server may be received
/// on a topic: 10, by whichever subscriber.
fn heard(network: Network) -> Tape {
    let publishes = (0..10).map(|number| (5_000 + number * 100, publish("topic", number)));
    let talks = script(publishes);
    let listens = script([(500, subscribe("topic", 1))]);
    let scripts: Vec<Script> = vec![talks, listens, Script::default()];
    run(network, &scripts, |schedule| schedule.services.limits.messaging_percent = 2)
}

fn few_messages_may_be_received(network: Network) {
    let tape = heard(network);
    assert_eq!(errors(&tape, RequestKind::Publish), [None; 10], "nobody is told");
    // Two percent of 40 and of 80 for each of three servers, rounded down.
    assert_eq!(told(&tape, 1, "message").len(), 5);
}

fn what_is_too_much_to_receive_is_dropped(network: Network) {
    let tape = heard(network);
    let dropped = tape.count(|event| matches!(event, Event::MessageDropped { .. }));
    assert_eq!(dropped + told(&tape, 1, "message").len(), 10);
    let different: BTreeSet<String> = tape.log(1).into_iter().map(|(_, line)| line).collect();
    assert_eq!(different.iter().filter(|line| line.starts_with("message")).count(), 5);
}
