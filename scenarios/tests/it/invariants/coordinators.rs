//! Coordinators of trades that nobody will ever remove.

use dupeproof_core::Stored;
use dupeproof_scenarios::Fact;
use dupeproof_scenarios::invariant::lock_stuck::Stuck;
use dupeproof_sim::FindingKind::{self, LockStuck};
use dupeproof_sim::guest::Command;
use dupeproof_sim::id::TradeId;
use serde_json::{Value as Json, json};

use crate::stream::{PLAYER, Stream, record};

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
        assert_eq!(findings[0].fact, Fact::LockStuck(Stuck::Coordinator { trade: TradeId(4) }));
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
