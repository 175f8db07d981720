use dupeproof_core::Span;
use dupeproof_sim::Event;
use dupeproof_sim::request::{Bound, MemoryAnswer, MemoryCall, MemoryError, RangeQuery};
use dupeproof_sim::schedule::WorldClock;

use super::backend::{Backend, hash, lock, number, sorted, text, value};
use crate::scripted::schedule;

fn range(query: RangeQuery) -> MemoryCall {
    MemoryCall::Range(RangeQuery { count: if query.count == 0 { 200 } else { query.count }, ..query })
}

#[test]
fn an_item_is_read_as_it_was_set_and_removed() {
    for address in [hash("a"), sorted("a")] {
        let mut store = Backend::new();
        assert_eq!(store.get(&address), None);
        store.set(&address, lock("me"), 60);
        assert_eq!(store.get(&address), Some(lock("me")));
        store.set(&address, lock("you"), 60);
        assert_eq!(store.get(&address), Some(lock("you")));
        assert_eq!(store.ask(&address, MemoryCall::Remove), Ok(MemoryAnswer::Done));
        assert_eq!(store.get(&address), None);
        assert_eq!(store.ask(&address, MemoryCall::Remove), Ok(MemoryAnswer::Done));
        let changes = store.tape.count(|event| matches!(event, Event::MemoryChanged { .. }));
        assert_eq!(changes, 3, "a removal of nothing changes nothing");
    }
}

#[test]
fn structures_of_another_kind_or_name_are_others() {
    let mut store = Backend::new();
    store.set(&hash("a"), 1, 60);
    assert_eq!(store.get(&sorted("a")), None);
    assert_eq!(store.get(&hash("b")), None);
}

#[test]
fn an_item_is_gone_when_its_seconds_have_passed_and_not_before() {
    let mut store = Backend::new();
    store.set(&hash("a"), 1, 90);
    store.wait(Span::millis(89_999));
    assert_eq!(store.get(&hash("a")), Some(1.into()));
    store.wait(Span::millis(1));
    assert_eq!(store.get(&hash("a")), None);
    assert_eq!(store.tape.count(|event| matches!(event, Event::MemoryExpired { items: 1, .. })), 1);
}

#[test]
fn a_write_gives_an_item_its_time_anew() {
    let mut store = Backend::new();
    store.set(&hash("a"), 1, 90);
    store.wait(Span::secs(60));
    let version = store.item(&hash("a")).map(|item| item.version);
    assert_eq!(store.compare_and_set(&hash("a"), version, value(2, 90)), Ok(MemoryAnswer::Done));
    store.wait(Span::secs(60));
    assert_eq!(store.get(&hash("a")), Some(2.into()));
    store.wait(Span::secs(30));
    assert_eq!(store.get(&hash("a")), None);
}

#[test]
fn items_expire_by_the_clock_of_the_backend() {
    let clocks = WorldClock { backend_rate_ppm: 100_000, ..WorldClock::default() };
    let mut store = Backend::of(&dupeproof_sim::Schedule { clocks, ..schedule(&[]) });
    store.set(&hash("a"), 1, 110);
    store.wait(Span::secs(99));
    assert_eq!(store.get(&hash("a")), Some(1.into()));
    store.wait(Span::millis(1_001));
    assert_eq!(store.get(&hash("a")), None);
}

#[test]
fn a_conditional_write_is_applied_only_if_nobody_wrote_in_between() {
    let mut store = Backend::new();
    assert_eq!(store.compare_and_set(&hash("a"), None, value(1, 60)), Ok(MemoryAnswer::Done));
    assert_eq!(store.compare_and_set(&hash("a"), None, value(2, 60)), Ok(MemoryAnswer::Conflict));
    let read = store.item(&hash("a")).map(|item| item.version);
    store.set(&hash("a"), 1, 60);
    assert_eq!(store.compare_and_set(&hash("a"), read, value(3, 60)), Ok(MemoryAnswer::Conflict));
    assert_eq!(store.get(&hash("a")), Some(1.into()));
    assert_eq!(store.tape.count(|event| matches!(event, Event::MemoryConflicted { .. })), 2);
}

