//! Starts that meet something in their way.

use std::time::Duration;

use dupeproof_embed::memory::{Fault, Request};
use dupeproof_embed::{EndReason, StartError, StartFailure, StartParams};
use serde_json::json;

use crate::world::{KEY, World, gold, pass, set_gold, start};

#[tokio::test(start_paused = true)]
async fn a_second_start_while_the_profile_is_active_is_an_error() {
    let mut world = World::new();
    let store = world.server();
    let profile = start(&store, KEY).await;
    let second = store.start_session(KEY, StartParams::default()).await;
    assert_eq!(second.err(), Some(StartError::Failed(StartFailure::AlreadyActive)));
    assert!(profile.is_active());
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn of_three_concurrent_starts_only_the_newest_gets_the_session() {
    let mut world = World::new();
    let store = world.server();
    let begin = || store.start_session(KEY, StartParams::default());
    let (first, second, third) = tokio::join!(begin(), begin(), begin());
    assert_eq!(first.err(), Some(StartError::Failed(StartFailure::Superseded)));
    assert_eq!(second.err(), Some(StartError::Failed(StartFailure::Superseded)));
    assert!(third.unwrap().is_active());
    assert_eq!(world.stored(KEY)["MetaData"]["SessionLoadCount"], 1);
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_foreign_lock_of_a_server_that_does_not_answer_is_waited_for() {
    let mut world = World::new();
    let store = world.server();
    // ProfileStore's own: without a lease, saved a moment ago.
    world.data_store.put(
        KEY,
        json!({"Data": {"Gold": 4}, "MetaData": {"ProfileCreateTime": 1, "SessionLoadCount": 8,
            "ActiveSession": [1, "elsewhere", "guid-x"], "LastUpdate": 1_700_001_000, "MetaTags": []}}),
    );
    let begun = store.start_session(KEY, StartParams::default());
    let mut begun = std::pin::pin!(begun);
    assert!(tokio::time::timeout(Duration::from_secs(39), &mut begun).await.is_err());
    assert_eq!(world.stored(KEY)["MetaData"]["ForceLoadSession"][1], "job-0");
    let profile = tokio::time::timeout(Duration::from_secs(11), begun).await.unwrap().unwrap();
    assert_eq!(profile.data(gold), Ok(4));
    assert_eq!((profile.session_load_count(), profile.first_session_time()), (9, 1));
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_foreign_lock_that_was_let_go_is_taken_at_the_next_look() {
    let mut world = World::new();
    let store = world.server();
    let record = |session: Option<&str>| {
        let mut record = json!({"Data": {"Gold": 4}, "MetaData": {"ProfileCreateTime": 1, "SessionLoadCount": 8,
            "LastUpdate": 1_700_001_000, "MetaTags": []}});
        if let Some(job) = session {
            record["MetaData"]["ActiveSession"] = json!([1, job, "guid-x"]);
        }
        record
    };
    world.data_store.put(KEY, record(Some("elsewhere")));
    let (profile, ()) = tokio::join!(start(&store, KEY), async {
        pass(3.5).await;
        world.data_store.put(KEY, record(None));
    });
    assert!(profile.is_active());
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_force_load_marker_in_the_record_ends_the_session_which_saves() {
    let mut world = World::new();
    let store = world.server();
    let profile = start(&store, KEY).await;
    set_gold(&profile, 2);
    let mut ended = profile.on_session_end();
    let mut record = world.stored(KEY);
    record["MetaData"]["ForceLoadSession"] = json!([1, "elsewhere"]);
    world.data_store.put(KEY, record);
    pass(16.0).await;
    assert_eq!(ended.next().await, Some(EndReason::External));
    profile.finished().await;
    let stored = world.stored(KEY);
    assert_eq!(stored["Data"]["Gold"], 2);
    assert!(stored["MetaData"].get("ActiveSession").is_none());
    let next = start(&store, KEY).await;
    assert!(next.is_active(), "the marker of a server that is gone is in nobody's way");
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_start_that_is_cancelled_leaves_nothing_behind() {
    let mut world = World::new();
    let (holder, store) = (world.server(), world.server());
    let held = start(&holder, KEY).await;
    // Its holder does not hear: the start has to wait.
    world.data_store.on_request(|request| matches!(request, Request::Get(_)).then_some(Fault::FailBefore));
    let leaves = Box::pin(pass(2.0));
    let started = store.start_session(KEY, StartParams { cancel: Some(leaves), ..StartParams::default() }).await;
    assert_eq!(started.err(), Some(StartError::Failed(StartFailure::Cancelled)));
    world.data_store.on_request(|_| None);
    pass(30.0).await;
    assert!(held.is_active());
    assert!(world.stored(KEY)["MetaData"].get("ForceLoadSession").is_none());
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_start_whose_future_is_dropped_is_cancelled() {
    let mut world = World::new();
    let store = world.server();
    let begun = store.start_session(KEY, StartParams::default());
    assert!(tokio::time::timeout(Duration::from_millis(70), begun).await.is_err());
    pass(5.0).await;
    let left = world.data_store.value(KEY);
    assert!(left.is_none_or(|record| record["MetaData"].get("ActiveSession").is_none()));
    assert!(start(&store, KEY).await.is_active());
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_steal_takes_the_lock_at_once() {
    let mut world = World::new();
    let (first, second) = (world.server(), world.server());
    let victim = start(&first, KEY).await;
    let mut ended = victim.on_session_end();
    let steal = second.start_session(KEY, StartParams { steal: true, ..StartParams::default() });
    let thief = tokio::time::timeout(Duration::from_millis(200), steal).await.unwrap().unwrap();
    assert!(thief.is_active());
    assert_eq!(ended.next().await, Some(EndReason::External));
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_start_gives_up_after_120_s_without_the_data_store() {
    let mut world = World::new();
    let store = world.server();
    let mut errors = store.on_error();
    let mut critical = store.on_critical_toggle();
    world.data_store.on_request(|_| Some(Fault::FailBefore));
    let started = store.start_session(KEY, StartParams::default()).await;
    assert_eq!(started.err(), Some(StartError::Failed(StartFailure::TimedOut)));
    assert!(store.is_critical_state());
    assert_eq!(critical.try_next(), Some(true));
    let error = errors.try_next().unwrap();
    assert_eq!((&*error.store, &*error.key), ("Players", KEY));
    assert!(error.message.contains("made to fail"), "the service's own words: {}", error.message);
    world.data_store.on_request(|_| None);
    pass(241.0).await;
    assert!(!store.is_critical_state());
    assert_eq!(critical.try_next(), Some(false));
    world.close().await;
}
