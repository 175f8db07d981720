//! `ProcessReceipt`: when, where and how often it is called.

use std::collections::BTreeSet;

use dupeproof_core::Span;
use dupeproof_sim::guest::Command;
use dupeproof_sim::id::{PlayerId, ReceiptId, Slot};
use dupeproof_sim::marketplace::Marketplace;
use dupeproof_sim::network::Network;
use dupeproof_sim::{Action, Event, Schedule};

use crate::scripted::{Script, Tape, at, schedule};

const NETWORKS: [Network; 2] = [Network::Event, Network::Turmoil];
const PLAYER: PlayerId = PlayerId(0);

fn join(server: Slot) -> Action {
    Action::Command { server, command: Command::Join(PLAYER) }
}

fn leave(server: Slot) -> Action {
    Action::Command { server, command: Command::Leave(PLAYER) }
}

fn buy(receipt: u32) -> Action {
    Action::Purchase { player: PLAYER, receipt: ReceiptId(receipt) }
}

/// Servers that answer with granted, or not.
fn servers(grants: &[bool]) -> Vec<Script> {
    grants.iter().map(|grants| Script { grants: *grants, ..Script::default() }).collect()
}

fn world(scripts: &[Script], timeline: impl IntoIterator<Item = (u64, Action)>) -> Schedule {
    let mut schedule = schedule(scripts);
    schedule.timeline = timeline.into_iter().map(|(millis, action)| at(millis, action)).collect();
    schedule
}

/// Where and when which receipts came, up to the healing.
fn deliveries(tape: &Tape) -> Vec<(u64, Slot, u32)> {
    let mut deliveries = Vec::new();
    for (at, event) in &tape.events {
        match event {
            Event::Healed => break,
            Event::Acted { action: Action::Command { server, command: Command::Receipt { receipt, .. } }, .. } => {
                deliveries.push((at.0 / 1_000, *server, receipt.0));
            }
            _ => {}
        }
    }
    deliveries
}

/// The same without the moments, in order of server and receipt.
fn delivered(tape: &Tape) -> Vec<(Slot, u32)> {
    let mut delivered: Vec<_> = deliveries(tape).into_iter().map(|(_, slot, receipt)| (slot, receipt)).collect();
    delivered.sort_unstable();
    delivered
}

fn unrecorded(tape: &Tape) -> usize {
    tape.count(|event| matches!(event, Event::ReceiptNotRecorded { .. }))
}

#[test]
fn a_purchase_is_delivered_soon_where_the_player_is_and_never_again_once_granted() {
    for network in NETWORKS {
        let scripts = servers(&[true, true]);
        let timeline = [(0, join(0)), (1_000, buy(7)), (20_000, leave(0)), (21_000, join(1)), (30_000, buy(8))];
        let tape = Tape::on(network, &world(&scripts, timeline), &scripts).0;
        assert_eq!(delivered(&tape), [(0, 7), (1, 8)], "{network:?}");
        let (at, ..) = deliveries(&tape)[0];
        assert!((1_000..=2_010).contains(&at), "{network:?}: {at}");
        assert!(tape.lines(0).iter().any(|line| line.starts_with("Receipt")), "{network:?}");
        // Nor on the fresh server.
        assert!(!tape.log(2).iter().any(|(_, line)| line.starts_with("Receipt")), "{network:?}");
    }
}

#[test]
fn a_purchase_that_is_not_granted_comes_at_no_time_of_its_own_but_at_every_join_and_purchase() {
    for network in NETWORKS {
        let scripts = servers(&[false, false]);
        let timeline = [
            (0, join(0)),
            (1_000, buy(1)),
            (50_000, buy(2)),
            (60_000, leave(0)),
            (70_000, join(1)),
            (80_000, leave(1)),
        ];
        let tape = Tape::on(network, &world(&scripts, timeline), &scripts).0;
        assert_eq!(delivered(&tape), [(0, 1), (0, 1), (0, 2), (1, 1), (1, 2)], "{network:?}");
        assert_eq!(deliveries(&tape).iter().filter(|(at, ..)| (3_000..50_000).contains(at)).count(), 0);
    }
}

#[test]
fn who_joins_a_second_server_before_the_first_has_answered_has_their_purchase_on_both() {
    for network in NETWORKS {
        let scripts = servers(&[false, true]);
        let timeline = [(0, join(0)), (1_000, buy(1)), (3_000, join(1)), (10_000, leave(1)), (11_000, join(1))];
        let tape = Tape::on(network, &world(&scripts, timeline), &scripts).0;
        assert_eq!(delivered(&tape), [(0, 1), (1, 1)], "{network:?}");
    }
}

#[test]
fn what_was_granted_and_not_recorded_comes_again_at_the_next_opportunity() {
    for network in NETWORKS {
        let scripts = servers(&[true, true]);
        let mut schedule = world(&scripts, [(0, join(0)), (1_000, buy(1)), (5_000, buy(2)), (10_000, join(1))]);
        schedule.lifecycle.unrecorded_ppm = 1_000_000;
        let tape = Tape::on(network, &schedule, &scripts).0;
        assert_eq!(delivered(&tape), [(0, 1), (0, 1), (0, 2), (1, 1), (1, 2)], "{network:?}");
        assert_eq!(unrecorded(&tape), 5, "{network:?}");
    }
}

