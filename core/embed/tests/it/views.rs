//! Profiles without a session.

use dupeproof_embed::{EndReason, VersionQuery, ViewError};
use serde_json::json;

use crate::world::{KEY, World, gold, pass, set_gold, start};

#[tokio::test(start_paused = true)]
async fn a_view_shows_what_is_stored_and_takes_nothing() {
    let mut world = World::new();
    let (server, admin) = (world.server(), world.server());
    assert!(admin.get(KEY, None).await.unwrap().is_none());
    admin.message(KEY, json!(1)).await.unwrap();
    assert!(admin.get(KEY, None).await.unwrap().is_none(), "no session has made it yet");
    let profile = start(&server, KEY).await;
    set_gold(&profile, 1);
    let view = admin.get(KEY, None).await.unwrap().unwrap();
    assert_eq!((gold(&view.data), view.session_load_count(), view.messages_waiting()), (0, 1, 1));
    assert_eq!(view.session(), profile.session().as_ref());
    assert_eq!(Some(view.key_info()), profile.key_info().as_ref());
    assert!(profile.is_active());
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_view_mode_set_ends_the_live_session() {
    let mut world = World::new();
    let (server, admin) = (world.server(), world.server());
    let profile = start(&server, KEY).await;
    set_gold(&profile, 1);
    let mut ended = profile.on_session_end();
    let mut view = admin.get(KEY, None).await.unwrap().unwrap();
    view.data["Gold"] = json!(99);
    view.set().await.unwrap();
    assert!(matches!(ended.next().await, Some(EndReason::External | EndReason::Lost)));
    profile.finished().await;
    assert_eq!(world.stored(KEY)["Data"]["Gold"], 99);
    assert_eq!(start(&server, KEY).await.data(gold), Ok(99));
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn versions_are_queried_one_after_the_other_over_pages() {
    let mut world = World::new();
    let store = world.server();
    let profile = start(&store, KEY).await;
    let begun = profile.key_info().unwrap().updated_time;
    for gold in 1..=120 {
        set_gold(&profile, gold);
        profile.save().unwrap().await.unwrap();
    }
    let query = VersionQuery { descending: true, min: Some(begun + 1), ..VersionQuery::default() };
    let mut versions = store.version_query(KEY, query).unwrap();
    let mut found = Vec::new();
    while let Some(view) = versions.next().await.unwrap() {
        found.push(gold(&view.data));
    }
    assert_eq!(found, (1..=120).rev().collect::<Vec<u64>>());
    let mut oldest = store.version_query(KEY, VersionQuery::default()).unwrap();
    assert_eq!(oldest.next().await.unwrap().map(|view| gold(&view.data)), Some(0));
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn an_old_version_is_brought_back_by_setting_its_view() {
    let mut world = World::new();
    let store = world.server();
    let profile = start(&store, KEY).await;
    set_gold(&profile, 5);
    profile.save().unwrap().await.unwrap();
    let good = profile.key_info().unwrap().version;
    set_gold(&profile, 0);
    profile.end_session();
    profile.finished().await;
    let view = store.get(KEY, Some(&*good.0)).await.unwrap().unwrap();
    view.set().await.unwrap();
    assert_eq!(start(&store, KEY).await.data(gold), Ok(5));
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_removal_ends_the_live_session_and_the_past_stays() {
    let mut world = World::new();
    let (server, admin) = (world.server(), world.server());
    let profile = start(&server, KEY).await;
    assert_eq!(admin.remove(KEY).await, Ok(true));
    pass(20.0).await;
    assert!(!profile.is_active());
    assert_eq!(world.data_store.value(KEY), None);
    assert_eq!(admin.remove(KEY).await, Ok(false));
    let mut versions = admin.version_query(KEY, VersionQuery::default()).unwrap();
    assert!(versions.next().await.unwrap().is_some());
    assert!(versions.next().await.unwrap().is_none(), "the removal is passed over");
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_read_that_fails_five_times_is_an_error() {
    let mut world = World::new();
    let store = world.server();
    world.data_store.on_request(|_| Some(dupeproof_embed::memory::Fault::FailBefore));
    assert_eq!(store.get(KEY, None).await.err(), Some(ViewError::Failed));
    world.data_store.on_request(|_| None);
    world.data_store.put(KEY, json!("no record"));
    assert_eq!(store.get(KEY, None).await.err(), Some(ViewError::NotARecord));
    world.data_store.put(KEY, json!(null));
    store.remove(KEY).await.unwrap();
    world.close().await;
}
