//! What a data store would not take is refused, and everything that belongs to the last good data stays with it.

use std::sync::Arc;

use dupeproof_core::{
    CallRequest, CallResult, Config, EndReason, Event, Input, Limits, Purchase, SessionId, Span, StartFailure, Stored,
    TagError, Unstorable,
};
use serde_json::{Value as Json, json};

use crate::bench::{Bench, Fault, KEY};

/// Of each value here; 1,024 of them are kept for locks.
const BYTES_MAX: u64 = 3_000;

fn bench(servers: usize) -> Bench {
    let mut bench = Bench::new(servers);
    let limits = Limits { value_bytes_max: BYTES_MAX, ..Limits::default() };
    for server in 0..servers {
        bench.on(server, |store, _| store.set_config(Config { limits: limits.clone(), ..Config::default() }));
    }
    bench
}

/// A session with 3 gold stored.
fn rich(servers: usize) -> (Bench, SessionId) {
    let mut bench = bench(servers);
    let session = bench.start(0);
    bench.set_gold(0, session, 3);
    bench.input(0, Input::Save { session });
    bench.events(0);
    (bench, session)
}

fn bloat(bench: &mut Bench, server: usize, session: SessionId, bytes: usize) {
    bench.servers[server].store.data_mut(session, bench.now).unwrap()["Blob"] = json!("x".repeat(bytes));
}

/// Four gold, and far too much else.
fn spoil(bench: &mut Bench, session: SessionId) {
    bench.set_gold(0, session, 4);
    bloat(bench, 0, session, 5_000);
}

/// What was said of saves: the gold of those that are stored, and whether those that were refused were the last.
fn saves(bench: &mut Bench, server: usize) -> (Vec<i64>, Vec<bool>) {
    let events = bench.events(server);
    let stored = events.iter().filter_map(|event| match event {
        Event::AfterSave { data, .. } => data["Gold"].as_i64(),
        _ => None,
    });
    let refused = events.iter().filter_map(|event| match event {
        Event::SaveRefused { last, .. } => Some(*last),
        _ => None,
    });
    (stored.collect(), refused.collect())
}

fn message(bench: &mut Bench, server: usize, message: Json) -> CallResult {
    let call = bench.call(server, CallRequest::Message { key: KEY.into(), message: Arc::new(message) });
    let done = bench.events(server).into_iter().find_map(|event| match event {
        Event::CallDone { call: done, result } if done == call => Some(result),
        _ => None,
    });
    done.expect("nothing hinders the call")
}

#[test]
fn a_save_that_is_too_large_is_refused_with_a_reason_and_what_was_stored_stays() {
    let (mut bench, session) = rich(1);
    let before = bench.stored();
    spoil(&mut bench, session);
    bench.advance(Span::secs(7));
    bench.input(0, Input::Save { session });
    let events = bench.events(0);
    let refused = events.iter().find_map(|event| match event {
        Event::SaveRefused { session: of, key, why, last: false, write: 2 } if *of == session && **key == *KEY => {
            Some(*why)
        }
        _ => None,
    });
    let Some(why @ Unstorable::TooLarge { bytes: 5_284, most: 1_976 }) = refused else { panic!("{events:?}") };
    let said = "the record would have 5284 bytes as JSON, and at most 1976 can be stored: make the data smaller";
    assert_eq!(why.to_string(), said);
    assert!(!events.iter().any(|event| matches!(event, Event::AfterSave { .. })));
    let mut expected = before;
    expected["MetaData"]["LastUpdate"] = json!(1_700_001_007);
    assert_eq!(bench.stored(), expected);
    assert!(bench.is_active(0, session));
    assert_eq!(bench.servers[0].store.last_saved_data(session).unwrap()["Gold"], 3);
}

#[test]
fn a_refused_save_is_not_tried_again_before_it_is_asked_for() {
    let (mut bench, session) = rich(1);
    spoil(&mut bench, session);
    bench.input(0, Input::Save { session });
    let updates = bench.servers[0].updates;
    bench.advance(Span::secs(290));
    assert_eq!(bench.servers[0].updates, updates);
    bench.advance(Span::secs(310));
    assert_eq!(bench.servers[0].updates, updates + 2, "auto-saves");
    assert!(bench.is_active(0, session));
}

#[test]
fn a_refused_save_confirms_the_lease() {
    let (mut bench, session) = rich(1);
    spoil(&mut bench, session);
    bench.advance(Span::secs(14));
    bench.input(0, Input::Save { session });
    let until = bench.servers[0].store.live_until(session).unwrap();
    assert_eq!(until, bench.now.mono + Span::secs(45));
}

