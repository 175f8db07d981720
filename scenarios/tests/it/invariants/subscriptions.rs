//! Subscriptions that are left when all sessions are over.

use dupeproof_core::Span;
use dupeproof_scenarios::Fact;
use dupeproof_scenarios::invariant::lock_stuck::Stuck;
use dupeproof_sim::FindingKind;
use dupeproof_sim::ServiceError;
use dupeproof_sim::id::RequestId;
use dupeproof_sim::request::RequestKind;
use dupeproof_sim::trace::Event;

use crate::stream::{Stream, server};

const NONE: [FindingKind; 0] = [];

/// Server 0 has had a session, and has asked for so many subscriptions, of which so many failed.
fn subscribed(times: u32, failed: u32) -> Stream {
    let mut stream = Stream::new();
    stream.starts(1.0, 0, 0, Some(46.0)).ends(2.0, 0);
    for time in 0..times {
        let error = (time < failed).then_some(ServiceError::TimedOut);
        let (id, kind) = (RequestId(time), RequestKind::Subscribe);
        stream.tell(3.0, Event::Answered { server: server(0), id, kind, error, after: Span::ZERO });
    }
    stream
}

fn unsubscribe(stream: &mut Stream) -> &mut Stream {
    let (server, id, kind) = (server(0), RequestId(9), RequestKind::Unsubscribe);
    stream.tell(4.0, Event::Requested { server, id, kind, target: None })
}

#[test]
fn a_subscription_that_is_left_is_caught() {
    let mut stream = subscribed(2, 0);
    let (findings, _) = unsubscribe(&mut stream).over(300.0, &[&[]]).verdict();
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].fact, Fact::LockStuck(Stuck::Subscribed { server: server(0), left: 1 }));
}

#[test]
fn a_server_that_has_ended_all_is_clean() {
    assert_eq!(unsubscribe(&mut subscribed(1, 0)).over(300.0, &[&[]]).kinds(), NONE);
    assert_eq!(subscribed(1, 1).over(300.0, &[&[]]).kinds(), NONE, "it was never subscribed");
    assert_eq!(unsubscribe(&mut subscribed(1, 1)).over(300.0, &[&[]]).kinds(), NONE);
}

#[test]
fn a_server_that_is_gone_has_none() {
    assert_eq!(subscribed(1, 0).crashes(5.0, 0).over(300.0, &[&[]]).kinds(), NONE);
}

#[test]
fn the_topics_of_a_game_without_leases_are_its_own_affair() {
    let mut stream = Stream::new();
    stream.starts(1.0, 0, 0, None).ends(2.0, 0);
    let (id, kind, after) = (RequestId(1), RequestKind::Subscribe, Span::ZERO);
    stream.tell(3.0, Event::Answered { server: server(0), id, kind, error: None, after });
    assert_eq!(stream.over(300.0, &[&[]]).kinds(), NONE);
}

#[test]
fn the_most_at_once_is_measured() {
    let mut stream = subscribed(2, 0);
    unsubscribe(unsubscribe(&mut stream));
    let (id, kind, after) = (RequestId(3), RequestKind::Subscribe, Span::ZERO);
    stream.tell(5.0, Event::Answered { server: server(0), id, kind, error: None, after });
    let measures = stream.measures();
    assert_eq!((measures.subscriptions().total(), measures.subscriptions().max()), (1, Some(2)));
}