#[test]
fn some_answers_are_recorded_and_some_are_not_as_the_rate_says() {
    let scripts = servers(&[true]);
    let mut schedule = world(&scripts, (0..1_000).map(|number| (1_000, buy(number))).collect::<Vec<_>>());
    schedule.timeline.insert(0, at(0, join(0)));
    schedule.lifecycle.unrecorded_ppm = 100_000;
    schedule.lifecycle.receipt_delay.min = Span::secs(1);
    let tape = Tape::of(&schedule, &scripts);
    let first: BTreeSet<_> = deliveries(&tape).into_iter().map(|(_, _, receipt)| receipt).collect();
    assert_eq!(first.len(), 1_000);
    let (given, unrecorded) = (deliveries(&tape).len(), unrecorded(&tape));
    assert!((given / 20..given / 5).contains(&unrecorded), "{unrecorded} of {given}");
}

#[test]
fn several_receipts_come_in_any_order() {
    let mut orders = BTreeSet::new();
    for seed in 0..100 {
        let scripts = servers(&[false, true]);
        let timeline = [(0, join(0)), (1, buy(1)), (2, buy(2)), (3, buy(3)), (50_000, join(1))];
        let tape = Tape::of(&Schedule { seed, ..world(&scripts, timeline) }, &scripts);
        let there = deliveries(&tape).into_iter().filter(|(_, slot, _)| *slot == 1).map(|(.., receipt)| receipt);
        orders.insert(there.collect::<Vec<_>>());
    }
    assert_eq!(orders.len(), 6, "{orders:?}");
}

#[test]
fn a_receipt_is_not_delivered_to_who_has_left_or_whose_server_is_gone() {
    let scripts = servers(&[true, true]);
    for gone in [leave(0), Action::Crash { server: 0 }] {
        let mut schedule = world(&scripts, [(0, join(0)), (1_000, buy(1)), (1_001, gone), (5_000, join(1))]);
        schedule.lifecycle.receipt_delay.min = Span::millis(500);
        let tape = Tape::of(&schedule, &scripts);
        assert_eq!(delivered(&tape), [(1, 1)]);
        assert!(tape.count(|event| matches!(event, Event::Guest { .. })) == 1);
    }
}

#[test]
fn a_player_who_is_on_two_servers_buys_on_either() {
    let places: BTreeSet<Slot> = (0..20)
        .map(|seed| {
            let scripts = servers(&[true, true]);
            let schedule = world(&scripts, [(0, join(0)), (1, join(1)), (1_000, buy(1))]);
            let delivered = delivered(&Tape::of(&Schedule { seed, ..schedule }, &scripts));
            assert_eq!(delivered.len(), 1);
            delivered[0].0
        })
        .collect();
    assert_eq!(places.len(), 2);
}

#[test]
fn nobody_buys_where_they_are_not_or_the_same_thing_twice() {
    let scripts = servers(&[true]);
    let tape = Tape::of(&world(&scripts, [(0, buy(1)), (1, join(0)), (2, buy(2)), (10_000, buy(2))]), &scripts);
    assert_eq!(delivered(&tape), [(0, 2)]);
    assert_eq!(tape.count(|event| matches!(event, Event::Acted { action: Action::Purchase { .. }, .. })), 1);
}

#[test]
fn what_is_unresolved_comes_again_on_the_fresh_server_and_is_recorded_there() {
    for network in NETWORKS {
        let scripts = servers(&[false, true]);
        let mut schedule = world(&scripts[..1], [(0, join(0)), (1_000, buy(1)), (2_000, buy(2))]);
        schedule.lifecycle.unrecorded_ppm = 1_000_000;
        // The fresh server's slot comes after the schedule's.
        let tape = Tape::on(network, &schedule, &scripts).0;
        let receipts: Vec<u64> =
            tape.log(1).into_iter().filter(|(_, line)| line.starts_with("Receipt")).map(|(at, _)| at).collect();
        assert_eq!(receipts.len(), 2, "{network:?}");
        assert!(receipts.iter().all(|at| (140_000..=141_010).contains(at)), "{network:?}: {receipts:?}");
        assert_eq!(unrecorded(&tape), 0, "{network:?}");
    }
}

#[test]
fn a_receipt_that_the_timeline_delivers_itself_is_delivered_once() {
    let scripts = servers(&[false, false]);
    let receipt = Command::Receipt { player: PLAYER, receipt: ReceiptId(1) };
    let itself = Action::Command { server: 0, command: receipt };
    let tape = Tape::of(&world(&scripts, [(0, join(0)), (1, itself), (2, join(1))]), &scripts);
    assert_eq!(deliveries(&tape), [(1, 0, 1)]);
}

#[test]
fn an_answer_counts_though_the_player_has_left_and_the_receipt_went_to_two_servers() {
    let mut marketplace = Marketplace::new(&Schedule::default());
    marketplace.sell(PLAYER, ReceiptId(1));
    marketplace.sell(PLAYER, ReceiptId(2));
    marketplace.sell(PlayerId(1), ReceiptId(3));
    let unresolved =
        |marketplace: &Marketplace, player| marketplace.unresolved(player).map(|receipt| receipt.0).collect::<Vec<_>>();
    assert_eq!(unresolved(&marketplace, PLAYER), [1, 2]);
    // Nothing but its own answer resolves a receipt; the second answer finds it resolved.
    assert!(marketplace.granted(ReceiptId(1)) && marketplace.granted(ReceiptId(1)));
    assert_eq!(unresolved(&marketplace, PLAYER), [2]);
    assert_eq!(unresolved(&marketplace, PlayerId(1)), [3]);
    assert!(marketplace.knows(ReceiptId(1)) && !marketplace.is_unresolved(ReceiptId(1)));
    assert!(!marketplace.knows(ReceiptId(4)));
}