#[test]
fn data_that_has_been_made_smaller_is_stored_by_the_next_save() {
    let (mut bench, session) = rich(1);
    spoil(&mut bench, session);
    bench.input(0, Input::Save { session });
    bloat(&mut bench, 0, session, 10);
    bench.input(0, Input::Save { session });
    assert_eq!(saves(&mut bench, 0), (vec![4], vec![false]));
    assert_eq!(bench.stored()["Data"], json!({"Gold": 4, "Blob": "xxxxxxxxxx"}));
}

#[test]
fn data_that_is_too_deep_to_be_read_back_is_refused() {
    let (mut bench, session) = rich(1);
    let deep = (0..100_000).fold(json!(4), |inner, _| Json::Array(vec![inner]));
    bench.servers[0].store.data_mut(session, bench.now).unwrap()["Deep"] = deep;
    bench.input(0, Input::Save { session });
    let why = bench.events(0).into_iter().find_map(|event| match event {
        Event::SaveRefused { why, .. } => Some(why),
        _ => None,
    });
    assert_eq!(why, Some(Unstorable::TooDeep { most: 127 }));
    // Piece by piece: dropped as a whole, it would overflow the stack.
    let mut data = bench.servers[0].store.data_mut(session, bench.now).unwrap()["Deep"].take();
    while let Some(inner) = data.get_mut(0).map(Json::take) {
        data = inner;
    }
}

#[test]
fn a_final_save_that_is_refused_releases_the_lock_with_the_last_good_data_and_says_that_it_was_the_last() {
    type End = fn(&mut Bench, SessionId);
    let ends: [(End, EndReason); 3] = [
        (|bench, session| bench.input(0, Input::EndSession { session }), EndReason::Manual),
        (|bench, _| bench.input(0, Input::Shutdown), EndReason::Shutdown),
        (
            |bench, _| {
                bench.start(1);
            },
            EndReason::External,
        ),
    ];
    for (end, reason) in ends {
        let (mut bench, session) = rich(2);
        spoil(&mut bench, session);
        end(&mut bench, session);
        bench.advance(Span::secs(1));
        let events = std::mem::take(&mut bench.servers[0].events);
        assert!(events.contains(&Event::Ended { session, reason }));
        assert!(events.contains(&Event::Finished { session }));
        bench.servers[0].events = events;
        assert_eq!(saves(&mut bench, 0), (vec![], vec![true]), "{reason:?}");
        assert_eq!(bench.stored()["Data"], json!({"Gold": 3}), "{reason:?}");
        let holder = &bench.stored()["MetaData"]["ActiveSession"];
        assert_eq!(holder.is_array(), reason == EndReason::External, "handed over, or free: {holder}");
        assert_ne!(holder[1], "job-0");
    }
}

#[test]
fn a_final_save_that_is_refused_by_a_write_of_unknown_outcome_says_so_once() {
    for fault in [Fault::AppliedThenError, Fault::Refused, Fault::AppliedLater] {
        let (mut bench, session) = rich(1);
        spoil(&mut bench, session);
        bench.fault(0, fault);
        bench.input(0, Input::EndSession { session });
        bench.advance(Span::secs(2));
        assert_eq!(saves(&mut bench, 0), (vec![], vec![true]), "{fault:?}");
        assert!(bench.stored()["MetaData"].get("ActiveSession").is_none());
    }
}

#[test]
fn an_earlier_save_of_unknown_outcome_is_acknowledged_by_a_refused_one_if_it_is_stored() {
    for (fault, acknowledged) in [(Fault::AppliedThenError, vec![3]), (Fault::AppliedLater, vec![])] {
        let mut bench = bench(1);
        let session = bench.start(0);
        bench.set_gold(0, session, 3);
        bench.fault(0, fault);
        bench.input(0, Input::Save { session });
        spoil(&mut bench, session);
        bench.input(0, Input::Save { session });
        // A late one can no longer land: it would be stored, and nobody would know.
        bench.apply_late();
        assert_eq!(saves(&mut bench, 0), (acknowledged.clone(), vec![false]), "{fault:?}");
        assert_eq!(bench.stored()["Data"]["Gold"], if acknowledged.is_empty() { 0 } else { 3 });
    }
}

#[test]
fn a_message_whose_effect_is_in_refused_data_stays_in_the_queue_and_comes_again() {
    let (mut bench, session) = rich(2);
    assert_eq!(message(&mut bench, 1, json!({"Gold": 100})), CallResult::Done);
    bench.advance(Span::secs(1));
    bloat(&mut bench, 0, session, 5_000);
    let (index, _) = bench.servers[0].store.messages(session).next().expect("it arrived");
    let handled = bench.on(0, |store, now| {
        store.process_message(session, now, index, |data, gift| {
            data["Gold"] = gift["Gold"].clone();
            true
        })
    });
    assert_eq!(handled, Ok(true));
    bench.input(0, Input::EndSession { session });
    assert_eq!(bench.stored()["Data"]["Gold"], 3);
    let next = bench.start(1);
    assert_eq!(bench.servers[1].store.messages(next).count(), 1);
}

