//! Each violation that a monitor knows is planted, beside a twin that it leaves alone.

use dupeproof_sim::guest::key_of;
use dupeproof_sim::id::{SessionNo, TradeId};
use serde_json::{Value as Json, json};

use super::*;

const PLAYER: PlayerId = PlayerId(0);

/// A record with this state, held by one session and last written by another.
fn record(stamp: u64, holder: Option<&str>, writer: Option<(&str, u64)>) -> Json {
    let mut meta = json!({ "ProfileCreateTime": 1, "SessionLoadCount": 1, "LastUpdate": 1 });
    if let Some(guid) = holder {
        meta["ActiveSession"] = json!([1, "job", guid]);
    }
    if let Some((guid, number)) = writer {
        meta["LastWrite"] = json!([guid, number]);
    }
    json!({ "Data": { "Items": [], "Stamp": stamp }, "MetaData": meta, "GlobalUpdates": [0, []] })
}

fn monitor() -> Monitor {
    Monitor::new(1, 1)
}

fn write(monitor: &mut Monitor, before: &Json, after: &Json) -> Option<Violation> {
    let stored = |json: &Json| Some(Stored::from_json(json.clone()));
    monitor.commits(&Commit { key: key_of(PLAYER), before: stored(before), after: stored(after) })
}

fn says(monitor: &mut Monitor, event: &GuestEvent) -> Option<Violation> {
    assert!(Monitor::heeds(event));
    monitor.hears(event, Some((PLAYER, true)))
}

/// The session changes its data.
fn edits(monitor: &mut Monitor, parent: u64, stamp: u64) {
    let (stamp, parent) = (Stamp(stamp), Stamp(parent));
    assert_eq!(says(monitor, &GuestEvent::Edited { session: SessionNo(1), stamp, parent }), None);
}

/// The game is told that a state is stored.
fn saved(monitor: &mut Monitor, stamp: u64) -> Option<Violation> {
    says(monitor, &GuestEvent::Saved { session: SessionNo(1), stamp: Stamp(stamp) })
}

/// The holder saves this state.
fn saves(monitor: &mut Monitor, stamp: u64) -> Option<Violation> {
    write(monitor, &record(0, Some("a"), None), &record(stamp, Some("a"), Some(("a", stamp))))
}

#[test]
fn data_is_written_by_who_holds_the_lock() {
    let written = |holder: Option<&str>, writer, overruled: bool| {
        let mut monitor = monitor();
        if overruled {
            monitor.overrules(PLAYER);
        }
        edits(&mut monitor, 0, 1);
        write(&mut monitor, &record(0, holder, Some(("z", 1))), &record(1, holder, writer))
    };
    let unfenced = Some(Violation::UnfencedWrite { player: PLAYER });
    assert_eq!(written(Some("a"), Some(("a", 1)), false), None);
    assert_eq!(written(Some("a"), Some(("b", 1)), false), unfenced, "another session");
    assert_eq!(written(None, Some(("b", 1)), false), unfenced, "nobody holds it");
    assert_eq!(written(Some("a"), Some(("z", 1)), false), unfenced, "no session has signed it");
    assert_eq!(written(Some("a"), Some(("z", 1)), true), None, "but an admin may have written it");
    assert_eq!(written(Some("a"), Some(("b", 1)), true), unfenced, "an admin signs nothing");
}

#[test]
fn what_was_acknowledged_is_not_overwritten_by_what_was_not_made_from_it() {
    let overwritten = |parent, overruled: bool| {
        let mut monitor = monitor();
        edits(&mut monitor, 0, 1);
        assert_eq!((saves(&mut monitor, 1), saved(&mut monitor, 1)), (None, None));
        edits(&mut monitor, parent, 2);
        if overruled {
            monitor.overrules(PLAYER);
        }
        saves(&mut monitor, 2)
    };
    assert_eq!((overwritten(1, false), overwritten(0, true)), (None, None));
    assert_eq!(overwritten(0, false), Some(Violation::LostUpdate { player: PLAYER }));
}

#[test]
fn a_late_answer_to_an_older_write_does_not_take_back_what_is_known() {
    let mut monitor = monitor();
    edits(&mut monitor, 0, 1);
    edits(&mut monitor, 1, 2);
    assert_eq!((saves(&mut monitor, 1), saves(&mut monitor, 2)), (None, None));
    assert_eq!((saved(&mut monitor, 2), saved(&mut monitor, 1)), (None, None));
    assert_eq!(saves(&mut monitor, 1), Some(Violation::LostUpdate { player: PLAYER }));
}

#[test]
fn what_the_game_was_told_is_stored_is_or_something_made_from_it() {
    let told = |stored: Option<u64>| {
        let mut monitor = monitor();
        edits(&mut monitor, 0, 1);
        edits(&mut monitor, 1, 2);
        stored.map(|stamp| saves(&mut monitor, stamp));
        saved(&mut monitor, 1)
    };
    assert_eq!((told(Some(1)), told(Some(2))), (None, None));
    assert_eq!(told(None), Some(Violation::FalseAck { player: PLAYER }));
}

