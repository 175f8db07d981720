use dupeproof_core::VersionQuery;
use dupeproof_sim::datastore;
use dupeproof_sim::request::{SortedQuery, ValueType};
use dupeproof_sim::{Event, Key, Request, Response, ServiceError, Version};
use serde_json::json;

use super::backend::{Backend, attributes, compare_and_set, json};

const ALICE: &str = "ordered:Coins/global/alice";

fn validate(request: &Request) -> Result<(), ServiceError> {
    datastore::validate(request).map(drop)
}

fn coins(name: &str) -> Key {
    format!("ordered:Coins/global/{name}").into()
}

/// Alice has 5, Bob 3, Carol 3, Dave -1.
fn filled() -> Backend {
    let mut store = Backend::new();
    for (name, value) in [("alice", 5), ("bob", 3), ("carol", 3), ("dave", -1)] {
        store.set(&coins(name), value);
    }
    store.set("ordered:Other/global/eve", 4);
    store.set("Coins/global/mallory", 4);
    store
}

fn sorted(store: &mut Backend, query: SortedQuery) -> (Vec<(String, i64)>, Option<u32>) {
    match store.ask(Request::GetSorted { store: coins(""), query }) {
        Ok(Response::Sorted(page)) => {
            let name = |key: &str| key.rsplit('/').next().unwrap().to_owned();
            (page.items.iter().map(|(key, value)| (name(key), *value)).collect(), page.next)
        }
        other => panic!("{other:?}"),
    }
}

fn query() -> SortedQuery {
    SortedQuery { ascending: true, page_size: 50, ..SortedQuery::default() }
}

fn named(pairs: &[(&str, i64)]) -> Vec<(String, i64)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
}

#[test]
fn an_ordered_store_holds_integers_only() {
    let set = |value: serde_json::Value| validate(&Request::set(ALICE.into(), json(value)));
    assert_eq!(set(json!(-3)), Ok(()));
    for (value, kind) in [
        (json!(1.5), ValueType::Number),
        (json!("7"), ValueType::String),
        (json!([1]), ValueType::Table),
        (json!({ "GlobalUpdates": [0, []] }), ValueType::Table),
    ] {
        assert_eq!(set(value), Err(ServiceError::ValueNotAllowed(kind)));
    }
}

#[test]
fn an_ordered_store_takes_neither_user_ids_nor_metadata_and_has_no_versions_and_no_list_of_keys() {
    let key = Key::from(ALICE);
    for request in [
        Request::Set { key: key.clone(), value: json(1), attributes: attributes(&[1]) },
        Request::Increment { key: key.clone(), delta: 1, attributes: attributes(&[]) },
        Request::ListVersions { key: key.clone(), query: VersionQuery::default(), page_size: 0 },
        Request::GetVersion { key: key.clone(), version: Version(1) },
        Request::GetVersionAtTime { key: key.clone(), at: 1 },
        Request::ListKeys { prefix: key, page_size: 0, after: None, exclude_deleted: false },
    ] {
        assert_eq!(validate(&request), Err(ServiceError::OrderedParameter), "{request:?}");
    }
    assert!(ServiceError::OrderedParameter.to_string().starts_with("517"));
}

#[test]
fn values_come_sorted_either_way_and_only_those_of_the_store() {
    let mut store = filled();
    let ascending = named(&[("dave", -1), ("bob", 3), ("carol", 3), ("alice", 5)]);
    assert_eq!(sorted(&mut store, query()), (ascending.clone(), None));
    let descending: Vec<_> = ascending.into_iter().rev().collect();
    assert_eq!(sorted(&mut store, SortedQuery { ascending: false, ..query() }), (descending, None));
}

#[test]
fn values_can_be_asked_for_between_bounds() {
    let mut store = filled();
    let bounded = SortedQuery { min: Some(3), max: Some(3), ..query() };
    assert_eq!(sorted(&mut store, bounded).0, named(&[("bob", 3), ("carol", 3)]));
}

#[test]
fn values_come_page_by_page() {
    let mut store = filled();
    let of_three = SortedQuery { page_size: 3, ..query() };
    let (first, next) = sorted(&mut store, of_three);
    assert_eq!((first.len(), next), (3, Some(1)));
    let (second, next) = sorted(&mut store, SortedQuery { page: 1, ..of_three });
    assert_eq!((second, next), (named(&[("alice", 5)]), None));
}

#[test]
fn a_page_of_none_or_of_more_than_100_is_error_106_and_bounds_the_wrong_way_round_are_107() {
    let check = |query| validate(&Request::GetSorted { store: coins(""), query });
    for (page_size, result) in
        [(0, Err(ServiceError::PageOutOfRange)), (1, Ok(())), (100, Ok(())), (101, Err(ServiceError::PageOutOfRange))]
    {
        assert_eq!(check(SortedQuery { page_size, ..query() }), result);
    }
    assert_eq!(check(SortedQuery { min: Some(2), max: Some(1), ..query() }), Err(ServiceError::MinMaxOrder));
    assert!(ServiceError::PageOutOfRange.to_string().starts_with("106"));
    assert!(ServiceError::MinMaxOrder.to_string().starts_with("107"));
}

#[test]
fn ordered_values_are_added_to_and_written_on_condition() {
    let mut store = filled();
    let add = Request::Increment { key: ALICE.into(), delta: 2, attributes: None };
    assert!(matches!(store.ask(add), Ok(Response::Incremented(7, _))));
    let read = store.read(ALICE).version;
    store.set(ALICE, 8);
    assert_eq!(store.ask(compare_and_set(ALICE, read, 9)), Ok(Response::Conflict));
}

#[test]
fn a_removed_ordered_value_is_gone_at_once_and_yet_nothing_conditional_lands_across_it() {
    let mut store = filled();
    let read = store.read(ALICE).version;
    assert_eq!(store.remove(ALICE).map(|entry| entry.value), Some(json(5)));
    assert_eq!(store.value(ALICE), None);
    assert_eq!(sorted(&mut store, query()).0.len(), 3);
    for expected in [None, read] {
        assert_eq!(store.ask(compare_and_set(ALICE, expected, 9)), Ok(Response::Conflict));
    }
    assert_eq!(store.tape.count(|event| matches!(event, Event::Committed { after: None, .. })), 1);
}
