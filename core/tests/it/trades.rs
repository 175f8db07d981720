//! Trades, gifts and purchases: nothing is ever in two places, and nothing nowhere.

use std::sync::Arc;

use dupeproof_core::{CallRequest, Config, Event, Input, Limits, Purchase, SessionId, Span};
use serde_json::{Value as Json, json};

use crate::bench::{Bench, Fault, KEY};

const OTHER: &str = "Player_2";

/// Two players on two servers, with 10 gold each.
fn two_players() -> (Bench, SessionId, SessionId) {
    let mut bench = Bench::new(3);
    let (first, second) = (bench.start(0), bench.start_as(1, OTHER, false));
    bench.set_gold(0, first, 10);
    bench.set_gold(1, second, 10);
    bench.events(0);
    bench.events(1);
    (bench, first, second)
}

fn take_gold(amount: u64) -> impl FnOnce(&mut Json) -> Option<Json> {
    move |data| {
        let gold = data["Gold"].as_u64()?.checked_sub(amount)?;
        data["Gold"] = json!(gold);
        Some(json!({"Gold": amount}))
    }
}

fn give_gold(data: &mut Json, items: &Json) {
    data["Gold"] = json!(data["Gold"].as_u64().unwrap_or(0) + items["Gold"].as_u64().unwrap_or(0));
}

fn offer(bench: &mut Bench, server: usize, session: SessionId, partner: &str, amount: u64) {
    bench.on(server, |store, now| {
        assert!(store.trade(session, now, &"t-1".into(), &partner.into(), take_gold(amount)).unwrap());
    });
}

/// Settles every trade that was decided on a server; says which were committed.
fn settle(bench: &mut Bench, server: usize) -> Vec<bool> {
    let mut outcomes = Vec::new();
    for event in bench.events(server) {
        if let Event::TradeDecided { session, trade, committed, .. } = event {
            outcomes.push(committed);
            bench.on(server, |store, now| store.settle_trade(session, now, &trade, give_gold)).unwrap();
        }
    }
    outcomes
}

fn gold(bench: &Bench, key: &str) -> u64 {
    let stored = if key == KEY { bench.stored() } else { bench.others[key].to_json() };
    stored["Data"]["Gold"].as_u64().unwrap()
}

/// No coordinator, and nothing put aside.
#[track_caller]
fn nothing_is_left(bench: &Bench) {
    assert!(!bench.others.contains_key("Trade_t-1"), "{:?}", bench.others.get("Trade_t-1"));
    for record in [bench.stored(), bench.others[OTHER].to_json()] {
        assert!(record["MetaData"].get("Escrow").is_none(), "{record}");
    }
}

#[test]
fn a_trade_between_two_servers_commits_and_leaves_nothing_behind() {
    let (mut bench, first, second) = two_players();
    offer(&mut bench, 0, first, OTHER, 3);
    offer(&mut bench, 1, second, KEY, 5);
    bench.advance(Span::secs(3));
    assert_eq!((settle(&mut bench, 0), settle(&mut bench, 1)), (vec![true], vec![true]));
    bench.advance(Span::secs(3));
    assert_eq!((gold(&bench, KEY), gold(&bench, OTHER)), (12, 8));
    bench.input(0, Input::EndSession { session: first });
    bench.input(1, Input::EndSession { session: second });
    nothing_is_left(&bench);
}

#[test]
fn a_trade_whose_other_side_never_comes_is_aborted_and_given_back() {
    let (mut bench, first, _) = two_players();
    offer(&mut bench, 0, first, OTHER, 3);
    bench.advance(Span::secs(29));
    assert_eq!(gold(&bench, KEY), 7);
    bench.advance(Span::secs(4));
    assert_eq!(settle(&mut bench, 0), [false]);
    bench.input(0, Input::EndSession { session: first });
    assert_eq!(gold(&bench, KEY), 10);
    nothing_is_left(&bench);
}

#[test]
fn a_side_that_comes_after_the_abort_gets_its_own_back() {
    let (mut bench, first, second) = two_players();
    offer(&mut bench, 0, first, OTHER, 3);
    bench.advance(Span::secs(33));
    settle(&mut bench, 0);
    offer(&mut bench, 1, second, KEY, 5);
    bench.advance(Span::secs(33));
    assert_eq!(settle(&mut bench, 1), [false]);
    bench.input(0, Input::EndSession { session: first });
    bench.input(1, Input::EndSession { session: second });
    assert_eq!((gold(&bench, KEY), gold(&bench, OTHER)), (10, 10));
    nothing_is_left(&bench);
}

