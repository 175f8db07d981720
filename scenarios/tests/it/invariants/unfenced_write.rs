//! Writes that a fence should have stopped.

use dupeproof_core::{Span, Stored};
use dupeproof_sim::FindingKind::{self, UnfencedWrite};
use dupeproof_sim::ServiceError;
use dupeproof_sim::id::{PlayerId, RequestId};
use dupeproof_sim::request::RequestKind;
use dupeproof_sim::trace::Event;

use crate::stream::{Stream, record, server, studio_record, studio_start, unlocked};

const NONE: [FindingKind; 0] = [];

/// Server 0 has an unsaved state 1; then server 1's session of the same player begins.
fn superseded() -> Stream {
    let mut stream = Stream::of_players(&[Some(0), Some(0)]);
    stream.commits(0.5, 0, Some(record(0, Some(server(0))))).starts(1.0, 0, 0, Some(45.0)).edits(2.0, 0, 0, 1);
    stream.commits(50.0, 1, Some(record(0, Some(server(1))))).starts(50.5, 1, 0, Some(95.0));
    stream
}

#[test]
fn data_stored_after_a_later_session_began_is_caught() {
    let (findings, _) = superseded().commits(51.0, 0, Some(record(1, Some(server(1))))).verdict();
    assert_eq!(findings[0].kind(), UnfencedWrite);
    assert_eq!(findings[0].servers().collect::<Vec<_>>(), [server(0), server(1)]);
}

#[test]
fn data_stored_before_the_later_session_began_is_clean() {
    let mut stream = Stream::new();
    stream.commits(0.5, 0, Some(record(0, Some(server(0))))).starts(1.0, 0, 0, Some(45.0)).edits(2.0, 0, 0, 1);
    stream.ends(3.0, 0).commits(3.5, 0, Some(record(1, None)));
    stream.commits(50.0, 1, Some(record(1, Some(server(1))))).starts(50.5, 1, 1, Some(95.0));
    assert_eq!(stream.kinds(), NONE);
}

#[test]
fn data_that_the_later_session_was_handed_in_memory_is_clean_until_it_has_stored_more() {
    let handed_over = || {
        let mut stream = Stream::new();
        stream.starts(1.0, 0, 0, None).edits(2.0, 0, 0, 1).ends(3.0, 0).starts(3.5, 1, 1, None);
        stream
    };
    assert!(!handed_over().commits(4.0, 0, Some(unlocked(1))).kinds().contains(&UnfencedWrite));
    let mut stream = handed_over();
    stream.edits(3.6, 1, 1, 2).commits(3.7, 1, Some(unlocked(2))).commits(4.0, 0, Some(unlocked(1)));
    assert!(stream.kinds().contains(&UnfencedWrite));
}

#[test]
fn another_servers_lock_cleared_is_caught() {
    assert_eq!(superseded().commits(51.0, 0, Some(record(0, None))).kinds(), [UnfencedWrite]);
}

#[test]
fn ones_own_lock_cleared_after_the_end_is_clean() {
    assert_eq!(superseded().ends(51.0, 1).commits(52.0, 1, Some(record(0, None))).kinds(), NONE);
}

#[test]
fn ones_own_lock_cleared_under_a_session_that_goes_on_is_caught() {
    let released = |error| {
        let mut stream = superseded();
        stream.commits(52.0, 1, Some(record(0, None))).answered(52.1, 1, error);
        stream
    };
    let caught = |stream: &mut Stream| stream.kinds().contains(&UnfencedWrite);
    assert!(caught(released(None).over(99.0, &[&[]])));
    assert!(caught(released(None).edits(55.0, 1, 0, 1).ends(60.0, 1)));
    assert!(caught(released(None).ends(60.0, 1)), "too late to be its own release");
    assert!(!caught(released(None).ends(52.1, 1).over(99.0, &[&[]])), "it was its last write");
    assert!(!caught(released(None).crashes(52.1, 1).over(99.0, &[&[]])));
    assert!(!caught(released(Some(ServiceError::TimedOut)).over(99.0, &[&[]])), "it cannot know");
}

/// In Studio server 0 starts a session; server 1 writes this and starts one, too. Then the lock is cleared.
fn cleared_in_studio(written: Stored, by: u16) -> bool {
    let mut stream = Stream::new();
    stream.commits(1.0, 0, Some(studio_start(0, 1))).starts(1.5, 0, 0, None);
    stream.commits(3.0, 1, Some(written)).starts(3.5, 1, 0, None).ends(4.0, 1).ends(4.0, 0);
    stream.commits(5.0, by, Some(record(0, None))).kinds().contains(&UnfencedWrite)
}

#[test]
fn in_studio_a_server_that_leaves_the_lock_as_it_is_has_not_taken_it() {
    let untouched = |by| cleared_in_studio(studio_start(0, 1), by);
    assert_eq!((untouched(0), untouched(1)), (false, true), "server 1 only thinks that the lock is its own");
}

#[test]
fn in_studio_a_start_that_only_counts_on_has_taken_the_lock() {
    let counted = |by| cleared_in_studio(studio_start(0, 2), by);
    assert_eq!((counted(0), counted(1)), (true, false), "server 0 is refused all writes from here on");
}

#[test]
fn a_lock_may_be_let_go_of_before_a_session_begins() {
    let cleared = |by| {
        let mut stream = Stream::new();
        stream.commits(1.0, 0, Some(studio_start(0, 1))).starts(1.5, 0, 0, None).ends(2.0, 0);
        stream.commits(3.0, 1, Some(studio_start(0, 2))).commits(5.0, by, Some(record(0, None))).kinds()
    };
    assert_eq!((cleared(1), cleared(0)), (NONE.to_vec(), vec![UnfencedWrite]));
}

