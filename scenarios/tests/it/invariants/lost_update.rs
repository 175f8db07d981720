//! Stored states replaced by states not made from them.

use dupeproof_core::Stored;
use dupeproof_scenarios::Fact;
use dupeproof_scenarios::invariant::lost_update::Overwrite;
use dupeproof_sim::FindingKind::{self, LostUpdate};
use dupeproof_sim::id::{SessionRef, Stamp};

use dupeproof_sim::{Command, EndReason, GuestEvent};

use serde_json::json;

use crate::stream::{PLAYER, SESSION, Stream, record, server, studio_start, unlocked};

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
    let (writer, maker) = (server(0), Some(server(0)));
    let forgotten = Overwrite::Forgotten { writer, maker, before: Stamp(1), after: Stamp(2) };
    assert_eq!((findings[0].player, &findings[0].fact), (Some(PLAYER), &Fact::LostUpdate(forgotten)));
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
    stream.acts(4.5, 1, Command::Remove(PLAYER));
    stream.commits(5.0, 1, None).starts(6.0, 1, 0, Some(50.0)).edits(7.0, 1, 0, 8);
    assert_eq!(stream.commits(8.0, 1, Some(unlocked(8))).kinds(), NONE);
}

#[test]
fn the_same_state_again_is_clean() {
    assert_eq!(stored_once().commits(5.0, 1, Some(unlocked(1))).kinds(), NONE);
}

/// The player's session on server 0 changed its data and ended; nothing was stored.
fn never_stored() -> Stream {
    let mut stream = Stream::new();
    stream.commits(0.5, 0, Some(record(0, Some(server(0))))).starts(1.0, 0, 0, Some(40.0));
    stream.edits(2.0, 0, 0, 1).ends(3.0, 0);
    stream
}

#[test]
fn changes_that_nothing_kept_from_being_stored_and_were_not_are_caught() {
    let (findings, _) = never_stored().probes(200.0).verdict();
    let found = findings.iter().find(|finding| finding.kind() == LostUpdate).expect("a lost update");
    let session = SessionRef { server: server(0), no: SESSION };
    assert_eq!(found.fact, Fact::LostUpdate(Overwrite::NeverStored { session, state: Stamp(1) }));
}

#[test]
fn changes_that_cannot_be_stored_are_an_allowed_loss_and_those_that_can_again_are_not() {
    let lost = |mended: bool| {
        let mut stream = Stream::new();
        stream.commits(0.5, 0, Some(record(0, Some(server(0))))).starts(1.0, 0, 0, Some(40.0));
        stream.edits(2.0, 0, 0, 1).edits(2.5, 0, 1, 2);
        stream.says(2.5, 0, GuestEvent::Overfilled { session: SESSION, stamp: Stamp(2) });
        if mended {
            stream.edits(2.7, 0, 2, 3);
        }
        stream.ends(3.0, 0).probes(200.0).kinds().contains(&LostUpdate)
    };
    assert_eq!((lost(false), lost(true)), (false, true));
}

#[test]
fn changes_that_were_stored_in_a_later_state_are_clean() {
    let mut stream = Stream::new();
    stream.starts(1.0, 0, 0, Some(40.0)).edits(2.0, 0, 0, 1).edits(3.0, 0, 1, 2);
    stream.commits(4.0, 0, Some(unlocked(2))).ends(5.0, 0).probes(200.0);
    assert!(!stream.kinds().contains(&LostUpdate));
}

#[test]
fn changes_that_died_with_their_server_are_an_allowed_loss() {
    assert!(!never_stored().crashes(4.0, 0).probes(200.0).kinds().contains(&LostUpdate));
}

#[test]
fn changes_of_a_session_that_was_told_of_its_loss_are_an_allowed_loss() {
    let mut stream = Stream::new();
    stream.starts(1.0, 0, 0, Some(40.0)).edits(2.0, 0, 0, 1).ends_as(3.0, 0, EndReason::Lost).probes(200.0);
    assert!(!stream.kinds().contains(&LostUpdate));
}