#[test]
fn a_side_that_comes_before_the_abort_is_applied_gets_its_own_back_too() {
    let (mut bench, first, second) = two_players();
    offer(&mut bench, 0, first, OTHER, 3);
    bench.advance(Span::secs(33));
    offer(&mut bench, 1, second, KEY, 5);
    bench.advance(Span::secs(1));
    assert_eq!((settle(&mut bench, 0), settle(&mut bench, 1)), (vec![false], vec![false]));
    bench.input(0, Input::EndSession { session: first });
    bench.input(1, Input::EndSession { session: second });
    assert_eq!((gold(&bench, KEY), gold(&bench, OTHER)), (10, 10));
    nothing_is_left(&bench);
}

#[test]
fn a_trade_that_was_settled_by_a_session_that_ended_at_once_is_cleared_away_by_the_next() {
    let (mut bench, first, _) = two_players();
    offer(&mut bench, 0, first, OTHER, 3);
    bench.advance(Span::secs(33));
    // The save of what is given back goes through; what the coordinator is told does not.
    bench.servers[0].faults.extend([Fault::Conflict, Fault::Refused]);
    assert_eq!(settle(&mut bench, 0), [false]);
    bench.input(0, Input::EndSession { session: first });
    assert!(bench.others.contains_key("Trade_t-1"));
    assert_eq!(
        bench.stored()["MetaData"]["Escrow"],
        json!({"t-1": {"Settled": {"partner": OTHER, "bound": ["guid-0", 1]}}})
    );
    let next = bench.start(2);
    assert!(settle(&mut bench, 2).is_empty(), "it was settled");
    bench.input(2, Input::EndSession { session: next });
    assert_eq!(gold(&bench, KEY), 10);
    nothing_is_left(&bench);
}

#[test]
fn an_id_that_is_used_again_while_its_coordinator_stands_does_not_inherit_the_decision() {
    let (mut bench, first, second) = two_players();
    offer(&mut bench, 0, first, OTHER, 3);
    offer(&mut bench, 1, second, KEY, 5);
    bench.advance(Span::secs(3));
    assert_eq!(settle(&mut bench, 0), [true]);
    // The other side has not applied it.
    offer(&mut bench, 0, first, OTHER, 7);
    bench.advance(Span::secs(3));
    assert_eq!(settle(&mut bench, 0), [false]);
    assert_eq!(settle(&mut bench, 1), [true]);
    bench.input(0, Input::EndSession { session: first });
    bench.input(1, Input::EndSession { session: second });
    assert_eq!((gold(&bench, KEY), gold(&bench, OTHER)), (12, 8));
    nothing_is_left(&bench);
}

#[test]
fn an_id_is_not_used_again_before_the_coordinator_knows_that_it_is_settled() {
    let (mut bench, first, _) = two_players();
    offer(&mut bench, 0, first, OTHER, 3);
    bench.advance(Span::secs(33));
    bench.servers[0].faults.extend([Fault::Conflict, Fault::Refused]);
    assert_eq!(settle(&mut bench, 0), [false]);
    let again = |bench: &mut Bench| {
        bench.on(0, |store, now| store.trade(first, now, &"t-1".into(), &OTHER.into(), take_gold(1)))
    };
    assert_eq!(again(&mut bench), Ok(false));
    bench.advance(Span::secs(3));
    assert_eq!(again(&mut bench), Ok(true));
}

#[test]
fn a_side_whose_lease_has_run_out_does_not_vote_on_what_its_successor_has_taken_back() {
    let (mut bench, first, second) = two_players();
    // The save of the escrow goes through, what comes after it does not; and the server stands still.
    bench.servers[0].faults.extend([Fault::Conflict, Fault::Refused]);
    offer(&mut bench, 0, first, OTHER, 3);
    bench.servers[0].frozen = true;
    bench.start(2);
    bench.advance(Span::secs(110));
    assert_eq!(settle(&mut bench, 2), [false]);
    bench.advance(Span::secs(3));
    assert!(!bench.others.contains_key("Trade_t-1"));
    // It goes on, and its first check fails.
    bench.servers[0].frozen = false;
    bench.fault(0, Fault::Refused);
    bench.advance(Span::ZERO);
    assert!(!bench.others.contains_key("Trade_t-1"));
    offer(&mut bench, 1, second, KEY, 5);
    bench.advance(Span::secs(33));
    assert_eq!(settle(&mut bench, 1), [false]);
    bench.input(1, Input::EndSession { session: second });
    assert_eq!((gold(&bench, KEY), gold(&bench, OTHER)), (10, 10));
}

