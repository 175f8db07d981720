//! Items in two places, and in none. Player 0 begins with items 0 and 1, player 1 with item 256.

use dupeproof_scenarios::game_record::COINS;
use dupeproof_sim::FindingKind::{self, ItemDuplicated, ItemLost};

use crate::stream::Stream;

const NONE: [FindingKind; 0] = [];

fn judged(stored: &[&[u32]]) -> Vec<FindingKind> {
    Stream::of_players(&[Some(2), Some(1), None]).over(100.0, stored).kinds()
}

#[test]
fn items_that_stayed_or_changed_hands_are_clean() {
    assert_eq!(judged(&[&[0, 1], &[256]]), NONE);
    assert_eq!(judged(&[&[256], &[1], &[0]]), NONE);
}

#[test]
fn an_item_with_two_players_is_caught() {
    assert_eq!(judged(&[&[0, 1], &[256, 0]]), [ItemDuplicated]);
}

#[test]
fn an_item_twice_with_one_player_is_caught() {
    assert_eq!(judged(&[&[0, 1, 1], &[256]]), [ItemDuplicated]);
}

#[test]
fn an_item_with_nobody_is_caught() {
    assert_eq!(judged(&[&[1], &[256]]), [ItemLost]);
    // A record that is gone has lost all it held.
    assert_eq!(judged(&[&[0, 1]]), [ItemLost]);
}

#[test]
fn coins_are_counted_all_together() {
    let counted = |stored: [i64; 2]| {
        let records = stored.map(|coins| serde_json::json!({ COINS: coins }));
        let [one, other] = records;
        Stream::of_players(&[Some(2), Some(1)]).over_with(100.0, &[("Player_0", one), ("Player_1", other)]).kinds()
    };
    assert_eq!(counted([2, 1]), NONE);
    assert_eq!(counted([-1, 4]), NONE, "a player who began with some may have fewer");
    assert_eq!(counted([2, 2]), [ItemDuplicated]);
    assert_eq!(counted([2, 0]), [ItemLost]);
}

#[test]
fn a_field_of_the_games_own_that_is_called_coins_is_not_counted() {
    let records = [("Player_0", serde_json::json!({ "Items": [0], "Coins": 100 }))];
    assert_eq!(Stream::of_players(&[Some(1)]).over_with(100.0, &records).kinds(), NONE);
}

#[test]
fn an_item_in_a_record_of_nobody_is_somewhere() {
    let judged = |data: &[u32], shared: &[u32]| {
        let record = |items: &[u32]| serde_json::json!({ "Items": items });
        let store = [("Player_0", record(data)), ("Shared:Guilds/global/one", record(shared))];
        Stream::of_players(&[Some(2)]).over_with(100.0, &store).kinds()
    };
    assert_eq!(judged(&[0], &[1]), NONE);
    assert_eq!(judged(&[0, 1], &[1]), [ItemDuplicated]);
}

#[test]
fn an_item_nobody_began_with_is_nobodys() {
    assert_eq!(judged(&[&[0, 1, 77], &[256, 77]]), NONE);
}
