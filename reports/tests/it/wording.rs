//! Each finding in one sentence.

use dupeproof::consequence;
use dupeproof::picture::States;
use dupeproof::wording::sentence;
use dupeproof_core::Span;
use dupeproof_scenarios::history::contents::Leftover;
use dupeproof_scenarios::invariant::{
    admin_undone, crashed, double_live, edit_not_live, false_ack, items, lock_stuck, lost_update, messages,
    older_start_won, overdue, purchases, request_storm, shutdown_overrun, silent_end, stale_start, start_refused,
    unasked_end, undated_save, unfenced_write,
};
use dupeproof_scenarios::{Fact, Finding};
use dupeproof_sim::id::{ItemId, MessageId, ReceiptId, SessionRef, Stamp, TradeId};
use dupeproof_sim::{EndReason, FindingKind, StartFailure};

use crate::stage::{ALICE, BOB, at, server, session};

/// Of each kind one finding for each sentence that it has.
pub(crate) fn findings() -> Vec<Finding> {
    let (item, message, receipt, trade) = (ItemId(7), MessageId(5), ReceiptId(2), TradeId(4));
    let (early, late, state) = (session(0, 0), session(1, 0), Stamp(0x1_0000_0001));
    let part = |player, part| items::Location { player, part };
    let place = |queued| messages::Location { player: BOB, queued };
    let facts = [
        Fact::ItemDuplicated(items::Duplicated {
            item,
            first: part(ALICE, items::Part::Data),
            second: part(BOB, items::Part::Escrow),
        }),
        Fact::ItemDuplicated(items::Duplicated {
            item,
            first: part(BOB, items::Part::Queue),
            second: part(BOB, items::Part::Queue),
        }),
        Fact::ItemLost(items::Lost { item, owner: BOB }),
        Fact::CoinsDuplicated(items::Sum { began: 100, stored: 150 }),
        Fact::CoinsLost(items::Sum { began: 100, stored: 99 }),
        Fact::PurchaseDuplicated(purchases::Duplicated { receipt, first: ALICE, second: ALICE }),
        Fact::PurchaseDuplicated(purchases::Duplicated { receipt, first: ALICE, second: BOB }),
        Fact::PurchaseLost(purchases::Lost { receipt, player: ALICE }),
        Fact::MessageDuplicated(messages::Duplicated { message, first: place(false), second: Some(place(true)) }),
        Fact::MessageDuplicated(messages::Duplicated { message, first: place(false), second: Some(place(false)) }),
        Fact::MessageDuplicated(messages::Duplicated { message, first: place(true), second: None }),
        Fact::MessageLost(messages::Lost { message, to: BOB }),
        Fact::LostUpdate(lost_update::Overwrite::Forgotten {
            writer: server(1),
            maker: Some(server(0)),
            before: state,
            after: Stamp(0),
        }),
        Fact::LostUpdate(lost_update::Overwrite::Forgotten {
            writer: server(1),
            maker: None,
            before: Stamp(0),
            after: state,
        }),
        Fact::LostUpdate(lost_update::Overwrite::NeverStored { session: early, state }),
        Fact::FalseAck(false_ack::Unstored::State { session: early, state }),
        Fact::FalseAck(false_ack::Unstored::Purchase { server: server(1), receipt: ReceiptId(8) }),
        Fact::DoubleLive(double_live::Overlap { first: early, second: late }),
        Fact::UnfencedWrite(unfenced_write::Unfenced::Data { earlier: early, later: late }),
        Fact::UnfencedWrite(unfenced_write::Unfenced::ForeignLock { writer: server(1), holder: Some(server(0)) }),
        Fact::UnfencedWrite(unfenced_write::Unfenced::ForeignLock { writer: server(1), holder: None }),
        Fact::UnfencedWrite(unfenced_write::Unfenced::OwnLock { running: early }),
        Fact::StaleStart(stale_start::Stale { session: late, got: Stamp(0), stored: state, writer: Some(server(0)) }),
        Fact::EditNotLive(edit_not_live::NotLive { session: early, state }),
        Fact::SilentEnd(silent_end::Silence { session: early, later: late }),
        Fact::LockStuck(lock_stuck::Stuck::NotLoaded { server: server(3), waited: Span::secs(60) }),
        Fact::LockStuck(lock_stuck::Stuck::LeftBehind { holder: server(0) }),
        Fact::LockStuck(lock_stuck::Stuck::Coordinator { trade }),
        Fact::LockStuck(lock_stuck::Stuck::LeftInRecord { what: Leftover::Marker }),
        Fact::LockStuck(lock_stuck::Stuck::Subscribed { server: server(0), left: 2 }),
        Fact::UndatedSave(undated_save::Undated { server: server(0), last_update: 1_750_000_000 }),
        Fact::Crashed(crashed::Crash { server: server(0), text: "Main:3: out of memory\n".into() }),
        Fact::Overdue(overdue::Overdue::Notice { session: early, taker: server(1) }),
        Fact::Overdue(overdue::Overdue::HandOver { holder: server(0), waiter: server(1), after: Span::millis(9_250) }),
        Fact::Overdue(overdue::Overdue::Save { session: early, after: Span::secs(700) }),
        Fact::ShutdownOverrun(shutdown_overrun::Overrun { server: server(0) }),
        Fact::RequestStorm(request_storm::Storm { server: server(0), target: request_storm::Target::Player(ALICE) }),
        Fact::RequestStorm(request_storm::Storm { server: server(0), target: request_storm::Target::Trade(trade) }),
    ];
    let lasted = |fact: &Fact| (fact.kind() == FindingKind::DoubleLive).then_some(Span::millis(6_250));
    facts
        .into_iter()
        .chain(felt(early))
        .map(|fact| Finding { at: at(1.0), player: Some(ALICE), lasted: lasted(&fact), fact })
        .collect()
}

