//! Purchases that were paid for and are not there, or are there twice.

use dupeproof_core::{Span, Stored};
use dupeproof_sim::FindingKind::{self, FalseAck, PurchaseDuplicated, PurchaseLost};
use dupeproof_sim::id::ReceiptId;
use dupeproof_sim::record_layout::RecordLayout;
use dupeproof_sim::schedule::Step;
use dupeproof_sim::{Action, Command, GuestEvent};
use serde_json::{Value as Json, json};

use crate::stream::{PLAYER, Stream};

const NONE: [FindingKind; 0] = [];

fn data(stamp: u64, bought: &[u32]) -> Json {
    json!({ "Items": [], "Stamp": stamp, "Bought": bought })
}

/// Receipt 3 of player 0 was delivered, and perhaps answered with granted so many times.
fn delivered(granted: u32) -> Stream {
    let mut stream = Stream::of_players(&[Some(0), Some(0)]);
    stream.acts(1.0, 0, Command::Receipt { player: PLAYER, receipt: ReceiptId(3) });
    for _ in 0..granted {
        stream.says(2.0, 0, GuestEvent::PurchaseGranted { player: PLAYER, receipt: ReceiptId(3) });
    }
    stream
}

fn judged(granted: u32, bought: &[u32]) -> Vec<FindingKind> {
    delivered(granted).over_with(100.0, &[("Player_0", data(0, bought))]).kinds()
}

#[test]
fn a_granted_purchase_is_in_the_data() {
    assert_eq!(judged(1, &[3]), NONE);
    assert_eq!(judged(1, &[4]), [PurchaseLost]);
    assert_eq!(judged(1, &[]), [PurchaseLost]);
}

#[test]
fn a_purchase_answered_on_two_servers_is_one_purchase() {
    assert_eq!(judged(2, &[3]), NONE);
    assert_eq!(judged(2, &[]), [PurchaseLost]);
}

#[test]
fn a_granted_purchase_of_a_player_without_a_record_is_lost() {
    assert_eq!(delivered(1).over_with(100.0, &[]).kinds(), [PurchaseLost]);
}

#[test]
fn a_purchase_that_was_not_answered_may_be_there_or_not() {
    assert_eq!(judged(0, &[3]), NONE);
    assert_eq!(judged(0, &[]), NONE);
}

#[test]
fn a_purchase_twice_is_caught_answered_or_not() {
    assert_eq!(judged(0, &[3, 3]), [PurchaseDuplicated]);
    assert_eq!(judged(1, &[3, 4, 3]), [PurchaseDuplicated]);
}

#[test]
fn a_purchase_with_two_players_is_caught() {
    let mut stream = delivered(1);
    stream.over_with(100.0, &[("Player_0", data(0, &[3])), ("Player_1", data(0, &[3]))]);
    assert_eq!(stream.kinds(), [PurchaseDuplicated]);
}

#[test]
fn a_purchase_that_an_admin_rolled_back_is_not_lost_and_any_other_is() {
    let rolled_back = |receipt: u32| {
        let mut stream = Stream::new();
        stream.commits(0.5, 1, Some(Stored::from_json(data(0, &[])))).acts(1.0, 1, Command::Rollback(PLAYER));
        stream.starts(1.0, 0, 0, None).edits(2.0, 0, 0, 7).commits(3.0, 0, Some(Stored::from_json(data(7, &[3]))));
        stream.says(4.0, 0, GuestEvent::PurchaseGranted { player: PLAYER, receipt: ReceiptId(receipt) });
        stream.commits(5.0, 1, Some(Stored::from_json(data(0, &[])))).ends(6.0, 0);
        stream.over_with(100.0, &[("Player_0", data(0, &[]))]).kinds()
    };
    assert_eq!((rolled_back(3), rolled_back(4)), (vec![], vec![PurchaseLost]));
}

#[test]
fn a_purchase_answered_twice_with_another_in_between_is_lost_once() {
    let mut stream = Stream::new();
    for receipt in [4, 3, 4].map(ReceiptId) {
        stream.says(2.0, 0, GuestEvent::PurchaseGranted { player: PLAYER, receipt });
    }
    assert_eq!(stream.over_with(100.0, &[]).kinds(), [PurchaseLost; 2]);
}

#[test]
fn a_purchase_in_another_players_data_is_lost() {
    let mut stream = delivered(1);
    stream.over_with(100.0, &[("Player_0", data(0, &[])), ("Player_1", data(0, &[3]))]);
    assert_eq!(stream.kinds(), [PurchaseLost]);
}

/// Receipt 3 of player 0 is in a stored record, and is answered with granted, in this order.
fn answered(stored_first: bool, bought: &[u32]) -> Vec<FindingKind> {
    let mut stream = Stream::scheduled(&[Some(0)], RecordLayout::default(), |schedule| {
        let action = Action::Purchase { player: PLAYER, receipt: ReceiptId(3) };
        schedule.timeline.push(Step { at: Span::secs(1), action });
    });
    let record = Stored::from_json(data(0, bought));
    let granted = GuestEvent::PurchaseGranted { player: PLAYER, receipt: ReceiptId(3) };
    if stored_first {
        stream.commits(2.0, 0, Some(record)).says(3.0, 0, granted);
    } else {
        stream.says(2.0, 0, granted).commits(3.0, 0, Some(record));
    }
    stream.over_with(100.0, &[("Player_0", data(0, &[3]))]).kinds()
}

#[test]
fn a_purchase_is_answered_with_granted_when_it_is_stored_and_not_before() {
    assert_eq!(answered(true, &[3]), NONE);
    assert_eq!(answered(false, &[3]), [FalseAck]);
    assert_eq!(answered(true, &[4]), [FalseAck]);
}
