//! What administrators write, and sessions that had begun before.

use dupeproof_scenarios::Fact;
use dupeproof_scenarios::invariant::admin_undone::{AdminWrite, Undone};
use dupeproof_sim::id::SessionRef;
use dupeproof_sim::{Command, FindingKind};

use crate::stream::{PLAYER, SESSION, Stream, server, unlocked};

/// Server 0 has a session with state 2 stored; state 1 was stored before.
fn playing() -> Stream {
    let mut stream = Stream::new();
    stream.commits(1.0, 0, Some(unlocked(0))).starts(1.0, 0, 0, None);
    stream.edits(2.0, 0, 0, 1).commits(3.0, 0, Some(unlocked(1))).edits(4.0, 0, 1, 2);
    stream
}

/// An administrator on server 1 writes the state back that was stored: from before the session's last save.
fn restored() -> Stream {
    let mut stream = playing();
    stream.acts(5.0, 1, Command::Rollback(PLAYER)).commits(6.0, 0, Some(unlocked(2))).commits(
        7.0,
        1,
        Some(unlocked(1)),
    );
    stream
}

fn erased() -> Stream {
    let mut stream = playing();
    stream.commits(5.0, 0, Some(unlocked(2))).acts(6.0, 1, Command::Remove(PLAYER)).commits(7.0, 1, None);
    stream
}

fn undone(stream: &mut Stream) -> Vec<AdminWrite> {
    let session = SessionRef { server: server(0), no: SESSION };
    let (findings, _) = stream.verdict();
    let undone = findings.iter().filter_map(|finding| match &finding.fact {
        Fact::AdminUndone(undone) => Some(undone),
        _ => None,
    });
    let what = |undone: &Undone| {
        assert_eq!((undone.session, undone.admin), (session, server(1)));
        undone.what
    };
    undone.map(what).collect()
}

#[test]
fn an_erasure_that_a_session_undoes_is_caught_once_and_under_its_own_name() {
    let mut stream = erased();
    stream.commits(9.0, 0, Some(unlocked(2))).commits(10.0, 0, Some(unlocked(2)));
    assert!(!erased().commits(9.0, 0, Some(unlocked(2))).kinds().contains(&FindingKind::UnfencedWrite));
    assert_eq!(undone(&mut stream), [AdminWrite::Erased]);
}

#[test]
fn a_restore_that_a_session_overwrites_is_caught() {
    assert_eq!(undone(restored().edits(8.0, 0, 2, 3).commits(9.0, 0, Some(unlocked(3)))), [AdminWrite::Restored]);
}

#[test]
fn what_holds_is_clean_whatever_else_is_written() {
    assert_eq!(erased().ends(8.0, 0).kinds(), [FindingKind::LostUpdate; 0]);
    // A save that leaves the data as the administrator wrote it.
    assert_eq!(undone(restored().commits(9.0, 0, Some(unlocked(1)))), []);
}

#[test]
fn a_start_of_a_player_who_came_back_writes_before_its_session_begins() {
    let mut stream = erased();
    stream.acts(8.0, 0, Command::Leave(PLAYER)).ends(8.0, 0).acts(8.5, 0, Command::Join(PLAYER));
    assert_eq!(undone(stream.commits(9.0, 0, Some(unlocked(0)))), []);
    // What the last save of a session stores after its end is its own.
    let mut stream = erased();
    stream.acts(8.0, 0, Command::Leave(PLAYER)).ends(8.0, 0);
    assert_eq!(undone(stream.commits(9.0, 0, Some(unlocked(2)))), [AdminWrite::Erased]);
}

#[test]
fn a_session_that_began_afterwards_may_change_what_it_found() {
    let mut stream = restored();
    stream.ends(8.0, 0).starts(9.0, 2, 1, None).edits(10.0, 2, 1, 5).commits(11.0, 2, Some(unlocked(5)));
    assert_eq!(undone(&mut stream), []);
    let mut stream = erased();
    stream.ends(8.0, 0).starts(9.0, 2, 0, None).commits(11.0, 2, Some(unlocked(0)));
    assert_eq!(undone(&mut stream), []);
}
