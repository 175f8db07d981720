use std::sync::Arc;

use dupeproof_core::{
    Acquired, EndReason, Escrow, GlobalUpdates, MetaData, Mono, Profile, Record, SessionTag, Span, StartFailure, Stored,
};
use serde_json::{Value as Json, json};

use super::{Encode, Encoder};
use crate::clock::Global;
use crate::guest::{Command, GuestEvent, LogLevel};
use crate::id::{
    ItemId, MessageId, PlayerId, ReceiptId, RequestId, ServerId, ServiceName, SessionNo, Stamp, SubscriptionId, TradeId,
};
use crate::request::{MemoryError, RequestKind, RequestType, ServiceError, ThrottledCall, ValueType, Version};
use crate::schedule::{Action, Direction, RequestClass, RequestFault};
use crate::trace::Event;

/// A row of a table of variants.
pub(super) struct Variant {
    pub(super) number: u8,
    pub(super) name: &'static str,
    /// In the order in which they are encoded.
    pub(super) fields: &'static [&'static str],
}

/// What has such a table.
pub(super) trait Variants {
    const VARIANTS: &'static [Variant];
}

fn encoded(value: &(impl Encode + ?Sized)) -> Vec<u8> {
    let mut encoder = Encoder::default();
    value.encode(&mut encoder);
    encoder.bytes().to_vec()
}

/// A value of one variant, and the same with one field changed, for each field.
struct Sample<T> {
    variant: &'static str,
    base: T,
    changed: Vec<(&'static str, T)>,
}

/// One [`Sample`] for each variant: `Variant { field: value => other value }`; a tuple's fields are `0`, `1`.
macro_rules! samples {
    ($type:ident { $($variant:ident $({ $($field:tt: $one:expr => $other:expr),+ })?,)+ }) => {
        [$({
            let base = $type::$variant { $($($field: $one),+)? };
            let changed = vec![$($((stringify!($field), {
                let mut changed = base.clone();
                match &mut changed {
                    $type::$variant { $field: field, .. } => *field = $other,
                    _ => unreachable!("it is a clone"),
                }
                changed
            })),+)?];
            Sample { variant: stringify!($variant), base, changed }
        }),+]
    };
}

/// Each variant has a number of its own and a sample, and each of its fields is seen.
fn check<T: Encode + Variants>(samples: &[Sample<T>]) {
    numbers_differ::<T>();
    let names: Vec<&str> = samples.iter().map(|sample| sample.variant).collect();
    assert_eq!(names, T::VARIANTS.iter().map(|variant| variant.name).collect::<Vec<_>>());
    for (sample, Variant { number, name, fields }) in samples.iter().zip(T::VARIANTS) {
        let base = encoded(&sample.base);
        assert_eq!(base[0], *number, "{name}");
        assert_eq!(sample.changed.len(), fields.len(), "{name}");
        for (field, changed) in &sample.changed {
            let positional = field.parse::<usize>().is_ok();
            assert!(positional || fields.contains(field), "{name} has no field {field}");
            assert_ne!(encoded(changed), base, "{name}, {field}");
        }
    }
}

fn numbers_differ<T: Variants>() {
    let mut numbers: Vec<u8> = T::VARIANTS.iter().map(|variant| variant.number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), T::VARIANTS.len(), "{}", std::any::type_name::<T>());
}

const A: ServerId = ServerId { slot: 1, life: 0 };
const B: ServerId = ServerId { slot: 1, life: 1 };
const ID: (RequestId, RequestId) = (RequestId(1), RequestId(2));

fn text(text: &str) -> Arc<str> {
    text.into()
}

fn value(number: u64) -> Stored {
    Stored::Other(Arc::new(number.into()))
}

#[test]
fn variants_without_fields_have_numbers_of_their_own() {
    numbers_differ::<ServiceName>();
    numbers_differ::<RequestKind>();
    numbers_differ::<MemoryError>();
    numbers_differ::<ValueType>();
    numbers_differ::<ThrottledCall>();
    numbers_differ::<RequestType>();
    numbers_differ::<Direction>();
    numbers_differ::<RequestClass>();
    numbers_differ::<Acquired>();
    numbers_differ::<EndReason>();
    numbers_differ::<LogLevel>();
    numbers_differ::<StartFailure>();
}