#[test]
fn a_purchase_in_refused_data_is_not_acknowledged_and_can_be_granted_again() {
    let (mut bench, session) = rich(2);
    let receipt: Arc<str> = "r-1".into();
    bloat(&mut bench, 0, session, 5_000);
    let bought = bench.on(0, |store, now| store.purchase(session, now, &receipt, |data| data["Gems"] = json!(50)));
    assert_eq!(bought, Ok(Purchase::Pending));
    bench.input(0, Input::EndSession { session });
    assert!(!bench.events(0).iter().any(|event| matches!(event, Event::PurchaseStored { .. })));
    let next = bench.start(1);
    let again = bench.on(1, |store, now| store.purchase(next, now, &receipt, |data| data["Gems"] = json!(50)));
    assert_eq!(again, Ok(Purchase::Pending), "it is granted now");
    assert_eq!(bench.stored()["Data"], json!({"Gold": 3, "Gems": 50}));
}

#[test]
fn what_was_put_aside_in_refused_data_never_leaves_the_profile() {
    let (mut bench, session) = rich(2);
    bloat(&mut bench, 0, session, 5_000);
    let give = |data: &mut Json| Some(data["Gold"].take());
    let put_aside = bench.on(0, |store, now| {
        store.trade(session, now, &"t-1".into(), &"Player_2".into(), give)?;
        store.gift(session, now, &"g-1".into(), &"Player_2".into(), |_| Some(json!({"Gold": 1})))
    });
    assert_eq!(put_aside, Ok(true));
    bench.advance(Span::secs(40));
    bench.input(0, Input::EndSession { session });
    assert_eq!(bench.stored()["Data"], json!({"Gold": 3}));
    assert!(bench.stored()["MetaData"].get("Escrow").is_none());
    assert!(bench.others.is_empty(), "nothing was prepared or sent: {:?}", bench.others);
}

#[test]
fn a_message_that_would_make_the_record_too_large_or_too_deep_is_refused_to_its_sender() {
    let (mut bench, session) = rich(2);
    bloat(&mut bench, 0, session, 1_000);
    bench.input(0, Input::Save { session });
    assert_eq!(message(&mut bench, 1, json!("small")), CallResult::Done);
    let large = message(&mut bench, 1, json!("x".repeat(1_000)));
    assert!(matches!(large, CallResult::Unstorable(Unstorable::TooLarge { most: 1_976, .. })), "{large:?}");
    let deep = (0..124).fold(json!(4), |inner, _| json!([inner]));
    assert_eq!(message(&mut bench, 1, deep), CallResult::Unstorable(Unstorable::TooDeep { most: 127 }));
    assert_eq!(message(&mut bench, 1, json!("small again")), CallResult::Done);
    assert_eq!(bench.stored()["GlobalUpdates"][1].as_array().unwrap().len(), 2);
}

#[test]
fn messages_never_make_the_record_larger_than_can_be_stored() {
    let mut bench = bench(1);
    while message(&mut bench, 0, json!({"Hat": "é"})) == CallResult::Done {}
    let bytes = serde_json::to_string(&bench.value).unwrap().len();
    assert!((1_700..=1_976).contains(&bytes), "{bytes}");
    let fits = (0..123).fold(json!(4), |inner, _| json!([inner]));
    bench.value = None;
    assert_eq!(message(&mut bench, 0, fits), CallResult::Done);
    let text = serde_json::to_string(&bench.value).unwrap();
    serde_json::from_str::<Json>(&text).expect("as deep as it may be, it can be read back");
}

#[test]
fn a_view_that_is_too_large_is_not_set() {
    let (mut bench, session) = rich(2);
    let before = bench.stored();
    let call = bench.call(1, CallRequest::Set { key: KEY.into(), data: Arc::new(json!("x".repeat(3_000))) });
    let done = bench.events(1);
    assert!(
        matches!(done[..], [Event::CallDone { call: done, result: CallResult::Unstorable(_) }] if done == call),
        "{done:?}"
    );
    assert_eq!(bench.stored(), before);
    assert!(bench.is_active(0, session));
}

#[test]
fn the_largest_data_leaves_room_for_locks_and_markers() {
    let (mut bench, session) = rich(2);
    bloat(&mut bench, 0, session, 0);
    let spare = |bench: &Bench| {
        let mut filled = bench.stored();
        filled["Data"]["Blob"] = json!("");
        1_976 - serde_json::to_string(&filled).unwrap().len()
    };
    let largest = spare(&bench);
    bloat(&mut bench, 0, session, largest);
    bench.input(0, Input::Save { session });
    assert_eq!(saves(&mut bench, 0), (vec![3], vec![]), "exactly the largest");
    bench.lose_messages = true;
    let next = bench.start(1);
    bench.advance(Span::secs(30));
    assert!(bench.is_active(1, next));
}

