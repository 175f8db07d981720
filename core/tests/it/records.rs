//! Records that the real module wrote.

use dupeproof_core::{Event, Input, Stored};
use serde_json::{Value as Json, json};

use crate::bench::Bench;

pub(crate) fn fixtures() -> [(&'static str, Json); 8] {
    macro_rules! record {
        ($name:literal) => {
            ($name, serde_json::from_str(include_str!(concat!("records/", $name, ".json"))).unwrap())
        };
    }
    [
        record!("active"),
        record!("active_force_load"),
        record!("active_with_message"),
        record!("after_view_set"),
        record!("message_before_first_session"),
        record!("released"),
        record!("released_with_force_load"),
        record!("released_with_messages"),
    ]
}

#[test]
fn every_real_record_prints_back_in_the_same_shape() {
    for (name, json) in fixtures() {
        let stored = Stored::from_json(json.clone());
        assert!(matches!(stored, Stored::Record(_)), "{name} is a record");
        assert_eq!(stored.to_json(), json, "{name}");
    }
}

#[test]
fn unknown_fields_survive_a_session() {
    let mut bench = Bench::new(1);
    let (_, mut json) = fixtures().into_iter().find(|(name, _)| *name == "released_with_messages").unwrap();
    json["Season"] = json!({"Level": 9});
    json["MetaData"]["Origin"] = json!("import");
    bench.value = Some(Stored::from_json(json.clone()));
    let session = bench.start(0);
    bench.set_gold(0, session, 8);
    bench.input(0, Input::EndSession { session });
    let mut expected = json;
    expected["Data"]["Gold"] = json!(8);
    expected["MetaData"]["SessionLoadCount"] = json!(2);
    expected["MetaData"]["LastUpdate"] = json!(1_700_001_000);
    expected["MetaData"]["LastWrite"] = json!(["guid-0", 1]);
    assert_eq!(bench.stored(), expected);
}

#[test]
fn a_message_sent_before_the_first_session_stays_in_the_new_profile() {
    let mut bench = Bench::new(1);
    let (_, json) = fixtures().into_iter().find(|(name, _)| *name == "message_before_first_session").unwrap();
    bench.value = Some(Stored::from_json(json.clone()));
    bench.start(0);
    assert_eq!(bench.stored()["GlobalUpdates"], json["GlobalUpdates"]);
    assert_eq!(bench.stored()["Data"], json!({"Gold": 0}));
}

#[test]
fn an_active_session_is_written_as_the_module_writes_it() {
    let mut bench = Bench::new(1);
    bench.start(0);
    let mut stored = bench.stored();
    let meta = stored["MetaData"].as_object_mut().unwrap();
    assert_eq!(meta.remove("Lease"), Some(json!(45)), "the one field more");
    assert_eq!(
        stored,
        json!({
            "Data": {"Gold": 0},
            "GlobalUpdates": [0, []],
            "MetaData": {
                "ActiveSession": [1, "job-0", "guid-0"],
                "LastUpdate": 1_700_001_000,
                "MetaTags": [],
                "ProfileCreateTime": 1_700_001_000,
                "SessionLoadCount": 1,
            },
            "RobloxMetaData": [],
            "UserIds": [],
            "WasOverwritten": false,
        })
    );
}

#[test]
fn a_value_that_is_no_record_is_overwritten_with_the_template_and_reported() {
    for value in [json!("hello"), json!({"Data": 1}), json!({"MetaData": {"SessionLoadCount": "many"}}), json!([1])] {
        let mut bench = Bench::new(1);
        bench.value = Some(Stored::from_json(value));
        let session = bench.start(0);
        let events = bench.events(0);
        assert!(
            matches!(events[..], [Event::Started { session: started, overwritten: true, .. }] if started == session),
            "{events:?}"
        );
        assert_eq!(bench.stored()["WasOverwritten"], json!(true));
        bench.input(0, Input::Save { session });
        assert_eq!(bench.stored()["WasOverwritten"], json!(false));
    }
}

#[test]
fn an_empty_map_may_be_written_as_an_array() {
    let stored = Stored::from_json(json!({
        "GlobalUpdates": [], "UserIds": {}, "RobloxMetaData": [], "Data": [],
        "MetaData": {"ProfileCreateTime": 1, "SessionLoadCount": 1, "LastUpdate": 1, "MetaTags": []},
    }));
    assert!(matches!(stored, Stored::Record(_)));
}
