//! Messages that arrive twice, or never, against what their senders were told.

use dupeproof_scenarios::Fact;
use dupeproof_scenarios::invariant::messages::{Duplicated, Location};
use dupeproof_sim::FindingKind::{self, MessageDuplicated, MessageLost};
use dupeproof_sim::id::{MessageId, PlayerId};
use dupeproof_sim::{Command, GuestEvent};
use serde_json::{Value as Json, json};

use crate::stream::{PLAYER, Stream};

const NONE: [FindingKind; 0] = [];

/// What the sender was told.
#[derive(Clone, Copy)]
enum Told {
    Nothing,
    Accepted,
    Refused,
}

/// A record that has handled these messages and has those in its queue.
fn record(handled: &[u32], queued: &[u32]) -> Json {
    let entries: Vec<Json> = queued.iter().map(|message| json!([1, "guid", { "Message": message }])).collect();
    json!({
        "Data": { "Items": [], "Stamp": 0, "Mail": handled },
        "MetaData": { "ProfileCreateTime": 1, "SessionLoadCount": 1, "LastUpdate": 1 },
        "GlobalUpdates": [9, entries],
    })
}

/// Message 5 was sent to player 0.
fn sent(told: Told) -> Stream {
    let mut stream = Stream::of_players(&[Some(0), Some(0)]);
    let message = MessageId(5);
    stream.acts(1.0, 0, Command::Send { to: PLAYER, message });
    match told {
        Told::Nothing => {}
        Told::Accepted => drop(stream.says(2.0, 0, GuestEvent::MessageAccepted { message })),
        Told::Refused => drop(stream.says(2.0, 0, GuestEvent::MessageRefused { message })),
    }
    stream
}

fn judged(told: Told, stored: Json) -> Vec<FindingKind> {
    sent(told).over_with(100.0, &[("Player_0", stored)]).kinds()
}

#[test]
fn an_accepted_message_is_handled_or_queued() {
    assert_eq!(judged(Told::Accepted, record(&[5], &[])), NONE);
    assert_eq!(judged(Told::Accepted, record(&[], &[5])), NONE);
    assert_eq!(judged(Told::Accepted, record(&[], &[])), [MessageLost]);
}

#[test]
fn an_accepted_message_that_reached_somebody_else_is_lost() {
    let mut stream = sent(Told::Accepted);
    stream.over_with(100.0, &[("Player_0", record(&[], &[])), ("Player_1", record(&[5], &[]))]);
    assert_eq!(stream.kinds(), [MessageLost]);
}

#[test]
fn a_message_twice_is_caught_wherever_it_is_and_whatever_was_told() {
    for told in [Told::Nothing, Told::Accepted, Told::Refused] {
        assert_eq!(judged(told, record(&[5, 5], &[])), [MessageDuplicated]);
        assert_eq!(judged(told, record(&[5], &[5])), [MessageDuplicated]);
        assert_eq!(judged(told, record(&[], &[5, 5])), [MessageDuplicated]);
    }
}

#[test]
fn a_refused_message_that_arrived_is_caught() {
    assert_eq!(judged(Told::Refused, record(&[5], &[])), [MessageDuplicated]);
    assert_eq!(judged(Told::Refused, record(&[], &[5])), [MessageDuplicated]);
    assert_eq!(judged(Told::Refused, record(&[], &[])), NONE);
}

#[test]
fn a_message_whose_sender_was_told_nothing_may_have_arrived_or_not() {
    assert_eq!(judged(Told::Nothing, record(&[5], &[])), NONE);
    assert_eq!(judged(Told::Nothing, record(&[], &[])), NONE);
}

#[test]
fn a_duplicated_message_is_found_with_both_its_places() {
    let (findings, _) = sent(Told::Accepted).over_with(100.0, &[("Player_0", record(&[5], &[5]))]).verdict();
    let place = |queued| Location { player: PLAYER, queued };
    let duplicated = Duplicated { message: MessageId(5), first: place(false), second: Some(place(true)) };
    assert_eq!(findings[0].fact, Fact::MessageDuplicated(duplicated));
}

#[test]
fn a_message_that_an_admin_removed_with_its_record_is_not_lost() {
    let removed = |asked: bool| {
        let mut stream = sent(Told::Accepted);
        if asked {
            stream.acts(3.0, 2, Command::Remove(PLAYER));
        }
        stream.commits(3.5, 2, Some(dupeproof_core::Stored::from_json(record(&[], &[5])))).commits(4.0, 2, None);
        stream.over_with(100.0, &[]).kinds()
    };
    assert_eq!((removed(true), removed(false)), (vec![], vec![MessageLost]));
}

#[test]
fn another_message_exempts_nobody() {
    let mut stream = sent(Told::Accepted);
    stream.acts(2.0, 1, Command::Send { to: PlayerId(1), message: MessageId(6) });
    assert_eq!(stream.over_with(100.0, &[("Player_0", record(&[6], &[]))]).kinds(), [MessageLost]);
}

#[test]
fn many_messages_are_told_apart_in_whatever_order_they_come() {
    let judged = |told: &dyn Fn(MessageId) -> GuestEvent, first: &[u32], second: &[u32]| {
        let mut stream = Stream::of_players(&[Some(0), Some(0)]);
        for message in [7, 5, 6].map(MessageId) {
            stream.acts(1.0, 0, Command::Send { to: PLAYER, message }).says(1.0, 0, told(message));
        }
        stream.over_with(100.0, &[("Player_0", record(first, &[])), ("Player_1", record(second, &[]))]).kinds()
    };
    let accepted = |message| GuestEvent::MessageAccepted { message };
    assert_eq!(judged(&accepted, &[7, 6, 5], &[]), NONE);
    assert_eq!(judged(&accepted, &[], &[]), [MessageLost; 3]);
    assert_eq!(judged(&accepted, &[7, 5, 6], &[5]), [MessageDuplicated]);
    let refused = |message| GuestEvent::MessageRefused { message };
    assert_eq!(judged(&refused, &[7, 6, 5], &[]), [MessageDuplicated; 3]);
}
