//! Sessions that begin in the past.

use dupeproof_sim::FindingKind::{self, StaleStart};

use dupeproof_sim::Command;

use crate::stream::{PLAYER, Stream, unlocked};

const NONE: [FindingKind; 0] = [];

/// State 1 is stored.
fn stored() -> Stream {
    let mut stream = Stream::new();
    stream.starts(1.0, 0, 0, Some(40.0)).edits(2.0, 0, 0, 1).commits(3.0, 0, Some(unlocked(1))).ends(4.0, 0);
    stream
}

#[test]
fn a_session_that_begins_with_an_older_state_is_caught() {
    assert_eq!(stored().starts(5.0, 1, 0, Some(50.0)).kinds(), [StaleStart]);
}

#[test]
fn a_session_that_begins_with_a_newer_state_than_the_stored_one_is_clean() {
    // Its server still has what the session before has not stored yet.
    assert_eq!(
        stored().starts(5.0, 1, 1, Some(50.0)).edits(6.0, 1, 1, 2).ends(7.0, 1).starts(7.5, 1, 2, None).kinds(),
        NONE
    );
}

#[test]
fn a_session_that_begins_with_the_stored_state_is_clean() {
    assert_eq!(stored().starts(5.0, 1, 1, Some(50.0)).kinds(), NONE);
}

#[test]
fn a_session_that_begins_with_a_removed_state_is_caught() {
    let mut stream = stored();
    stream.acts(4.5, 2, Command::Remove(PLAYER));
    assert_eq!(stream.commits(5.0, 2, None).starts(6.0, 1, 1, Some(50.0)).kinds(), [StaleStart]);
}

#[test]
fn a_first_session_begins_with_the_untouched_state() {
    assert_eq!(Stream::new().starts(1.0, 0, 0, Some(40.0)).kinds(), NONE);
}
