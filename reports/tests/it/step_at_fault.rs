//! The step at fault of findings, in runs told by hand.

use dupeproof::step_at_fault::{self, StepAtFault};
use dupeproof_core::Stored;
use dupeproof_scenarios::invariant::{double_live, items, purchases};
use dupeproof_scenarios::{Fact, Finding};
use dupeproof_sim::guest::{Acquired, key_of};
use dupeproof_sim::id::{ItemId, PlayerId, ReceiptId, RequestId, ServerId, SessionNo, SessionRef, Stamp};
use dupeproof_sim::request::RequestKind;
use dupeproof_sim::{EndReason, Event, Global, GuestEvent, Version};
use serde_json::{Value as Json, json};

const FIRST: PlayerId = PlayerId(0);
const SECOND: PlayerId = PlayerId(1);

fn server(slot: u16) -> ServerId {
    ServerId { slot, life: 0 }
}

fn seconds(second: u64) -> Global {
    Global(second * 1_000_000)
}

/// A run: what each player has is known before anything is written.
struct Run {
    events: Vec<(Global, Event)>,
    stored: [Json; 2],
}

impl Run {
    fn new(first: Json, second: Json) -> Run {
        Run { events: Vec::new(), stored: [first, second] }
    }

    fn guest(&mut self, second: u64, slot: u16, event: GuestEvent) -> &mut Run {
        self.events.push((seconds(second), Event::Guest { server: server(slot), live_until: None, event }));
        self
    }

    fn starts(&mut self, second: u64, slot: u16, player: PlayerId) -> &mut Run {
        let (session, acquired) = (SessionNo(1), Acquired::Unprotected);
        self.guest(
            second,
            slot,
            GuestEvent::SessionStarted { session, player, stamp: Stamp(0), live_until: None, acquired },
        )
    }

    /// Asked for half a second before.
    fn writes(&mut self, second: u64, slot: u16, player: PlayerId, after: Json) -> &mut Run {
        let (id, key) = (RequestId(u32::try_from(second).unwrap()), key_of(player));
        let (kind, target) = (RequestKind::CompareAndSet, Some(key.clone()));
        self.events
            .push((Global(seconds(second).0 - 500_000), Event::Requested { server: server(slot), id, kind, target }));
        let before = std::mem::replace(&mut self.stored[usize::from(player.0)], after.clone());
        let (before, after) = (Some(Stored::from_json(before)), Some(Stored::from_json(after)));
        let version = Version(second);
        self.events.push((seconds(second), Event::Committed { server: server(slot), id, key, version, before, after }));
        self
    }

    fn at_fault(&self, fact: Fact) -> Option<StepAtFault> {
        step_at_fault::of(&self.events, &Finding { at: seconds(99), player: Some(FIRST), lasted: None, fact })
    }
}

/// A record with these items, locked by nobody or by this mark.
fn record(items: &[u32], lock: Option<&str>) -> Json {
    let mut record = json!({ "Data": { "Items": items, "Stamp": 0 }, "MetaData": {
        "ProfileCreateTime": 1, "SessionLoadCount": 1, "LastUpdate": 1, "MetaTags": [],
    } });
    if let Some(lock) = lock {
        record["MetaData"]["ActiveSession"] = json!([1, lock, "guid"]);
    }
    record
}

fn duplicated() -> Fact {
    let place = |player| items::Location { player, part: items::Part::Data };
    Fact::ItemDuplicated(items::Duplicated { item: ItemId(7), first: place(FIRST), second: place(SECOND) })
}

#[test]
fn a_dupe_is_the_write_after_which_the_item_stays_in_two_places() {
    let mut run = Run::new(record(&[7], None), record(&[], None));
    run.starts(1, 0, FIRST).starts(1, 0, SECOND);
    // Handed over in memory: for a moment it is in both records, and then it is not.
    run.writes(10, 0, SECOND, record(&[7], None)).writes(11, 0, FIRST, record(&[], None));
    run.guest(20, 0, GuestEvent::SessionEnded { session: SessionNo(1), reason: EndReason::Manual });
    run.writes(33, 1, FIRST, record(&[7], None)).writes(40, 0, SECOND, record(&[7], None));
    let step = run.at_fault(duplicated()).unwrap();
    assert_eq!(step.at, seconds(33));
    assert_eq!(
        step.text,
        "a write of Player_0 by job-1-0, asked for at 32.500 s when it had no session, leaves item 7 in two places"
    );
}

#[test]
fn a_loss_is_the_write_after_which_the_item_is_nowhere() {
    let mut run = Run::new(record(&[7], None), record(&[], None));
    run.starts(1, 0, FIRST).writes(10, 0, FIRST, record(&[], None)).writes(12, 0, SECOND, record(&[], None));
    let step = run.at_fault(Fact::ItemLost(items::Lost { item: ItemId(7), owner: FIRST })).unwrap();
    assert_eq!(step.at, seconds(10));
    assert!(step.text.contains("while it took its session for live, leaves item 7 nowhere"), "{}", step.text);
}

#[test]
fn what_was_wrong_from_the_start_or_is_right_in_the_end_has_no_step() {
    let mut run = Run::new(record(&[7], None), record(&[7], None));
    run.writes(10, 0, FIRST, record(&[7, 8], None)).writes(11, 0, SECOND, record(&[7, 9], None));
    assert_eq!(run.at_fault(duplicated()), None);
    run.writes(12, 0, FIRST, record(&[], None));
    assert_eq!(run.at_fault(duplicated()), None);
}

#[test]
fn a_purchase_that_was_never_stored_is_the_answer() {
    let mut run = Run::new(record(&[], None), record(&[], None));
    run.writes(5, 0, FIRST, record(&[1], None));
    run.guest(6, 0, GuestEvent::PurchaseGranted { player: FIRST, receipt: ReceiptId(3) });
    let lost = Fact::PurchaseLost(purchases::Lost { receipt: ReceiptId(3), player: FIRST });
    let step = run.at_fault(lost).unwrap();
    assert_eq!((step.at, &*step.text), (seconds(6), "job-0-0 answers purchase 3 with granted, and never stores it"));
}

#[test]
fn two_live_sessions_are_the_write_that_took_the_lock_or_else_the_later_start() {
    let session = |slot| SessionRef { server: server(slot), no: SessionNo(1) };
    let both = || Fact::DoubleLive(double_live::Overlap { first: session(0), second: session(1) });
    let mut run = Run::new(record(&[], None), record(&[], None));
    run.writes(2, 0, FIRST, record(&[], Some("a"))).starts(3, 0, FIRST);
    let mut without = Run { events: run.events.clone(), stored: run.stored.clone() };
    run.writes(8, 1, FIRST, record(&[], Some("b"))).starts(9, 1, FIRST);
    let step = run.at_fault(both()).unwrap();
    assert_eq!(step.at, seconds(8));
    assert!(step.text.ends_with("takes the lock from a session that is still relied on"), "{}", step.text);
    let step = without.starts(9, 1, FIRST).at_fault(both()).unwrap();
    assert_eq!(step.text, "job-1-0 starts its session of Player_0, for which no write to the record has taken a lock");
}
