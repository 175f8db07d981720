//! What holds for any value that may stand under a key: reading it, writing it again, and counting its bytes.

use std::sync::Arc;

use dupeproof_core::{CallRequest, CallResult, Config, Event, Limits, Stored};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Map, Value as Json, json};

use crate::bench::{Bench, KEY};
use crate::sizes::{ANY, everything};

/// Any JSON: four levels at most, about a dozen values.
fn json() -> BoxedStrategy<Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<u64>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        // What is no number, such as NaN, becomes null.
        any::<f64>().prop_map(Json::from),
        any::<String>().prop_map(Json::from),
    ];
    let nested = |inner: BoxedStrategy<Json>| {
        let list = vec(inner.clone(), 0..4).prop_map(Json::Array);
        let map = btree_map(any::<String>(), inner, 0..4).prop_map(|map| Json::Object(map.into_iter().collect()));
        prop_oneof![list, map]
    };
    leaf.prop_recursive(4, 12, 3, move |inner| nested(inner.boxed())).boxed()
}

/// An object with some of these fields, each as it should be.
fn object(fields: Vec<(&'static str, BoxedStrategy<Json>)>) -> BoxedStrategy<Json> {
    let fields =
        fields.into_iter().map(|(name, value)| option::weighted(0.7, value.prop_map(move |value| (name, value))));
    let fields: Vec<_> = fields.collect();
    fields
        .prop_map(|fields| {
            fields.into_iter().flatten().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>()
        })
        .prop_map(Json::Object)
        .boxed()
}

fn natural() -> BoxedStrategy<Json> {
    any::<u64>().prop_map(Json::from).boxed()
}

fn integer() -> BoxedStrategy<Json> {
    any::<i64>().prop_map(Json::from).boxed()
}

fn text() -> BoxedStrategy<Json> {
    any::<String>().prop_map(Json::from).boxed()
}

/// `[place_id, job_id]`, and the session's guid if there is one.
fn tag() -> BoxedStrategy<Json> {
    let short = (integer(), text()).prop_map(|(place, job)| json!([place, job]));
    let long = (integer(), text(), text()).prop_map(|(place, job, guid)| json!([place, job, guid]));
    prop_oneof![short, long].boxed()
}

fn counted() -> BoxedStrategy<Json> {
    (text(), natural()).prop_map(|(name, count)| json!([name, count])).boxed()
}

fn escrow() -> BoxedStrategy<Json> {
    let aside = prop_oneof![
        (text(), json()).prop_map(|(partner, gives)| json!({"Trade": {"partner": partner, "gives": gives}})),
        text().prop_map(|partner| json!({"Settled": {"partner": partner}})),
        (text(), json(), natural())
            .prop_map(|(to, gives, number)| json!({"Gift": {"to": to, "gives": gives, "number": number}})),
    ];
    btree_map(any::<String>(), aside, 1..3).prop_map(|map| Json::Object(map.into_iter().collect())).boxed()
}

fn lists(element: BoxedStrategy<Json>) -> BoxedStrategy<Json> {
    vec(element, 1..3).prop_map(Json::Array).boxed()
}

fn updates() -> BoxedStrategy<Json> {
    (natural(), vec(json(), 0..3)).prop_map(|(last, entries)| json!([last, entries])).boxed()
}

/// `MetaData` with what every one has, and any of the rest.
fn meta_data() -> BoxedStrategy<Json> {
    let rest = object(vec![
        ("ActiveSession", tag()),
        ("ForceLoadSession", tag()),
        ("Lease", natural()),
        ("LastWrite", counted()),
        ("Escrow", escrow()),
        ("Receipts", lists(text())),
    ]);
    (integer(), natural(), integer(), json(), rest)
        .prop_map(|(created, loads, updated, tags, mut meta)| {
            meta["ProfileCreateTime"] = created;
            meta["SessionLoadCount"] = loads;
            meta["LastUpdate"] = updated;
            meta["MetaTags"] = tags;
            meta
        })
        .boxed()
}

/// A record as a session writes it, every field in its place.
fn record() -> BoxedStrategy<Json> {
    let rest = object(vec![
        ("MessageSenders", lists(counted())),
        ("WasOverwritten", any::<bool>().prop_map(Json::from).boxed()),
    ]);
    (updates(), json(), meta_data(), json(), vec(integer(), 0..3), rest)
        .prop_map(|(updates, data, meta, roblox, users, mut record)| {
            record["GlobalUpdates"] = updates;
            record["Data"] = data;
            record["MetaData"] = meta;
            record["RobloxMetaData"] = roblox;
            record["UserIds"] = Json::Array(users);
            record
        })
        .boxed()
}

/// A record in which one field, at the top or in `MetaData`, is anything or gone.
fn damaged() -> BoxedStrategy<Json> {
    (record(), any::<prop::sample::Selector>(), any::<bool>(), option::of(json()))
        .prop_map(|(mut record, select, inside, value)| {
            let object = if inside { &mut record["MetaData"] } else { &mut record };
            let object = object.as_object_mut().expect("both are objects");
            let name = select.select(object.keys()).clone();
            match value {
                Some(value) => drop(object.insert(name, value)),
                None => drop(object.remove(&name)),
            }
            record
        })
        .boxed()
}

fn any_value() -> BoxedStrategy<Json> {
    prop_oneof![json(), record(), damaged()].boxed()
}

/// Fields whose names ProfileStore does not use.
fn unknown() -> BoxedStrategy<Map<String, Json>> {
    let name = "[a-z]{1,8}".prop_map(|name| format!("x{name}"));
    btree_map(name, json(), 1..3).prop_map(|map| map.into_iter().collect()).boxed()
}

/// 512 values of each: the least likely branch, one certain field of a damaged record, is met about ten times. That
/// takes 0.1 s each, and is the same every time.
fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::with_cases(512) }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_value_that_was_read_is_written_so_that_it_reads_the_same(value in any_value()) {
        let stored = Stored::from_json(value.clone());
        prop_assert_eq!(&Stored::from_json(stored.to_json()), &stored);
        if matches!(stored, Stored::Other(_)) {
            prop_assert_eq!(stored.to_json(), value);
        }
    }

    #[test]
    fn a_record_is_written_as_it_was_read(value in record()) {
        let stored = Stored::from_json(value.clone());
        prop_assert!(matches!(stored, Stored::Record(_)));
        prop_assert_eq!(stored.to_json(), value);
    }

    #[test]
    fn a_queue_without_a_profile_is_a_record_too(updates in updates(), unknown in unknown()) {
        let mut value = json!({"GlobalUpdates": updates});
        value.as_object_mut().expect("it is one").extend(unknown);
        let stored = Stored::from_json(value.clone());
        prop_assert!(matches!(&stored, Stored::Record(record) if record.profile.is_none()));
        prop_assert_eq!(stored.to_json(), value);
    }

    #[test]
    fn fields_that_are_not_known_are_kept_in_damaged_records_too(
        mut value in prop_oneof![record(), damaged()],
        above in unknown(),
        inside in unknown(),
    ) {
        value.as_object_mut().expect("a record is an object").extend(above.clone());
        if let Some(meta) = value["MetaData"].as_object_mut() {
            meta.extend(inside.clone());
        }
        let had_meta = value["MetaData"].is_object();
        let written = Stored::from_json(value).to_json();
        for (name, field) in &above {
            prop_assert_eq!(&written[name], field);
        }
        for (name, field) in inside.iter().filter(|_| had_meta) {
            prop_assert_eq!(&written["MetaData"][name], field);
        }
    }

    #[test]
    fn the_bytes_of_a_value_are_those_of_its_text_and_never_more_than_the_bound(value in any_value()) {
        let stored = Stored::from_json(value);
        let bytes = serde_json::to_string(&stored).expect("JSON is written").len() as u64;
        prop_assert_eq!(stored.json_bytes(), bytes);
        prop_assert!(stored.json_bytes_bound() >= bytes);
        prop_assert_eq!(ANY.check(&stored), Ok(bytes));
    }

    #[test]
    fn a_limit_is_kept_to_the_byte(data in json()) {
        let data = Arc::new(data);
        let (_, bytes) = set(&data, None);
        prop_assert!(!set(&data, Some(bytes)).0, "{} bytes are refused", bytes);
        prop_assert!(set(&data, Some(bytes - 1)).0, "{} bytes are not refused", bytes);
    }
}

/// What data leaves free for the lock.
const LOCK_ROOM: u64 = 1_024;

/// Sets the data of a record with everything in it: whether it was refused, and the bytes of what is stored then.
fn set(data: &Arc<Json>, room: Option<u64>) -> (bool, u64) {
    let mut bench = Bench::new(1);
    bench.value = Some(Stored::from_json(everything()));
    if let Some(room) = room {
        let limits = Limits { value_bytes_max: room + LOCK_ROOM, ..ANY };
        bench.on(0, |store, _| store.set_config(Config { limits, ..Config::default() }));
    }
    bench.call(0, CallRequest::Set { key: KEY.into(), data: Arc::clone(data) });
    let refused = |event: &Event| matches!(event, Event::CallDone { result: CallResult::Unstorable(_), .. });
    (bench.events(0).iter().any(refused), serde_json::to_string(&bench.value).expect("JSON is written").len() as u64)
}