#[test]
fn a_record_or_a_template_that_has_no_room_for_a_lock_fails_the_start() {
    let mut bench = bench(1);
    bench.value = Some(Stored::from_json(json!({
        "Data": "x".repeat(2_800), "GlobalUpdates": [0, []], "UserIds": [], "RobloxMetaData": [],
        "MetaData": {"ProfileCreateTime": 1, "SessionLoadCount": 1, "LastUpdate": 1, "MetaTags": []},
    })));
    let before = bench.value.clone();
    let session = bench.start(0);
    assert!(bench.events(0).contains(&Event::StartFailed { session, failure: StartFailure::Failed }));
    bench.advance(Span::secs(60));
    assert_eq!(bench.value, before);

    let mut bench = Bench::new(1);
    let limits = Limits { value_bytes_max: 100, ..Limits::default() };
    bench.on(0, |store, _| store.set_config(Config { limits, ..Config::default() }));
    let session = bench.start(0);
    assert!(bench.events(0).contains(&Event::StartFailed { session, failure: StartFailure::Failed }));
    assert_eq!(bench.value, None);
}

#[test]
fn more_than_four_user_ids_are_refused() {
    let mut bench = Bench::new(1);
    let session = bench.start(0);
    let mut add = |id| bench.on(0, |store, now| store.add_user_id(session, now, id));
    for id in 1..=4 {
        assert_eq!(add(id), Ok(()));
    }
    assert_eq!(add(4), Ok(()), "it is there already");
    assert_eq!(add(5), Err(TagError::TooManyUserIds { most: 4 }));
    bench.on(0, |store, now| store.remove_user_id(session, now, 1)).unwrap();
    assert_eq!(bench.on(0, |store, now| store.add_user_id(session, now, 5)), Ok(()));
}

#[test]
fn metadata_that_the_data_store_would_not_take_is_refused_and_changes_nothing() {
    let mut bench = Bench::new(1);
    let session = bench.start(0);
    let mut set = |metadata| bench.on(0, |store, now| store.set_roblox_metadata(session, now, metadata));
    let most = json!({"n".repeat(50): "v".repeat(240), "Level": 10_000, "t": true});
    assert_eq!(set(json!({"n".repeat(50): "v".repeat(250)})), Ok(()));
    assert_eq!(set(json!([])), Ok(()), "the empty map");
    assert_eq!(set(most), Err(TagError::MetadataTooLong { bytes: 305, most: 300 }));
    assert_eq!(set(json!({"n".repeat(51): 1})), Err(TagError::NameTooLong { bytes: 51, most: 50 }));
    assert_eq!(set(json!({"n": "v".repeat(251)})), Err(TagError::ValueTooLong { bytes: 251, most: 250 }));
    for no_map in [json!("text"), json!([1]), json!({"a": {"b": 1}})] {
        assert_eq!(set(no_map), Err(TagError::NotAMap));
    }
    bench.input(0, Input::EndSession { session });
    assert_eq!(bench.stored()["RobloxMetaData"], json!([]));
}

#[test]
fn a_trade_that_is_settled_in_refused_data_is_settled_by_the_next_session() {
    let (mut bench, first) = rich(3);
    let (trade, partner): (Arc<str>, Arc<str>) = ("t-1".into(), "Player_2".into());
    let second = bench.start_as(1, &partner, false);
    let give = |data: &mut Json| Some(data["Gold"].take());
    bench.on(0, |store, now| store.trade(first, now, &trade, &partner, give)).unwrap();
    bench.on(1, |store, now| store.trade(second, now, &trade, &KEY.into(), |_| Some(json!("hat")))).unwrap();
    bench.advance(Span::secs(3));
    bloat(&mut bench, 0, first, 5_000);
    let take = |data: &mut Json, items: &Json| data["Hat"] = items.clone();
    bench.on(0, |store, now| store.settle_trade(first, now, &trade, take)).unwrap();
    bench.input(0, Input::EndSession { session: first });
    assert!(bench.stored()["MetaData"]["Escrow"]["t-1"].get("Trade").is_some());
    let next = bench.start(2);
    assert!(bench.events(2).iter().any(|event| matches!(event, Event::TradeDecided { committed: true, .. })));
    bench.on(2, |store, now| store.settle_trade(next, now, &trade, take)).unwrap();
    assert_eq!(bench.stored()["Data"], json!({"Gold": null, "Hat": "hat"}));
}
