//! Sessions that are over and were never told.

use dupeproof_core::Span;
use dupeproof_sim::FindingKind::{self, SilentEnd};
use dupeproof_sim::{Command, EndReason, ServiceError};

use crate::stream::{PLAYER, Stream};

const NONE: [FindingKind; 0] = [];

/// Server 0's session has a successor on server 1, which has ended.
fn succeeded() -> Stream {
    let mut stream = Stream::new();
    stream.starts(1.0, 0, 0, Some(45.0)).starts(50.0, 1, 0, Some(95.0)).ends(60.0, 1);
    stream
}

#[test]
fn a_session_nobody_ended_is_caught_once() {
    let mut stream = succeeded();
    stream.probes(200.0).starts(201.0, 3, 0, Some(250.0)).ends(260.0, 3);
    assert_eq!(stream.over(300.0, &[&[]]).kinds(), [SilentEnd]);
}

#[test]
fn a_session_that_ended_late_is_clean() {
    let mut stream = succeeded();
    stream.ends(150.0, 0).probes(200.0).starts(201.0, 3, 0, Some(250.0)).ends(260.0, 3);
    assert_eq!(stream.over(300.0, &[&[]]).kinds(), NONE);
}

#[test]
fn a_session_on_a_server_that_is_gone_has_nobody_to_tell() {
    let mut stream = succeeded();
    stream.crashes(150.0, 0).probes(200.0).starts(201.0, 3, 0, Some(250.0)).ends(260.0, 3);
    assert_eq!(stream.over(300.0, &[&[]]).kinds(), NONE);
}

#[test]
fn a_session_superseded_by_the_fresh_server_is_judged_at_the_end() {
    let mut stream = Stream::new();
    stream.starts(1.0, 0, 0, Some(45.0)).probes(200.0).starts(201.0, 3, 0, Some(250.0)).ends(260.0, 3);
    assert_eq!(stream.over(300.0, &[&[]]).kinds(), [SilentEnd]);
}

#[test]
fn who_had_left_before_a_later_session_began_plays_on_nowhere() {
    let left = |at: f64| {
        let mut stream = Stream::new();
        stream.acts(0.5, 0, Command::Join(PLAYER)).starts(1.0, 0, 0, Some(45.0));
        if at < 50.0 {
            stream.acts(at, 0, Command::Leave(PLAYER));
        }
        stream.starts(50.0, 1, 0, Some(95.0));
        if at > 50.0 {
            stream.acts(at, 0, Command::Leave(PLAYER));
        }
        stream.ends(60.0, 1).probes(200.0).starts(201.0, 3, 0, Some(250.0)).ends(260.0, 3);
        stream.over(300.0, &[&[]]).kinds()
    };
    assert_eq!(left(40.0), NONE);
    assert_eq!(left(55.0), [SilentEnd], "it was over while the player was there");
}

#[test]
fn the_newest_session_may_still_run() {
    assert_eq!(Stream::new().starts(1.0, 0, 0, Some(45.0)).over(300.0, &[&[]]).kinds(), NONE);
}

#[test]
fn a_session_that_ended_only_after_the_fresh_server_had_started_is_caught() {
    let mut stream = succeeded();
    stream.probes(200.0).ends(200.5, 0).starts(201.0, 3, 0, Some(250.0)).ends(260.0, 3);
    assert_eq!(stream.over(300.0, &[&[]]).kinds(), [SilentEnd]);
}

/// The player is on server 0, and from 50 s on server 1 has the session; the subject saves each once in 100 s.
fn overtaken() -> Stream {
    let mut stream = Stream::new();
    stream.promises(Span::secs(60), Some(Span::secs(100))).acts(0.5, 0, Command::Join(PLAYER)).starts(1.0, 0, 0, None);
    stream.acts(49.0, 1, Command::Join(PLAYER)).starts(50.0, 1, 0, None);
    stream
}

#[test]
fn a_session_that_only_its_player_ended_long_after_it_was_over_is_caught() {
    let silent = |stream: &mut Stream| stream.kinds().contains(&SilentEnd);
    assert!(silent(overtaken().acts(251.0, 0, Command::Leave(PLAYER)).ends(251.1, 0)));
    // Two periods are not over; or it was told; or something hindered its server.
    assert!(!silent(overtaken().acts(249.0, 0, Command::Leave(PLAYER)).ends(249.1, 0)));
    assert!(!silent(overtaken().ends_as(200.0, 0, EndReason::Lost).acts(251.0, 0, Command::Leave(PLAYER))));
    let mut hindered = overtaken();
    hindered.answered(100.0, 0, Some(ServiceError::Rejected));
    assert!(!silent(hindered.acts(251.0, 0, Command::Leave(PLAYER)).ends(251.1, 0)));
    // Which was over long ago.
    let mut well_again = overtaken();
    well_again.answered(100.0, 0, Some(ServiceError::Rejected));
    assert!(silent(well_again.acts(361.0, 0, Command::Leave(PLAYER)).ends(361.1, 0)));
}
