use std::sync::Arc;

use dupeproof_sim::datastore::{self, METADATA_MAX, VALUE_MAX};
use dupeproof_sim::request::{Address, Attributes, ValueType};
use dupeproof_sim::{Key, Request, ServiceError};
use serde_json::{Value as Json, json};

use super::backend::json as stored;

fn validate(request: &Request) -> Result<(), ServiceError> {
    datastore::validate(request).map(drop)
}

fn address(store: &str, scope: &str, key: &str) -> Key {
    Address { ordered: false, store: store.into(), scope: scope.into(), key: key.into() }.to_key()
}

fn get(key: Key) -> Result<(), ServiceError> {
    validate(&Request::get(key))
}

fn set(value: Json) -> Result<(), ServiceError> {
    validate(&Request::set("k".into(), stored(value)))
}

fn beside(user_ids: &[i64], metadata: Json) -> Result<(), ServiceError> {
    let attributes = Some(Arc::new(Attributes { user_ids: user_ids.to_vec(), metadata }));
    let request = Request::Set { key: "k".into(), value: stored(1), attributes: attributes.clone() };
    let result = validate(&request);
    assert_eq!(validate(&Request::Increment { key: "k".into(), delta: 1, attributes }), result);
    result
}

#[test]
fn an_empty_key_or_store_is_error_101_but_a_scope_may_be_empty() {
    assert_eq!(get("".into()), Err(ServiceError::KeyNameEmpty));
    assert_eq!(get(address("Coins", "global", "")), Err(ServiceError::KeyNameEmpty));
    assert_eq!(get(address("", "global", "k")), Err(ServiceError::KeyNameEmpty));
    assert_eq!(get(address("Coins", "", "k")), Ok(()));
    assert!(ServiceError::KeyNameEmpty.to_string().starts_with("101"));
}

#[test]
fn a_key_scope_or_store_of_more_than_50_characters_is_error_102() {
    let (fits, long) = ("é".repeat(50), "é".repeat(51));
    assert_eq!(get(fits.as_str().into()), Ok(()));
    assert_eq!(get(address(&fits, &fits, &fits)), Ok(()));
    assert_eq!(get("/".repeat(50).replace('/', "%2F").into()), Ok(()));
    for key in [
        long.as_str().into(),
        address(&long, "global", "k"),
        address("Coins", &long, "k"),
        address("Coins", "global", &long),
    ] {
        assert_eq!(get(key), Err(ServiceError::KeyNameLimit));
    }
    assert!(ServiceError::KeyNameLimit.to_string().starts_with("102"));
}

#[test]
fn every_request_for_a_key_has_its_address_checked_and_a_list_may_have_an_empty_prefix() {
    let key = Key::from("");
    for request in [
        Request::set(key.clone(), stored(1)),
        Request::compare_and_set(key.clone(), None, stored(1)),
        Request::Increment { key: key.clone(), delta: 1, attributes: None },
        Request::Remove { key: key.clone() },
        Request::ListVersions { key: key.clone(), query: Default::default(), page_size: 0 },
        Request::GetVersion { key: key.clone(), version: Default::default() },
        Request::GetVersionAtTime { key: key.clone(), at: 1 },
    ] {
        assert_eq!(validate(&request), Err(ServiceError::KeyNameEmpty), "{request:?}");
    }
    let list = |prefix| validate(&Request::ListKeys { prefix, page_size: 0, after: None, exclude_deleted: false });
    assert_eq!(list(key), Ok(()));
    assert_eq!(list("k".repeat(51).into()), Err(ServiceError::KeyNameLimit));
}

#[test]
fn a_value_of_more_than_4194304_characters_as_json_is_error_105() {
    let longest = usize::try_from(VALUE_MAX).unwrap() - 2;
    assert_eq!(set(Json::String("x".repeat(longest))), Ok(()));
    assert_eq!(set(Json::String("x".repeat(longest + 1))), Err(ServiceError::ValueTooLarge));
    // A line's end takes two.
    assert_eq!(set(Json::String("\n".repeat(longest / 2 + 1))), Err(ServiceError::ValueTooLarge));
    let profile = |data: usize| {
        json!({ "Data": "x".repeat(data), "GlobalUpdates": [0, []],
        "MetaData": { "ProfileCreateTime": 0, "SessionLoadCount": 0 } })
    };
    let around = set(profile(0)).map(|()| stored(profile(0)).to_json().to_string().len()).unwrap();
    assert_eq!(set(profile(longest + 2 - around)), Ok(()));
    assert_eq!(set(profile(longest + 3 - around)), Err(ServiceError::ValueTooLarge));
    assert!(ServiceError::ValueTooLarge.to_string().starts_with("105"));
}

#[test]
fn nil_cannot_be_set() {
    assert_eq!(set(Json::Null), Err(ServiceError::CantStoreValue(ValueType::Nil)));
}

#[test]
fn metadata_of_more_than_300_characters_in_all_is_error_511() {
    let of = |characters: usize| beside(&[], json!({ "ab": "x".repeat(characters - 6), "c": 1, "d": 2 }));
    assert_eq!(of(METADATA_MAX), Ok(()));
    assert_eq!(of(METADATA_MAX + 1), Err(ServiceError::AttributeTooLarge));
    assert!(ServiceError::AttributeTooLarge.to_string().starts_with("511"));
}

#[test]
fn more_than_4_user_ids_are_error_512() {
    assert_eq!(beside(&[1, 2, 3, 4], Json::Null), Ok(()));
    assert_eq!(beside(&[1, 2, 3, 4, 5], Json::Null), Err(ServiceError::TooManyUserIds));
    assert!(ServiceError::TooManyUserIds.to_string().starts_with("512"));
}

#[test]
fn metadata_is_a_map_which_may_hold_tables_and_anything_else_is_error_513() {
    for metadata in [json!({}), json!([]), json!({ "a": true, "b": 1.5, "c": "d" }), json!({ "a": { "b": [1] } })] {
        assert_eq!(beside(&[], metadata), Ok(()));
    }
    for metadata in [json!([1]), json!("x"), json!({ "a": null })] {
        assert_eq!(beside(&[], metadata), Err(ServiceError::AttributeFormat));
    }
    assert!(ServiceError::AttributeFormat.to_string().starts_with("513"));
}

#[test]
fn what_is_refused_before_it_is_sent_was_surely_not_applied() {
    for error in [
        ServiceError::KeyNameEmpty,
        ServiceError::KeyNameLimit,
        ServiceError::ValueTooLarge,
        ServiceError::AttributeTooLarge,
        ServiceError::TooManyUserIds,
        ServiceError::AttributeFormat,
        ServiceError::OrderedParameter,
        ServiceError::InvalidTimestamp,
    ] {
        assert!(error.is_definite(), "{error}");
    }
}