#[test]
fn a_side_that_finds_its_coordinator_gone_makes_no_other_before_it_knows_that_the_lock_is_still_its_own() {
    let (mut bench, first, _) = two_players();
    bench.lose_messages = true;
    offer(&mut bench, 0, first, OTHER, 3);
    bench.advance(Span::secs(29));
    // The check goes through; so does the abort, and is answered with an error.
    bench.servers[0].faults.extend([Fault::Conflict, Fault::AppliedThenError]);
    bench.advance(Span::secs(1));
    assert_eq!(bench.others["Trade_t-1"].to_json()["Decision"], "Aborted");
    let stealer = bench.start_as(2, KEY, true);
    assert_eq!(settle(&mut bench, 2), [false]);
    assert!(!bench.others.contains_key("Trade_t-1"));
    for _ in 0..40 {
        bench.advance(Span::secs(1));
        assert!(!bench.others.contains_key("Trade_t-1"));
    }
    assert!(bench.events(0).iter().any(|event| matches!(event, Event::Ended { .. })));
    bench.input(2, Input::EndSession { session: stealer });
    assert_eq!(gold(&bench, KEY), 10);
}

#[test]
fn a_side_whose_coordinator_is_gone_gets_its_own_back_all_the_same() {
    let (mut bench, first, second) = two_players();
    offer(&mut bench, 0, first, OTHER, 3);
    bench.advance(Span::secs(5));
    bench.others.remove("Trade_t-1");
    bench.advance(Span::secs(45));
    assert_eq!(settle(&mut bench, 0), [false]);
    bench.input(0, Input::EndSession { session: first });
    bench.input(1, Input::EndSession { session: second });
    assert_eq!(gold(&bench, KEY), 10);
    nothing_is_left(&bench);
}

#[test]
fn whoever_comes_first_makes_the_record_and_votes_with_a_later_write() {
    // A write that needs no record could land when the trade is over and its record gone.
    let (mut bench, first, _) = two_players();
    bench.servers[0].faults.extend([Fault::Conflict, Fault::AppliedThenError]);
    offer(&mut bench, 0, first, OTHER, 3);
    assert_eq!(bench.others["Trade_t-1"].to_json()["Gives"], json!({}));
    bench.advance(Span::secs(1));
    assert_eq!(bench.others["Trade_t-1"].to_json()["Gives"], json!({KEY: {"Gold": 3}}));
}

fn set_lease(bench: &mut Bench, server: usize, seconds: u64) {
    bench.on(server, |store, _| store.set_config(Config { lease: Span::secs(seconds), ..Config::default() }));
}

/// Both sides are settled wherever they are, and what the two have is conserved.
#[track_caller]
fn all_is_conserved(bench: &mut Bench, sessions: &[(usize, SessionId)]) {
    for _ in 0..200 {
        bench.advance(Span::secs(1));
        sessions.iter().for_each(|(server, _)| drop(settle(bench, *server)));
    }
    for (server, session) in sessions {
        bench.input(*server, Input::EndSession { session: *session });
    }
    bench.advance(Span::secs(5));
    assert_eq!(gold(bench, KEY) + gold(bench, OTHER), 20, "{:?} and {:?}", bench.stored(), bench.others[OTHER]);
    nothing_is_left(bench);
}

#[test]
fn a_session_with_a_long_lease_that_was_stolen_from_brings_no_trade_back() {
    // The victim puts its gold aside, and everything else it asks for hangs. The stealer has a short lease: it gives the
    // gold back and clears the trade away, and the victim goes on before its own lease is over.
    let mut bench = Bench::new(3);
    set_lease(&mut bench, 0, 120);
    let (first, second) = (bench.start(0), bench.start_as(1, OTHER, false));
    bench.set_gold(0, first, 10);
    bench.set_gold(1, second, 10);
    bench.lose_messages = true;
    bench.servers[0].faults.extend([Fault::Conflict, Fault::Held, Fault::Held, Fault::Held]);
    offer(&mut bench, 0, first, OTHER, 3);
    let stealer = bench.start_as(2, KEY, true);
    settle(&mut bench, 2);
    bench.advance(Span::secs(54));
    settle(&mut bench, 2);
    bench.servers[0].faults.clear();
    bench.answer_held(0);
    bench.advance(Span::secs(1));
    offer(&mut bench, 1, second, KEY, 5);
    all_is_conserved(&mut bench, &[(1, second), (2, stealer)]);
    assert_eq!(gold(&bench, OTHER), 10);
}

