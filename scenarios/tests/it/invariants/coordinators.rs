//! Coordinators of trades that nobody will ever remove.

use dupeproof_core::Stored;
use dupeproof_scenarios::finding::FindingKind::{self, LockStuck};
use dupeproof_sim::guest::Command;
use dupeproof_sim::request::RequestKind;
use dupeproof_sim::trace::Event;
use dupeproof_sim::{RequestId, Version};
use serde_json::{Value as Json, json};

use crate::stream::{PLAYER, Stream, record, server};

const NONE: [FindingKind; 0] = [];

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

/// Server 0 asks for the write that makes trade 4's coordinator ..
fn asked(stream: &mut Stream, at: f64, id: u32) {
    let (server, id, kind, target) = (server(0), RequestId(id), RequestKind::CompareAndSet, Some("Trade_4".into()));
    stream.tell(at, Event::Requested { server, id, kind, target });
}

/// .. which is applied ..
fn made(stream: &mut Stream, at: f64, id: u32) {
    let (server, id, key, after) = (server(0), RequestId(id), "Trade_4".into(), Some(coordinator()));
    stream.tell(at, Event::Committed { server, id, key, version: Version(1), before: None, after });
}

/// .. and removed.
fn removed(stream: &mut Stream, at: f64) {
    let (server, id, key, before) = (server(1), RequestId(7), "Trade_4".into(), Some(coordinator()));
    stream.tell(at, Event::Committed { server, id, key, version: Version(2), before, after: None });
}

fn coordinator() -> Stored {
    Stored::from_json(json!({}))
}

fn at_the_end(stream: &mut Stream) -> Vec<FindingKind> {
    stream.over_with(300.0, &[("Trade_4", coordinator().to_json())]).kinds()
}

#[test]
fn a_coordinator_made_by_a_write_from_before_another_was_removed_is_clean() {
    let mut stream = Stream::new();
    asked(&mut stream, 1.0, 1);
    asked(&mut stream, 2.0, 2);
    made(&mut stream, 3.0, 2);
    removed(&mut stream, 100.0);
    made(&mut stream, 110.0, 1);
    assert_eq!(at_the_end(&mut stream), NONE);
}

#[test]
fn a_coordinator_made_by_a_write_from_after_another_was_removed_is_caught() {
    let mut stream = Stream::new();
    asked(&mut stream, 1.0, 1);
    made(&mut stream, 2.0, 1);
    removed(&mut stream, 100.0);
    asked(&mut stream, 101.0, 2);
    made(&mut stream, 102.0, 2);
    assert_eq!(at_the_end(&mut stream), [LockStuck]);
}

#[test]
fn a_coordinator_that_was_never_removed_is_caught() {
    let mut stream = Stream::new();
    asked(&mut stream, 1.0, 1);
    made(&mut stream, 200.0, 1);
    assert_eq!(at_the_end(&mut stream), [LockStuck]);
}
