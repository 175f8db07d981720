//! Sessions that are over and were never told.

use dupeproof_sim::FindingKind::{self, SilentEnd};

use crate::stream::Stream;

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
fn the_newest_session_may_still_run() {
    assert_eq!(Stream::new().starts(1.0, 0, 0, Some(45.0)).over(300.0, &[&[]]).kinds(), NONE);
}

#[test]
fn a_session_that_ended_only_after_the_fresh_server_had_started_is_caught() {
    let mut stream = succeeded();
    stream.probes(200.0).ends(200.5, 0).starts(201.0, 3, 0, Some(250.0)).ends(260.0, 3);
    assert_eq!(stream.over(300.0, &[&[]]).kinds(), [SilentEnd]);
}