#[test]
fn a_stolen_trade_whose_partner_is_slow_is_not_brought_back() {
    // All leases are equal. Both sides have put their gold aside; the lock is stolen; the partner aborts, and its save
    // hangs; the stealer settles; then the victim, which still believes that it is live, goes on.
    let (mut bench, first, second) = two_players();
    bench.lose_messages = true;
    offer(&mut bench, 1, second, KEY, 5);
    bench.advance(Span::secs(1));
    // The victim's escrow is stored; its coordinator request is answered late, and so are its checks.
    bench.servers[0].faults.extend([Fault::Conflict, Fault::Held, Fault::Held, Fault::Held]);
    offer(&mut bench, 0, first, OTHER, 3);
    bench.advance(Span::secs(1));
    let stealer = bench.start_as(2, KEY, true);
    bench.advance(Span::secs(30));
    bench.servers[1].faults.extend([Fault::Held]);
    settle(&mut bench, 1);
    settle(&mut bench, 2);
    bench.advance(Span::secs(4));
    bench.answer_held(1);
    bench.advance(Span::secs(4));
    bench.servers[0].faults.clear();
    bench.answer_held(0);
    bench.advance(Span::secs(1));
    all_is_conserved(&mut bench, &[(1, second), (2, stealer)]);
    assert_eq!(gold(&bench, OTHER), 10);
}

#[test]
fn a_coordinator_that_a_session_makes_after_its_lock_was_stolen_is_closed() {
    let (mut bench, first, _) = two_players();
    bench.lose_messages = true;
    // The escrow is stored, and the coordinator request fails at once: it is made again when the lock is stolen already.
    bench.servers[0].faults.extend([Fault::Conflict, Fault::Refused, Fault::Held]);
    offer(&mut bench, 0, first, OTHER, 3);
    let stealer = bench.start_as(2, KEY, true);
    assert_eq!(settle(&mut bench, 2), [false]);
    bench.servers[0].faults.clear();
    bench.advance(Span::secs(2));
    assert!(bench.others.contains_key("Trade_t-1"), "the victim believes that it is live, and makes one");
    assert_eq!(bench.stored()["MetaData"]["StolenLease"], 45);
    bench.advance(Span::secs(60));
    assert!(!bench.others.contains_key("Trade_t-1"));
    bench.input(2, Input::EndSession { session: stealer });
    nothing_is_left(&bench);
    assert_eq!((gold(&bench, KEY), bench.stored()["MetaData"].get("StolenLease")), (10, None));
}

#[test]
fn an_escrow_that_is_not_bound_is_given_back_at_once_and_a_late_creation_comes_to_nothing() {
    let (mut bench, first, _) = two_players();
    bench.servers[0].faults.extend([Fault::Conflict, Fault::AppliedLater]);
    offer(&mut bench, 0, first, OTHER, 3);
    bench.crash(0);
    let next = bench.start(2);
    bench.advance(Span::secs(60));
    assert_eq!(settle(&mut bench, 2), [false]);
    bench.advance(Span::secs(1));
    bench.apply_late();
    assert!(!bench.others.contains_key("Trade_t-1"), "the key has changed since");
    bench.input(2, Input::EndSession { session: next });
    assert_eq!(gold(&bench, KEY), 10);
    nothing_is_left(&bench);
}

#[test]
fn a_trade_that_is_too_large_for_one_record_is_aborted_and_given_back() {
    let (mut bench, first, second) = two_players();
    for server in 0..3 {
        let limits = Limits { value_bytes_max: 3_000, ..Limits::default() };
        bench.on(server, |store, _| store.set_config(Config { limits, ..Config::default() }));
    }
    let offer = |bench: &mut Bench, server, session, partner: &str| {
        let give = |data: &mut Json| {
            data["Gold"] = json!(0);
            Some(json!({"Gold": 10, "Poem": "x".repeat(1_500)}))
        };
        bench.on(server, |store, now| store.trade(session, now, &"t-1".into(), &partner.into(), give)).unwrap();
    };
    offer(&mut bench, 0, first, OTHER);
    offer(&mut bench, 1, second, KEY);
    bench.advance(Span::secs(3));
    assert_eq!((settle(&mut bench, 0), settle(&mut bench, 1)), (vec![false], vec![false]));
    bench.input(0, Input::EndSession { session: first });
    bench.input(1, Input::EndSession { session: second });
    assert_eq!((gold(&bench, KEY), gold(&bench, OTHER)), (10, 10));
    nothing_is_left(&bench);
}

