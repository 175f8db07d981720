//! Sessions that end for another server.

use dupeproof_core::Stored;
use dupeproof_scenarios::Fact;
use dupeproof_scenarios::invariant::unasked_end::Unasked;
use dupeproof_sim::id::SessionRef;
use dupeproof_sim::{Action, Command, EndReason, Event, FindingKind, ServiceError, StartFailure};
use serde_json::json;

use crate::stream::{PLAYER, SESSION, Stream, record, server, studio_start, unlocked};

const NONE: [FindingKind; 0] = [];

/// Server 0 has taken the lock at 1 s and has a session.
fn holding() -> Stream {
    let mut stream = Stream::new();
    stream.commits(1.0, 0, Some(record(0, Some(server(0))))).starts(1.0, 0, 0, Some(900.0));
    stream
}

fn marked() -> Stored {
    let mut json = record(0, Some(server(0))).to_json();
    json["MetaData"]["ForceLoadSession"] = json!([1, server(1).job_id(), "waiter"]);
    Stored::from_json(json)
}

#[test]
fn a_session_that_ends_for_nobody_is_caught() {
    let (findings, _) = holding().ends_as(10.0, 0, EndReason::External).verdict();
    assert_eq!(findings.len(), 1);
    let session = SessionRef { server: server(0), no: SESSION };
    assert_eq!(findings[0].fact, Fact::UnaskedEnd(Unasked::External { session }));
}

#[test]
fn a_session_that_ends_for_another_reason_is_clean() {
    for reason in [EndReason::Manual, EndReason::Shutdown, EndReason::Lost] {
        assert_eq!(holding().ends_as(10.0, 0, reason).kinds(), NONE);
    }
}

#[test]
fn a_session_whose_record_was_marked_is_clean_though_the_waiter_has_gone_since() {
    let mut stream = holding();
    stream.commits(5.0, 1, Some(marked())).commits(6.0, 1, Some(record(0, Some(server(0)))));
    assert_eq!(stream.crashes(7.0, 1).ends_as(10.0, 0, EndReason::External).kinds(), NONE);
}

#[test]
fn a_marker_from_before_the_lock_was_taken_asked_another_session() {
    let mut stream = Stream::new();
    stream.commits(0.5, 2, Some(record(0, Some(server(2))))).starts(0.5, 2, 0, None);
    let mut waiting = record(0, Some(server(2))).to_json();
    waiting["MetaData"]["ForceLoadSession"] = json!([1, server(0).job_id(), "waiter"]);
    stream.commits(1.0, 0, Some(Stored::from_json(waiting))).ends_as(2.0, 2, EndReason::External);
    stream.commits(2.5, 2, Some(record(0, None))).commits(3.0, 0, Some(record(0, Some(server(0)))));
    let (findings, _) = stream.starts(3.0, 0, 0, None).ends_as(10.0, 0, EndReason::External).verdict();
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].at, dupeproof_sim::Global(10_000_000));
}

#[test]
fn a_session_whose_lock_was_taken_away_is_clean() {
    for (command, after) in [
        (Command::Steal(PLAYER), Some(record(0, Some(server(1))))),
        (Command::Remove(PLAYER), None),
        (Command::Rollback(PLAYER), Some(record(0, None))),
    ] {
        let mut stream = holding();
        stream.acts(4.0, 1, command).commits(5.0, 1, after);
        assert_eq!(stream.ends_as(10.0, 0, EndReason::External).kinds(), NONE, "{command:?}");
    }
}

#[test]
fn a_record_of_another_shape_has_no_marker_to_be_seen() {
    let mut stream = Stream::new();
    stream.commits(1.0, 0, Some(unlocked(0))).starts(1.0, 0, 0, None);
    assert_eq!(stream.ends_as(10.0, 0, EndReason::External).kinds(), NONE);
}