#[test]
fn what_was_read_and_expires_or_is_removed_meanwhile_is_a_conflict() {
    for expires in [true, false] {
        let mut store = Backend::new();
        store.set(&hash("a"), 1, 10);
        let read = store.item(&hash("a")).map(|item| item.version);
        if expires {
            store.wait(Span::secs(10));
        } else {
            store.ask(&hash("a"), MemoryCall::Remove).unwrap();
        }
        assert_eq!(store.compare_and_set(&hash("a"), read, value(2, 60)), Ok(MemoryAnswer::Conflict));
        assert_eq!(store.compare_and_set(&hash("a"), None, value(2, 60)), Ok(MemoryAnswer::Done));
    }
}

#[test]
fn numbers_come_first_then_texts_then_what_has_no_sort_key_and_equal_ones_by_key() {
    let mut store = Backend::new();
    // The example of the guide, nearly.
    for (key, sort_key) in [
        ("player7", None),
        ("player6", text("someString")),
        ("player5", number(1.0)),
        ("player4", number(1.0)),
        ("player3", number(3.25)),
        ("player2", number(0.0)),
        ("player1", number(-1.0)),
        ("player0", None),
    ] {
        store.set_sorted(key, 1, sort_key);
    }
    let ascending = ["player1", "player2", "player4", "player5", "player3", "player6", "player0", "player7"];
    assert_eq!(store.items(&sorted(""), range(RangeQuery::default())), ascending);
    let mut descending = ascending;
    descending.reverse();
    assert_eq!(store.items(&sorted(""), range(RangeQuery { descending: true, ..RangeQuery::default() })), descending);
    let three = RangeQuery { descending: true, count: 3, ..RangeQuery::default() };
    assert_eq!(store.items(&sorted(""), range(three)), descending[..3]);
    assert_eq!(store.size(&sorted(""), false), 8);
}

#[test]
fn the_bounds_of_a_range_are_exclusive_places_in_its_order() {
    let mut store = Backend::new();
    for (key, sort_key) in [("a", number(1.0)), ("b", number(2.0)), ("c", number(2.0)), ("d", number(3.0)), ("e", None)]
    {
        store.set_sorted(key, 1, sort_key);
    }
    let bound = |key: Option<&str>, sort_key| Some(Bound { key: key.map(Into::into), sort_key });
    let mut between = |lower, upper| {
        let query = RangeQuery { lower, upper, ..RangeQuery::default() };
        store.items(&sorted(""), range(query)).concat()
    };
    assert_eq!(between(bound(Some("b"), number(2.0)), None), "cde");
    assert_eq!(between(bound(None, number(2.0)), None), "de");
    assert_eq!(between(None, bound(None, number(2.0))), "a");
    assert_eq!(between(bound(None, number(1.0)), bound(Some("c"), number(2.0))), "b");
    assert_eq!(between(bound(Some("d"), None), None), "e");
    assert_eq!(between(bound(Some("e"), None), None), "");
}

#[test]
fn a_hash_map_is_listed_page_by_page() {
    let mut store = Backend::new();
    for key in ["a", "b", "c"] {
        store.set(&hash(key), 1, 60);
    }
    let page = |store: &mut Backend, count, after: Option<&str>| match store
        .ask(&hash(""), MemoryCall::List { count, after: after.map(Into::into) })
    {
        Ok(MemoryAnswer::Items(page)) => (page.items.len(), page.next.map(|key| key.to_string())),
        other => panic!("{other:?}"),
    };
    assert_eq!(page(&mut store, 2, None), (2, Some("b".into())));
    assert_eq!(page(&mut store, 2, Some("b")), (1, None));
    assert_eq!(page(&mut store, 3, None), (3, None));
}

#[test]
fn what_has_expired_is_in_no_list_range_or_size() {
    let mut store = Backend::new();
    store.set(&hash("a"), 1, 10);
    store.set(&hash("b"), 1, 20);
    store.set(&sorted("a"), 1, 10);
    store.set(&sorted("b"), 1, 20);
    store.wait(Span::secs(10));
    assert_eq!(store.items(&hash(""), MemoryCall::List { count: 9, after: None }), ["b"]);
    assert_eq!(store.items(&sorted(""), range(RangeQuery::default())), ["b"]);
    assert_eq!(store.size(&sorted(""), false), 1);
}

#[test]
fn an_error_of_a_memory_store_says_whether_anything_can_have_been_applied() {
    use dupeproof_sim::ServiceError;
    assert!(!ServiceError::Memory(MemoryError::Internal).is_definite());
    assert!(ServiceError::Memory(MemoryError::Requests).is_definite());
}