/// One player with one item; message 5 is sent.
fn ends(monitor: &Monitor, stored: &[(&str, Json)]) -> Option<Violation> {
    let file = "about = \"a\"\ndeviations = 0\nleases = [45]\nitems = [1]\nactors = [[\"0 send 0 5\"]]\n";
    let script = Script::parse("mine", file).expect("it makes sense");
    let mut store = Store::default();
    stored.iter().for_each(|(key, json)| store.put((*key).into(), Stored::from_json(json.clone())));
    monitor.ends(&script, &store)
}

/// A record with item 0 and something else in its data.
fn with(name: &str, things: &Json) -> [(&'static str, Json); 1] {
    let mut json = record(0, None, None);
    json["Data"]["Items"] = json!([0]);
    json["Data"][name] = things.clone();
    [("Player_0", json)]
}

#[test]
fn at_the_end_each_item_is_there_once_unless_an_admin_wrote() {
    let (item, mut admin) = (ItemId(0), monitor());
    admin.overrules(PLAYER);
    let judged = |items| [&monitor(), &admin].map(|monitor| ends(monitor, &with("Items", &items)));
    assert_eq!(judged(json!([0])), [None, None]);
    assert_eq!(judged(json!([])), [Some(Violation::ItemLost { item }), None]);
    assert_eq!(judged(json!([0, 0])), [Some(Violation::ItemDuplicated { item }), None]);
}

#[test]
fn at_the_end_an_accepted_message_is_handled_once() {
    let message = MessageId(5);
    let (mut accepted, mut admin) = (monitor(), monitor());
    for monitor in [&mut accepted, &mut admin] {
        assert_eq!(says(monitor, &GuestEvent::MessageAccepted { message }), None);
    }
    admin.overrules(PLAYER);
    let judged = |mail| [&monitor(), &accepted, &admin].map(|monitor| ends(monitor, &with("Mail", &mail)));
    assert_eq!(judged(json!([5])), [None, None, None]);
    assert_eq!(judged(json!([])), [None, Some(Violation::MessageLost { message }), None]);
    let twice = || Some(Violation::MessageDuplicated { message });
    assert_eq!(judged(json!([5, 5])), [twice(), twice(), twice()]);
}

#[test]
fn at_the_end_a_granted_purchase_is_there_once() {
    let receipt = ReceiptId(3);
    let (mut granted, mut admin) = (monitor(), monitor());
    for monitor in [&mut granted, &mut admin] {
        assert_eq!(says(monitor, &GuestEvent::PurchaseGranted { player: PLAYER, receipt }), None);
    }
    admin.overrules(PLAYER);
    let judged = |bought| [&monitor(), &granted, &admin].map(|monitor| ends(monitor, &with("Bought", &bought)));
    assert_eq!(judged(json!([3])), [None, None, None]);
    assert_eq!(judged(json!([])), [None, Some(Violation::PurchaseLost { receipt }), None]);
    let twice = || Some(Violation::PurchaseDuplicated { receipt });
    assert_eq!(judged(json!([3, 3])), [None, twice(), twice()]);
}

#[test]
fn at_the_end_nothing_is_left_for_the_next_session() {
    let left = |key: &str, what| Some(Violation::LeftBehind { key: key.to_owned(), what });
    let mut locked = with("Mail", &json!([]));
    locked[0].1["MetaData"]["ActiveSession"] = json!([1, "job", "a"]);
    assert_eq!(ends(&monitor(), &locked), left("Player_0", "a lock"));
    assert_eq!(ends(&monitor(), &[("Player_0", json!(7))]), left("Player_0", "no record"));
    let coordinator = (format!("Trade_{}", TradeId(4).0), json!({}));
    let mut stored = with("Mail", &json!([])).to_vec();
    stored.push((&coordinator.0, coordinator.1.clone()));
    assert_eq!(ends(&monitor(), &stored), left("Trade_4", "the coordinator of a trade"));
    let mut admin = monitor();
    admin.overrules(PLAYER);
    assert_eq!(ends(&admin, &stored), None, "an admin may have removed a side of it");
}

#[test]
fn at_the_end_what_was_acknowledged_is_stored() {
    let judged = |overruled: bool, stamp: u64| {
        let mut monitor = monitor();
        edits(&mut monitor, 0, 1);
        assert_eq!((saves(&mut monitor, 1), saved(&mut monitor, 1)), (None, None));
        if overruled {
            monitor.overrules(PLAYER);
        }
        ends(&monitor, &with("Stamp", &json!(stamp)))
    };
    assert_eq!((judged(false, 1), judged(true, 0)), (None, None));
    assert_eq!(judged(false, 0), Some(Violation::LostUpdate { player: PLAYER }));
}
