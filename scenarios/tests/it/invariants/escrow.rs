//! Items on their way from one player to another, at every moment at which a run can end. Player 0 begins with item
//! 0, player 1 with item 256.

use dupeproof_core::gift_sender;
use dupeproof_scenarios::Fact;
use dupeproof_scenarios::invariant::items::{Duplicated, Location, Part};
use dupeproof_sim::FindingKind::{self, ItemDuplicated, ItemLost, LockStuck};
use dupeproof_sim::id::{ItemId, PlayerId};
use serde_json::{Value as Json, json};

use crate::stream::Stream;

const NONE: [FindingKind; 0] = [];

/// A record with these items, this escrow, these gifts in its queue, and this newest message of player 0.
fn record(items: &[u32], escrow: &Json, gifts: &[u32], received: Option<u64>) -> Json {
    let entries: Vec<Json> = gifts.iter().map(|item| json!([1, "guid", { "Gift": 9, "Item": item }])).collect();
    let mut record = json!({
        "Data": { "Items": items, "Stamp": 0 },
        "MetaData": { "ProfileCreateTime": 1, "SessionLoadCount": 1, "LastUpdate": 1, "Escrow": escrow },
        "GlobalUpdates": [9, entries],
    });
    if let Some(number) = received {
        record["MessageSenders"] = json!([[&*gift_sender("Player_0", 1), number]]);
    }
    record
}

fn judged(stored: &[(&str, Json)]) -> Vec<FindingKind> {
    Stream::of_players(&[Some(1), Some(1)]).over_with(100.0, stored).kinds()
}

/// Player 0 gives item 0 to player 1, whose record is this.
fn gift(giver: Json, receiver: Json) -> Vec<FindingKind> {
    judged(&[("Player_0", giver), ("Player_1", receiver)])
}

fn gift_escrow() -> Json {
    json!({ "g9": { "Gift": { "to": "Player_1", "gives": { "Gift": 9, "Item": 0 }, "number": 7 } } })
}

fn none() -> Json {
    json!({})
}

#[test]
fn a_gift_that_is_put_aside_is_with_its_giver_until_it_has_arrived() {
    let aside = || record(&[], &gift_escrow(), &[], None);
    assert_eq!(gift(aside(), record(&[256], &none(), &[], None)), NONE);
    assert_eq!(gift(aside(), record(&[256], &none(), &[], Some(6))), NONE);
    assert_eq!(gift(aside(), record(&[256], &none(), &[0], Some(7))), NONE, "queued");
    assert_eq!(gift(aside(), record(&[256, 0], &none(), &[], Some(7))), NONE, "handled");
    assert_eq!(gift(aside(), record(&[256, 0], &none(), &[], Some(8))), NONE, "handled, and a later one arrived");
}

#[test]
fn a_gift_that_arrived_is_with_its_receiver_alone() {
    let gone = || record(&[], &none(), &[], None);
    assert_eq!(gift(gone(), record(&[256], &none(), &[0], Some(7))), NONE);
    assert_eq!(gift(gone(), record(&[256], &none(), &[0, 0], Some(7))), [ItemDuplicated]);
    assert_eq!(gift(gone(), record(&[256, 0], &none(), &[0], Some(7))), [ItemDuplicated]);
    assert_eq!(gift(gone(), record(&[256], &none(), &[], Some(7))), [ItemLost]);
}

#[test]
fn a_gift_that_arrived_and_vanished_is_lost_though_the_escrow_is_there() {
    let aside = record(&[], &gift_escrow(), &[], None);
    assert_eq!(gift(aside, record(&[256], &none(), &[], Some(7))), [ItemLost]);
}

#[test]
fn a_gift_of_what_was_kept_is_caught() {
    let kept = || record(&[0], &gift_escrow(), &[], None);
    assert_eq!(gift(kept(), record(&[256], &none(), &[], None)), [ItemDuplicated]);
    assert_eq!(gift(kept(), record(&[256], &none(), &[0], Some(7))), [ItemDuplicated]);
}

/// One side of trade 4.
fn offer(partner: &str, item: u32) -> Json {
    json!({ "4": { "Trade": { "partner": partner, "gives": { "Item": item } } } })
}

fn coordinator(decision: &str, both: bool) -> Json {
    let mut gives = json!({ "Player_0": { "Item": 0 } });
    if both {
        gives["Player_1"] = json!({ "Item": 256 });
    }
    json!({ "Parties": ["Player_0", "Player_1"], "Gives": gives, "Decision": decision, "Applied": [] })
}

