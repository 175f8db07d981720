//! Profiles that cannot be loaded after everything has recovered.

use dupeproof_core::Stored;
use dupeproof_scenarios::finding::FindingKind::{self, LockStuck};
use dupeproof_sim::guest::Command;
use serde_json::{Value as Json, json};

use crate::stream::{PLAYER, Stream, record, server};

const NONE: [FindingKind; 0] = [];

#[test]
fn a_player_who_leaves_the_probe_without_a_session_is_caught_once() {
    let mut stream = Stream::new();
    stream.probes(200.0).settling(260.0, Command::Leave(PLAYER)).over(300.0, &[&[]]);
    let (findings, _) = stream.verdict();
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].kind, LockStuck);
    assert!(findings[0].story.contains("60 s"), "{}", findings[0].story);
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
    assert!(findings[0].story.contains("job-0-0 left its lock of Player_0 behind"), "{}", findings[0].story);
}

#[test]
fn a_lock_left_behind_by_a_server_that_crashed_is_clean() {
    let mut stream = Stream::new();
    stream.commits(1.0, 0, Some(record(0, Some(server(0))))).starts(2.0, 0, 0, Some(40.0)).crashes(3.0, 0);
    assert_eq!(stream.probes(200.0).starts(250.0, 3, 0, Some(300.0)).kinds(), NONE);
}

#[test]
fn a_lock_that_was_released_is_clean() {
    let mut stream = Stream::new();
    stream.commits(1.0, 0, Some(record(0, Some(server(0))))).commits(3.0, 0, Some(record(0, None)));
    assert_eq!(stream.probes(200.0).starts(250.0, 3, 0, Some(300.0)).kinds(), NONE);
}

/// The end of a run in which this is left of trade 4.
fn left(coordinator: &Json) -> Stream {
    let mut stream = Stream::new();
    stream.over_with(300.0, &[("Player_0", record(0, None).to_json()), ("Trade_4", coordinator.clone())]);
    stream
}

#[test]
fn a_coordinator_that_is_left_behind_is_caught_whatever_was_decided() {
    for decision in ["Pending", "Committed", "Aborted"] {
        let gives = json!({ "Player_0": { "Item": 0 } });
        let coordinator =
            json!({ "Parties": ["Player_0", "Player_1"], "Gives": gives, "Decision": decision, "Applied": [] });
        let (findings, _) = left(&coordinator).verdict();
        assert_eq!(findings.len(), 1);
        assert_eq!((findings[0].kind, findings[0].key.as_deref()), (LockStuck, Some("Trade_4")));
        let story = "Trade_4, by which a trade was decided, is left behind, and nobody will remove it";
        assert_eq!(findings[0].story, story);
    }
}

#[test]
fn a_store_without_coordinators_is_clean() {
    let mut stream = Stream::new();
    stream.over_with(300.0, &[("Player_0", record(0, None).to_json())]);
    assert_eq!(stream.kinds(), NONE);
}

#[test]
fn a_coordinator_that_a_players_next_session_will_come_for_is_clean() {
    for kept in
        [json!({ "Settled": { "partner": "Player_1" } }), json!({ "Trade": { "partner": "Player_1", "gives": 0 } })]
    {
        let at_the_end = |id: &str| {
            let mut player = record(0, None).to_json();
            player["MetaData"]["Escrow"] = json!({ id: kept });
            Stream::new().over_with(300.0, &[("Player_0", player), ("Trade_4", json!({}))]).kinds()
        };
        assert_eq!(at_the_end("4"), NONE);
        assert_eq!(at_the_end("5"), [LockStuck], "of another trade");
    }
}

#[test]
fn a_coordinator_whose_side_an_admin_removed_is_clean() {
    for kept in
        [json!({ "Settled": { "partner": "Player_1" } }), json!({ "Trade": { "partner": "Player_1", "gives": 0 } })]
    {
        let mut trading = record(0, None).to_json();
        trading["MetaData"]["Escrow"] = json!({ "4": kept });
        let removed = |command: Option<Command>| {
            let mut stream = Stream::new();
            stream.commits(1.0, 0, Some(Stored::from_json(trading.clone())));
            if let Some(command) = command {
                stream.acts(2.0, 1, command);
            }
            stream.commits(3.0, 1, None).over_with(300.0, &[("Trade_4", json!({}))]);
            stream.kinds().contains(&LockStuck)
        };
        assert!(!removed(Some(Command::Remove(PLAYER))));
        assert!(removed(None), "nobody asked for it");
    }
}
