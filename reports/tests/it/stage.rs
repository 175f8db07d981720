//! Hand-made runs.

use std::sync::Arc;

use dupeproof_core::{Escrow, MetaData, Profile, Record, SessionTag, Span, Stored};
use dupeproof_scenarios::invariant::double_live::Overlap;
use dupeproof_scenarios::invariant::items::{Duplicated, Location, Part};
use dupeproof_scenarios::{Fact, Finding};
use dupeproof_sim::guest::{Acquired, EndReason, key_of};
use dupeproof_sim::id::{
    ItemId, MessageId, PlayerId, ReceiptId, RequestId, ServerId, ServiceName, SessionNo, SessionRef, Slot, Stamp,
    TradeId,
};
use dupeproof_sim::request::RequestKind;
use dupeproof_sim::schedule::{Action, Direction};
use dupeproof_sim::{Command, Event, Global, GuestEvent, ServiceError, Version};
use serde_json::json;

/// The player most runs are about.
pub(crate) const ALICE: PlayerId = PlayerId(0);
/// The other one.
pub(crate) const BOB: PlayerId = PlayerId(1);

/// Events in order of time, written down one by one.
#[derive(Default)]
pub(crate) struct Stage {
    /// So far.
    pub(crate) events: Vec<(Global, Event)>,
    requests: u32,
    versions: u64,
}

/// A moment, in seconds.
pub(crate) fn at(seconds: f64) -> Global {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "moments of a test")]
    Global((seconds * 1e6).round() as u64)
}

/// The first life of a slot.
pub(crate) fn server(slot: Slot) -> ServerId {
    ServerId { slot, life: 0 }
}

/// A session of the first life of a slot.
pub(crate) fn session(slot: Slot, no: u32) -> SessionRef {
    SessionRef { server: server(slot), no: SessionNo(no) }
}

fn in_data(player: PlayerId) -> Location {
    Location { player, part: Part::Data }
}

/// A record with this state, locked by this server's session.
pub(crate) fn record(stamp: u64, lock: Option<(ServerId, &str)>, marker: Option<(ServerId, &str)>) -> Stored {
    let tag = |(server, guid): (ServerId, &str)| SessionTag {
        place_id: 1,
        job_id: server.job_id().into(),
        guid: Some(guid.into()),
    };
    let meta = MetaData {
        profile_create_time: 0,
        session_load_count: 1,
        active_session: lock.map(tag),
        force_load_session: marker.map(tag),
        last_update: 0,
        meta_tags: Arc::new(json!([])),
        lease: Some(45),
        stolen_lease: None,
        last_write: None,
        escrow: Arc::default(),
        receipts: Arc::from([]),
        unknown: std::collections::BTreeMap::new(),
    };
    Stored::Record(Arc::new(Record {
        profile: Some(Profile {
            data: Arc::new(json!({ "Items": [7], "Stamp": stamp })),
            meta,
            roblox_metadata: Arc::new(json!([])),
            user_ids: Arc::new([]),
        }),
        global_updates: dupeproof_core::GlobalUpdates::default(),
        senders: Arc::from([]),
        was_overwritten: None,
        unknown: std::collections::BTreeMap::new(),
    }))
}

impl Stage {
    /// Two servers that start at zero.
    pub(crate) fn with_two_servers() -> Stage {
        let mut stage = Stage::default();
        stage.put(0.0, Event::ServerStarted { server: server(0) });
        stage.put(0.0, Event::ServerStarted { server: server(1) });
        stage
    }

    /// Writes down one event.
    pub(crate) fn put(&mut self, seconds: f64, event: Event) {
        self.events.push((at(seconds), event));
    }

    /// The players or the game do something.
    pub(crate) fn command(&mut self, seconds: f64, slot: Slot, command: Command) {
        self.put(seconds, Event::Acted { step: None, action: Action::Command { server: slot, command } });
    }

    /// A guest says something.
    pub(crate) fn guest(&mut self, seconds: f64, server: ServerId, live_until: Option<f64>, event: GuestEvent) {
        self.put(seconds, Event::Guest { server, live_until: live_until.map(at), event });
    }

    /// A session starts.
    pub(crate) fn started(
        &mut self,
        seconds: f64,
        on: ServerId,
        player: PlayerId,
        stamp: u64,
        live_until: Option<f64>,
    ) {
        let session = SessionNo(u32::from(player.0));
        let event = GuestEvent::SessionStarted {
            session,
            player,
            stamp: Stamp(stamp),
            live_until: None,
            acquired: Acquired::Free,
        };
        self.guest(seconds, on, live_until, event);
    }

    /// A session ends because the game says so.
    pub(crate) fn ended(&mut self, seconds: f64, on: ServerId, player: PlayerId, reason: EndReason) {
        let event = GuestEvent::SessionEnded { session: SessionNo(u32::from(player.0)), reason };
        self.guest(seconds, on, None, event);
    }

    /// The game changes data.
    pub(crate) fn edited(&mut self, seconds: f64, on: ServerId, player: PlayerId, parent: u64, stamp: u64) {
        let session = SessionNo(u32::from(player.0));
        let event = GuestEvent::Edited { session, stamp: Stamp(stamp), parent: Stamp(parent) };
        self.guest(seconds, on, None, event);
    }