#[test]
fn a_side_that_crashes_after_preparing_finds_its_half_when_it_comes_back() {
    let (mut bench, first, second) = two_players();
    offer(&mut bench, 0, first, OTHER, 3);
    bench.advance(Span::secs(1));
    bench.crash(0);
    offer(&mut bench, 1, second, KEY, 5);
    bench.advance(Span::secs(1));
    assert_eq!(settle(&mut bench, 1), [true]);
    bench.start(2);
    bench.advance(Span::secs(50));
    assert_eq!(settle(&mut bench, 2), [true]);
    bench.advance(Span::secs(3));
    assert_eq!((gold(&bench, KEY), gold(&bench, OTHER)), (12, 8));
}

#[test]
fn a_side_that_crashes_before_its_escrow_is_stored_never_traded() {
    let (mut bench, first, second) = two_players();
    bench.fault(0, Fault::Refused);
    offer(&mut bench, 0, first, OTHER, 3);
    bench.crash(0);
    offer(&mut bench, 1, second, KEY, 5);
    bench.advance(Span::secs(33));
    assert_eq!(settle(&mut bench, 1), [false]);
    bench.advance(Span::secs(3));
    assert_eq!(gold(&bench, OTHER), 10);
}

#[test]
fn a_decision_of_unknown_outcome_is_asked_for_again() {
    let (mut bench, first, second) = two_players();
    offer(&mut bench, 0, first, OTHER, 3);
    bench.advance(Span::secs(1));
    // The save of the escrow goes through; the next request is stored and answered with an error.
    bench.servers[1].faults.extend([Fault::Conflict, Fault::AppliedThenError]);
    offer(&mut bench, 1, second, KEY, 5);
    bench.advance(Span::secs(5));
    assert_eq!((settle(&mut bench, 0), settle(&mut bench, 1)), (vec![true], vec![true]));
}

#[test]
fn what_is_put_aside_is_not_replaced_by_something_else_under_its_id() {
    let (mut bench, first, _) = two_players();
    offer(&mut bench, 0, first, OTHER, 3);
    let again = bench.on(0, |store, now| store.trade(first, now, &"t-1".into(), &OTHER.into(), take_gold(2)));
    assert_eq!(again, Ok(false));
    let gift = bench.on(0, |store, now| store.gift(first, now, &"t-1".into(), &OTHER.into(), take_gold(2)));
    assert_eq!(gift, Ok(false));
    bench.advance(Span::secs(33));
    settle(&mut bench, 0);
    bench.input(0, Input::EndSession { session: first });
    assert_eq!(gold(&bench, KEY), 10);
}

#[test]
fn a_trade_is_not_settled_twice() {
    let (mut bench, first, second) = two_players();
    offer(&mut bench, 0, first, OTHER, 3);
    offer(&mut bench, 1, second, KEY, 5);
    bench.advance(Span::secs(3));
    assert_eq!(settle(&mut bench, 0), [true]);
    let again = bench.on(0, |store, now| store.settle_trade(first, now, "t-1", give_gold));
    assert!(again.is_err());
}

#[test]
fn a_gift_leaves_the_giver_and_arrives_once() {
    let (mut bench, first, second) = two_players();
    bench.on(0, |store, now| store.gift(first, now, &"g-1".into(), &OTHER.into(), take_gold(4))).unwrap();
    bench.advance(Span::secs(2));
    assert!(bench.events(0).contains(&Event::GiftDelivered { session: first, gift: "g-1".into() }));
    let (index, _) = bench.servers[1].store.messages(second).next().expect("the gift arrived");
    bench
        .on(1, |store, now| {
            store.process_message(second, now, index, |data, gift| {
                give_gold(data, gift);
                true
            })
        })
        .unwrap();
    bench.advance(Span::secs(2));
    assert_eq!((gold(&bench, KEY), gold(&bench, OTHER)), (6, 14));
    assert!(bench.stored()["MetaData"].get("Escrow").is_none());
}