#[test]
fn every_kind_of_event_has_its_own_number_and_each_of_its_fields_is_encoded() {
    let servers = server_events();
    let requests = request_events();
    let rest = other_events();
    let mut samples: Vec<Sample<Event>> = servers.into_iter().chain(requests).chain(rest).collect();
    samples.sort_by_key(|sample| Event::VARIANTS.iter().position(|variant| variant.name == sample.variant));
    check(&samples);
}

fn server_events() -> Vec<Sample<Event>> {
    let (crash, restart) = (Action::Crash { server: 1 }, Action::Restart { server: 1 });
    let (store, messaging) = (ServiceName::DataStore, ServiceName::Messaging);
    let (to, from) = (Direction::ToService, Direction::FromService);
    Vec::from(samples!(Event {
        Acted { step: Some(0) => None, action: crash => restart },
        ServerStarted { server: A => B },
        ServerCrashed { server: A => B },
        ServerFroze { server: A => B },
        ServerWoke { server: A => B },
        ServerClosing { server: A => B },
        ServerClosed { server: A => B },
        ServerKilled { server: A => B },
        PartitionBegan { slot: 0 => 1, service: store => messaging, direction: to => from },
        PartitionHealed { slot: 0 => 1, service: store => messaging, direction: to => from },
        OutageBegan { service: store => messaging },
        OutageEnded { service: store => messaging },
        Healed,
        FinalCheckBegan { server: A => B },
        Disconnected { server: A => B, service: store => messaging },
    }))
}

fn request_events() -> Vec<Sample<Event>> {
    let (get, set) = (RequestKind::Get, RequestKind::Set);
    let (refused, late) = (RequestFault::Refused, RequestFault::LateApply { span: Span(1) });
    Vec::from(samples!(Event {
        Requested { server: A => B, id: ID.0 => ID.1, kind: get => set, target: None => Some(text("k")) },
        Throttled { server: A => B, id: ID.0 => ID.1 },
        RequestFault { server: A => B, id: ID.0 => ID.1, kind: get => set, fault: refused => late },
        Committed {
            server: A => B, id: ID.0 => ID.1, key: text("k") => text("l"), version: Version(1) => Version(2),
            before: None => Some(value(1)), after: Some(value(1)) => Some(value(2))
        },
        Conflicted { server: A => B, id: ID.0 => ID.1, key: text("k") => text("l") },
        Answered {
            server: A => B, id: ID.0 => ID.1, kind: get => set,
            error: None => Some(ServiceError::Rejected), after: Span(1) => Span(2)
        },
        AnsweredTooLate { server: A => B, id: ID.0 => ID.1 },
        Published { server: A => B, id: ID.0 => ID.1, topic: text("t") => text("u") },
        ServedFromCache { server: A => B, id: ID.0 => ID.1 },
        SubscribeHung { server: A => B, id: ID.0 => ID.1 },
        MemoryChanged {
            server: A => B, id: ID.0 => ID.1, address: text("a") => text("b"),
            value: Some(Arc::new(json!(1))) => Some(Arc::new(json!(2))), until: Some(Global(1)) => Some(Global(2))
        },
        MemoryConflicted { server: A => B, id: ID.0 => ID.1, address: text("a") => text("b") },
    }))
}

fn other_events() -> Vec<Sample<Event>> {
    let (one, other) = (SubscriptionId(1), SubscriptionId(2));
    let granted = |receipt| GuestEvent::PurchaseGranted { player: PlayerId(0), receipt: ReceiptId(receipt) };
    Vec::from(samples!(Event {
        MessageLost { to: A => B, topic: text("t") => text("u") },
        MessageDoubled { to: A => B, topic: text("t") => text("u") },
        MessageReceived { server: A => B, subscription: one => other, publisher: Some(A) => None },
        Guest { server: A => B, live_until: None => Some(Global(0)), event: granted(1) => granted(2) },
        MessageDropped { to: A => B, topic: text("t") => text("u") },
        ReceiptNotRecorded { receipt: ReceiptId(1) => ReceiptId(2) },
        Logged { server: A => B, level: LogLevel::Info => LogLevel::Error, line: text("a") => text("b") },
        Ended { store: vec![(text("k"), value(1))] => vec![(text("k"), value(2))] },
        MemoryExpired { address: text("a") => text("b"), items: 1 => 2 },
        ScriptCrashed { server: A => B, text: text("a") => text("b") },
        ServerLagged { server: A => B, frame: Span(1) => Span(2) },
        ServerRecovered { server: A => B },
        CalledFrom { server: A => B, calls: text("a") => text("b") },
        UpdateCancelled { server: A => B, id: ID.0 => ID.1 },
        MessageSays { server: A => B, data: Arc::new(json!(1)) => Arc::new(json!(2)) },
    }))
}

