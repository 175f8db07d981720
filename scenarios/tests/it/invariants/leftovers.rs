//! What is left in a record after the last session.

use dupeproof_scenarios::Fact;
use dupeproof_scenarios::history::contents::Leftover;
use dupeproof_scenarios::invariant::lock_stuck::Stuck;
use dupeproof_sim::FindingKind;
use serde_json::{Value as Json, json};

use crate::stream::{PLAYER, Stream, record, server};

const NONE: [FindingKind; 0] = [];

/// A player has been on the fresh server and has left it, and this is stored.
fn visited(stored: &Json) -> Stream {
    let mut stream = Stream::new();
    stream.probes(200.0).starts(201.0, 3, 0, Some(246.0)).ends(240.0, 3);
    stream.over_with(300.0, &[("Player_0", stored.clone())]);
    stream
}

/// A clean record, with something in it.
fn with(path: &str, something: Json) -> Json {
    let mut json = record(0, None).to_json();
    *json.pointer_mut(path).unwrap_or_else(|| panic!("{path} is in a record")) = something;
    json
}

fn with_meta(name: &str, something: Json) -> Json {
    let mut json = record(0, None).to_json();
    json["MetaData"][name] = something;
    json
}

fn planted() -> Vec<(Leftover, Json)> {
    let gift = json!({ "Gift": { "to": "Player_1", "gives": 0, "number": 1 } });
    vec![
        (Leftover::Message, with("/GlobalUpdates", json!([1, [[1, { "Message": 1 }]]]))),
        (Leftover::Lock, record(0, Some(server(3))).to_json()),
        (Leftover::Marker, with_meta("ForceLoadSession", json!([1, "job", "guid"]))),
        (Leftover::Escrow, with_meta("Escrow", json!({ "g1": gift }))),
        (Leftover::Note, with_meta("Escrow", json!({ "4": { "Settled": { "partner": "Player_1" } } }))),
    ]
}

#[test]
fn whatever_is_left_in_a_record_is_caught() {
    for (what, stored) in planted() {
        let (findings, _) = visited(&stored).verdict();
        assert_eq!(findings.len(), 1, "{what:?}");
        assert_eq!(findings[0].fact, Fact::LockStuck(Stuck::LeftInRecord { what }));
        assert_eq!(findings[0].player, Some(PLAYER));
    }
}

#[test]
fn a_record_in_which_nothing_is_left_is_clean() {
    assert_eq!(visited(&record(0, None).to_json()).kinds(), NONE);
    assert_eq!(visited(&with("/GlobalUpdates", json!([7, []]))).kinds(), NONE, "all seven were taken out");
    assert_eq!(visited(&json!({ "GlobalUpdates": [7, []] })).kinds(), NONE, "it has no profile");
}

#[test]
fn a_value_of_another_shape_is_not_judged() {
    let stored = json!({ "Items": [], "Stamp": 0, "ActiveSession": [1, "job", "guid"], "Escrow": { "g1": 1 } });
    assert_eq!(visited(&stored).kinds(), NONE);
}

#[test]
fn a_record_whose_last_session_is_not_over_is_not_judged() {
    for (what, stored) in planted() {
        let mut stream = Stream::new();
        stream.probes(200.0).starts(201.0, 3, 0, None).over_with(300.0, &[("Player_0", stored.clone())]);
        assert_eq!(stream.kinds(), NONE, "{what:?} while it is on the fresh server");
        let mut stream = Stream::new();
        stream.starts(1.0, 0, 0, None).ends(2.0, 0).over_with(300.0, &[("Player_0", stored)]);
        assert_eq!(stream.kinds(), NONE, "{what:?} before the fresh server");
    }
}

#[test]
fn a_record_whose_last_session_was_on_another_server_is_not_judged() {
    let (_, stored) = planted().remove(0);
    let mut stream = Stream::new();
    stream.probes(200.0).starts(201.0, 3, 0, None).ends(202.0, 3).starts(203.0, 0, 0, None).ends(204.0, 0);
    assert_eq!(stream.over_with(300.0, &[("Player_0", stored)]).kinds(), NONE);
}
