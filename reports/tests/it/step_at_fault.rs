//! The step at fault of findings, in runs told by hand.

use dupeproof::step_at_fault::{self, Mechanism, StepAtFault};
use dupeproof_core::Stored;
use dupeproof_scenarios::invariant::{
    double_live, false_ack, items, lock_stuck, lost_update, purchases, start_refused,
};
use dupeproof_scenarios::{Fact, Finding};
use dupeproof_sim::guest::StartFailure;
use dupeproof_sim::guest::{Acquired, key_of};
use dupeproof_sim::id::{ItemId, PlayerId, ReceiptId, RequestId, ServerId, SessionNo, SessionRef, Stamp};
use dupeproof_sim::request::{MemoryAddress, RequestKind, Structure};
use dupeproof_sim::schedule::Action;
use dupeproof_sim::{Command, EndReason, Event, Global, GuestEvent, ServiceError, Version};
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

    /// An entry of a memory store for 30 s, or its removal; asked for half a second before, from this line.
    fn keeps(&mut self, second: u64, slot: u16, player: PlayerId, value: Option<&str>) -> &mut Run {
        let (id, key) = (RequestId(u32::try_from(second).unwrap()), format!("Player_{}", player.0));
        let address = MemoryAddress::new(Structure::HashMap, "Locks", &key).to_key();
        let (at, server) = (Global(seconds(second).0 - 500_000), server(slot));
        let calls = format!("Locks:{second}").into();
        self.events.push((at, Event::CalledFrom { server, calls }));
        let (kind, target) = (RequestKind::MemorySet, Some(address.clone()));
        self.events.push((at, Event::Requested { server, id, kind, target }));
        let until = value.map(|_| seconds(second + 30));
        let value = value.map(|value| std::sync::Arc::new(json!(value)));
        self.events.push((seconds(second), Event::MemoryChanged { server, id, address, value, until }));
        self
    }

    /// A write that fails; asked for half a second before, from this line.
    fn fails(&mut self, second: u64, slot: u16, player: PlayerId) -> &mut Run {
        let (id, server) = (RequestId(u32::try_from(second).unwrap()), server(slot));
        let (kind, target) = (RequestKind::CompareAndSet, Some(key_of(player)));
        let at = Global(seconds(second).0 - 500_000);
        self.events.push((at, Event::CalledFrom { server, calls: format!("Data:{second}").into() }));
        self.events.push((at, Event::Requested { server, id, kind, target }));
        let (error, after) = (Some(ServiceError::Rejected), dupeproof_core::Span(500_000));
        self.events.push((seconds(second), Event::Answered { server, id, kind, error, after }));
        self
    }

    /// An update that reads half a second before, and decides to write nothing, at this line.
    fn cancels(&mut self, second: u64, slot: u16, player: PlayerId) -> &mut Run {
        let (id, server) = (RequestId(u32::try_from(second).unwrap()), server(slot));
        let (kind, target) = (RequestKind::Get, Some(key_of(player)));
        self.events.push((Global(seconds(second).0 - 500_000), Event::Requested { server, id, kind, target }));
        let calls = format!("Data:{second} transform").into();
        self.events.push((seconds(second), Event::CalledFrom { server, calls }));
        self.events.push((seconds(second), Event::UpdateCancelled { server, id }));
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
    assert_eq!(step.text, "job-1-0 starts its session of Player_0, though job-0-0 has the lock of the record");
    let mut lockless = Run::new(record(&[], None), record(&[], None));
    let step = lockless.writes(2, 0, FIRST, record(&[], None)).starts(3, 0, FIRST).starts(9, 1, FIRST).at_fault(both());
    let text = step.unwrap().text;
    assert_eq!(text, "job-1-0 starts its session of Player_0, for which no write to the record has taken a lock");
}

fn overlap() -> Fact {
    let [first, second] = [0, 1].map(|slot| SessionRef { server: server(slot), no: SessionNo(1) });
    Fact::DoubleLive(double_live::Overlap { first, second })
}

#[test]
fn a_lock_that_is_freed_too_early_is_the_step_and_not_the_start_that_finds_it_free() {
    let mut run = Run::new(record(&[], None), record(&[], None));
    run.writes(2, 0, FIRST, record(&[], Some("a"))).starts(3, 0, FIRST).writes(7, 0, FIRST, record(&[], None));
    run.writes(8, 1, FIRST, record(&[], Some("b"))).starts(9, 1, FIRST);
    let step = run.at_fault(overlap()).unwrap();
    assert_eq!((step.at, step.mechanism), (seconds(7), Some(Mechanism::FreedEarly)));
    assert!(step.text.ends_with("frees the lock of a session that is still relied on"), "{}", step.text);
}