/// Players 0 and 1 with these items, each with its side of the trade still in escrow or not.
fn trade(first: (&[u32], bool), second: (&[u32], bool), coordinator: Option<Json>) -> Vec<FindingKind> {
    let escrow = |open, partner, item| if open { offer(partner, item) } else { none() };
    let mut store = vec![
        ("Player_0", record(first.0, &escrow(first.1, "Player_1", 0), &[], None)),
        ("Player_1", record(second.0, &escrow(second.1, "Player_0", 256), &[], None)),
    ];
    store.extend(coordinator.map(|coordinator| ("Trade_4", coordinator)));
    let mut kinds = judged(&store);
    // Of a coordinator that is left there are tests of its own.
    kinds.retain(|kind| *kind != LockStuck);
    kinds
}

#[test]
fn an_undecided_or_aborted_trades_items_are_with_their_givers() {
    for decision in [None, Some(coordinator("Pending", false)), Some(coordinator("Aborted", true))] {
        assert_eq!(trade((&[], true), (&[], true), decision.clone()), NONE);
        assert_eq!(trade((&[], true), (&[256], false), decision.clone()), NONE, "one side has its own back");
        assert_eq!(trade((&[0], false), (&[256], false), decision.clone()), NONE, "both have");
        assert_eq!(trade((&[], true), (&[256, 0], false), decision.clone()), [ItemDuplicated]);
        assert_eq!(trade((&[], false), (&[256], false), decision), [ItemLost]);
    }
}

#[test]
fn a_committed_trades_items_exist_once_at_every_step() {
    let committed = || Some(coordinator("Committed", true));
    assert_eq!(trade((&[], true), (&[], true), committed()), NONE, "neither side has taken");
    assert_eq!(trade((&[], true), (&[0], false), committed()), NONE, "one has: the other's is with the coordinator");
    assert_eq!(trade((&[256], false), (&[], true), committed()), NONE);
    assert_eq!(trade((&[256], false), (&[0], false), committed()), NONE, "both have");
    assert_eq!(trade((&[256], false), (&[0], false), None), NONE, "and the coordinator is gone");
}

#[test]
fn an_escrow_that_outlives_its_trade_is_caught() {
    assert_eq!(trade((&[256], true), (&[0], false), None), [ItemDuplicated]);
    assert_eq!(trade((&[256], true), (&[0], false), Some(coordinator("Committed", true))), [ItemDuplicated]);
}

#[test]
fn a_side_that_took_its_own_back_from_a_committed_trade_is_caught() {
    // Player 0 has taken, player 1 has its own back.
    let committed = || Some(coordinator("Committed", true));
    assert_eq!(trade((&[256], false), (&[256], false), committed()), [ItemLost, ItemDuplicated]);
    // Player 0 has not taken yet, and will.
    assert_eq!(trade((&[], true), (&[256], false), committed()), [ItemLost, ItemDuplicated]);
}

#[test]
fn a_trade_that_one_side_alone_committed_loses_its_give() {
    let alone = || Some(coordinator("Committed", false));
    assert_eq!(trade((&[], false), (&[256], false), alone()), [ItemLost]);
    assert_eq!(trade((&[], true), (&[256], false), alone()), [ItemLost]);
}

#[test]
fn a_duplicated_item_is_found_with_both_its_places() {
    let stored =
        [("Player_0", record(&[0], &gift_escrow(), &[], None)), ("Player_1", record(&[256], &none(), &[], None))];
    let (findings, _) = Stream::of_players(&[Some(1), Some(1)]).over_with(100.0, &stored).verdict();
    let place = |part| Location { player: PlayerId(0), part };
    let duplicated = Duplicated { item: ItemId(0), first: place(Part::Data), second: place(Part::Escrow) };
    assert_eq!(findings[0].fact, Fact::ItemDuplicated(duplicated));
}

#[test]
fn a_message_of_somebody_else_with_the_same_number_is_not_the_gift() {
    let aside = record(&[], &gift_escrow(), &[], None);
    let mut receiver = record(&[256], &none(), &[], None);
    receiver["MessageSenders"] = json!([[&*gift_sender("Player_1", 1), 7]]);
    assert_eq!(gift(aside, receiver), NONE);
}

#[test]
fn a_gift_of_an_earlier_profile_of_the_giver_is_not_this_one() {
    let aside = record(&[], &gift_escrow(), &[], None);
    let mut receiver = record(&[256], &none(), &[], None);
    receiver["MessageSenders"] = json!([[&*gift_sender("Player_0", 2), 7]]);
    assert_eq!(gift(aside, receiver), NONE);
}
