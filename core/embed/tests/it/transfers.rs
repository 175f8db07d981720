//! Trades, gifts and purchases.

use dupeproof_embed::memory::{Fault, Request};
use dupeproof_embed::{NameError, Promise, PromiseError, TradeOutcome, TransferError};
use serde_json::{Value as Json, json};

use crate::world::{KEY, OTHER, Profile, World, gold, pass, set_gold, start};

fn take_gold(amount: u64) -> impl FnOnce(&mut Json) -> Option<Json> {
    move |data| {
        data["Gold"] = json!(gold(data).checked_sub(amount)?);
        Some(json!({"Gold": amount}))
    }
}

fn get_traded_gold(profile: &Profile) {
    profile.trade_handler(|data, decided| data["Gold"] = json!(gold(data) + gold(&decided.items)));
}

fn offer(profile: &Profile, partner: &str, amount: u64) -> Promise<TradeOutcome> {
    profile.trade("t-1", partner, take_gold(amount)).unwrap()
}

/// Two players on two servers, with 10 gold each.
async fn two_players(world: &mut World) -> (Profile, Profile) {
    let (first, second) = (world.server(), world.server());
    let (first, second) = (start(&first, KEY).await, start(&second, OTHER).await);
    for profile in [&first, &second] {
        set_gold(profile, 10);
        get_traded_gold(profile);
    }
    (first, second)
}

#[tokio::test(start_paused = true)]
async fn a_trade_between_two_servers_commits_and_is_stored_on_both_sides() {
    let mut world = World::new();
    let (first, second) = two_players(&mut world).await;
    let outcomes = tokio::join!(offer(&first, OTHER, 3), offer(&second, KEY, 5));
    assert_eq!(outcomes, (Ok(TradeOutcome::Committed), Ok(TradeOutcome::Committed)));
    assert_eq!((gold(&world.stored(KEY)["Data"]), gold(&world.stored(OTHER)["Data"])), (12, 8));
    pass(5.0).await;
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_trade_whose_other_side_never_comes_gives_everything_back() {
    let mut world = World::new();
    let (first, second) = two_players(&mut world).await;
    let promise = offer(&first, OTHER, 3);
    assert_eq!(first.data(gold), Ok(7));
    assert_eq!(promise.await, Ok(TradeOutcome::Aborted));
    assert_eq!(first.data(gold), Ok(10));
    // Nothing is left of it: the other side, should it still come, waits for nobody.
    let late = offer(&second, KEY, 5);
    assert_eq!(late.await, Ok(TradeOutcome::Aborted));
    pass(5.0).await;
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_trade_that_the_session_did_not_see_the_end_of_is_settled_by_the_next() {
    let mut world = World::new();
    let (first, second) = two_players(&mut world).await;
    let promise = offer(&first, OTHER, 3);
    pass(1.0).await;
    first.end_session();
    assert_eq!(promise.await, Err(PromiseError::NotKnown));
    let theirs = offer(&second, KEY, 5);
    let next = start(first.store(), KEY).await;
    pass(5.0).await;
    assert_eq!(next.data(gold), Ok(7), "decided, and kept until there is a handler");
    get_traded_gold(&next);
    assert_eq!(next.data(gold), Ok(12));
    assert_eq!(theirs.await, Ok(TradeOutcome::Committed));
    pass(5.0).await;
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_trade_handler_that_panics_changes_nothing_and_its_trade_waits() {
    let mut world = World::new();
    let (first, second) = two_players(&mut world).await;
    let mut errors = first.store().on_error();
    first.trade_handler(|data, _| {
        data["Gold"] = json!(1_000_000);
        panic!("a mistake of the game");
    });
    let mine = offer(&first, OTHER, 3);
    assert_eq!(offer(&second, KEY, 5).await, Ok(TradeOutcome::Committed));
    pass(3.0).await;
    assert_eq!(first.data(gold), Ok(7));
    assert!(errors.try_next().unwrap().message.contains("trade handler panicked"));
    get_traded_gold(&first);
    assert_eq!(mine.await, Ok(TradeOutcome::Committed));
    assert_eq!(first.data(gold), Ok(12));
    pass(5.0).await;
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_trade_that_cannot_begin_says_why_and_takes_nothing() {
    let mut world = World::new();
    let store = world.server();
    let profile = start(&store, KEY).await;
    set_gold(&profile, 10);
    let offer = |id: &str, partner: &str, amount| profile.trade(id, partner, take_gold(amount)).err();
    assert_eq!(offer("t-1", OTHER, 3), Some(TransferError::NoHandler));
    get_traded_gold(&profile);
    assert_eq!(offer("t-1", KEY, 3), Some(TransferError::WithItself));
    assert_eq!(offer("t-1", OTHER, 11), Some(TransferError::NothingGiven));
    assert_eq!(offer("", OTHER, 3), Some(TransferError::Name(NameError::Empty { what: "id of the trade" })));
    assert!(matches!(offer(&"t".repeat(45), OTHER, 3), Some(TransferError::Name(NameError::TooLong { .. }))));
    assert_eq!(profile.data(gold), Ok(10));
    assert_eq!(offer("t-1", OTHER, 3), None);
    assert_eq!(offer("t-1", OTHER, 3), Some(TransferError::InProgress), "the first would be lost");
    assert_eq!(profile.data(gold), Ok(7));
    pass(40.0).await;
    assert_eq!(profile.data(gold), Ok(10));
    profile.end_session();
    assert!(matches!(offer("t-2", OTHER, 3), Some(TransferError::NotActive(_))));
    profile.finished().await;
    store.shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn a_gift_arrives_as_a_message_exactly_once_although_its_reply_is_lost() {
    let mut world = World::new();
    let (first, second) = two_players(&mut world).await;
    second.message_handler(|data, gift| {
        data["Gold"] = json!(gold(data) + gold(gift));
        true
    });
    let mut lost = false;
    world.data_store.on_request(move |request| {
        let lose = request == Request::CompareAndSet(OTHER) && !std::mem::replace(&mut lost, true);
        lose.then_some(Fault::NoAnswer)
    });
    first.gift("g-1", OTHER, take_gold(4)).unwrap().await.unwrap();
    pass(60.0).await;
    assert_eq!((first.data(gold), second.data(gold)), (Ok(6), Ok(14)));
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_purchase_is_granted_once_and_promised_when_it_is_stored() {
    let mut world = World::new();
    let store = world.server();
    let profile = start(&store, KEY).await;
    let buy = |profile: &Profile| profile.purchase("r-1", |data| data["Gold"] = json!(gold(data) + 50)).unwrap();
    let mut failed = false;
    world.data_store.on_request(move |request| {
        let fail = matches!(request, Request::CompareAndSet(_)) && !std::mem::replace(&mut failed, true);
        fail.then_some(Fault::FailBefore)
    });
    let (first, redelivered) = (buy(&profile), buy(&profile));
    assert_eq!(tokio::join!(first, redelivered), (Ok(()), Ok(())));
    let stored = world.stored(KEY);
    assert_eq!((gold(&stored["Data"]), &stored["MetaData"]["Receipts"]), (50, &json!(["r-1"])));
    profile.end_session();
    let next = start(&store, KEY).await;
    assert_eq!(buy(&next).await, Ok(()), "known from the record");
    assert_eq!(next.data(gold), Ok(50));
    world.close().await;
}