#[test]
fn a_lock_in_a_memory_store_is_taken_where_it_is_written_and_its_last_renewal_is_the_other_side() {
    let mut run = Run::new(record(&[], None), record(&[], None));
    run.keeps(2, 0, FIRST, Some("a")).starts(3, 0, FIRST).keeps(20, 0, FIRST, Some("a"));
    run.keeps(60, 1, FIRST, Some("b")).starts(61, 1, FIRST);
    let step = run.at_fault(overlap()).unwrap();
    assert_eq!((step.at, step.calls.as_deref()), (seconds(60), Some("Locks:60")));
    assert_eq!(step.mechanism, Some(Mechanism::Expired));
    assert_eq!(
        step.text,
        "a write of Locks/Player_0 in a memory store by job-1-0, asked for at 59.500 s when it had no session, comes while an \
         earlier session is still relied on: what job-0-0 had written there had expired at 50.000 s"
    );
    let side = step.other_side.unwrap();
    assert_eq!((side.at, side.calls.as_deref()), (seconds(20), Some("Locks:20")));
    assert_eq!(side.text, "job-0-0 had last written Locks/Player_0 in a memory store 40 s before");
}

#[test]
fn an_entry_that_the_earlier_session_takes_away_is_the_step_and_one_of_another_player_is_none() {
    let mut run = Run::new(record(&[], None), record(&[], None));
    run.keeps(2, 0, FIRST, Some("a")).starts(3, 0, FIRST).keeps(20, 0, FIRST, None).keeps(25, 1, SECOND, Some("b"));
    let mut without = Run { events: run.events.clone(), stored: run.stored.clone() };
    run.keeps(30, 1, FIRST, Some("b")).starts(31, 1, FIRST);
    let step = run.at_fault(overlap()).unwrap();
    assert_eq!((step.at, step.calls.as_deref()), (seconds(20), Some("Locks:20")));
    assert!(step.text.starts_with("a removal of Locks/Player_0"), "{}", step.text);
    // Whoever takes it away.
    let mut other = Run::new(record(&[], None), record(&[], None));
    other.keeps(2, 0, FIRST, Some("a")).starts(3, 0, FIRST).keeps(20, 2, FIRST, None).keeps(30, 1, FIRST, Some("b"));
    let step = other.starts(31, 1, FIRST).at_fault(overlap()).unwrap();
    assert_eq!((step.at, step.mechanism), (seconds(20), Some(Mechanism::FreedByAnother)));
    // What had expired before is nobody's any more.
    let mut late = Run::new(record(&[], None), record(&[], None));
    late.keeps(2, 0, FIRST, Some("a")).starts(3, 0, FIRST).keeps(40, 2, FIRST, None).keeps(50, 1, FIRST, Some("b"));
    assert_eq!(late.starts(51, 1, FIRST).at_fault(overlap()).map(|step| step.at), Some(seconds(50)));
    let step = without.starts(31, 1, FIRST).at_fault(overlap()).unwrap();
    assert!(step.text.contains("for which no write to the record has taken a lock"), "{}", step.text);
}

#[test]
fn a_start_without_the_lock_comes_from_the_update_that_wrote_nothing() {
    let mut run = Run::new(record(&[], None), record(&[], None));
    run.writes(2, 0, FIRST, record(&[], Some("a"))).starts(3, 0, FIRST).cancels(8, 1, FIRST).starts(9, 1, FIRST);
    let step = run.at_fault(overlap()).unwrap();
    assert_eq!((step.at, step.calls.as_deref()), (seconds(9), Some("Data:8 transform")));
    assert_eq!(step.mechanism, Some(Mechanism::StartedWithout));
    assert_eq!(
        step.text,
        "job-1-0 starts its session of Player_0, though job-0-0 has the lock of the record; at 8.000 s, an update of \
         Player_0 by job-1-0 wrote nothing, since its transform returned nil"
    );
    assert_eq!(
        step.other_side.map(|side| (side.at, side.text)),
        Some((seconds(2), "job-0-0 had taken the lock".into()))
    );
}

