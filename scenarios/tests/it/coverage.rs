//! The counters that are more than a count of one kind of event.

use dupeproof_scenarios::{Coverage, Milestone, Probe};
use dupeproof_sim::EndReason;
use dupeproof_sim::guest::Acquired;
use dupeproof_sim::id::{ItemId, MessageId, PlayerId, ReceiptId, RequestId, ServiceName, TradeId};
use dupeproof_sim::request::{RequestKind, RequestType, ThrottledCall};
use dupeproof_sim::schedule::Direction;
use dupeproof_sim::trace::Event;
use dupeproof_sim::{Command, GuestEvent, ServiceError};
use serde_json::json;

use crate::stream::{PLAYER, SESSION, Stream, record, server, unlocked};

fn probe(name: &str) -> Probe {
    Probe::named(name).expect("it is counted")
}

#[test]
fn a_takeover_counts_as_after_a_crash_only_if_the_former_holder_died() {
    let mut stream = Stream::new();
    stream.starts(1.0, 0, 0, Some(45.0)).crashes(2.0, 0).starts_as(60.0, 1, 0, Some(95.0), Acquired::TakenOver);
    stream.suspended(95.0, 1).starts_as(110.0, 2, 0, Some(150.0), Acquired::TakenOver);
    let (_, coverage) = stream.verdict();
    assert_eq!((coverage.of(Milestone::TakenOver), coverage.of(Milestone::TakeoverAfterCrash)), (2, 1));
}

#[test]
fn a_freeze_across_a_takeover_needs_the_holder_frozen_and_not_told() {
    let frozen = |told: bool| {
        let mut stream = Stream::new();
        stream.starts(1.0, 0, 0, Some(45.0));
        if told {
            stream.ends(2.0, 0);
        }
        stream.tell(3.0, Event::ServerFroze { server: server(0) }).starts(60.0, 1, 0, Some(95.0));
        stream.verdict().1.of(Milestone::FreezeAcrossTakeover)
    };
    assert_eq!((frozen(false), frozen(true)), (1, 0));
}

#[test]
fn a_cut_across_a_takeover_needs_the_holder_cut_off_from_the_data_store_both_ways_or_one() {
    let cut = |service, healed: bool| {
        let mut stream = Stream::new();
        let (slot, direction) = (0, Direction::ToService);
        stream.starts(1.0, 0, 0, Some(45.0)).tell(3.0, Event::PartitionBegan { slot, service, direction });
        if healed {
            stream.tell(50.0, Event::PartitionHealed { slot, service, direction });
        }
        stream.starts(60.0, 1, 0, Some(95.0)).verdict().1.of(Milestone::CutAcrossTakeover)
    };
    let (data, memory) = (ServiceName::DataStore, ServiceName::MemoryStore);
    assert_eq!((cut(data, false), cut(data, true), cut(memory, false)), (1, 0, 0));
}

#[test]
fn edits_are_lost_only_with_their_session_and_only_if_no_stored_state_holds_them() {
    let lost = |reason: Option<EndReason>| {
        let mut stream = Stream::new();
        stream.starts(1.0, 0, 0, Some(45.0)).edits(2.0, 0, 0, 1).edits(3.0, 0, 1, 2).commits(4.0, 0, Some(unlocked(2)));
        stream.edits(5.0, 0, 2, 3).edits(6.0, 0, 3, 4);
        match reason {
            Some(reason) => stream.ends_as(7.0, 0, reason),
            None => stream.crashes(7.0, 0),
        };
        stream.over(100.0, &[&[]]).verdict().1.of(Milestone::UnsavedEditsLost)
    };
    assert_eq!((lost(None), lost(Some(EndReason::Lost)), lost(Some(EndReason::Manual))), (2, 2, 0));
}

#[test]
fn a_throttled_save_is_a_throttled_write() {
    let mut stream = Stream::new();
    for (id, kind) in [(1, RequestKind::Get), (2, RequestKind::CompareAndSet), (3, RequestKind::Set)] {
        let (server, id) = (server(0), RequestId(id));
        stream.tell(1.0, Event::Requested { server, id, kind, target: None });
        stream.tell(1.0, Event::Throttled { server, id });
    }
    let (_, coverage) = stream.verdict();
    assert_eq!((coverage.of(probe("throttled")), coverage.of(Milestone::ThrottledSave)), (3, 2));
}