#[test]
fn an_admin_who_removed_the_record_while_the_start_was_under_way_asked_the_session_too() {
    let mut stream = Stream::new();
    stream.commits(1.0, 0, Some(record(0, Some(server(0))))).acts(1.5, 1, Command::Remove(PLAYER));
    stream.commits(2.0, 1, None).commits(3.0, 0, Some(record(0, Some(server(0))))).starts(3.0, 0, 0, None);
    assert_eq!(stream.ends_as(4.0, 0, EndReason::External).kinds(), NONE);
}

#[test]
fn in_studio_locks_without_guids_are_told_apart_by_their_load_counts() {
    let taken = |slot: u16, counts: [u64; 2]| {
        let without_guid = |load_count| {
            let mut json = studio_start(0, load_count).to_json();
            json["MetaData"]["ActiveSession"] = json!([1, ""]);
            Some(Stored::from_json(json))
        };
        let mut stream = Stream::new();
        stream.commits(1.0, 0, without_guid(counts[0])).starts(1.0, 0, 0, None);
        stream.commits(5.0, slot, without_guid(counts[1])).ends_as(10.0, 0, EndReason::External).kinds()
    };
    assert_eq!(taken(1, [1, 2]), NONE, "another server has taken it");
    assert_eq!(taken(1, [1, 1]), [FindingKind::UnaskedEnd], "another server has left it as it was");
}

#[test]
fn a_session_that_let_go_of_its_own_lock_was_asked_by_nobody() {
    let mut stream = holding();
    stream.commits(5.0, 0, Some(record(0, None)));
    assert_eq!(stream.ends_as(10.0, 0, EndReason::External).kinds(), [FindingKind::UnaskedEnd]);
    let mut stream = holding();
    stream.commits(5.0, 0, Some(record(0, None))).commits(6.0, 1, Some(record(0, Some(server(1)))));
    assert_eq!(stream.ends_as(10.0, 0, EndReason::External).kinds(), [FindingKind::UnaskedEnd], "others come later");
}

#[test]
fn an_admin_on_the_sessions_own_server_asked_it() {
    let mut stream = holding();
    stream.acts(4.0, 0, Command::Remove(PLAYER)).commits(5.0, 0, None);
    assert_eq!(stream.ends_as(10.0, 0, EndReason::External).kinds(), NONE);
}

#[test]
fn a_marker_that_was_there_when_the_lock_was_taken_is_no_question_nor_is_its_removal() {
    let mut waiting = record(0, Some(server(2))).to_json();
    waiting["MetaData"]["ForceLoadSession"] = json!([1, server(0).job_id(), "waiter"]);
    let mut counted = marked().to_json();
    counted["MetaData"]["ForceLoadSession"] = waiting["MetaData"]["ForceLoadSession"].clone();
    let taken = Stored::from_json(counted.clone());
    counted["MetaData"]["LastUpdate"] = json!(2);
    for next in [Stored::from_json(counted), record(0, Some(server(0)))] {
        let mut stream = Stream::new();
        stream.commits(1.0, 2, Some(Stored::from_json(waiting.clone()))).commits(3.0, 0, Some(taken.clone()));
        stream.starts(3.0, 0, 0, None).commits(4.0, 0, Some(next));
        assert_eq!(stream.ends_as(10.0, 0, EndReason::External).kinds(), [FindingKind::UnaskedEnd]);
    }
}

#[test]
fn whoever_asked_for_an_earlier_lock_of_the_server_did_not_ask_for_the_next() {
    let mut anew = record(0, Some(server(0))).to_json();
    anew["MetaData"]["ActiveSession"][2] = json!("anew");
    let mut stream = holding();
    stream.commits(5.0, 1, Some(marked())).commits(6.0, 0, Some(record(0, None))).ends_as(6.0, 0, EndReason::External);
    stream.commits(7.0, 0, Some(Stored::from_json(anew))).starts(7.0, 0, 0, None);
    assert_eq!(stream.ends_as(10.0, 0, EndReason::External).kinds(), [FindingKind::UnaskedEnd]);
}

/// The player is on server 0, which nobody and nothing disturbs, with a session from 1 s on.
fn playing() -> Stream {
    let mut stream = Stream::new();
    stream.acts(0.5, 0, Command::Join(PLAYER)).commits(1.0, 0, Some(unlocked(0))).starts(1.0, 0, 0, None);
    stream
}

