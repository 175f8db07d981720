//! Locks that are released and not taken. Messages take up to 1.8 s and 0.1 s, requests 0.1 s each way, seven times: with
//! the second for the start, 3.6 s are in time.

use std::sync::Arc;

use dupeproof_core::Stored;
use dupeproof_sim::FindingKind::{self, Overdue};
use dupeproof_sim::ServiceError;
use dupeproof_sim::guest::key_of;
use dupeproof_sim::id::{PlayerId, RequestId, ServerId, ServiceName};
use dupeproof_sim::request::RequestKind;
use dupeproof_sim::trace::Event;

use super::{leased, wanted};
use crate::stream::{PLAYER, Stream, record, server};

const NONE: [FindingKind; 0] = [];

fn topic() -> Arc<str> {
    "PS_waiter".into()
}

/// Server 1 waits for the lock of server 0, which releases it at 10 s.
fn released(subscribed: bool) -> Stream {
    let mut stream = Stream::new();
    let (subscriber, id, kind) = (server(1), RequestId(7), RequestKind::Subscribe);
    stream.tell(1.0, Event::Requested { server: subscriber, id, kind, target: Some(topic()) });
    if subscribed {
        let after = dupeproof_core::Span::ZERO;
        stream.tell(1.1, Event::Answered { server: subscriber, id, kind, error: None, after });
    }
    let mut free = record(0, None).to_json();
    free["MetaData"]["ForceLoadSession"] =
        wanted(server(0), server(1)).to_json()["MetaData"]["ForceLoadSession"].clone();
    stream.commits(2.0, 0, Some(wanted(server(0), server(1)))).commits(10.0, 0, Some(Stored::from_json(free)));
    stream
}

fn published(stream: &mut Stream) -> &mut Stream {
    stream.tell(10.2, Event::Published { server: server(0), id: RequestId(8), topic: topic() })
}

fn taken(stream: &mut Stream, second: f64, guid: &str) -> Vec<FindingKind> {
    stream.commits(second, 1, Some(Stored::from_json(leased(0, server(1), guid)))).kinds()
}

#[test]
fn a_start_that_was_told_and_takes_its_time_is_caught() {
    assert_eq!(taken(published(&mut released(true)), 13.7, "waiter"), NONE);
    assert_eq!(taken(published(&mut released(true)), 13.9, "waiter"), [Overdue]);
}

#[test]
fn a_start_that_was_not_told_is_clean() {
    assert_eq!(taken(&mut released(true), 20.0, "waiter"), NONE);
    assert_eq!(taken(published(&mut released(false)), 20.0, "waiter"), NONE, "it had not subscribed yet");
    for lost in
        [Event::MessageLost { to: server(1), topic: topic() }, Event::MessageDropped { to: server(1), topic: topic() }]
    {
        assert_eq!(taken(published(&mut released(true)).tell(10.3, lost), 20.0, "waiter"), NONE);
    }
}

#[test]
fn another_start_is_another_matter() {
    assert_eq!(taken(published(&mut released(true)), 20.0, "another"), NONE);
}

#[test]
fn a_start_that_met_another_write_or_was_hindered_is_clean() {
    let conflicted = Event::Conflicted { server: server(1), id: RequestId(9), key: key_of(PLAYER) };
    assert_eq!(taken(published(&mut released(true)).tell(10.5, conflicted), 20.0, "waiter"), NONE);
    let frozen = Event::ServerFroze { server: server(1) };
    assert_eq!(taken(published(&mut released(true)).tell(10.5, frozen), 20.0, "waiter"), NONE);
    let (kind, error, after) = (RequestKind::Get, Some(ServiceError::Rejected), dupeproof_core::Span::ZERO);
    let failed = Event::Answered { server: server(1), id: RequestId(9), kind, error, after };
    assert_eq!(taken(published(&mut released(true)).tell(10.5, failed), 20.0, "waiter"), NONE);
    let others = Event::ServerFroze { server: server(2) };
    assert_eq!(taken(published(&mut released(true)).tell(10.5, others), 20.0, "waiter"), [Overdue]);
}

#[test]
fn a_start_whose_write_is_applied_when_its_server_is_gone_is_clean() {
    let mut stream = released(true);
    let next = ServerId { slot: 1, life: 1 };
    published(&mut stream).crashes(11.0, 1).tell(12.0, Event::ServerStarted { server: next });
    assert_eq!(taken(&mut stream, 20.0, "waiter"), NONE);
}

fn agrees(stream: &mut Stream, second: f64, from: ServerId, id: u32) -> &mut Stream {
    let (kind, after) = (RequestKind::Subscribe, dupeproof_core::Span::ZERO);
    stream.tell(second, Event::Answered { server: from, id: RequestId(id), kind, error: None, after })
}

fn subscribes(stream: &mut Stream, second: f64, from: ServerId, topic: &str) {
    let (id, kind) = (RequestId(7), RequestKind::Subscribe);
    stream.tell(second, Event::Requested { server: from, id, kind, target: Some(topic.into()) });
    agrees(stream, second, from, 7);
}

