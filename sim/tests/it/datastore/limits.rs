use dupeproof_core::{Span, VersionQuery};
use dupeproof_sim::request::{Key, RequestType, SortedQuery};
use dupeproof_sim::schedule::{Limits, Regime, Schedule};
use dupeproof_sim::service::Service;
use dupeproof_sim::{Event, Request, Response, ServiceError};
use serde_json::{Value as Json, json};

use super::backend::{Answer, Backend, compare_and_set, json as stored, quiet};

fn limited(limits: Limits) -> Schedule {
    let mut schedule = quiet();
    schedule.services.limits = limits;
    schedule
}

/// A hundredth of the limits, and so 3 of each a minute with nobody there.
fn tight() -> Limits {
    Limits { experience_percent: 1, other_players: 0, ..Limits::default() }
}

fn each_type(standard: &str, ordered: &str) -> [(RequestType, Request); 8] {
    let (standard, ordered) = (Key::from(standard), Key::from(ordered));
    let list = Request::ListVersions { key: standard.clone(), query: VersionQuery::default(), page_size: 0 };
    let query = SortedQuery { page_size: 1, ..SortedQuery::default() };
    [
        (RequestType::StandardRead, Request::get(standard.clone())),
        (RequestType::StandardWrite, Request::set(standard.clone(), stored(1))),
        (RequestType::StandardList, list),
        (RequestType::StandardRemove, Request::Remove { key: standard }),
        (RequestType::OrderedRead, Request::get(ordered.clone())),
        (RequestType::OrderedWrite, Request::set(ordered.clone(), stored(1))),
        (RequestType::OrderedList, Request::GetSorted { store: ordered.clone(), query }),
        (RequestType::OrderedRemove, Request::Remove { key: ordered }),
    ]
}

/// How many of them are let through at once, and how the next is refused.
fn let_through(store: &mut Backend, request: &Request) -> (u32, ServiceError) {
    let mut admitted = 0;
    loop {
        match store.ask(request.clone()) {
            Ok(_) => admitted += 1,
            Err(error) => return (admitted, error),
        }
    }
}

#[test]
fn the_experience_has_a_limit_of_its_own_for_each_type_of_request() {
    let mut store = Backend::of(&limited(tight()));
    for (kind, request) in each_type("k", "ordered:Coins/global/k") {
        assert_eq!(let_through(&mut store, &request), (3, ServiceError::ExperienceThrottled(kind)));
    }
}

#[test]
fn the_experiences_limits_grow_with_its_players_here_and_elsewhere() {
    for (kind, request) in each_type("k", "ordered:Coins/global/k") {
        let per_player = match kind {
            RequestType::StandardWrite | RequestType::OrderedWrite => 20,
            RequestType::StandardList | RequestType::OrderedList => 2,
            _ => 40,
        };
        let mut store = Backend::of(&limited(Limits { other_players: 100, ..tight() }));
        assert_eq!(let_through(&mut store, &request).0, 3 + per_player);
        store.store.set_players(store.at, 100);
        store.wait(Span::secs(60));
        assert_eq!(let_through(&mut store, &request).0, 3 + 2 * per_player);
    }
}

#[test]
fn what_the_experiences_limit_refuses_was_surely_not_applied_and_the_limit_comes_back_with_time() {
    let mut store = Backend::of(&limited(tight()));
    let (_, error) = let_through(&mut store, &Request::set("k".into(), stored(1)));
    assert!(error.is_definite());
    assert_eq!(store.tape.count(|event| matches!(event, Event::Committed { .. })), 3);
    store.wait(Span::secs(20));
    assert_eq!(let_through(&mut store, &Request::set("k".into(), stored(1))).0, 1);
}

#[test]
fn the_legacy_regime_has_no_limits_of_the_experience() {
    let mut store = Backend::of(&limited(Limits { regime: Regime::RobloxLegacy, ..tight() }));
    for _ in 0..1_000 {
        store.read("k");
    }
}