#[test]
fn answers_count_by_their_error() {
    let mut stream = Stream::new();
    let errors = [
        ServiceError::TimedOut,
        ServiceError::QueueFull(ThrottledCall::Update),
        ServiceError::ServerThrottled(RequestType::StandardRead),
        ServiceError::ExperienceThrottled(RequestType::StandardRead),
        ServiceError::KeyThrottled,
        ServiceError::ConnectionLost,
        ServiceError::Rejected,
    ];
    for error in [None].into_iter().chain(errors.map(Some)) {
        let (server, id, kind) = (server(0), RequestId(1), RequestKind::Get);
        stream.tell(1.0, Event::Answered { server, id, kind, error, after: dupeproof_core::Span::ZERO });
    }
    let (_, coverage) = stream.verdict();
    let counts = [
        Milestone::TimedOut.into(),
        Milestone::QueueFull.into(),
        probe("experience_throttled"),
        probe("key_throttled"),
        Milestone::ConnectionLost.into(),
        probe("publish_failed"),
        probe("subscribe_failed"),
    ];
    assert_eq!(counts.map(|probe| coverage.of(probe)), [1, 2, 1, 1, 1, 0, 0]);
}

#[test]
fn publishes_and_subscribes_count_as_failed_whatever_the_error() {
    let mut stream = Stream::new();
    for (kind, error) in [
        (RequestKind::Publish, Some(ServiceError::Rejected)),
        (RequestKind::Publish, Some(ServiceError::TimedOut)),
        (RequestKind::Publish, None),
        (RequestKind::Subscribe, Some(ServiceError::ConnectionLost)),
    ] {
        let (server, id) = (server(0), RequestId(1));
        stream.tell(1.0, Event::Answered { server, id, kind, error, after: dupeproof_core::Span::ZERO });
    }
    let (_, coverage) = stream.verdict();
    assert_eq!((coverage.of(probe("publish_failed")), coverage.of(probe("subscribe_failed"))), (2, 1));
}

const TRADE: TradeId = TradeId(4);

/// Player 0's session on server 0 and player 1's on server `other` put something aside for one trade.
fn traded(other: u16) -> Stream {
    let mut stream = Stream::of_players(&[Some(1), Some(1)]);
    stream.starts(1.0, 0, 0, None).starts_for(1.0, other, PlayerId(1));
    for (slot, item) in [(0, 0), (other, 256)] {
        stream.says(2.0, slot, GuestEvent::ItemPutAside { item: ItemId(item), session: SESSION, trade: TRADE });
    }
    stream
}

fn decided(stream: &mut Stream, slot: u16, committed: bool) {
    stream.says(3.0, slot, GuestEvent::TradeDecided { session: SESSION, trade: TRADE, committed });
}

#[test]
fn a_trade_counts_for_each_side_and_as_across_servers_once() {
    let mut stream = traded(1);
    decided(&mut stream, 0, true);
    decided(&mut stream, 1, true);
    let (_, coverage) = stream.verdict();
    let counts =
        [Milestone::ItemsPutAside, Milestone::TradeCommitted, Milestone::TradeAcrossServers, Milestone::EscrowResumed];
    assert_eq!(counts.map(|probe| coverage.of(probe)), [2, 2, 1, 0]);
    let mut aborted = traded(1);
    decided(&mut aborted, 0, false);
    let (_, coverage) = aborted.verdict();
    assert_eq!((coverage.of(Milestone::TradeAborted), coverage.of(Milestone::TradeAcrossServers)), (1, 0));
}

#[test]
fn an_escrow_is_resumed_by_another_session_of_the_same_player() {
    let mut stream = traded(1);
    stream.crashes(2.5, 0).starts(2.6, 2, 0, None);
    decided(&mut stream, 2, true);
    decided(&mut stream, 1, true);
    assert_eq!(stream.verdict().1.of(Milestone::EscrowResumed), 1);
}

