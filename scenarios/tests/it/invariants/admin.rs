//! What admins ask for is exempt, exactly: that server, that player, that kind of write, and those things.

use dupeproof_core::{Stored, gift_sender};
use dupeproof_sim::FindingKind::{
    self, ItemDuplicated, ItemLost, LockStuck, LostUpdate, MessageDuplicated, MessageLost, PurchaseDuplicated,
    PurchaseLost, StaleStart, UnfencedWrite,
};
use dupeproof_sim::guest::Acquired;
use dupeproof_sim::id::{ItemId, MessageId, PlayerId, ReceiptId, RequestId, TradeId};
use dupeproof_sim::request::RequestKind;
use dupeproof_sim::{Command, EndReason, Event, GuestEvent};
use serde_json::json;

use crate::stream::{PLAYER, Stream, record, server};

const NONE: [FindingKind; 0] = [];

/// Server 0 has the lock and has stored state 1; an admin may have told server 1 something before that.
fn stored(command: Option<(u16, Command)>) -> Stream {
    let mut stream = Stream::new();
    stream.commits(0.5, 0, Some(record(0, Some(server(0))))).starts(1.0, 0, 0, Some(100.0));
    if let Some((slot, command)) = command {
        stream.acts(2.0, slot, command);
    }
    stream.edits(3.0, 0, 0, 1).commits(4.0, 0, Some(record(1, Some(server(0)))));
    stream
}

#[test]
fn a_rollback_that_was_asked_for_is_clean_and_any_other_is_not() {
    let rolled_back = |command| stored(command).commits(5.0, 1, Some(record(0, None))).kinds();
    assert_eq!(rolled_back(Some((1, Command::Rollback(PLAYER)))), NONE);
    assert_eq!(rolled_back(None), [LostUpdate, UnfencedWrite]);
    assert_eq!(rolled_back(Some((2, Command::Rollback(PLAYER)))), [LostUpdate, UnfencedWrite], "another server");
    assert_eq!(rolled_back(Some((1, Command::Rollback(PlayerId(1))))), [LostUpdate, UnfencedWrite], "another player");
    assert_eq!(rolled_back(Some((1, Command::Remove(PLAYER)))), [LostUpdate, UnfencedWrite], "a removal");
}

#[test]
fn a_rollback_writes_a_state_that_was_stored_since_it_was_asked_for() {
    // State 0 was overwritten before, so that nobody could read it any more.
    let mut stream = stored(None);
    stream.acts(4.5, 1, Command::Rollback(PLAYER)).commits(5.0, 1, Some(record(0, None)));
    assert_eq!(stream.kinds(), [LostUpdate, UnfencedWrite]);
}

#[test]
fn a_rollback_of_a_server_that_asks_for_a_version_may_write_any_that_was_stored() {
    let asks_for = |slot| {
        let mut stream = stored(None);
        let (kind, target) = (RequestKind::GetVersion, Some("Player_0".into()));
        stream.acts(4.5, 1, Command::Rollback(PLAYER));
        stream.tell(4.6, Event::Requested { server: server(slot), id: RequestId(7), kind, target });
        stream.commits(5.0, 1, Some(record(0, None))).kinds()
    };
    assert_eq!(asks_for(1), NONE);
    assert_eq!(asks_for(2), [LostUpdate, UnfencedWrite], "another server");
}

#[test]
fn a_rollback_lifts_the_lock() {
    let mut stream = stored(Some((1, Command::Rollback(PLAYER))));
    assert_eq!(stream.commits(5.0, 1, Some(record(0, Some(server(1))))).kinds(), [LostUpdate]);
}

#[test]
fn a_write_that_a_session_signed_is_no_rollback() {
    let mut signed = record(0, None).to_json();
    signed["MetaData"]["LastWrite"] = json!(["guid", 3]);
    let mut stream = stored(Some((1, Command::Rollback(PLAYER))));
    assert_eq!(stream.commits(5.0, 1, Some(Stored::from_json(signed))).kinds(), [LostUpdate, UnfencedWrite]);
}

#[test]
fn a_removal_that_nobody_asked_for_is_caught() {
    let removed = |command| stored(command).commits(5.0, 1, None).kinds();
    assert_eq!(removed(Some((1, Command::Remove(PLAYER)))), NONE);
    assert_eq!(removed(Some((2, Command::Remove(PLAYER)))), [LostUpdate]);
    assert_eq!(removed(None), [LostUpdate]);
}