#[test]
fn a_gift_whose_giver_crashed_on_the_way_is_sent_again_and_arrives_once() {
    let (mut bench, first, second) = two_players();
    bench.servers[0].faults.extend([Fault::Conflict, Fault::AppliedThenError]);
    bench.on(0, |store, now| store.gift(first, now, &"g-1".into(), &OTHER.into(), take_gold(4))).unwrap();
    bench.crash(0);
    bench.start(2);
    bench.advance(Span::secs(60));
    assert_eq!(bench.servers[1].store.messages(second).count(), 1);
    assert!(bench.stored()["MetaData"].get("Escrow").is_none());
    assert_eq!(gold(&bench, KEY), 6);
}

#[test]
fn a_gift_of_a_profile_that_was_removed_and_began_anew_arrives() {
    let (mut bench, first, second) = two_players();
    let give = |bench: &mut Bench, session, id: &str| {
        bench.on(0, |store, now| store.gift(session, now, &id.into(), &OTHER.into(), take_gold(4))).unwrap();
        bench.advance(Span::secs(3));
    };
    give(&mut bench, first, "g-1");
    bench.call(2, CallRequest::Remove { key: KEY.into() });
    bench.advance(Span::secs(20));
    let later = bench.start(0);
    bench.set_gold(0, later, 10);
    give(&mut bench, later, "g-2");
    assert_eq!(bench.servers[1].store.messages(second).count(), 2);
}

#[test]
fn an_id_may_be_used_for_a_second_gift_while_the_first_is_not_known_to_be_removed() {
    let (mut bench, first, second) = two_players();
    let give = |bench: &mut Bench| {
        bench.on(0, |store, now| store.gift(first, now, &"g-1".into(), &OTHER.into(), take_gold(4))).unwrap()
    };
    // The save of the escrow and the message go through; the save that removes the escrow is refused.
    bench.servers[0].faults.extend([Fault::Conflict, Fault::Conflict, Fault::Refused]);
    assert!(give(&mut bench));
    assert!(give(&mut bench), "its escrow has left the data");
    bench.advance(Span::secs(30));
    let delivered = bench.events(0).iter().filter(|event| matches!(event, Event::GiftDelivered { .. })).count();
    assert_eq!((delivered, bench.servers[1].store.messages(second).count()), (2, 2));
    bench.input(0, Input::EndSession { session: first });
    assert_eq!((gold(&bench, KEY), bench.stored()["MetaData"].get("Escrow")), (2, None));
}

#[test]
fn gifts_to_one_profile_arrive_in_order_although_the_first_is_late() {
    let (mut bench, first, second) = two_players();
    let give = |bench: &mut Bench, id: &str| {
        bench.on(0, |store, now| store.gift(first, now, &id.into(), &OTHER.into(), take_gold(4))).unwrap();
    };
    // The save of the first escrow goes through; its message is refused.
    bench.servers[0].faults.extend([Fault::Conflict, Fault::Refused]);
    give(&mut bench, "g-1");
    give(&mut bench, "g-2");
    bench.advance(Span::secs(5));
    assert_eq!(bench.servers[1].store.messages(second).count(), 2);
}

#[test]
fn a_purchase_is_stored_with_its_receipt_and_answered_then() {
    let (mut bench, first, _) = two_players();
    let receipt: Arc<str> = "r-1".into();
    let buy = |bench: &mut Bench| {
        bench.on(0, |store, now| store.purchase(first, now, &receipt, |data| data["Gems"] = json!(50)).unwrap())
    };
    bench.fault(0, Fault::Refused);
    assert_eq!(buy(&mut bench), Purchase::Pending);
    assert_eq!(buy(&mut bench), Purchase::Pending, "delivered again while its save is under way");
    bench.advance(Span::secs(2));
    assert!(bench.events(0).contains(&Event::PurchaseStored { session: first, receipt: Arc::clone(&receipt) }));
    assert_eq!(buy(&mut bench), Purchase::Stored);
    assert_eq!(bench.stored()["MetaData"]["Receipts"], json!(["r-1"]));
}

#[test]
fn a_purchase_that_was_stored_is_known_to_the_next_session() {
    let (mut bench, first, _) = two_players();
    let receipt: Arc<str> = "r-1".into();
    bench.on(0, |store, now| store.purchase(first, now, &receipt, |data| data["Gems"] = json!(50))).unwrap();
    bench.input(0, Input::EndSession { session: first });
    let next = bench.start(2);
    let again = bench.on(2, |store, now| store.purchase(next, now, &receipt, |data| data["Gems"] = json!(100)));
    assert_eq!(again, Ok(Purchase::Stored));
    assert_eq!(bench.servers[2].store.data(next).unwrap()["Gems"], 50);
}