#[test]
fn a_gift_is_delivered_when_it_is_taken_and_resumed_when_another_server_sends_it() {
    let given = |sender: u16| {
        let mut stream = Stream::of_players(&[Some(0), Some(1)]);
        let (from, to, gift) = (PlayerId(1), PLAYER, TradeId(9));
        stream.starts_for(1.0, 1, from).acts(1.5, 1, Command::Gift { from, to, gift });
        stream.says(2.0, 1, GuestEvent::ItemPutAside { item: ItemId(256), session: SESSION, trade: gift });
        let mut queued = record(0, None).to_json();
        queued["GlobalUpdates"] = json!([1, [[1, "guid", { "Gift": 9, "Item": 256 }]]]);
        stream.commits(3.0, sender, Some(dupeproof_core::Stored::from_json(queued))).starts(4.0, 0, 0, None);
        stream.says(5.0, 0, GuestEvent::ItemTaken { item: ItemId(256), session: SESSION, trade: gift });
        stream.says(5.0, 0, GuestEvent::ItemTaken { item: ItemId(0), session: SESSION, trade: TRADE });
        let (_, coverage) = stream.verdict();
        (coverage.of(Milestone::GiftDelivered), coverage.of(Milestone::EscrowResumed))
    };
    assert_eq!((given(1), given(2)), ((1, 0), (1, 1)));
}

#[test]
fn receipts_and_messages_that_come_again_count_apart() {
    let mut stream = Stream::new();
    let (player, receipt) = (PLAYER, ReceiptId(3));
    stream.starts(1.0, 0, 0, None);
    // Again at once, much later, and once more after it was granted.
    for (second, slot) in [(2.0, 0), (2.5, 1), (9.0, 2)] {
        stream.acts(second, slot, Command::Receipt { player, receipt });
    }
    stream.says(9.5, 2, GuestEvent::PurchaseGranted { player, receipt });
    stream.acts(9.6, 0, Command::Receipt { player, receipt });
    for message in [1, 2, 1] {
        stream.says(10.0, 0, GuestEvent::MessageHandled { session: SESSION, message: MessageId(message) });
    }
    let (_, coverage) = stream.verdict();
    let counts = [
        Milestone::PurchaseRedelivered,
        Milestone::ReceiptAtOnce,
        Milestone::MessageHandled,
        Milestone::MessageHandledAgain,
    ];
    assert_eq!(counts.map(|probe| coverage.of(probe)), [3, 1, 2, 1]);
}

#[test]
fn a_steal_counts_if_it_takes_a_held_lock() {
    let stolen = |command, acquired| {
        let mut stream = Stream::new();
        stream.acts(1.0, 0, command).starts_as(2.0, 0, 0, None, acquired).verdict().1.of(Milestone::Stolen)
    };
    assert_eq!(stolen(Command::Steal(PLAYER), Acquired::Unprotected), 1);
    assert_eq!(stolen(Command::Steal(PLAYER), Acquired::Free), 0);
    assert_eq!(stolen(Command::Join(PLAYER), Acquired::Unprotected), 0);
}

#[test]
fn admins_count_where_a_session_held_the_lock() {
    let counts = |holder: Option<u16>| {
        let mut stream = Stream::new();
        stream.acts(0.5, 1, Command::Rollback(PLAYER)).acts(0.6, 1, Command::Remove(PLAYER));
        stream.commits(1.0, 0, Some(record(0, holder.map(server)))).commits(2.0, 1, Some(record(0, None)));
        stream.commits(3.0, 0, Some(record(0, holder.map(server)))).commits(4.0, 1, None);
        let (_, coverage) = stream.verdict();
        (coverage.of(Milestone::RolledBackWhileActive), coverage.of(Milestone::RemovedWhileActive))
    };
    assert_eq!((counts(Some(0)), counts(None)), ((1, 1), (0, 0)));
}

#[test]
fn counters_have_their_own_names_and_are_told_as_a_map_in_order() {
    let names: Vec<_> = Coverage::default().iter().map(|(name, _)| name).collect();
    let unique: std::collections::BTreeSet<_> = names.iter().collect();
    assert_eq!((names.len(), unique.len()), (Probe::ALL.len(), Probe::ALL.len()));
    let mut coverage = Coverage::default();
    coverage.count(probe("crashed"));
    let json = serde_json::to_string(&coverage).unwrap();
    assert!(json.starts_with(r#"{"sessions_started":0,"handed_over":0,"#), "{json}");
    assert!(json.contains(r#""crashed":1"#), "{json}");
    assert_eq!((coverage.named("crashed"), coverage.named("nothing of the kind")), (1, 0));
}
