use dupeproof_sim::ServiceError;
use dupeproof_sim::request::ValueType;
use dupeproof_sim::value::{ScriptKey, ScriptTable, ScriptValue};
use serde_json::{Value as Json, json};

fn number(number: f64) -> ScriptValue {
    ScriptValue::Number(number)
}

fn text(text: &str) -> ScriptValue {
    ScriptValue::String(text.into())
}

fn array(elements: impl IntoIterator<Item = ScriptValue>) -> ScriptValue {
    ScriptValue::Table(ScriptTable::array(elements))
}

fn map(entries: impl IntoIterator<Item = (ScriptKey, ScriptValue)>) -> ScriptValue {
    ScriptValue::Table(ScriptTable::map(entries))
}

fn refused(kind: ValueType) -> Result<Json, ServiceError> {
    Err(ServiceError::CantStoreValue(kind))
}

/// Wherever a value stands, the same must hold of it.
fn nested(value: &ScriptValue) -> [ScriptValue; 3] {
    [value.clone(), array([value.clone()]), map([("a".into(), array([value.clone()]))])]
}

#[test]
fn plain_values_are_stored_as_json_and_come_back() {
    for (value, json) in [
        (ScriptValue::Boolean(true), json!(true)),
        (number(1.5), json!(1.5)),
        (text("Zoë"), json!("Zoë")),
        (array([number(1.0), text("two")]), json!([1, "two"])),
        (
            map([("Coins".into(), number(7.0)), ("Deep".into(), map([("a".into(), array([]))]))]),
            json!({ "Coins": 7, "Deep": { "a": [] } }),
        ),
    ] {
        assert_eq!(value.to_json(), Ok(json.clone()));
        assert_eq!(ScriptValue::from_json(&json), value);
    }
}

#[test]
fn numbers_without_a_fraction_are_stored_as_integers() {
    for (value, printed) in [
        (5.0, "5"),
        (-3.0, "-3"),
        (0.1, "0.1"),
        (9_007_199_254_740_992.0, "9007199254740992"),
        (1e20, "1e20"),
        (-0.0, "-0.0"),
    ] {
        let json = number(value).to_json().unwrap();
        assert_eq!(json.to_string().replace("e+", "e"), printed);
        assert_eq!(ScriptValue::from_json(&json), number(value));
    }
}

#[test]
fn the_empty_table_is_an_empty_array() {
    assert_eq!(ScriptValue::Table(ScriptTable::default()).to_json(), Ok(json!([])));
    assert_eq!(ScriptValue::from_json(&json!({})), ScriptValue::Table(ScriptTable::default()));
}

#[test]
fn a_string_that_is_no_utf_8_cannot_be_stored_nor_can_such_a_key() {
    let broken = vec![b'a', 0xFF];
    for value in nested(&ScriptValue::String(broken.clone())) {
        assert_eq!(value.to_json(), refused(ValueType::String));
    }
    assert_eq!(map([(ScriptKey::String(broken), number(1.0))]).to_json(), refused(ValueType::String));
}

#[test]
fn nan_and_the_infinities_cannot_be_stored() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for value in nested(&number(value)) {
            assert_eq!(value.to_json(), refused(ValueType::Number));
        }
    }
}

#[test]
fn of_a_mixed_table_only_the_array_part_is_stored() {
    let mixed = ScriptTable {
        array: vec![number(1.0), number(2.0)],
        rest: vec![("lost".into(), number(3.0)), (ScriptKey::Number(0.5), ScriptValue::Function)],
    };
    assert_eq!(ScriptValue::Table(mixed).to_json(), Ok(json!([1, 2])));
}

#[test]
fn a_table_with_a_gap_cannot_be_stored() {
    let beyond = ScriptTable { array: vec![number(1.0)], rest: vec![(ScriptKey::Number(3.0), number(3.0))] };
    for value in [ScriptValue::Table(beyond), array([number(1.0), ScriptValue::Nil, number(3.0)])] {
        assert_eq!(value.to_json(), refused(ValueType::Table));
    }
}

#[test]
fn without_an_array_part_numbers_become_text() {
    let keys = [7.0, -1.0, 0.0, 1.5].map(|key| (ScriptKey::Number(key), number(key)));
    assert_eq!(map(keys).to_json(), Ok(json!({ "7": 7, "-1": -1, "0": 0, "1.5": 1.5 })));
}

#[test]
fn a_key_that_is_neither_text_nor_number_cannot_be_stored() {
    assert_eq!(map([(ScriptKey::Other, number(1.0))]).to_json(), refused(ValueType::Table));
}

#[test]
fn a_table_within_itself_cannot_be_stored() {
    assert_eq!(map([("Self".into(), ScriptValue::Cycle)]).to_json(), refused(ValueType::Table));
}

#[test]
fn functions_threads_and_instances_cannot_be_stored_anywhere_and_104_says_so() {
    for (value, kind) in [
        (ScriptValue::Function, ValueType::Function),
        (ScriptValue::Thread, ValueType::Thread),
        (ScriptValue::Userdata, ValueType::Userdata),
    ] {
        for value in nested(&value) {
            assert_eq!(value.to_json(), refused(kind));
        }
    }
    assert_eq!(refused(ValueType::Function).unwrap_err().to_string(), "104: Cannot store function in data store.");
}

#[test]
fn a_transform_that_returns_such_a_value_itself_gets_103() {
    let not_allowed = |value: ScriptValue| match value.returned_to_json() {
        Err(ServiceError::ValueNotAllowed(kind)) => kind,
        other => panic!("{other:?}"),
    };
    assert_eq!(not_allowed(ScriptValue::Function), ValueType::Function);
    assert_eq!(not_allowed(ScriptValue::Thread), ValueType::Thread);
    assert_eq!(not_allowed(ScriptValue::Userdata), ValueType::Userdata);
    assert_eq!(array([ScriptValue::Thread]).returned_to_json(), Err(ServiceError::CantStoreValue(ValueType::Thread)));
    assert!(ServiceError::ValueNotAllowed(ValueType::Thread).to_string().starts_with("103"));
}

#[test]
fn nil_cannot_be_stored_and_from_a_transform_it_means_nothing() {
    assert_eq!(ScriptValue::Nil.to_json(), refused(ValueType::Nil));
    assert_eq!(ScriptValue::Nil.returned_to_json(), Ok(None));
    assert_eq!(number(1.0).returned_to_json(), Ok(Some(json!(1))));
}

#[test]
fn a_buffer_is_stored_in_base64_and_comes_back() {
    let buffer = ScriptValue::Buffer(vec![0, 255, 7]);
    let json = buffer.to_json().unwrap();
    assert_eq!(json, json!({ "m": null, "t": "buffer", "base64": "AP8H" }));
    assert_eq!(ScriptValue::from_json(&json), buffer);
    let other = json!({ "m": null, "t": "buffer", "base64": "?" });
    assert!(matches!(ScriptValue::from_json(&other), ScriptValue::Table(_)));
}