#[test]
fn every_guest_event_has_its_own_number_and_each_of_its_fields_is_encoded() {
    let session = (SessionNo(1), SessionNo(2));
    let player = (PlayerId(1), PlayerId(2));
    let stamp = (Stamp(1), Stamp(2));
    let until = (Mono(1), Mono(2));
    let item = (ItemId(1), ItemId(2));
    let trade = (TradeId(1), TradeId(2));
    let message = (MessageId(1), MessageId(2));
    check(&samples!(GuestEvent {
        SessionStarted {
            session: session.0 => session.1, player: player.0 => player.1, stamp: stamp.0 => stamp.1,
            live_until: None => Some(until.0), acquired: Acquired::Free => Acquired::HandedOver
        },
        Renewed { session: session.0 => session.1, live_until: until.0 => until.1 },
        Suspended { session: session.0 => session.1 },
        Resumed { session: session.0 => session.1, live_until: until.0 => until.1 },
        SessionEnded { session: session.0 => session.1, reason: EndReason::Lost => EndReason::Removed },
        StartFailed { player: player.0 => player.1, failure: StartFailure::Failed => StartFailure::Closing },
        Saved { session: session.0 => session.1, stamp: stamp.0 => stamp.1 },
        Edited { session: session.0 => session.1, stamp: stamp.0 => stamp.1, parent: stamp.1 => stamp.0 },
        ItemPutAside { item: item.0 => item.1, session: session.0 => session.1, trade: trade.0 => trade.1 },
        ItemTaken { item: item.0 => item.1, session: session.0 => session.1, trade: trade.0 => trade.1 },
        TradeDecided { session: session.0 => session.1, trade: trade.0 => trade.1, committed: true => false },
        MessageAccepted { message: message.0 => message.1 },
        MessageRefused { message: message.0 => message.1 },
        MessageHandled { session: session.0 => session.1, message: message.0 => message.1 },
        PurchaseGranted { player: player.0 => player.1, receipt: ReceiptId(1) => ReceiptId(2) },
        ItemMoved { item: item.0 => item.1, from: session.0 => session.1, to: session.1 => session.0 },
        Overfilled { session: session.0 => session.1, stamp: stamp.0 => stamp.1 },
    }));
}

#[test]
fn every_action_and_command_has_its_own_number_and_each_of_its_fields_is_encoded() {
    let player = (PlayerId(1), PlayerId(2));
    let span = (Span(1), Span(2));
    let service = (ServiceName::DataStore, ServiceName::Messaging);
    let class = (RequestClass::Read, RequestClass::Write);
    let fault = (RequestFault::Refused, RequestFault::NilRead);
    check(&samples!(Action {
        Command { server: 1 => 2, command: Command::Join(player.0) => Command::Leave(player.0) },
        Crash { server: 1 => 2 },
        Restart { server: 1 => 2 },
        Close { server: 1 => 2 },
        Freeze { server: 1 => 2, span: span.0 => span.1 },
        Partition {
            server: 1 => 2, service: service.0 => service.1,
            direction: Direction::ToService => Direction::Both, span: span.0 => span.1
        },
        Disconnect { server: 1 => 2, service: service.0 => service.1 },
        ClockStep { server: 1 => 2, by: -1 => 1 },
        Move { from: 1 => 2, to: 2 => 1 },
        Purchase { player: player.0 => player.1, receipt: ReceiptId(1) => ReceiptId(2) },
        Outage { service: service.0 => service.1, span: span.0 => span.1 },
        FailNext { server: 1 => 2, service: service.0 => service.1, class: class.0 => class.1, fault: fault.0 => fault.1 },
        Lag { server: 1 => 2, frame: span.0 => span.1, span: span.0 => span.1 },
        SetLease { server: 1 => 2, lease: span.0 => span.1 },
    }));
    check(&samples!(Command {
        Join { 0: player.0 => player.1 },
        Leave { 0: player.0 => player.1 },
        Edit { 0: player.0 => player.1 },
        Save { 0: player.0 => player.1 },
        Swap { 0: player.0 => player.1, 1: player.1 => player.0 },
        Trade { player: player.0 => player.1, partner: player.1 => player.0, trade: TradeId(1) => TradeId(2) },
        Gift { from: player.0 => player.1, to: player.1 => player.0, gift: TradeId(1) => TradeId(2) },
        Receipt { player: player.0 => player.1, receipt: ReceiptId(1) => ReceiptId(2) },
        Send { to: player.0 => player.1, message: MessageId(1) => MessageId(2) },
        Steal { 0: player.0 => player.1 },
        Remove { 0: player.0 => player.1 },
        Rollback { 0: player.0 => player.1 },
        Overfill { 0: player.0 => player.1 },
        Errands { player: player.0 => player.1, partner: player.1 => player.0, errand: TradeId(1) => TradeId(2) },
    }));
}