#[test]
fn a_dead_servers_lock_may_be_cleared_if_it_names_nobody() {
    let cleared = |lock: Stored, dead: bool| {
        let mut stream = Stream::new();
        stream.commits(1.0, 0, Some(lock)).starts(1.5, 0, 0, None);
        if dead {
            stream.crashes(2.0, 0);
        } else {
            stream.ends(2.0, 0);
        }
        stream.commits(5.0, 1, Some(record(0, None))).kinds()
    };
    assert_eq!(cleared(studio_record(0, "a"), true), NONE, "it looks like server 1's own");
    assert_eq!(cleared(studio_record(0, "a"), false), [UnfencedWrite], "the server lives");
    assert_eq!(cleared(record(0, Some(server(0))), true), [UnfencedWrite], "the lock says that it is server 0's");
}

#[test]
fn a_lock_taken_over_is_clean() {
    assert_eq!(superseded().commits(99.0, 2, Some(record(0, Some(server(2))))).kinds(), NONE);
}

#[test]
fn in_studio_a_lock_is_whose_write_took_it() {
    let held = || {
        let mut stream = Stream::new();
        stream.commits(1.0, 0, Some(studio_record(0, "a"))).starts(1.5, 0, 0, Some(45.0)).ends(2.0, 0);
        stream
    };
    assert_eq!(held().commits(3.0, 0, Some(record(0, None))).kinds(), NONE);
    assert_eq!(held().commits(3.0, 1, Some(record(0, None))).kinds(), [UnfencedWrite]);
    let taken_over = |by: u16| {
        let mut stream = held();
        stream.commits(3.0, 1, Some(studio_record(0, "b"))).starts(3.5, 1, 0, Some(45.0)).ends(4.0, 1);
        stream.commits(5.0, by, Some(record(0, None))).kinds()
    };
    assert_eq!((taken_over(1), taken_over(0)), (NONE.to_vec(), vec![UnfencedWrite]));
}

#[test]
fn a_release_is_known_to_be_applied_by_its_own_answer_alone() {
    let answered = |from: u16, id: u32, error| {
        let (server, id, kind) = (server(from), RequestId(id), RequestKind::CompareAndSet);
        Event::Answered { server, id, kind, error, after: Span::ZERO }
    };
    let released = |first: Event| {
        let mut stream = superseded();
        stream.commits(52.0, 1, Some(record(0, None))).tell(52.1, first).answered(52.2, 1, None);
        stream
    };
    for first in [answered(0, 1, None), answered(1, 2, None)] {
        assert!(!released(first).ends(52.2, 1).over(99.0, &[&[]]).kinds().contains(&UnfencedWrite));
    }
    let failed = answered(1, 2, Some(ServiceError::TimedOut));
    assert!(released(failed).over(99.0, &[&[]]).kinds().contains(&UnfencedWrite), "another request failed");
}

#[test]
fn a_session_that_goes_on_without_its_lock_is_caught_once_and_however_the_run_ends() {
    let released = |end| {
        let mut stream = superseded();
        stream.commits(52.0, 1, Some(record(0, None))).answered(52.1, 1, None).over(end, &[&[]]);
        stream.kinds().into_iter().filter(|kind| *kind == UnfencedWrite).count()
    };
    assert_eq!((released(52.1), released(99.0)), (1, 1));
}

#[test]
fn another_sessions_end_says_nothing_of_one_that_was_over_in_time() {
    let mut stream = superseded();
    stream.starts_for(51.0, 2, PlayerId(1)).commits(52.0, 1, Some(record(0, None))).answered(52.1, 1, None);
    assert_eq!(stream.ends(52.1, 1).ends(60.0, 2).kinds(), NONE);
}

#[test]
fn a_lock_that_its_server_lets_go_of_is_not_that_of_another_servers_session() {
    let mut stream = Stream::new();
    stream.commits(1.0, 0, Some(studio_start(0, 1))).starts(1.5, 0, 0, None);
    stream.commits(3.0, 1, Some(studio_start(0, 2))).commits(5.0, 1, Some(record(0, None))).answered(5.1, 1, None);
    assert_eq!(stream.over(99.0, &[&[]]).kinds(), NONE);
}

#[test]
fn a_write_that_keeps_an_earlier_sessions_data_is_clean() {
    let mut stream = Stream::new();
    stream.commits(0.5, 0, Some(record(0, Some(server(0))))).starts(1.0, 0, 0, Some(45.0)).edits(2.0, 0, 0, 1);
    stream.ends(3.0, 0).commits(3.5, 0, Some(record(1, None)));
    stream.commits(50.0, 1, Some(record(1, Some(server(1))))).starts(50.5, 1, 1, Some(95.0));
    assert_eq!(stream.commits(60.0, 1, Some(record(1, Some(server(1))))).kinds(), NONE);
}

#[test]
fn findings_are_told_in_order_of_time() {
    let crashed = Event::ScriptCrashed { server: server(2), text: "it failed".into() };
    let mut stream = superseded();
    stream.commits(52.0, 1, Some(record(0, None))).tell(52.05, crashed).answered(52.1, 1, None);
    let (findings, _) = stream.ends(60.0, 1).verdict();
    let at: Vec<_> = findings.iter().map(|finding| finding.at.0).collect();
    assert_eq!(at, [52_000_000, 52_050_000]);
}
