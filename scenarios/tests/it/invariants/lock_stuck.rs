//! Profiles that cannot be loaded after everything has recovered.

use dupeproof_core::Span;
use dupeproof_scenarios::Fact;
use dupeproof_scenarios::invariant::lock_stuck::Stuck;
use dupeproof_sim::FindingKind::{self, LockStuck};
use dupeproof_sim::guest::Command;
use dupeproof_sim::schedule::Action;
use dupeproof_sim::trace::Event;

use crate::stream::{PLAYER, Stream, record, server, studio_start};

const NONE: [FindingKind; 0] = [];

/// The player waited for so many seconds on the fresh server.
fn not_loaded(seconds: u64) -> Fact {
    Fact::LockStuck(Stuck::NotLoaded { server: server(3), waited: Span::secs(seconds) })
}

#[test]
fn a_player_who_leaves_the_fresh_server_without_a_session_is_caught_once() {
    let mut stream = Stream::new();
    stream.probes(200.0).settling(260.0, Command::Leave(PLAYER)).over(300.0, &[&[]]);
    let (findings, _) = stream.verdict();
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].fact, not_loaded(60));
}

#[test]
fn a_player_who_waits_to_the_end_is_caught() {
    assert_eq!(Stream::new().probes(200.0).over(300.0, &[&[]]).kinds(), [LockStuck]);
}

#[test]
fn a_player_whose_session_starts_in_time_is_clean() {
    let mut stream = Stream::new();
    stream.probes(200.0).starts(259.0, 3, 0, Some(300.0)).settling(260.0, Command::Leave(PLAYER)).ends(260.0, 3);
    assert_eq!(stream.over(300.0, &[&[]]).kinds(), NONE);
}

#[test]
fn a_session_on_another_server_does_not_count() {
    let mut stream = Stream::new();
    stream.probes(200.0).starts(210.0, 1, 0, Some(250.0)).settling(260.0, Command::Leave(PLAYER));
    assert_eq!(stream.kinds(), [LockStuck]);
}

#[test]
fn a_lock_left_behind_by_a_server_that_lives_is_caught() {
    let mut stream = Stream::new();
    stream.commits(1.0, 0, Some(record(0, Some(server(0))))).starts(2.0, 0, 0, Some(40.0)).ends(3.0, 0);
    let (findings, _) = stream.probes(200.0).starts(250.0, 3, 0, Some(300.0)).verdict();
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].fact, Fact::LockStuck(Stuck::LeftBehind { holder: server(0) }));
}

#[test]
fn a_lock_left_behind_by_a_server_that_crashed_is_clean() {
    let mut stream = Stream::new();
    stream.commits(1.0, 0, Some(record(0, Some(server(0))))).starts(2.0, 0, 0, Some(40.0)).crashes(3.0, 0);
    assert_eq!(stream.probes(200.0).starts(250.0, 3, 0, Some(300.0)).kinds(), NONE);
}

#[test]
fn in_studio_a_lock_is_left_behind_by_the_server_that_took_it_last() {
    let stuck = |load_count: u64, crashed: u16| {
        let mut stream = Stream::new();
        stream.commits(1.0, 0, Some(studio_start(0, 1))).starts(1.5, 0, 0, None);
        stream.commits(2.0, 1, Some(studio_start(0, load_count))).starts(2.5, 1, 0, None);
        stream.ends(3.0, 1 - crashed).crashes(4.0, crashed).probes(200.0).starts(250.0, 3, 0, Some(300.0));
        stream.kinds().contains(&LockStuck)
    };
    assert_eq!((stuck(2, 1), stuck(2, 0)), (false, true), "server 1 has taken it");
    assert_eq!((stuck(1, 1), stuck(1, 0)), (true, false), "server 1 has left it as it was");
}

#[test]
fn a_lock_that_was_released_is_clean() {
    let mut stream = Stream::new();
    stream.commits(1.0, 0, Some(record(0, Some(server(0))))).commits(3.0, 0, Some(record(0, None)));
    assert_eq!(stream.probes(200.0).starts(250.0, 3, 0, Some(300.0)).kinds(), NONE);
}

#[test]
fn who_is_not_let_in_at_first_and_comes_again_is_clean_once_it_plays() {
    let mut stream = Stream::new();
    stream.probes(200.0).settling(500.0, Command::Join(PLAYER)).starts(501.0, 3, 0, None);
    stream.settling(800.0, Command::Join(PLAYER)).settling(1_000.0, Command::Leave(PLAYER)).ends(1_000.0, 3);
    assert_eq!(stream.over(1_100.0, &[&[]]).kinds(), NONE);
}

#[test]
fn who_comes_again_and_again_in_vain_has_waited_since_the_first_time() {
    let mut stream = Stream::new();
    stream.probes(200.0).settling(500.0, Command::Join(PLAYER)).settling(1_000.0, Command::Leave(PLAYER));
    let (findings, _) = stream.over(1_100.0, &[&[]]).verdict();
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].fact, not_loaded(800));
}

#[test]
fn who_leaves_another_server_still_waits_for_the_fresh_one() {
    let leaves = |slot| {
        let action = Action::Command { server: slot, command: Command::Leave(PLAYER) };
        let mut stream = Stream::new();
        stream.probes(200.0).tell(210.0, Event::Acted { step: None, action }).starts(250.0, 3, 0, None).kinds()
    };
    assert_eq!((leaves(0), leaves(3)), (NONE.to_vec(), vec![LockStuck]));
}