#[test]
fn other_servers_use_up_the_experiences_limit_in_waves() {
    let refused = |other_load_percent| {
        let mut store = Backend::of(&limited(Limits { other_players: 0, other_load_percent, ..Limits::default() }));
        let mut refused = Vec::new();
        for second in 0..3_600 {
            if store.ask(Request::get("k".into())).is_err() {
                refused.push(second);
            }
            store.wait(Span::secs(1));
        }
        refused
    };
    assert_eq!(refused(0), [] as [u32; 0]);
    let (some, many) = (refused(100), refused(200));
    assert!((100..3_000).contains(&some.len()) && many.len() > some.len(), "{} and {}", some.len(), many.len());
    let runs = some.windows(2).filter(|pair| pair[1] > pair[0] + 1).count();
    assert!((5..=180).contains(&runs) && some.len() / runs >= 5, "{} refused in {runs} waves", some.len());
    assert_eq!(refused(100), some);
}

#[test]
fn the_healing_gives_back_the_documented_limits_and_takes_the_others_load_away() {
    let mut store = Backend::of(&limited(Limits { other_load_percent: 200, ..tight() }));
    let_through(&mut store, &Request::get("k".into()));
    store.store.heal();
    assert_eq!(let_through(&mut store, &Request::get("k".into())).0, 300);
    store.wait(Span::secs(30));
    assert_eq!(let_through(&mut store, &Request::get("k".into())).0, 150);
}

/// A string whose JSON has so many kilobytes.
fn large(kilobytes: usize) -> Json {
    json!("x".repeat(kilobytes * 1_024 - 2))
}

fn set(value: Json) -> Request {
    Request::set("k".into(), stored(value))
}

fn throttled(answer: &Answer) -> bool {
    *answer == Err(ServiceError::KeyThrottled)
}

#[test]
fn a_key_takes_4_megabytes_a_minute_and_each_request_is_rounded_up_to_the_next_kilobyte() {
    let mut store = Backend::new();
    assert!(store.ask(set(large(4_094))).is_ok());
    store.wait(Span::secs(30));
    assert!(store.ask(set(json!(1))).is_ok());
    let with_version = store.read("k").version;
    assert!(throttled(&store.ask(compare_and_set("k", with_version, large(2)))));
    assert!(store.ask(Request::Increment { key: "k".into(), delta: 1, attributes: None }).is_ok());
    assert!(throttled(&store.ask(Request::Remove { key: "k".into() })));
    assert!(ServiceError::KeyThrottled.is_definite());
    assert_eq!(store.value("k"), Some(json!(2)));
}

#[test]
fn the_minute_of_a_keys_throughput_slides() {
    let mut store = Backend::new();
    store.ask(set(large(3_000))).unwrap();
    store.wait(Span::secs(40));
    store.ask(set(large(1_000))).unwrap();
    store.wait(Span::secs(19));
    assert!(throttled(&store.ask(set(large(200)))));
    store.wait(Span::secs(1));
    store.ask(set(large(3_000))).unwrap();
    assert!(throttled(&store.ask(set(large(200)))));
}

#[test]
fn a_key_gives_25_megabytes_a_minute_of_its_values_old_and_new() {
    let mut store = Backend::new();
    store.ask(set(large(4_000))).unwrap();
    let version = store.read("k").version.unwrap();
    for _ in 0..5 {
        store.ask(Request::GetVersion { key: "k".into(), version }).unwrap();
    }
    assert!(throttled(&store.ask(Request::get("k".into()))));
    // 1,600 KB are left.
    assert!(store.ask(Request::ListVersions { key: "k".into(), query: VersionQuery::default(), page_size: 0 }).is_ok());
    store.ask(Request::get("Player_0".into())).unwrap();
    store.wait(Span::secs(60));
    store.ask(Request::get("k".into())).unwrap();
}

#[test]
fn profiles_can_be_larger_than_they_are_here_until_the_healing() {
    let mut store = Backend::of(&limited(Limits { padding_kb: 2_000, ..Limits::default() }));
    let (write, read) = (set(json!(1)), Request::get("k".into()));
    assert_eq!(let_through(&mut store, &write), (2, ServiceError::KeyThrottled));
    assert_eq!(let_through(&mut store, &read), (12, ServiceError::KeyThrottled));
    store.store.heal();
    for _ in 0..100 {
        store.ask(write.clone()).unwrap();
        store.ask(read.clone()).unwrap();
    }
}

#[test]
fn the_largest_profile_can_still_be_written_once_a_minute() {
    let mut store = Backend::of(&limited(Limits { padding_kb: 4_096, ..Limits::default() }));
    assert_eq!(let_through(&mut store, &set(large(100))), (1, ServiceError::KeyThrottled));
    store.wait(Span::secs(60));
    assert!(matches!(store.ask(set(large(100))), Ok(Response::Committed(_))));
}