#[test]
fn changes_of_a_session_whose_lock_was_taken_over_are_an_allowed_loss() {
    let mut stream = never_stored();
    stream.commits(50.0, 1, Some(record(0, Some(server(1))))).commits(51.0, 1, Some(record(0, None))).probes(200.0);
    assert!(!stream.kinds().contains(&LostUpdate));
}

#[test]
fn in_studio_a_lock_is_taken_over_by_a_start_that_only_counts_on() {
    let lost = |load_count| {
        let mut stream = Stream::new();
        stream.commits(0.5, 0, Some(studio_start(0, 1))).starts(1.0, 0, 0, None).edits(2.0, 0, 0, 1).ends(3.0, 0);
        stream.commits(4.0, 1, Some(studio_start(0, load_count))).commits(5.0, 1, Some(record(0, None))).probes(200.0);
        stream.kinds().contains(&LostUpdate)
    };
    assert_eq!((lost(2), lost(1)), (false, true), "a write that leaves the lock as it is takes nothing over");
}

#[test]
fn a_takeover_exempts_the_session_that_had_the_lock_and_none_before_it() {
    let lost = |later_edits: bool| {
        let mut stream = Stream::new();
        stream.commits(0.5, 0, Some(record(0, Some(server(0))))).starts(1.0, 0, 0, None);
        if !later_edits {
            stream.edits(2.0, 0, 0, 1);
        }
        stream.ends(3.0, 0).commits(3.5, 0, Some(record(0, None)));
        stream.commits(4.0, 0, Some(record(0, Some(server(0))))).starts(5.0, 0, 0, None);
        if later_edits {
            stream.edits(6.0, 0, 0, 1);
        }
        stream.ends(7.0, 0).commits(50.0, 1, Some(record(0, Some(server(1))))).probes(200.0);
        stream.kinds().contains(&LostUpdate)
    };
    assert_eq!((lost(true), lost(false)), (false, true), "the earlier session had released its lock");
}

#[test]
fn only_who_was_told_of_a_loss_may_lose_changes() {
    let lost = |reason| {
        let mut stream = Stream::new();
        stream.starts(1.0, 0, 0, Some(40.0)).edits(2.0, 0, 0, 1).ends_as(3.0, 0, reason).probes(200.0);
        stream.kinds().contains(&LostUpdate)
    };
    for reason in [EndReason::Lost, EndReason::Removed, EndReason::Overwritten] {
        assert!(!lost(reason), "{reason:?}");
    }
    for reason in [EndReason::Manual, EndReason::External, EndReason::Shutdown] {
        assert!(lost(reason), "{reason:?}");
    }
}

/// The lock of a server that says until when it holds.
fn renewed(slot: u16, until: &str) -> Option<Stored> {
    let mut json = record(0, Some(server(slot))).to_json();
    json["MetaData"]["ActiveSession"][2] = json!(until);
    Some(Stored::from_json(json))
}

#[test]
fn a_lock_that_changes_with_each_renewal_is_the_same_session_s() {
    let unsaved = |taker: Option<u16>| {
        let mut stream = Stream::new();
        stream.commits(0.5, 0, renewed(0, "10")).starts(1.0, 0, 0, None).commits(5.0, 0, renewed(0, "20"));
        stream.edits(6.0, 0, 0, 1).commits(8.0, 0, renewed(0, "30"));
        if let Some(taker) = taker {
            stream.commits(40.0, taker, renewed(taker, "60")).commits(50.0, taker, Some(record(0, None)));
        } else {
            stream.commits(40.0, 0, Some(record(0, None)));
        }
        stream.ends(60.0, 0).probes(200.0).kinds()
    };
    assert_eq!(unsaved(Some(1)), NONE, "what it had not saved when the lock was taken from it is lost, and may be");
    assert_eq!(unsaved(None), [LostUpdate]);
}
