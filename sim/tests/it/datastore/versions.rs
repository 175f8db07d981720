use std::sync::Arc;

use dupeproof_core::{Span, VersionInfo, VersionQuery};
use dupeproof_sim::datastore::validate;
use dupeproof_sim::request::Page;
use dupeproof_sim::schedule::Schedule;
use dupeproof_sim::{Request, Response, ServiceError, Version};
use serde_json::{Value as Json, json};

use super::backend::{Answer, Backend, START_MILLIS, key, quiet};

const HOUR: Span = Span::secs(3_600);
const DAY: Span = Span::secs(24 * 3_600);

/// Runs begin ten minutes before a full hour.
fn before_the_hour() -> Backend {
    let mut schedule: Schedule = quiet();
    schedule.clocks.before_the_hour = Span::secs(600);
    Backend::of(&schedule)
}

fn page(store: &mut Backend, query: VersionQuery, page_size: u32) -> Page<VersionInfo, Arc<str>> {
    match store.ask(Request::ListVersions { key: "k".into(), query, page_size }) {
        Ok(Response::Versions(page)) => page,
        other => panic!("{other:?}"),
    }
}

fn list(store: &mut Backend) -> Vec<VersionInfo> {
    page(store, VersionQuery::default(), 0).items
}

/// The values that can still be read, oldest first; null for a removal.
fn kept(store: &mut Backend) -> Vec<Json> {
    let versions = list(store);
    versions
        .iter()
        .map(|info| old(get(store, Version::from_id(&info.version).unwrap())).unwrap_or(Json::Null))
        .collect()
}

fn get(store: &mut Backend, version: Version) -> Answer {
    store.ask(Request::GetVersion { key: "k".into(), version })
}

fn get_at(store: &mut Backend, at: i64) -> Answer {
    store.ask(Request::GetVersionAtTime { key: "k".into(), at })
}