fn published_on(stream: &mut Stream, from: ServerId, topic: &str) {
    stream.tell(10.2, Event::Published { server: from, id: RequestId(8), topic: topic.into() });
}

#[test]
fn a_start_is_in_time_to_the_hundredth_of_a_second() {
    assert_eq!(taken(published(&mut released(true)), 13.79, "waiter"), NONE);
    assert_eq!(taken(published(&mut released(true)), 13.81, "waiter"), [Overdue]);
}

#[test]
fn another_answer_does_not_subscribe() {
    for (from, id) in [(server(2), 7), (server(1), 8)] {
        let mut stream = released(false);
        agrees(&mut stream, 10.1, from, id);
        assert_eq!(taken(published(&mut stream), 20.0, "waiter"), NONE);
    }
}

#[test]
fn the_first_message_on_the_starts_own_topic_by_the_holder_tells_it() {
    let mut stream = released(true);
    published_on(&mut stream, server(2), "PS_waiter");
    assert_eq!(taken(&mut stream, 20.0, "waiter"), NONE, "not by the holder");
    let mut stream = released(true);
    subscribes(&mut stream, 10.1, server(2), "PS_other");
    published_on(&mut stream, server(0), "PS_other");
    assert_eq!(taken(&mut stream, 20.0, "waiter"), NONE, "not on its topic");
    let mut stream = released(true);
    published(&mut stream).tell(13.0, Event::Published { server: server(0), id: RequestId(9), topic: topic() });
    assert_eq!(taken(&mut stream, 13.9, "waiter"), [Overdue], "a second message says nothing new");
}

#[test]
fn the_waiter_is_who_is_subscribed_to_the_topic() {
    let mut stream = Stream::new();
    subscribes(&mut stream, 0.5, server(2), "PS_other");
    subscribes(&mut stream, 1.0, server(1), "PS_waiter");
    let mut free = wanted(server(0), server(1)).to_json();
    free["MetaData"]["ActiveSession"] = serde_json::Value::Null;
    stream.commits(2.0, 0, Some(wanted(server(0), server(1)))).commits(10.0, 0, Some(Stored::from_json(free)));
    published(&mut stream).commits(20.0, 1, Some(Stored::from_json(leased(0, server(1), "waiter"))));
    let (findings, _) = stream.verdict();
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].servers().collect::<Vec<_>>(), [server(0), server(1)]);
}

#[test]
fn what_happens_to_others_exempts_nobody() {
    let other: Arc<str> = "PS_other".into();
    for event in [
        Event::MessageLost { to: server(1), topic: other.clone() },
        Event::MessageDropped { to: server(1), topic: other },
        Event::Conflicted { server: server(1), id: RequestId(9), key: key_of(PlayerId(1)) },
        Event::Disconnected { server: server(2), service: ServiceName::Messaging },
    ] {
        assert_eq!(taken(published(&mut released(true)).tell(10.5, event), 20.0, "waiter"), [Overdue]);
    }
}

#[test]
fn a_start_whose_connection_for_messages_broke_is_clean() {
    let broken = Event::Disconnected { server: server(1), service: ServiceName::Messaging };
    assert_eq!(taken(published(&mut released(true)).tell(10.5, broken), 20.0, "waiter"), NONE);
}

#[test]
fn a_trouble_from_before_the_release_hinders() {
    let (kind, error, after) = (RequestKind::Get, Some(ServiceError::Rejected), dupeproof_core::Span::ZERO);
    let mut stream = Stream::new();
    stream.tell(0.5, Event::Answered { server: server(1), id: RequestId(9), kind, error, after });
    subscribes(&mut stream, 1.0, server(1), "PS_waiter");
    let mut free = wanted(server(0), server(1)).to_json();
    free["MetaData"]["ActiveSession"] = serde_json::Value::Null;
    stream.commits(2.0, 0, Some(wanted(server(0), server(1)))).commits(10.0, 0, Some(Stored::from_json(free)));
    assert_eq!(taken(published(&mut stream), 20.0, "waiter"), NONE);
}

#[test]
fn two_players_locks_are_two_matters_and_each_is_judged_once() {
    let mut stream = Stream::of_players(&[Some(0), Some(0)]);
    subscribes(&mut stream, 1.0, server(1), "PS_waiter");
    let (held, other) = (wanted(server(0), server(1)), PlayerId(1));
    let mut free = held.to_json();
    free["MetaData"]["ActiveSession"] = serde_json::Value::Null;
    let (free, has) = (Stored::from_json(free), Stored::from_json(leased(0, server(1), "waiter")));
    stream.commits(2.0, 0, Some(held.clone())).commits(10.0, 0, Some(free.clone()));
    stream.commits_for(10.1, server(0), other, Some(held)).commits_for(10.1, server(0), other, Some(free));
    published(&mut stream).commits_for(11.0, server(1), other, Some(has.clone()));
    stream.commits(20.0, 1, Some(has.clone())).commits(30.0, 1, Some(has));
    let (findings, _) = stream.verdict();
    assert_eq!(findings.iter().map(|finding| finding.player).collect::<Vec<_>>(), [Some(PLAYER)]);
}
