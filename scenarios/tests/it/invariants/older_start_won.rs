//! Which of several requests gets the profile.

use dupeproof_core::Span;
use dupeproof_scenarios::Fact;
use dupeproof_scenarios::invariant::older_start_won::Won;
use dupeproof_sim::id::SessionRef;
use dupeproof_sim::{Command, Event, FindingKind, ServiceError, StartFailure};

use crate::stream::{PLAYER, SESSION, Stream, server};

const NONE: [FindingKind; 0] = [];

/// The player comes to server 0 at 1 s and to server 1 at 8 s: with requests of 0.1 s a way, clearly later.
fn two_requests() -> Stream {
    let mut stream = Stream::new();
    stream.acts(1.0, 0, Command::Join(PLAYER)).acts(8.0, 1, Command::Join(PLAYER));
    stream
}

#[test]
fn an_older_request_that_wins_is_caught_whether_the_newest_fails_before_or_after() {
    let won = Won { session: SessionRef { server: server(0), no: SESSION }, newest: server(1), later: Span::secs(7) };
    let (before, _) = two_requests().fails(9.0, 1, StartFailure::Superseded).starts(10.0, 0, 0, None).verdict();
    let (after, _) = two_requests().starts(9.0, 0, 0, None).fails(10.0, 1, StartFailure::Superseded).verdict();
    for findings in [before, after] {
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].fact, Fact::OlderStartWon(won));
    }
}

#[test]
fn the_newest_may_win_and_a_holder_may_keep_what_it_had_before() {
    assert_eq!(two_requests().fails(9.0, 0, StartFailure::Superseded).starts(10.0, 1, 0, None).kinds(), NONE);
    let mut held = Stream::new();
    held.acts(1.0, 0, Command::Join(PLAYER)).starts(1.5, 0, 0, None).acts(8.0, 1, Command::Join(PLAYER));
    assert_eq!(held.fails(9.0, 1, StartFailure::Failed).kinds(), NONE);
}

#[test]
fn a_player_who_has_left_or_gone_on_waits_nowhere() {
    let mut left = two_requests();
    left.acts(8.5, 1, Command::Leave(PLAYER)).fails(9.0, 1, StartFailure::Cancelled).starts(10.0, 0, 0, None);
    assert_eq!(left.kinds(), NONE);
    let mut gone_on = two_requests();
    gone_on.acts(8.5, 2, Command::Join(PLAYER)).fails(9.0, 1, StartFailure::Superseded).starts(10.0, 0, 0, None);
    assert_eq!(gone_on.kinds(), NONE);
}

#[test]
fn a_server_that_closes_lets_nobody_in() {
    let mut closing = two_requests();
    closing.tell(8.5, Event::ServerClosing { server: server(1) });
    assert_eq!(closing.fails(9.0, 1, StartFailure::Closing).starts(10.0, 0, 0, None).kinds(), NONE);
}

#[test]
fn a_start_that_steals_and_one_that_was_hindered_are_judged_by_nobody() {
    let mut steals = Stream::new();
    steals.acts(1.0, 0, Command::Steal(PLAYER)).acts(8.0, 1, Command::Join(PLAYER));
    assert_eq!(steals.fails(9.0, 1, StartFailure::Superseded).starts(10.0, 0, 0, None).kinds(), NONE);
    let mut hindered = two_requests();
    hindered.answered(8.5, 1, Some(ServiceError::Rejected));
    assert_eq!(hindered.fails(9.0, 1, StartFailure::Superseded).starts(10.0, 0, 0, None).kinds(), NONE);
}

#[test]
fn requests_within_a_moment_may_be_applied_in_either_order() {
    let mut stream = Stream::new();
    stream.acts(1.0, 0, Command::Join(PLAYER)).acts(2.0, 1, Command::Join(PLAYER));
    assert_eq!(stream.fails(3.0, 1, StartFailure::Superseded).starts(4.0, 0, 0, None).kinds(), NONE);
}

#[test]
fn a_third_server_that_was_hindered_may_have_asked_in_between() {
    let mut stream = Stream::new();
    stream.acts(0.5, 2, Command::Join(PLAYER)).acts(1.0, 0, Command::Join(PLAYER)).acts(8.0, 1, Command::Join(PLAYER));
    stream.answered(8.5, 2, Some(ServiceError::Rejected)).fails(9.0, 1, StartFailure::Superseded);
    assert_eq!(stream.starts(10.0, 0, 0, None).kinds(), NONE);
}