    /// A write that is applied after 0.08 s and answered after 0.15 s.
    pub(crate) fn write(&mut self, seconds: f64, on: ServerId, player: PlayerId, before: &Stored, after: &Stored) {
        let id = self.request(seconds, on, RequestKind::CompareAndSet, player);
        self.versions += 1;
        let event = Event::Committed {
            server: on,
            id,
            key: key_of(player),
            version: Version(self.versions),
            before: Some(before.clone()),
            after: Some(after.clone()),
        };
        self.put(seconds + 0.08, event);
        self.answered(seconds + 0.15, on, id, RequestKind::CompareAndSet, None);
    }

    /// A request is made.
    pub(crate) fn request(&mut self, seconds: f64, on: ServerId, kind: RequestKind, player: PlayerId) -> RequestId {
        let id = RequestId(self.requests);
        self.requests += 1;
        self.put(seconds, Event::Requested { server: on, id, kind, target: Some(key_of(player)) });
        id
    }

    /// And answered.
    pub(crate) fn answered(
        &mut self,
        seconds: f64,
        on: ServerId,
        id: RequestId,
        kind: RequestKind,
        error: Option<ServiceError>,
    ) {
        self.put(seconds, Event::Answered { server: on, id, kind, error, after: Span::millis(150) });
    }
}

/// A frozen server whose player has gone on elsewhere: live twice for 4 s, were its lease not over.
pub(crate) fn frozen_holder() -> (Vec<(Global, Event)>, Finding) {
    let mut stage = Stage::with_two_servers();
    let (fresh, mine) = (record(0, None, None), record(0, Some((server(0), "guid-a")), None));
    stage.command(10.0, 0, Command::Join(ALICE));
    let read = stage.request(10.0, server(0), RequestKind::Get, ALICE);
    stage.answered(10.15, server(0), read, RequestKind::Get, None);
    stage.write(10.2, server(0), ALICE, &fresh, &mine);
    stage.started(10.35, server(0), ALICE, 0, Some(55.2));
    stage.edited(14.0, server(0), ALICE, 0, 77);
    stage.put(20.0, Event::ServerFroze { server: server(0) });
    stage.put(
        22.0,
        Event::PartitionBegan { slot: 1, service: ServiceName::Messaging, direction: Direction::FromService },
    );
    stage.command(23.0, 1, Command::Join(ALICE));
    let asked = record(0, Some((server(0), "guid-a")), Some((server(1), "guid-b")));
    stage.write(23.1, server(1), ALICE, &mine, &asked);
    let publish = RequestId(900);
    stage.put(23.3, Event::Published { server: server(1), id: publish, topic: "PS_guid-a".into() });
    let taken = record(0, Some((server(1), "guid-b")), None);
    stage.write(49.0, server(1), ALICE, &asked, &taken);
    stage.started(49.2, server(1), ALICE, 0, Some(94.0));
    stage.put(
        53.2,
        Event::PartitionHealed { slot: 1, service: ServiceName::Messaging, direction: Direction::FromService },
    );
    stage.put(60.0, Event::ServerWoke { server: server(0) });
    let topic = dupeproof_sim::SubscriptionId(0);
    stage.put(60.0, Event::MessageReceived { server: server(0), subscription: topic, publisher: Some(server(1)) });
    let late = stage.request(60.1, server(0), RequestKind::CompareAndSet, ALICE);
    stage.put(60.2, Event::Conflicted { server: server(0), id: late, key: key_of(ALICE) });
    stage.answered(60.3, server(0), late, RequestKind::CompareAndSet, None);
    stage.ended(60.4, server(0), ALICE, EndReason::Lost);
    stage.put(62.0, Event::ServerCrashed { server: server(1) });
    stage.put(500.0, Event::Healed);
    let finding = Finding {
        at: at(49.2),
        player: Some(ALICE),
        lasted: Some(Span::secs(6)),
        fact: Fact::DoubleLive(Overlap { first: session(0, 0), second: session(1, 0) }),
    };
    (stage.events, finding)
}

/// Two players swap an item in memory; one of them is saved and the other's server crashes.
pub(crate) fn half_saved_swap() -> (Vec<(Global, Event)>, Finding) {
    let mut stage = Stage::with_two_servers();
    for (player, seconds) in [(ALICE, 1.0), (BOB, 2.0)] {
        stage.command(seconds, 0, Command::Join(player));
        stage.started(seconds + 0.2, server(0), player, 0, None);
    }
    stage.command(30.0, 0, Command::Swap(ALICE, BOB));
    let (from, to) = (SessionNo(0), SessionNo(1));
    stage.guest(30.0, server(0), None, GuestEvent::ItemMoved { item: ItemId(7), from, to });
    stage.edited(30.0, server(0), ALICE, 0, 5);
    stage.edited(30.0, server(0), BOB, 0, 6);
    stage.command(31.0, 0, Command::Leave(BOB));
    let loose = |stamp: u64| Stored::Other(Arc::new(json!({ "Items": [7], "Stamp": stamp })));
    stage.write(31.0, server(0), BOB, &loose(0), &loose(6));
    stage.ended(31.3, server(0), BOB, EndReason::Manual);
    stage.put(32.0, Event::ServerCrashed { server: server(0) });
    stage.put(600.0, Event::Healed);
    stage.put(700.0, Event::Ended { store: vec![(key_of(ALICE), loose(0)), (key_of(BOB), loose(6))] });
    let finding = Finding {
        at: at(700.0),
        player: Some(ALICE),
        lasted: None,
        fact: Fact::ItemDuplicated(Duplicated { item: ItemId(7), first: in_data(ALICE), second: in_data(BOB) }),
    };
    (stage.events, finding)
}