/// The player's session ends with an unsaved state 2; then an admin's write lifts its lock.
fn ended_then_lifted(command: Option<(u16, Command)>, after: Option<Stored>) -> Vec<FindingKind> {
    let mut stream = stored(command);
    stream.edits(5.0, 0, 1, 2).ends(6.0, 0).commits(6.5, 1, after).probes(200.0);
    let mut kinds = stream.kinds();
    kinds.retain(|kind| *kind != LockStuck);
    kinds
}

#[test]
fn changes_whose_lock_an_admin_lifted_are_an_allowed_loss() {
    assert_eq!(ended_then_lifted(Some((1, Command::Rollback(PLAYER))), Some(record(1, None))), NONE);
    assert_eq!(ended_then_lifted(Some((1, Command::Remove(PLAYER))), None), NONE);
    assert_eq!(ended_then_lifted(None, Some(record(1, None))), [UnfencedWrite, LostUpdate]);
}

#[test]
fn a_session_whose_lock_was_lifted_before_its_game_got_it_may_begin_in_the_past() {
    let begins = |command, stamp, edited: u64| {
        let mut stream = stored(command);
        stream.ends(4.5, 0).commits(4.6, 0, Some(record(1, None))).commits(5.0, 2, Some(record(1, Some(server(2)))));
        stream.commits(5.5, 1, Some(record(edited, None))).starts(6.0, 2, stamp, Some(50.0));
        stream.kinds()
    };
    let rollback = Some((1, Command::Rollback(PLAYER)));
    assert_eq!(begins(rollback, 1, 0), NONE, "with the data it locked");
    assert_eq!(begins(rollback, 7, 0), [StaleStart], "with any other");
    assert!(begins(None, 1, 0).contains(&StaleStart));
}

#[test]
fn a_session_that_has_taken_the_lock_anew_is_not_exempt_for_what_was_lifted_before() {
    let begins = |anew: bool| {
        let mut stream = stored(Some((1, Command::Rollback(PLAYER))));
        stream.ends(4.5, 0).commits(5.0, 1, Some(record(0, None)));
        if anew {
            stream.commits(5.5, 0, Some(record(0, Some(server(0)))));
        }
        stream.starts(6.0, 0, 1, Some(50.0)).kinds()
    };
    assert_eq!((begins(false), begins(true)), (NONE.to_vec(), vec![StaleStart]));
}

#[test]
fn a_steal_may_take_the_lock_of_a_session_that_its_game_gets_later() {
    let stolen = |told: Option<u16>| {
        let mut stream = Stream::new();
        if let Some(slot) = told {
            stream.acts(0.1, slot, Command::Steal(PLAYER));
        }
        stream.commits(0.5, 0, Some(record(0, Some(server(0))))).commits(1.0, 1, Some(record(0, Some(server(1)))));
        stream.starts_as(1.2, 1, 0, None, Acquired::Unprotected).edits(1.4, 1, 0, 7);
        stream.commits(1.6, 1, Some(record(7, Some(server(1))))).ends(1.7, 1).starts(2.0, 0, 0, None);
        stream.commits(2.5, 1, Some(record(7, None))).edits(3.0, 0, 0, 8).ends_as(4.0, 0, EndReason::External);
        stream.probes(100.0);
        stream.kinds().into_iter().filter(|kind| *kind != LockStuck).collect::<Vec<_>>()
    };
    assert_eq!((stolen(Some(1)), stolen(None)), (vec![], vec![StaleStart]));
    assert_eq!(stolen(Some(2)), [StaleStart], "another server was told to");
}

#[test]
fn data_of_a_session_whose_lock_was_stolen_first_is_unfenced_however_late_it_began() {
    let mut stream = Stream::new();
    stream.acts(0.1, 1, Command::Steal(PLAYER)).commits(0.5, 0, Some(record(0, Some(server(0)))));
    stream.commits(1.0, 1, Some(record(0, Some(server(1))))).starts(1.2, 1, 0, Some(50.0)).suspended(1.3, 1);
    stream.starts(2.0, 0, 0, None).edits(3.0, 0, 0, 8).commits(4.0, 0, Some(record(8, Some(server(1)))));
    assert_eq!(stream.kinds(), [UnfencedWrite]);
}