#[test]
fn every_request_fault_and_error_has_its_own_number_and_each_of_its_fields_is_encoded() {
    let span = (Span(1), Span(2));
    check(&samples!(RequestFault {
        Refused,
        AppliedThenError,
        LostReply,
        LateReply { span: span.0 => span.1 },
        LateApply { span: span.0 => span.1 },
        AppliedTwice { span: span.0 => span.1 },
        NilRead,
    }));
    let kind = (RequestType::StandardRead, RequestType::StandardWrite);
    check(&samples!(ServiceError {
        KeyNameEmpty,
        KeyNameLimit,
        ValueNotAllowed { 0: ValueType::Nil => ValueType::Table },
        CantStoreValue { 0: ValueType::Nil => ValueType::Table },
        ValueTooLarge,
        PageOutOfRange,
        MinMaxOrder,
        QueueFull { 0: ThrottledCall::Get => ThrottledCall::Set },
        ServerThrottled { 0: kind.0 => kind.1 },
        ExperienceThrottled { 0: kind.0 => kind.1 },
        KeyThrottled,
        ShuttingDown,
        StudioAccess,
        Rejected,
        TimedOut,
        ConnectionLost,
        AttributeTooLarge,
        TooManyUserIds,
        AttributeFormat,
        OrderedParameter,
        InvalidTimestamp,
        InvalidVersion,
        TopicName,
        MessageTooLarge,
        PublishLimit,
        SubscriptionLimit,
        SubscribeLimit,
        Memory { 0: MemoryError::Internal => MemoryError::Requests },
    }));
}

/// A record that has everything.
fn full() -> Record {
    let tag = |job: &str| SessionTag { place_id: 1, job_id: job.into(), guid: Some("guid".into()) };
    let gift = Escrow::Gift { to: "Player_2".into(), gives: Arc::new(json!(5)), number: 6 };
    Record {
        profile: Some(Profile {
            data: Arc::new(json!({ "Stamp": 7 })),
            meta: MetaData {
                profile_create_time: 1,
                session_load_count: 2,
                active_session: Some(tag("a")),
                force_load_session: Some(tag("b")),
                last_update: 3,
                meta_tags: Arc::new(json!([])),
                lease: Some(45),
                stolen_lease: Some(60),
                last_write: Some(("guid".into(), 4)),
                escrow: Arc::new([("Gift_1".into(), gift)].into()),
                receipts: [text("1")].into(),
                unknown: [("Kept".into(), json!(1))].into(),
            },
            roblox_metadata: Arc::new(json!([])),
            user_ids: [11].into(),
        }),
        global_updates: GlobalUpdates { last_index: 1, entries: [json!([1, "data"])].into() },
        senders: [(text("Player_3"), 9)].into(),
        was_overwritten: Some(false),
        unknown: [("More".into(), json!(2))].into(),
    }
}

fn profile(record: &mut Record) -> &mut Profile {
    record.profile.as_mut().unwrap()
}

fn meta(record: &mut Record) -> &mut MetaData {
    &mut profile(record).meta
}