/// A trade across two servers of which only one side comes about: item 7 is put aside and taken by the other, and is
/// taken back as well. Beside it a message, a purchase, and an admin.
pub(crate) fn half_decided_trade() -> (Vec<(Global, Event)>, Finding) {
    let mut stage = Stage::with_two_servers();
    for (player, slot) in [(ALICE, 0), (BOB, 1)] {
        let seconds = 1.0 + f64::from(slot);
        stage.command(seconds, slot, Command::Steal(player));
        stage.started(seconds + 0.2, server(slot), player, 0, None);
    }
    let trade = TradeId(4);
    stage.command(30.0, 0, Command::Trade { player: ALICE, partner: BOB, trade });
    stage.command(30.0, 1, Command::Trade { player: BOB, partner: ALICE, trade });
    let (alice, bob, item) = (SessionNo(0), SessionNo(1), ItemId(7));
    stage.guest(30.0, server(0), None, GuestEvent::ItemPutAside { item, session: alice, trade });
    let coordinator = |decision: &str| Stored::Other(Arc::new(json!({ "Decision": decision })));
    for (seconds, before, after) in [(31.0, "Pending", "Pending"), (32.0, "Pending", "Committed")] {
        let event = Event::Committed {
            server: server(1),
            id: RequestId(901),
            key: "Trade_4".into(),
            version: Version(900),
            before: Some(coordinator(before)),
            after: Some(coordinator(after)),
        };
        stage.put(seconds, event);
    }
    stage.guest(33.0, server(1), None, GuestEvent::TradeDecided { session: bob, trade, committed: true });
    stage.guest(33.0, server(1), None, GuestEvent::ItemTaken { item, session: bob, trade });
    stage.guest(34.0, server(0), None, GuestEvent::TradeDecided { session: alice, trade, committed: false });
    stage.guest(34.0, server(0), None, GuestEvent::ItemTaken { item, session: alice, trade });
    post_and_shop(&mut stage);
    let put_aside = Escrow::Gift { to: key_of(BOB), gives: Arc::new(json!({ "Gift": 5, "Item": 8 })), number: 1 };
    let store = vec![(key_of(ALICE), with_escrow("g5", put_aside)), (key_of(BOB), record(0, None, None))];
    stage.put(700.0, Event::Ended { store });
    let finding = Finding {
        at: at(700.0),
        player: Some(ALICE),
        lasted: None,
        fact: Fact::ItemDuplicated(Duplicated { item: ItemId(7), first: in_data(ALICE), second: in_data(BOB) }),
    };
    (stage.events, finding)
}

/// A gift, a message of each outcome, a purchase and both kinds of admin.
fn post_and_shop(stage: &mut Stage) {
    let (gift, receipt) = (TradeId(5), ReceiptId(2));
    stage.command(40.0, 0, Command::Gift { from: ALICE, to: BOB, gift });
    stage.guest(
        40.0,
        server(0),
        None,
        GuestEvent::ItemPutAside { item: ItemId(8), session: SessionNo(0), trade: gift },
    );
    for (number, accepted) in [(1, true), (2, false)] {
        let message = MessageId(number);
        let seconds = 40.0 + f64::from(number);
        stage.command(seconds, 0, Command::Send { to: BOB, message });
        let told =
            if accepted { GuestEvent::MessageAccepted { message } } else { GuestEvent::MessageRefused { message } };
        stage.guest(seconds + 0.5, server(0), None, told);
    }
    let handled = GuestEvent::MessageHandled { session: SessionNo(1), message: MessageId(1) };
    stage.guest(42.6, server(1), None, handled);
    stage.command(43.0, 1, Command::Receipt { player: BOB, receipt });
    stage.guest(43.5, server(1), None, GuestEvent::PurchaseGranted { player: BOB, receipt });
    stage.command(44.0, 1, Command::Rollback(ALICE));
    stage.command(45.0, 1, Command::Remove(ALICE));
}

fn with_escrow(id: &str, escrow: Escrow) -> Stored {
    let Stored::Record(mut stored) = record(0, None, None) else { unreachable!("a record was made") };
    let profile = Arc::make_mut(&mut stored).profile.as_mut().expect("a record with a profile was made");
    profile.meta.escrow = Arc::new([(Arc::from(id), escrow)].into());
    Stored::Record(stored)
}
