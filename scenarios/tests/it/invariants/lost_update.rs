//! Stored states replaced by states not made from them.

use dupeproof_scenarios::finding::FindingKind::{self, LostUpdate};

use crate::stream::{Stream, unlocked};

const NONE: [FindingKind; 0] = [];

/// State 1 of server 0 is stored, made from the untouched one.
fn stored_once() -> Stream {
    let mut stream = Stream::new();
    stream.starts(1.0, 0, 0, Some(40.0)).edits(2.0, 0, 0, 1).commits(3.0, 0, Some(unlocked(1))).ends(4.0, 0);
    stream
}

#[test]
fn a_state_made_from_an_older_one_is_caught() {
    let mut stream = Stream::new();
    stream.starts(1.0, 1, 0, Some(9.0)).ends(1.5, 1).starts(2.0, 0, 0, Some(40.0));
    stream.edits(2.0, 0, 0, 1).edits(2.0, 0, 0, 2);
    stream.commits(3.0, 0, Some(unlocked(1))).commits(4.0, 0, Some(unlocked(2)));
    let (findings, _) = stream.verdict();
    assert_eq!(findings[0].kind, LostUpdate);
    assert!(findings[0].story.contains("overwrote state 0x1 of Player_0"), "{}", findings[0].story);
}

#[test]
fn a_state_made_from_the_stored_one_is_clean() {
    let mut stream = stored_once();
    stream.starts(5.0, 1, 1, Some(50.0)).edits(6.0, 1, 1, 7).commits(7.0, 1, Some(unlocked(7)));
    assert_eq!(stream.kinds(), NONE);
}

#[test]
fn a_state_made_from_the_stored_one_over_unsaved_steps_is_clean() {
    let mut stream = stored_once();
    stream.starts(5.0, 1, 1, Some(50.0)).edits(6.0, 1, 1, 7).edits(6.5, 1, 7, 8).edits(6.6, 1, 8, 9);
    assert_eq!(stream.commits(7.0, 1, Some(unlocked(9))).kinds(), NONE);
}

#[test]
fn the_untouched_state_over_a_stored_one_is_caught() {
    assert_eq!(stored_once().commits(5.0, 1, Some(unlocked(0))).kinds(), [LostUpdate]);
}

#[test]
fn a_removal_and_what_follows_it_are_clean() {
    let mut stream = stored_once();
    stream.commits(5.0, 1, None).starts(6.0, 1, 0, Some(50.0)).edits(7.0, 1, 0, 8);
    assert_eq!(stream.commits(8.0, 1, Some(unlocked(8))).kinds(), NONE);
}

#[test]
fn the_same_state_again_is_clean() {
    assert_eq!(stored_once().commits(5.0, 1, Some(unlocked(1))).kinds(), NONE);
}
