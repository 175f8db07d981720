//! The length of a value's JSON, counted without making it, against the JSON itself.

use std::sync::Arc;

use dupeproof_core::{CallRequest, CallResult, Config, Event, Limits, Stored, Unstorable};
use serde_json::{Value as Json, json};

use crate::bench::{Bench, KEY};
use crate::records::fixtures;

const ANY: Limits = Limits {
    value_bytes_max: u64::MAX,
    user_ids_max: 0,
    metadata_bytes_max: 0,
    metadata_name_bytes_max: 0,
    metadata_value_bytes_max: 0,
};

#[track_caller]
fn assert_exact(json: Json) {
    let stored = Stored::from_json(json);
    let text = serde_json::to_string(&stored).unwrap();
    assert_eq!(ANY.check(&stored), Ok(text.len() as u64), "{text}");
}

#[test]
fn every_real_record_is_measured_exactly() {
    for (_, json) in fixtures() {
        assert_exact(json);
    }
}

#[test]
fn a_record_with_everything_in_it_is_measured_exactly() {
    assert_exact(everything());
}

fn everything() -> Json {
    let tag = json!([9_007_199_254_740_993_i64, "job \"7\"", "guid"]);
    json!({
        "Data": {"Name": "é\u{1F98A}\u{7f}\u{1}\n", "Gold": -12, "Ratio": 0.1, "Big": 1e300, "Whole": 2.0, "None": null},
        "GlobalUpdates": [12, [[11, "a#1", {"Hat": 1}], [12, 0, false, []]]],
        "MessageSenders": [["Player_1@17", 4_294_967_297_u64], ["job-1", 9]],
        "WasOverwritten": true,
        "RobloxMetaData": {"Country": "LT"},
        "UserIds": [1, -2, i64::MIN],
        "Season \t": {"Level": 9},
        "MetaData": {
            "ProfileCreateTime": -5, "SessionLoadCount": 0, "LastUpdate": 1_700_000_000, "MetaTags": {"Beta": true},
            "ActiveSession": tag, "ForceLoadSession": [1, "job-8"], "Lease": 45, "LastWrite": ["guid", u64::MAX],
            "Receipts": ["r-1", "r\\2"], "Origin": "import",
            "Escrow": {
                "t-1": {"Trade": {"partner": "Player_2", "gives": {"Gold": 3}}},
                "t-2": {"Settled": {"partner": "Player_\"4"}},
                "g-1": {"Gift": {"to": "Player_3", "gives": [], "number": 4_294_967_297_u64}},
            },
        },
    })
}

#[test]
fn values_made_by_chance_are_measured_exactly() {
    let mut made = Made(1);
    for _ in 0..3_000 {
        let data = made.json(5);
        assert_exact(data.clone());
        assert_exact(json!({
            "Data": data, "GlobalUpdates": [0, [[1, made.json(2)]]], "UserIds": [], "RobloxMetaData": made.json(2),
            "MetaData": {
                "ProfileCreateTime": 1, "SessionLoadCount": made.next(), "LastUpdate": 1, "MetaTags": [],
                "Escrow": {"t": {"Trade": {"partner": "p", "gives": made.json(3)}}},
            },
        }));
    }
}

#[test]
fn exactly_what_can_be_read_back_is_flat_enough() {
    let nested = |levels: usize| (1..levels).fold(json!([]), |inner, _| json!([inner]));
    for levels in 120..135 {
        let record = json!({
            "Data": nested(levels), "GlobalUpdates": [0, []], "UserIds": [], "RobloxMetaData": [],
            "MetaData": {"ProfileCreateTime": 1, "SessionLoadCount": 1, "LastUpdate": 1, "MetaTags": []},
        });
        let queue = json!({"GlobalUpdates": [1, [[1, "a#1", nested(levels)]]]});
        let mut aside = record.clone();
        aside["Data"] = json!([]);
        aside["MetaData"]["Escrow"] = json!({"t": {"Trade": {"partner": "p", "gives": nested(levels)}}});
        for value in [nested(levels), record, queue, aside] {
            let stored = Stored::from_json(value);
            let readable = serde_json::from_str::<Json>(&serde_json::to_string(&stored).unwrap()).is_ok();
            let flat = !matches!(ANY.check(&stored), Err(Unstorable::TooDeep { most: 127 }));
            assert_eq!(flat, readable, "{levels} levels: {stored:?}");
        }
    }
}

#[test]
fn a_limit_is_kept_to_the_byte() {
    let mut made = Made(2);
    for _ in 0..500 {
        let data = Arc::new(made.json(4));
        let set = |room: Option<u64>| {
            let mut bench = Bench::new(1);
            bench.value = Some(Stored::from_json(everything()));
            if let Some(room) = room {
                let limits = Limits { value_bytes_max: room + LOCK_ROOM, ..ANY };
                bench.on(0, |store, _| store.set_config(&Config { limits, ..Config::default() }));
            }
            bench.call(0, CallRequest::Set { key: KEY.into(), data: Arc::clone(&data) });
            let refused = |event: &Event| matches!(event, Event::CallDone { result: CallResult::Unstorable(_), .. });
            (bench.events(0).iter().any(refused), serde_json::to_string(&bench.value).unwrap().len() as u64)
        };
        let (_, bytes) = set(None);
        assert!(!set(Some(bytes)).0, "{bytes} bytes: {data}");
        assert!(set(Some(bytes - 1)).0, "{bytes} bytes: {data}");
    }
}

#[test]
fn the_bytes_of_any_value_are_those_of_its_text_and_never_more_than_the_bound() {
    let mut made = Made(9);
    for _ in 0..2_000 {
        let value = Stored::from_json(made.json(4));
        let bytes = serde_json::to_string(&value.to_json()).unwrap().len() as u64;
        assert_eq!(value.json_bytes(), bytes, "{value:?}");
        assert!(value.json_bytes_bound() >= bytes, "{value:?}");
    }
}

/// What data leaves free.
const LOCK_ROOM: u64 = 1_024;

/// Values by chance, always the same.
struct Made(u64);

impl Made {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33 >> (self.0 % 31)
    }

    fn json(&mut self, levels: u32) -> Json {
        match self.next() % if levels == 0 { 6 } else { 8 } {
            0 => Json::Null,
            1 => json!(self.next().is_multiple_of(2)),
            2 => json!(self.next()),
            3 => json!(-i64::try_from(self.next()).unwrap()),
            4 => json!(f64::from_bits(self.next() << 30 | self.next())),
            5 => json!(self.string()),
            6 => (0..self.next() % 5).map(|_| self.json(levels - 1)).collect(),
            _ => Json::Object((0..self.next() % 5).map(|_| (self.string(), self.json(levels - 1))).collect()),
        }
    }

    fn string(&mut self) -> String {
        let characters = (0..self.next() % 12).map(|_| u32::try_from(self.next() % 0x2_0000).unwrap());
        characters.filter_map(|number| char::from_u32(number % 400)).collect()
    }
}