#[test]
fn each_field_of_a_record_is_encoded() {
    let changes: [fn(&mut Record); 21] = [
        |record| record.profile = None,
        |record| record.global_updates.last_index = 2,
        |record| record.global_updates.entries = [json!([1, "other"])].into(),
        |record| record.senders = [].into(),
        |record| record.was_overwritten = Some(true),
        |record| record.unknown = [("More".into(), json!(3))].into(),
        |record| profile(record).data = Arc::new(json!({ "Stamp": 8 })),
        |record| profile(record).roblox_metadata = Arc::new(json!({ "a": 1 })),
        |record| profile(record).user_ids = [12].into(),
        |record| meta(record).profile_create_time = 2,
        |record| meta(record).session_load_count = 3,
        |record| meta(record).active_session = None,
        |record| meta(record).force_load_session.as_mut().unwrap().guid = None,
        |record| meta(record).last_update = 4,
        |record| meta(record).meta_tags = Arc::new(json!(["tag"])),
        |record| meta(record).lease = None,
        |record| meta(record).stolen_lease = None,
        |record| meta(record).last_write = Some(("guid".into(), 5)),
        |record| meta(record).escrow = Arc::default(),
        |record| meta(record).receipts = [].into(),
        |record| meta(record).unknown.clear(),
    ];
    let mut seen = vec![encoded(&full())];
    for change in changes {
        let mut record = full();
        change(&mut record);
        let bytes = encoded(&record);
        assert!(!seen.contains(&bytes), "{record:?}");
        seen.push(bytes);
    }
    // A lock and a marker of the same session are not the same.
    let (mut locked, mut wanted) = (full(), full());
    meta(&mut locked).force_load_session = None;
    meta(&mut wanted).force_load_session = meta(&mut wanted).active_session.take();
    assert_ne!(encoded(&locked), encoded(&wanted));
}

#[test]
fn every_escrow_and_stored_value_has_its_own_number_and_each_of_its_fields_is_encoded() {
    let json = |number: u64| Arc::new(Json::from(number));
    check(&samples!(Escrow {
        Trade { partner: text("a") => text("b"), gives: json(1) => json(2), bound: None => Some((text("a"), 1)) },
        Gift { to: text("a") => text("b"), gives: json(1) => json(2), number: 1 => 2 },
        Settled { partner: text("a") => text("b"), bound: None => Some((text("a"), 1)) },
    }));
    let empty = Record { profile: None, ..full() };
    check(&samples!(Stored {
        Record { 0: Arc::new(full()) => Arc::new(empty) },
        Other { 0: json(1) => json(2) },
    }));
}

#[test]
fn json_is_encoded_by_what_it_says() {
    let values = [
        json!(null),
        json!(false),
        json!(true),
        json!(0),
        json!(1),
        json!(-1),
        json!(1.0),
        json!(-1.5),
        json!(""),
        json!("1"),
        json!([]),
        json!([[]]),
        json!([1, 2]),
        json!([2, 1]),
        json!({}),
        json!({ "a": 1 }),
        json!({ "b": 1 }),
        json!({ "a": 1, "b": 2 }),
    ];
    let mut seen: Vec<Vec<u8>> = values.iter().map(encoded).collect();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), values.len());
}

#[test]
fn the_order_in_which_an_object_was_written_does_not_matter() {
    let read = |text: &str| encoded(&serde_json::from_str::<Json>(text).unwrap());
    assert_eq!(read(r#"{ "b": 1, "a": 2 }"#), read(r#"{ "a": 2, "b": 1 }"#));
}

#[test]
fn the_bytes_are_those_that_the_documentation_states() {
    let server = ServerId { slot: 2, life: 0x0103 };
    let event = Event::Logged { server, level: LogLevel::Warning, line: text("é") };
    assert_eq!(encoded(&event), [32, 2, 0, 3, 1, 2, 2, 0, 0, 0, 0xC3, 0xA9]);
    let event = Event::Acted { step: Some(1), action: Action::ClockStep { server: 0, by: -2 } };
    assert_eq!(encoded(&event), [1, 1, 1, 0, 0, 0, 8, 0, 0, 0xFE, 255, 255, 255, 255, 255, 255, 255]);
    assert_eq!(
        encoded(&json!({ "a": [1, null] })),
        [8, 1, 0, 0, 0, 1, 0, 0, 0, b'a', 7, 2, 0, 0, 0, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0]
    );
}
