//! Servers killed while closing. Each twin has one thing that hindered it.

use dupeproof_core::Span;
use dupeproof_sim::FindingKind::{self, Crashed, ShutdownOverrun};
use dupeproof_sim::ServiceError;
use dupeproof_sim::id::{RequestId, ServerId, ServiceName};
use dupeproof_sim::request::RequestKind;
use dupeproof_sim::schedule::{Direction, RequestFault};
use dupeproof_sim::trace::Event;

use crate::stream::{Stream, server};

const NONE: [FindingKind; 0] = [];
const ID: RequestId = RequestId(1);
const KIND: RequestKind = RequestKind::CompareAndSet;

/// Server 0 closes at 100 s and is killed at 130 s; something else happens on the way.
fn killed(events: Vec<(f64, Event)>) -> Vec<FindingKind> {
    let mut stream = Stream::new();
    let mut events = events.into_iter().peekable();
    let own = [(100.0, Event::ServerClosing { server: server(0) }), (130.0, Event::ServerKilled { server: server(0) })];
    for (second, event) in own {
        while let Some((earlier, event)) = events.next_if(|(earlier, _)| *earlier <= second) {
            stream.tell(earlier, event);
        }
        stream.tell(second, event);
    }
    stream.kinds()
}

fn answered(error: Option<ServiceError>) -> Event {
    Event::Answered { server: server(0), id: ID, kind: KIND, error, after: Span::ZERO }
}

fn cut(slot: u16) -> Event {
    Event::PartitionBegan { slot, service: ServiceName::DataStore, direction: Direction::ToService }
}

fn mended(slot: u16) -> Event {
    Event::PartitionHealed { slot, service: ServiceName::DataStore, direction: Direction::ToService }
}

fn request_fault(slot: u16) -> Event {
    Event::RequestFault { server: server(slot), id: ID, kind: KIND, fault: RequestFault::LostReply }
}

#[test]
fn a_server_that_nothing_hindered_is_caught() {
    assert_eq!(killed(vec![]), [ShutdownOverrun]);
    assert_eq!(killed(vec![(110.0, answered(None))]), [ShutdownOverrun]);
}

#[test]
fn a_frozen_server_was_hindered() {
    assert_eq!(killed(vec![(90.0, Event::ServerFroze { server: server(0) })]), NONE);
    assert_eq!(killed(vec![(110.0, Event::ServerFroze { server: server(0) })]), NONE);
    let woken = [(90.0, Event::ServerFroze { server: server(0) }), (120.0, Event::ServerWoke { server: server(0) })];
    assert_eq!(killed(woken.to_vec()), NONE);
}

#[test]
fn a_server_that_lagged_was_hindered() {
    let lags = |second| (second, Event::ServerLagged { server: server(0), frame: Span::secs(2) });
    let recovers = |second| (second, Event::ServerRecovered { server: server(0) });
    assert_eq!(killed(vec![lags(90.0)]), NONE);
    assert_eq!(killed(vec![lags(90.0), recovers(120.0)]), NONE);
    assert_eq!(killed(vec![lags(20.0), recovers(30.0)]), [ShutdownOverrun]);
}

#[test]
fn a_server_that_was_cut_off_was_hindered() {
    assert_eq!(killed(vec![(20.0, cut(0))]), NONE);
    assert_eq!(killed(vec![(20.0, cut(0)), (101.0, mended(0))]), NONE);
    assert_eq!(killed(vec![(20.0, cut(0)), (30.0, mended(0))]), [ShutdownOverrun]);
}

#[test]
fn an_outage_hinders_everybody() {
    let service = ServiceName::DataStore;
    assert_eq!(killed(vec![(20.0, Event::OutageBegan { service })]), NONE);
    assert_eq!(killed(vec![(105.0, Event::OutageBegan { service }), (106.0, Event::OutageEnded { service })]), NONE);
    let over = vec![(20.0, Event::OutageBegan { service }), (30.0, Event::OutageEnded { service })];
    assert_eq!(killed(over), [ShutdownOverrun]);
}

#[test]
fn a_request_that_failed_hindered_for_a_minute() {
    assert_eq!(killed(vec![(110.0, answered(Some(ServiceError::TimedOut)))]), NONE);
    assert_eq!(killed(vec![(45.0, answered(Some(ServiceError::Rejected)))]), NONE);
    assert_eq!(killed(vec![(35.0, answered(Some(ServiceError::Rejected)))]), [ShutdownOverrun]);
    assert_eq!(killed(vec![(95.0, request_fault(0))]), NONE);
}

