//! Starts that fail though the profile can be had.

use dupeproof_core::Span;
use dupeproof_scenarios::Fact;
use dupeproof_scenarios::invariant::start_refused::Refused;
use dupeproof_sim::{Command, Event, FindingKind, ServiceError, StartFailure};

use crate::stream::{PLAYER, Stream, record, server};

const NONE: [FindingKind; 0] = [];

/// The player waits on server 0 from 1 s on.
fn waiting() -> Stream {
    let mut stream = Stream::new();
    stream.acts(1.0, 0, Command::Join(PLAYER));
    stream
}

#[test]
fn a_start_that_is_refused_though_the_profile_is_free_is_caught() {
    let (findings, _) = waiting().fails(3.5, 0, StartFailure::Failed).verdict();
    assert_eq!(findings.len(), 1);
    let (server, waited, failure) = (server(0), Span::millis(2_500), StartFailure::Failed);
    assert_eq!(findings[0].fact, Fact::StartRefused(Refused { server, gone: None, waited, failure }));
}

#[test]
fn a_start_that_is_given_up_by_its_game_or_by_a_server_that_closes_is_clean() {
    assert_eq!(waiting().fails(3.0, 0, StartFailure::Cancelled).kinds(), NONE);
    assert_eq!(waiting().acts(2.0, 0, Command::Leave(PLAYER)).fails(3.0, 0, StartFailure::Failed).kinds(), NONE);
    let mut closing = waiting();
    closing.tell(2.0, Event::ServerClosing { server: server(0) });
    assert_eq!(closing.fails(3.0, 0, StartFailure::Failed).kinds(), NONE);
}

#[test]
fn a_start_that_a_request_kept_from_succeeding_is_clean() {
    let mut stream = waiting();
    stream.answered(2.0, 0, Some(ServiceError::Rejected));
    assert_eq!(stream.fails(3.0, 0, StartFailure::Failed).kinds(), NONE);
}

#[test]
fn a_start_of_a_profile_that_another_server_has_or_waits_for_is_clean() {
    for starts in [false, true] {
        let mut stream = Stream::new();
        stream.acts(0.5, 1, Command::Join(PLAYER));
        if starts {
            stream.starts(0.8, 1, 0, None);
        }
        stream.acts(1.0, 0, Command::Join(PLAYER));
        assert_eq!(stream.fails(3.0, 0, StartFailure::Failed).kinds(), NONE);
    }
}

#[test]
fn the_start_of_an_earlier_visit_to_the_same_server_is_not_this_one() {
    let mut stream = waiting();
    stream.acts(2.0, 0, Command::Leave(PLAYER)).acts(2.1, 0, Command::Join(PLAYER));
    assert_eq!(stream.fails(2.2, 0, StartFailure::Superseded).kinds(), NONE);
    let mut stream = waiting();
    stream.acts(2.0, 0, Command::Leave(PLAYER)).acts(2.1, 0, Command::Join(PLAYER));
    stream.fails(2.2, 0, StartFailure::Superseded).fails(9.0, 0, StartFailure::Failed);
    assert_eq!(stream.kinds(), [FindingKind::StartRefused]);
}

/// Server 1 took the lock and crashed at 100 s; the player comes to server 0 later.
fn left_behind(arrives: f64) -> Stream {
    let mut stream = Stream::new();
    stream.promises(Span::secs(60), None).commits(1.0, 1, Some(record(0, Some(server(1))))).starts(1.0, 1, 0, None);
    stream.crashes(100.0, 1).acts(arrives, 0, Command::Join(PLAYER)).fails(arrives + 20.0, 0, StartFailure::TimedOut);
    stream
}

#[test]
fn a_lock_whose_holder_has_been_gone_for_longer_than_a_start_takes_can_be_taken() {
    assert_eq!(left_behind(120.0).kinds(), NONE);
    let (findings, _) = left_behind(170.0).verdict();
    let Fact::StartRefused(refused) = findings[0].fact.clone() else { panic!("{findings:?}") };
    assert_eq!((refused.gone, refused.waited), (Some(server(1)), Span::secs(20)));
}

#[test]
fn a_lock_that_runs_on_another_server_is_its_own_affair() {
    let mut stream = Stream::new();
    stream.commits(0.5, 1, Some(record(0, Some(server(1))))).acts(1.0, 0, Command::Join(PLAYER));
    assert_eq!(stream.fails(90.0, 0, StartFailure::TimedOut).kinds(), NONE);
}
