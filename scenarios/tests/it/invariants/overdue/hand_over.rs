//! Locks that are released and not taken. Messages take up to 1.8 s and 0.1 s, requests 0.1 s each way, seven times: with
//! the second for the start, 3.6 s are in time.

use std::sync::Arc;

use dupeproof_core::Stored;
use dupeproof_sim::FindingKind::{self, Overdue};
use dupeproof_sim::ServiceError;
use dupeproof_sim::guest::key_of;
use dupeproof_sim::id::{RequestId, ServerId};
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