#[test]
fn a_save_that_was_told_and_never_written_is_the_update_that_wrote_nothing_after_the_change() {
    let session = SessionRef { server: server(0), no: SessionNo(1) };
    let told = |run: &Run| run.at_fault(Fact::FalseAck(false_ack::Unstored::State { session, state: Stamp(5) }));
    let edited = GuestEvent::Edited { session: SessionNo(1), stamp: Stamp(5), parent: Stamp(0) };
    let mut run = Run::new(record(&[], None), record(&[], None));
    run.starts(3, 0, FIRST).guest(10, 0, edited.clone()).cancels(12, 0, FIRST);
    let step = told(&run).unwrap();
    assert_eq!((step.calls.as_deref(), step.mechanism), (Some("Data:12 transform"), Some(Mechanism::SaveCancelled)));
    run.writes(13, 0, FIRST, record(&[1], None));
    assert_eq!(told(&run), None, "it was written after all");
    let mut before = Run::new(record(&[], None), record(&[], None));
    before.starts(3, 0, FIRST).cancels(8, 0, FIRST).guest(10, 0, edited).cancels(12, 0, SECOND).cancels(13, 1, FIRST);
    assert_eq!(told(&before), None, "an update before the change, of another player, or by another server");
}

#[test]
fn a_start_is_refused_by_the_update_that_wrote_nothing_since_the_player_joined() {
    let refused = start_refused::Refused {
        server: server(1),
        gone: None,
        waited: dupeproof_core::Span::secs(5),
        failure: StartFailure::TimedOut,
    };
    let mut run = Run::new(record(&[], None), record(&[], None));
    let join = Action::Command { server: 1, command: Command::Join(FIRST) };
    run.cancels(4, 1, FIRST).events.push((seconds(5), Event::Acted { step: None, action: join }));
    assert_eq!(run.at_fault(Fact::StartRefused(refused)), None);
    let step = run.cancels(9, 1, FIRST).at_fault(Fact::StartRefused(refused)).unwrap();
    assert_eq!((step.at, step.key), (seconds(9), Some(key_of(FIRST))));
}

#[test]
fn a_lock_of_a_server_that_is_gone_is_kept_by_who_writes_it_again() {
    let stuck = || Fact::LockStuck(lock_stuck::Stuck::LeftBehind { holder: server(0) });
    let locked = || record(&[], Some("a"));
    let mut run = Run::new(record(&[], None), record(&[], None));
    run.writes(2, 0, FIRST, locked()).starts(3, 0, FIRST).writes(4, 1, FIRST, locked());
    run.events.push((seconds(10), Event::ServerCrashed { server: server(0) }));
    // Somebody queues something for the player: that changes the record.
    run.writes(15, 2, FIRST, record(&[3], Some("a")));
    assert_eq!(run.at_fault(stuck()).unwrap().at, seconds(2), "nobody has kept it since");
    run.writes(20, 1, FIRST, record(&[3], Some("a"))).writes(25, 1, FIRST, record(&[3], Some("a")));
    let step = run.at_fault(stuck()).unwrap();
    assert_eq!((step.at, step.mechanism), (seconds(20), Some(Mechanism::KeptAlive)));
    assert!(step.text.ends_with("writes it again with the lock of job-0-0, which is gone"), "{}", step.text);
}

#[test]
fn a_change_that_was_never_stored_is_the_write_that_failed_and_was_not_made_again() {
    let session = SessionRef { server: server(0), no: SessionNo(1) };
    let never = || Fact::LostUpdate(lost_update::Overwrite::NeverStored { session, state: Stamp(5) });
    let edited = GuestEvent::Edited { session: SessionNo(1), stamp: Stamp(5), parent: Stamp(0) };
    let mut run = Run::new(record(&[], None), record(&[], None));
    run.starts(3, 0, FIRST).guest(10, 0, edited);
    let ended = GuestEvent::SessionEnded { session: SessionNo(1), reason: EndReason::Manual };
    run.fails(20, 0, FIRST).guest(21, 0, ended);
    let step = run.at_fault(never()).unwrap();
    assert_eq!(step.text, "job-0-0 is told that a write of Player_0 failed, and does not try again");
    assert_eq!((step.at, step.calls.as_deref()), (seconds(20), Some("Data:20")));
    // Another try that is never answered, of which nobody knows that it failed.
    let (id, kind, target) = (RequestId(77), RequestKind::CompareAndSet, Some(key_of(FIRST)));
    run.events.push((seconds(22), Event::Requested { server: server(0), id, kind, target }));
    assert_eq!(run.at_fault(never()).unwrap().at, seconds(21));
}