/// A record with these items; player 0 begins with items 0 and 1.
fn with_items(items: &[u32], stamp: u64, holder: Option<u16>) -> Stored {
    let mut record = record(stamp, holder.map(server)).to_json();
    record["Data"]["Items"] = json!(items);
    Stored::from_json(record)
}

#[test]
fn items_that_a_rollback_took_away_or_brought_back_are_exempt_and_no_others() {
    // Item 1 has left the data for player 1, item 256 has come, when the state from before is brought back.
    let judged = |end: [&[u32]; 2]| {
        let mut stream = Stream::of_players(&[Some(2), Some(2)]);
        stream.commits(0.5, 0, Some(with_items(&[0, 1], 0, Some(0)))).starts(1.0, 0, 0, Some(100.0));
        stream.acts(2.0, 1, Command::Rollback(PLAYER)).edits(3.0, 0, 0, 1);
        stream.commits(4.0, 0, Some(with_items(&[0, 256], 1, Some(0)))).commits(
            5.0,
            1,
            Some(with_items(&[0, 1], 0, None)),
        );
        stream.over(100.0, &end).kinds()
    };
    assert_eq!(judged([&[0, 1], &[1, 257]]), NONE);
    assert_eq!(judged([&[0, 1], &[0, 1, 257]]), [ItemDuplicated], "item 0 was in the data all along");
    assert_eq!(judged([&[0, 1], &[1]]), [ItemLost], "item 257 was never there");
    assert_eq!(judged([&[1], &[1, 257]]), [ItemLost], "item 0 was in the data all along");
}

#[test]
fn items_in_a_record_that_an_admin_removed_are_gone_on_purpose() {
    let judged = |asked: bool| {
        let mut stream = Stream::of_players(&[Some(2)]);
        stream.commits(0.5, 0, Some(with_items(&[0, 1], 0, None)));
        if asked {
            stream.acts(1.0, 1, Command::Remove(PLAYER));
        }
        stream.commits(2.0, 1, None).over(100.0, &[&[]]).kinds()
    };
    assert_eq!((judged(true), judged(false)), (vec![], vec![ItemLost, ItemLost]));
}

#[test]
fn what_went_into_a_trade_with_a_record_that_was_removed_is_gone_on_purpose() {
    let judged = |into: u32, players_items: u8| {
        let mut stream = Stream::of_players(&[Some(1), Some(players_items)]);
        let mut holding = with_items(&[], 0, None).to_json();
        let escrow = json!({ "4": { "Trade": { "partner": "Player_1", "gives": { "Item": 0 } } } });
        holding["MetaData"]["Escrow"] = escrow;
        let put_aside =
            GuestEvent::ItemPutAside { item: ItemId(256), session: crate::stream::SESSION, trade: TradeId(into) };
        stream.starts_for(0.1, 2, PlayerId(1)).says(0.2, 2, put_aside);
        stream.commits(0.5, 0, Some(Stored::from_json(holding))).acts(1.0, 1, Command::Remove(PLAYER));
        // Player 1 has taken item 0 from the trade; its own was to go to the record that is no more.
        stream.commits(2.0, 1, None).over(100.0, &[&[], &[0]]).kinds()
    };
    assert_eq!((judged(4, 1), judged(5, 1)), (vec![], vec![ItemLost]));
    assert_eq!(judged(4, 2), [ItemLost], "item 257 went into no trade");
}

#[test]
fn a_gift_that_arrived_in_a_record_that_was_removed_may_arrive_again() {
    use dupeproof_sim::GuestEvent;
    // Item 256 has come as a gift of player 1, and has left the data again, when the record is removed.
    let judged = |sender: &str, asked: bool| {
        let mut stream = Stream::of_players(&[Some(0), Some(1)]);
        let (from, to, gift) = (PlayerId(1), PLAYER, TradeId(9));
        let put_aside = GuestEvent::ItemPutAside { item: ItemId(256), session: crate::stream::SESSION, trade: gift };
        stream.starts_for(0.1, 2, from).acts(0.2, 2, Command::Gift { from, to, gift }).says(0.3, 2, put_aside);
        let mut received = with_items(&[], 0, None).to_json();
        received["MessageSenders"] = json!([[&*gift_sender(sender, 1), 1]]);
        stream.commits(0.5, 0, Some(Stored::from_json(received)));
        if asked {
            stream.acts(1.0, 1, Command::Remove(PLAYER));
        }
        stream.commits(2.0, 1, None).over(100.0, &[&[256], &[256]]).kinds()
    };
    assert_eq!(judged("Player_1", true), NONE);
    assert_eq!(judged("Player_2", true), [ItemDuplicated], "nothing of player 1 had arrived");
    assert!(judged("Player_1", false).contains(&ItemDuplicated), "nobody asked for the removal");
}

