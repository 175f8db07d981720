//! The game both subjects play.

use std::sync::Arc;

use dupeproof_core::{Limits, Stored};
use dupeproof_scenarios::game_record::{self, QueuedMessage};
use dupeproof_scenarios::subjects::game::{self, StampSource, Swapped};
use dupeproof_sim::id::{ItemId, MessageId, ReceiptId, ServerId, Stamp, TradeId};
use serde_json::json;

fn items(data: &serde_json::Value) -> Vec<u32> {
    game_record::items(data).map(|item| item.0).collect()
}

#[test]
fn a_swap_gives_each_the_others_first_item() {
    let (mut first, mut second) = (game_record::data(&[1, 2]), game_record::data(&[7, 8]));
    let swapped = game::swap(&mut first, &mut second);
    assert_eq!(swapped, Swapped { given: Some(ItemId(1)), received: Some(ItemId(7)) });
    assert_eq!((items(&first), items(&second)), (vec![2, 7], vec![8, 1]));
}

#[test]
fn a_player_without_items_gives_none() {
    let (mut first, mut second) = (json!([]), game_record::data(&[7]));
    let swapped = game::swap(&mut first, &mut second);
    assert_eq!(swapped, Swapped { given: None, received: Some(ItemId(7)) });
    assert_eq!((items(&first), items(&second)), (vec![7], vec![]));
    assert!(game::swap(&mut json!([]), &mut json!({})).is_empty());
}

#[test]
fn giving_away_one_of_two_copies_leaves_the_other() {
    let (mut first, mut second) = (game_record::data(&[5, 5]), game_record::data(&[]));
    game::swap(&mut first, &mut second);
    assert_eq!((items(&first), items(&second)), (vec![5], vec![5]));
}

#[test]
fn overfull_data_cannot_be_stored_until_it_is_overfilled_again() {
    let refused = |data: &serde_json::Value| {
        let stored = Stored::Other(Arc::new(data.clone()));
        assert_eq!(game_record::is_overfull(data), Limits::default().check(&stored).is_err());
        game_record::is_overfull(data)
    };
    let mut data = game_record::data(&[3]);
    assert!(!refused(&data));
    game_record::overfill(&mut data);
    assert!(refused(&data));
    game_record::overfill(&mut data);
    assert_eq!(data, game_record::data(&[3]));
}

#[test]
fn an_edit_changes_the_stamp_and_nothing_else() {
    let mut data = game_record::data(&[3]);
    game_record::set_stamp(&mut data, Stamp(9));
    assert_eq!((game_record::stamp(&data), items(&data)), (Stamp(9), vec![3]));
    let mut fresh = json!([]);
    game_record::set_stamp(&mut fresh, Stamp(4));
    assert_eq!((game_record::stamp(&fresh), items(&fresh)), (Stamp(4), vec![]));
}

#[test]
fn stamps_are_unique_over_servers_and_lives_and_fit_luaus_numbers() {
    let mut stamps = std::collections::BTreeSet::new();
    for (slot, life) in [(0, 0), (0, 1), (1, 0), (1_000, 200)] {
        let mut source = StampSource::new(ServerId { slot, life });
        for _ in 0..3 {
            let stamp = source.make();
            assert!(stamp.0 > 0 && stamp.0 < 1 << 53);
            assert!(stamps.insert(stamp), "{stamp:?} twice");
        }
    }
}

#[test]
fn handled_messages_and_purchases_are_kept_in_order_and_a_queued_message_reads_as_it_was_written() {
    let mut data = json!([]);
    game_record::add_message(&mut data, MessageId(4));
    game_record::add_message(&mut data, MessageId(2));
    game_record::add_purchase(&mut data, ReceiptId(9));
    assert_eq!(data, json!({"Mail": [4, 2], "Bought": [9]}));
    assert_eq!(game_record::messages(&data).collect::<Vec<_>>(), [MessageId(4), MessageId(2)]);
    assert_eq!(game_record::purchases(&data).collect::<Vec<_>>(), [ReceiptId(9)]);
    for queued in [QueuedMessage::Message(MessageId(3)), QueuedMessage::Gift { gift: TradeId(1), item: ItemId(2) }] {
        assert_eq!(QueuedMessage::parse(&queued.to_json()), Some(queued));
    }
    assert_eq!(QueuedMessage::parse(&json!({"Hat": 1})), None);
    assert_eq!(game_record::offered(&game_record::offer(ItemId(8))), Some(ItemId(8)));
}
