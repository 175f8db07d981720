//! Changes of data whose session is not live.

use dupeproof_scenarios::Fact;
use dupeproof_scenarios::invariant::edit_not_live::NotLive;
use dupeproof_sim::FindingKind::{self, EditNotLive};
use dupeproof_sim::id::{SessionRef, Stamp};

use crate::stream::{SESSION, Stream, server};

const NONE: [FindingKind; 0] = [];

#[test]
fn a_change_of_a_suspended_session_is_caught() {
    let mut stream = Stream::new();
    stream.starts(1.0, 0, 0, Some(46.0)).suspended(46.0, 0).edits(50.0, 0, 0, 7);
    let (findings, _) = stream.verdict();
    assert_eq!(findings.len(), 1);
    let session = SessionRef { server: server(0), no: SESSION };
    assert_eq!(findings[0].fact, Fact::EditNotLive(NotLive { session, state: Stamp(7) }));
}

#[test]
fn a_change_after_the_lease_has_run_out_is_caught_though_nobody_has_said_so() {
    let edited_at = |second| Stream::new().starts(1.0, 0, 0, Some(46.0)).edits(second, 0, 0, 7).kinds();
    assert_eq!((edited_at(45.999), edited_at(46.0)), (vec![], vec![EditNotLive]));
}

#[test]
fn a_change_of_a_session_that_is_over_is_caught_whatever_it_says_of_leases() {
    for until in [Some(46.0), None] {
        let mut stream = Stream::new();
        assert_eq!(stream.starts(1.0, 0, 0, until).ends(2.0, 0).edits(3.0, 0, 0, 7).kinds(), [EditNotLive]);
    }
}

#[test]
fn a_change_of_a_session_that_is_live_again_is_clean() {
    let mut stream = Stream::new();
    stream.starts(1.0, 0, 0, Some(46.0)).renewed(16.0, 0, 61.0).edits(50.0, 0, 0, 7);
    stream.suspended(61.0, 0).resumed(70.0, 0, 100.0).edits(70.0, 0, 7, 8);
    assert_eq!(stream.kinds(), NONE);
}

#[test]
fn a_change_of_a_session_that_lasts_until_it_ends_is_clean() {
    assert_eq!(Stream::new().starts(1.0, 0, 0, None).edits(900.0, 0, 0, 7).kinds(), NONE);
}

#[test]
fn a_change_that_is_told_just_before_its_session_is_said_to_be_live_again_is_clean() {
    let resumed = |second| {
        let mut stream = Stream::new();
        stream.starts(1.0, 0, 0, Some(46.0)).suspended(46.0, 0).edits(50.0, 0, 0, 7);
        stream.resumed(second, 0, 90.0).kinds()
    };
    assert_eq!((resumed(50.0), resumed(50.001)), (vec![], vec![EditNotLive]));
}

#[test]
fn another_session_that_is_live_vouches_for_nothing() {
    let mut stream = Stream::of_players(&[Some(0), Some(0)]);
    stream.starts(1.0, 0, 0, Some(46.0)).suspended(46.0, 0).edits(50.0, 0, 0, 7);
    assert_eq!(stream.starts_for(50.0, 2, dupeproof_sim::id::PlayerId(1)).kinds(), [EditNotLive]);
}