#[test]
fn a_session_that_ends_or_is_suspended_while_all_is_well_is_caught_whatever_its_record_looks_like() {
    let session = SessionRef { server: server(0), no: SESSION };
    for reason in
        [EndReason::External, EndReason::Lost, EndReason::Removed, EndReason::Overwritten, EndReason::Shutdown]
    {
        let (findings, _) = playing().ends_as(10.0, 0, reason).verdict();
        assert_eq!(findings.len(), 1, "{reason:?}");
        assert_eq!(findings[0].fact, Fact::UnaskedEnd(Unasked::Ended { session, reason }));
    }
    let (findings, _) = playing().suspended(10.0, 0).verdict();
    assert_eq!(findings[0].fact, Fact::UnaskedEnd(Unasked::Suspended { session }));
}

#[test]
fn a_session_that_its_game_ends_or_whose_player_has_left_is_clean() {
    assert_eq!(playing().ends_as(10.0, 0, EndReason::Manual).kinds(), NONE);
    assert_eq!(playing().acts(9.0, 0, Command::Leave(PLAYER)).ends_as(10.0, 0, EndReason::Lost).kinds(), NONE);
}

#[test]
fn a_session_that_something_or_somebody_disturbed_is_clean() {
    type Disturb = fn(&mut Stream);
    let disturbances: [(&str, Disturb); 7] = [
        ("it closes", |stream| _ = stream.tell(5.0, Event::ServerClosing { server: server(0) })),
        ("it froze", |stream| {
            stream
                .tell(5.0, Event::ServerFroze { server: server(0) })
                .tell(6.0, Event::ServerWoke { server: server(0) });
        }),
        ("a request failed", |stream| _ = stream.answered(5.0, 0, Some(ServiceError::Rejected))),
        ("its clock was set", |stream| {
            let action = Action::ClockStep { server: 0, by: 600_000_000 };
            stream.tell(5.0, Event::Acted { step: Some(0), action });
        }),
        ("the player is on another server", |stream| _ = stream.acts(5.0, 1, Command::Join(PLAYER))),
        ("an admin", |stream| _ = stream.acts(5.0, 2, Command::Remove(PLAYER))),
        ("another server wrote", |stream| _ = stream.commits(5.0, 2, Some(unlocked(0)))),
    ];
    for (what, disturb) in disturbances {
        let mut stream = playing();
        disturb(&mut stream);
        assert_eq!(stream.ends_as(10.0, 0, EndReason::Lost).kinds(), NONE, "{what}");
    }
}

#[test]
fn an_admin_who_was_told_shortly_before_may_write_later() {
    let mut stream = Stream::new();
    stream.acts(0.2, 1, Command::Rollback(PLAYER)).acts(0.5, 0, Command::Join(PLAYER)).starts(1.0, 0, 0, None);
    assert_eq!(stream.ends_as(10.0, 0, EndReason::Lost).kinds(), NONE);
}

#[test]
fn a_start_of_an_earlier_visit_elsewhere_may_still_ask_for_the_session() {
    let mut stream = Stream::new();
    stream.acts(0.0, 1, Command::Join(PLAYER)).acts(0.2, 1, Command::Leave(PLAYER)).acts(0.5, 0, Command::Join(PLAYER));
    stream.starts(1.0, 0, 0, None);
    assert_eq!(stream.ends_as(10.0, 0, EndReason::Lost).kinds(), NONE);
    let mut stream = Stream::new();
    stream.acts(0.0, 1, Command::Join(PLAYER)).acts(0.2, 1, Command::Leave(PLAYER));
    stream.fails(0.4, 1, StartFailure::Cancelled).acts(50.0, 0, Command::Join(PLAYER)).starts(51.0, 0, 0, None);
    assert_eq!(stream.ends_as(60.0, 0, EndReason::Lost).kinds(), [FindingKind::UnaskedEnd]);
}