#[test]
fn a_lock_that_is_freed_before_the_last_save_is_the_step_and_not_the_save_that_finds_it_gone() {
    let session = SessionRef { server: server(0), no: SessionNo(1) };
    let never = || Fact::LostUpdate(lost_update::Overwrite::NeverStored { session, state: Stamp(5) });
    let edited = GuestEvent::Edited { session: SessionNo(1), stamp: Stamp(5), parent: Stamp(0) };
    let mut run = Run::new(record(&[], None), record(&[], None));
    run.writes(2, 0, FIRST, record(&[], Some("a"))).starts(3, 0, FIRST).guest(10, 0, edited);
    let mut taken = Run { events: run.events.clone(), stored: run.stored.clone() };
    let step = run.writes(12, 0, FIRST, record(&[], None)).cancels(13, 0, FIRST).at_fault(never()).unwrap();
    assert_eq!((step.at, step.mechanism), (seconds(12), Some(Mechanism::FreedEarly)));
    let step = taken.writes(12, 1, FIRST, record(&[], Some("b"))).cancels(13, 0, FIRST).at_fault(never()).unwrap();
    assert_eq!((step.at, step.mechanism), (seconds(13), Some(Mechanism::SaveCancelled)), "another has taken it");
}

#[test]
fn a_lock_in_a_record_is_replaced_if_its_server_has_just_written_and_nobody_steals_it() {
    let run = |renewed: u64, steals: bool| {
        let mut run = Run::new(record(&[], None), record(&[], None));
        run.writes(2, 0, FIRST, record(&[], Some("a"))).starts(3, 0, FIRST);
        run.writes(renewed, 0, FIRST, record(&[1], Some("a")));
        let command = if steals { Command::Steal(FIRST) } else { Command::Join(FIRST) };
        run.events.push((seconds(49), Event::Acted { step: None, action: Action::Command { server: 1, command } }));
        run.writes(50, 1, FIRST, record(&[1], Some("b"))).starts(51, 1, FIRST);
        run.at_fault(overlap()).and_then(|step| step.mechanism)
    };
    assert_eq!(run(45, false), Some(Mechanism::Replaced));
    assert_eq!((run(20, false), run(45, true)), (None, None));
}

#[test]
fn an_entry_beside_a_lock_in_the_record_is_no_lock() {
    let mut run = Run::new(record(&[], None), record(&[], None));
    run.writes(2, 0, FIRST, record(&[], Some("a"))).starts(3, 0, FIRST).keeps(4, 0, FIRST, Some("here"));
    run.writes(50, 1, FIRST, record(&[], Some("b"))).keeps(51, 1, FIRST, Some("there")).starts(52, 1, FIRST);
    let step = run.at_fault(overlap()).unwrap();
    assert_eq!((step.at, step.mechanism), (seconds(50), None));
}

#[test]
fn a_write_that_leaves_a_lock_as_if_it_were_its_own_is_the_step() {
    let mut run = Run::new(record(&[], None), record(&[], None));
    run.writes(2, 0, FIRST, record(&[], Some("a"))).starts(3, 0, FIRST);
    let step = run.writes(50, 1, FIRST, record(&[], Some("a"))).starts(51, 1, FIRST).at_fault(overlap()).unwrap();
    assert_eq!((step.at, step.mechanism), (seconds(50), None));
    assert!(step.text.contains("leaves the lock as it was"), "{}", step.text);
}

#[test]
fn what_a_server_does_for_the_next_visit_is_not_the_last_save() {
    let session = SessionRef { server: server(0), no: SessionNo(1) };
    let never = || Fact::LostUpdate(lost_update::Overwrite::NeverStored { session, state: Stamp(5) });
    let edited = GuestEvent::Edited { session: SessionNo(1), stamp: Stamp(5), parent: Stamp(0) };
    let ended = GuestEvent::SessionEnded { session: SessionNo(1), reason: EndReason::Manual };
    let mut run = Run::new(record(&[], None), record(&[], None));
    run.starts(3, 0, FIRST).guest(10, 0, edited).fails(20, 0, FIRST).guest(21, 0, ended);
    // Something else of the player's, which is no save.
    run.keeps(22, 0, FIRST, Some("board"));
    let join = Action::Command { server: 0, command: Command::Join(FIRST) };
    run.events.push((seconds(30), Event::Acted { step: None, action: join }));
    run.cancels(32, 0, FIRST);
    assert_eq!(run.at_fault(never()).unwrap().at, seconds(20), "neither the start that waits, nor the entry");
}