#[test]
fn a_lock_that_a_write_from_before_a_removal_left_is_nobodys() {
    let left = |removed: bool| {
        let mut stream = Stream::new();
        if removed {
            stream.acts(1.0, 1, Command::Remove(PLAYER)).commits(2.0, 1, None);
        }
        stream.commits(3.0, 0, Some(record(0, Some(server(0))))).probes(200.0);
        stream.starts(201.0, 3, 0, None);
        stream.kinds()
    };
    assert_eq!((left(true), left(false)), (vec![], vec![LockStuck]));
}

/// Messages that were handled and purchases that were made by these numbers, in data with this stamp.
fn with_things(stamp: u64, mail: &[u32], bought: &[u32]) -> Stored {
    let mut json = record(stamp, None).to_json();
    json["Data"]["Mail"] = json!(mail);
    json["Data"]["Bought"] = json!(bought);
    Stored::from_json(json)
}

#[test]
fn messages_and_purchases_that_a_rollback_took_away_or_brought_back_are_exempt_and_no_others() {
    // 1 has gone and 2 has come when the state from before is brought back; 3 was there all along.
    let judged = |own: &[u32], other: &[u32]| {
        let mut stream = Stream::of_players(&[Some(0), Some(0)]);
        stream.commits(0.5, 0, Some(with_things(0, &[1, 3], &[1, 3]))).starts(1.0, 0, 0, None);
        for number in 1..4 {
            let (message, receipt) = (MessageId(number), ReceiptId(number));
            stream.acts(1.0, 2, Command::Send { to: PLAYER, message });
            stream.says(1.0, 2, GuestEvent::MessageAccepted { message });
            stream.says(1.0, 2, GuestEvent::PurchaseGranted { player: PLAYER, receipt });
        }
        stream.acts(2.0, 1, Command::Rollback(PLAYER)).edits(3.0, 0, 0, 1);
        stream.commits(4.0, 0, Some(with_things(1, &[2, 3], &[2, 3])));
        stream.commits(5.0, 1, Some(with_things(0, &[1, 3], &[1, 3]))).ends(6.0, 0);
        let json = |things: &[u32]| with_things(0, things, things).to_json();
        stream.over_with(100.0, &[("Player_0", json(own)), ("Player_1", json(other))]).kinds()
    };
    assert_eq!(judged(&[1, 3], &[]), NONE);
    assert_eq!(judged(&[1, 3], &[1]), NONE, "1 is there twice");
    assert_eq!(judged(&[1, 3], &[3]), [MessageDuplicated, PurchaseDuplicated]);
    assert_eq!(judged(&[1], &[]), [MessageLost, PurchaseLost]);
}

#[test]
fn everything_in_a_record_that_an_admin_removed_is_gone_on_purpose() {
    let judged = |asked: bool| {
        let mut full = with_things(0, &[5], &[3]).to_json();
        full["Data"]["Items"] = json!([0]);
        full["GlobalUpdates"] = json!([2, [[1, "guid", { "Gift": 9, "Item": 1 }], [2, "guid", { "Message": 6 }]]]);
        full["MetaData"]["Escrow"] =
            json!({ "g8": { "Gift": { "to": "Player_1", "gives": { "Gift": 8, "Item": 2 }, "number": 7 } } });
        let mut stream = Stream::of_players(&[Some(3), Some(0)]);
        for message in [5, 6].map(MessageId) {
            stream.acts(0.1, 2, Command::Send { to: PLAYER, message });
            stream.says(0.1, 2, GuestEvent::MessageAccepted { message });
        }
        stream.says(0.1, 2, GuestEvent::PurchaseGranted { player: PLAYER, receipt: ReceiptId(3) });
        stream.commits(0.5, 0, Some(Stored::from_json(full)));
        if asked {
            stream.acts(1.0, 1, Command::Remove(PLAYER));
        }
        stream.commits(2.0, 1, None).over_with(100.0, &[]).kinds()
    };
    let lost = vec![ItemLost, ItemLost, ItemLost, MessageLost, MessageLost, PurchaseLost];
    assert_eq!((judged(true), judged(false)), (NONE.to_vec(), lost));
}
