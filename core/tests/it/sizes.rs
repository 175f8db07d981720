//! The length of a value's JSON, counted without making it, against the JSON itself.

use dupeproof_core::{Limits, Stored, Unstorable};
use serde_json::{Value as Json, json};

use crate::records::fixtures;

pub(crate) const ANY: Limits = Limits {
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

pub(crate) fn everything() -> Json {
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