/// What players and administrators feel.
fn felt(early: SessionRef) -> [Fact; 8] {
    [
        Fact::AdminUndone(admin_undone::Undone {
            session: early,
            admin: server(1),
            what: admin_undone::AdminWrite::Erased,
        }),
        Fact::AdminUndone(admin_undone::Undone {
            session: early,
            admin: server(1),
            what: admin_undone::AdminWrite::Restored,
        }),
        Fact::UnaskedEnd(unasked_end::Unasked::External { session: early }),
        Fact::UnaskedEnd(unasked_end::Unasked::Ended { session: early, reason: EndReason::Lost }),
        Fact::UnaskedEnd(unasked_end::Unasked::Suspended { session: early }),
        Fact::StartRefused(start_refused::Refused {
            server: server(1),
            gone: None,
            waited: Span::millis(2_500),
            failure: StartFailure::Failed,
        }),
        Fact::StartRefused(start_refused::Refused {
            server: server(1),
            gone: Some(server(0)),
            waited: Span::secs(90),
            failure: StartFailure::TimedOut,
        }),
        Fact::OlderStartWon(older_start_won::Won { session: early, newest: server(1), later: Span::secs(2) }),
    ]
}

#[test]
fn every_kind_of_finding_has_its_sentence() {
    let findings = findings();
    for kind in FindingKind::ALL {
        assert!(findings.iter().any(|finding| finding.kind() == kind), "{kind:?} is not in this test");
    }
    let lines =
        findings.iter().map(|finding| format!("{:?}: {}", finding.kind(), sentence(finding, &States::default())));
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"));
}

#[test]
fn every_kind_of_finding_has_its_consequence_for_players() {
    let findings = findings();
    let lines = findings.iter().map(|finding| format!("{:?}: {}", finding.kind(), consequence::sentence(finding)));
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"));
}

#[test]
fn a_finding_is_read_back_from_json_as_it_was_written() {
    for finding in findings() {
        let json = serde_json::to_string(&finding).unwrap();
        assert_eq!(serde_json::from_str::<Finding>(&json).unwrap(), finding, "{json}");
    }
}
