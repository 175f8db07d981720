//! Games that were told too early, or wrongly, that their data is stored.

use dupeproof_scenarios::Fact;
use dupeproof_scenarios::invariant::false_ack::Unstored;
use dupeproof_sim::FindingKind::{self, FalseAck};
use dupeproof_sim::id::{SessionRef, Stamp};

use crate::stream::{SESSION, Stream, server, unlocked};

const NONE: [FindingKind; 0] = [];

/// States 1 and 2 are made in memory.
fn edited() -> Stream {
    let mut stream = Stream::new();
    stream.starts(1.0, 0, 0, Some(60.0)).edits(2.0, 0, 0, 1).edits(3.0, 0, 1, 2);
    stream
}

#[test]
fn a_state_that_was_never_stored_is_caught() {
    let (findings, _) = edited().saved(4.0, 0, 2).verdict();
    let session = SessionRef { server: server(0), no: SESSION };
    assert_eq!(findings[0].fact, Fact::FalseAck(Unstored::State { session, state: Stamp(2) }));
}

#[test]
fn a_state_that_is_stored_only_after_the_game_was_told_is_caught() {
    assert_eq!(edited().saved(4.0, 0, 2).commits(5.0, 0, Some(unlocked(2))).kinds(), [FalseAck]);
}

#[test]
fn an_older_state_that_is_stored_says_nothing_of_a_newer_one() {
    assert_eq!(edited().commits(4.0, 0, Some(unlocked(1))).saved(5.0, 0, 2).kinds(), [FalseAck]);
}

#[test]
fn a_state_that_was_stored_before_is_clean_whatever_happened_since() {
    assert_eq!(edited().commits(4.0, 0, Some(unlocked(2))).saved(5.0, 0, 2).kinds(), NONE);
    let mut stream = edited();
    stream.commits(4.0, 0, Some(unlocked(2))).edits(5.0, 0, 2, 3).commits(6.0, 0, Some(unlocked(3)));
    assert_eq!(stream.saved(7.0, 0, 2).kinds(), NONE);
}

#[test]
fn a_state_that_a_stored_one_was_made_from_is_clean() {
    assert_eq!(edited().commits(4.0, 0, Some(unlocked(2))).saved(5.0, 0, 1).kinds(), NONE);
}

#[test]
fn the_untouched_state_needs_no_storing() {
    assert_eq!(edited().saved(4.0, 0, 0).kinds(), NONE);
}