fn old(answer: Answer) -> Option<Json> {
    match answer {
        Ok(Response::OldValue(entry)) => entry.map(|entry| entry.value.to_json()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_first_write_in_a_utc_hour_keeps_the_value_before_and_later_ones_overwrite() {
    let mut store = before_the_hour();
    for value in [1, 2] {
        store.set("k", value);
        store.wait(Span::secs(60));
    }
    assert_eq!(kept(&mut store), [json!(2)]);
    store.wait(Span::secs(480));
    for value in [3, 4, 5] {
        store.set("k", value);
        store.wait(Span::secs(60));
    }
    assert_eq!(kept(&mut store), [json!(2), json!(5)]);
}

#[test]
fn the_hour_is_that_of_the_backends_clock() {
    for (backend_offset, kept_values) in [(0, 1), (120_000_000, 2)] {
        let mut schedule = quiet();
        schedule.clocks.before_the_hour = Span::secs(600);
        schedule.clocks.backend_offset = backend_offset;
        let mut store = Backend::of(&schedule);
        store.set("k", 1);
        store.wait(Span::secs(540));
        store.set("k", 2);
        assert_eq!(list(&mut store).len(), kept_values);
    }
}

#[test]
fn what_players_saved_before_the_run_is_kept_by_the_first_write() {
    let mut store = Backend::new();
    store.set(&key(), 7);
    let answer = store.ask(Request::GetVersion { key: key(), version: Version(1) });
    assert_eq!(old(answer), Some(json!([0, 1])));
}

#[test]
fn an_overwritten_version_is_no_longer_valid() {
    let mut store = Backend::new();
    let first = store.set("k", 1).version;
    assert_eq!(old(get(&mut store, first)), Some(json!(1)));
    store.set("k", 2);
    assert_eq!(get(&mut store, first), Err(ServiceError::InvalidVersion));
    assert_eq!(get(&mut store, Version(999)), Err(ServiceError::InvalidVersion));
    let nowhere = Request::GetVersion { key: "never".into(), version: first };
    assert_eq!(store.ask(nowhere), Err(ServiceError::InvalidVersion));
    assert!(ServiceError::InvalidVersion.to_string().contains("not valid"));
}

#[test]
fn a_removal_is_a_version_and_overwrites_no_data_in_its_hour() {
    let mut store = Backend::new();
    store.set("k", 1);
    store.remove("k");
    assert_eq!(kept(&mut store), [json!(1), Json::Null]);
    assert_eq!(list(&mut store).iter().map(|info| info.is_deleted).collect::<Vec<_>>(), [false, true]);
    store.set("k", 2);
    assert_eq!(kept(&mut store), [json!(1), json!(2)]);
    store.wait(HOUR);
    store.remove("k");
    store.wait(HOUR);
    store.set("k", 3);
    assert_eq!(kept(&mut store), [json!(1), json!(2), Json::Null, json!(3)]);
}

#[test]
fn backups_expire_30_days_after_they_were_replaced_and_the_latest_never() {
    let mut store = Backend::new();
    store.set("k", 1);
    store.wait(DAY);
    store.set("k", 2);
    store.wait(DAY.scaled(29, 1));
    store.set("k", 3);
    assert_eq!(kept(&mut store), [json!(1), json!(2), json!(3)]);
    store.wait(DAY);
    assert_eq!(kept(&mut store), [json!(2), json!(3)]);
    store.wait(DAY.scaled(365, 1));
    assert_eq!(kept(&mut store), [json!(3)]);
}

#[test]
fn a_removed_key_is_gone_for_good_after_30_days() {
    let mut store = Backend::new();
    store.set("k", 1);
    store.remove("k");
    store.wait(DAY.scaled(30, 1));
    assert_eq!(kept(&mut store), [] as [Json; 0]);
    store.set("k", 2);
    assert_eq!(kept(&mut store), [json!(2)]);
}

#[test]
fn versions_are_listed_in_either_order_page_by_page() {
    let mut store = Backend::new();
    for value in 0..5 {
        store.set("k", value);
        store.wait(HOUR);
    }
    let all: Vec<Arc<str>> = list(&mut store).into_iter().map(|info| info.version).collect();
    assert_eq!(all.len(), 5);
    for descending in [false, true] {
        let mut query = VersionQuery { descending, ..VersionQuery::default() };
        let (mut pages, mut found) = (0, Vec::new());
        loop {
            let page = page(&mut store, query.clone(), 2);
            pages += 1;
            found.extend(page.items.into_iter().map(|info| info.version));
            query.after = page.next;
            if query.after.is_none() {
                break;
            }
        }
        if descending {
            found.reverse();
        }
        assert_eq!((pages, &found), (3, &all));
    }
}

#[test]
fn a_page_has_1024_versions_unless_asked_otherwise() {
    let mut store = Backend::new();
    for value in 0..1_025 {
        // Each in an hour of its own, of which no more than 30 days are kept: removals keep every one.
        store.set("k", value);
        store.remove("k");
    }
    let page = page(&mut store, VersionQuery::default(), 0);
    assert_eq!((page.items.len(), page.next.is_some()), (1_024, true));
}

#[test]
fn versions_can_be_asked_for_between_two_dates() {
    let mut store = Backend::new();
    for value in 0..4 {
        store.set("k", value);
        store.wait(HOUR);
    }
    let hour = |hours: i64| START_MILLIS + hours * 3_600_000;
    let query = VersionQuery { min: Some(hour(1)), max: Some(hour(2)), ..VersionQuery::default() };
    let times: Vec<i64> = page(&mut store, query, 0).items.iter().map(|info| info.created_time).collect();
    assert_eq!(times, [hour(1), hour(2)]);
}

#[test]
fn the_version_at_a_time_is_the_newest_of_those_kept_that_is_not_later() {
    let mut store = Backend::new();
    store.set("k", 1);
    store.wait(HOUR);
    store.set("k", 2);
    store.wait(HOUR);
    store.remove("k");
    let hour = |hours: i64| START_MILLIS + hours * 3_600_000;
    for (at, value) in [
        (hour(0) - 1, None),
        (hour(0), Some(json!(1))),
        (hour(1) - 1, Some(json!(1))),
        (hour(1), Some(json!(2))),
        (hour(2), None),
    ] {
        assert_eq!(old(get_at(&mut store, at)), value, "{at}");
    }
}

#[test]
fn the_version_at_no_time_or_beyond_ten_minutes_ahead_is_an_invalid_timestamp() {
    let mut store = Backend::new();
    store.set("k", 1);
    let ahead = START_MILLIS + 600_000;
    assert_eq!(old(get_at(&mut store, ahead)), Some(json!(1)));
    assert_eq!(get_at(&mut store, ahead + 1), Err(ServiceError::InvalidTimestamp));
    for at in [-1, 0] {
        let request = Request::GetVersionAtTime { key: "k".into(), at };
        assert_eq!(validate(&request), Err(ServiceError::InvalidTimestamp));
    }
    let nowhere = Request::GetVersionAtTime { key: "never".into(), at: ahead };
    assert_eq!(old(store.ask(nowhere)), None);
}