#[test]
fn a_throttled_request_hinders_until_it_is_answered() {
    let throttled = || (10.0, Event::Throttled { server: server(0), id: ID });
    assert_eq!(killed(vec![throttled()]), NONE);
    assert_eq!(killed(vec![throttled(), (120.0, answered(None))]), NONE);
    assert_eq!(killed(vec![throttled(), (20.0, answered(None))]), [ShutdownOverrun]);
}

#[test]
fn what_happens_to_another_server_exempts_nobody() {
    let others = vec![
        (90.0, Event::ServerFroze { server: server(1) }),
        (90.5, Event::ServerLagged { server: server(1), frame: Span::secs(2) }),
        (91.0, cut(1)),
        (92.0, request_fault(1)),
        (93.0, Event::Throttled { server: server(1), id: ID }),
    ];
    assert_eq!(killed(others), [ShutdownOverrun]);
}

#[test]
fn a_server_that_closed_in_time_or_crashed_is_clean() {
    for end in [Event::ServerClosed { server: server(0) }, Event::ServerCrashed { server: server(0) }] {
        let mut stream = Stream::new();
        stream.tell(100.0, Event::ServerClosing { server: server(0) }).tell(129.0, end);
        assert_eq!(stream.kinds(), NONE);
    }
}

#[test]
fn what_has_begun_long_ago_and_goes_on_hinders() {
    assert_eq!(killed(vec![(20.0, Event::ServerFroze { server: server(0) })]), NONE);
    assert_eq!(killed(vec![(20.0, Event::ServerLagged { server: server(0), frame: Span::secs(2) })]), NONE);
}

#[test]
fn an_answer_that_came_too_late_hindered_for_a_minute() {
    let late = |second, slot| (second, Event::AnsweredTooLate { server: server(slot), id: ID });
    assert_eq!(killed(vec![late(40.0, 0)]), NONE, "a minute to the moment");
    assert_eq!(killed(vec![late(39.0, 0)]), [ShutdownOverrun]);
    assert_eq!(killed(vec![late(90.0, 1)]), [ShutdownOverrun], "another server's");
}

#[test]
fn scripts_that_have_crashed_hinder_and_are_a_finding_of_their_own() {
    let crashed = |slot| (20.0, Event::ScriptCrashed { server: server(slot), text: "it failed".into() });
    assert_eq!(killed(vec![crashed(0)]), [Crashed]);
    assert_eq!(killed(vec![crashed(1)]), [Crashed, ShutdownOverrun]);
}

#[test]
fn of_two_troubles_one_may_end() {
    assert_eq!(killed(vec![(10.0, cut(0)), (11.0, cut(0)), (20.0, mended(0))]), NONE);
    let service = ServiceName::DataStore;
    let out = Event::OutageBegan { service };
    assert_eq!(killed(vec![(10.0, out.clone()), (11.0, out), (20.0, Event::OutageEnded { service })]), NONE);
    let throttled = |id| (10.0, Event::Throttled { server: server(0), id: RequestId(id) });
    assert_eq!(killed(vec![throttled(1), throttled(2), (20.0, answered(None))]), NONE);
}

#[test]
fn a_new_life_keeps_the_cuts_of_its_links_and_nothing_else() {
    let killed = |earlier: Event| {
        let next = ServerId { slot: 0, life: 1 };
        let mut stream = Stream::new();
        stream.tell(10.0, earlier).crashes(15.0, 0).tell(20.0, Event::ServerStarted { server: next });
        stream.tell(100.0, Event::ServerClosing { server: next }).tell(130.0, Event::ServerKilled { server: next });
        stream.kinds()
    };
    assert_eq!(killed(cut(0)), NONE);
    assert_eq!(killed(Event::ServerFroze { server: server(0) }), [ShutdownOverrun]);
    assert_eq!(killed(Event::Throttled { server: server(0), id: ID }), [ShutdownOverrun]);
}

#[test]
fn a_trouble_before_another_servers_closing_is_another_matter() {
    let others = (10.0, Event::ServerClosing { server: server(1) });
    assert_eq!(killed(vec![others, (30.0, answered(Some(ServiceError::Rejected)))]), [ShutdownOverrun]);
}
