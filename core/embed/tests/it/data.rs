//! A profile's data, and what is kept with it.

use serde_json::json;

use crate::world::{KEY, World, gold, pass, set_gold, start};

#[tokio::test(start_paused = true)]
async fn reconcile_adds_what_the_template_has_and_changes_nothing_else() {
    let mut world = World::new();
    let store = world.server();
    let profile = start(&store, KEY).await;
    profile.edit(|data| *data = json!({"Gold": 5, "Pets": ["cat"]})).unwrap();
    profile.reconcile().unwrap();
    assert_eq!(profile.data(Clone::clone), Ok(json!({"Gold": 5, "Items": [], "Pets": ["cat"]})));
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_value_that_is_no_record_is_overwritten_and_reported() {
    let mut world = World::new();
    let store = world.server();
    let mut overwritten = store.on_overwrite();
    world.data_store.put(KEY, json!({"Data": {"Gold": 5}, "no": "record"}));
    let profile = start(&store, KEY).await;
    let report = overwritten.try_next().unwrap();
    assert_eq!((&*report.store, &*report.key), ("Players", KEY));
    assert_eq!(profile.data(gold), Ok(0));
    assert_eq!(world.stored(KEY)["WasOverwritten"], true);
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn last_saved_data_is_a_snapshot_of_what_is_stored() {
    let mut world = World::new();
    let store = world.server();
    let profile = start(&store, KEY).await;
    let mut after_save = profile.on_after_save();
    assert_eq!(gold(&profile.last_saved_data()), 0);
    set_gold(&profile, 1);
    assert_eq!(gold(&profile.last_saved_data()), 0, "not stored yet");
    let saved = profile.save().unwrap();
    assert_eq!(gold(&profile.last_saved_data()), 0, "asked for, and not stored yet");
    saved.await.unwrap();
    set_gold(&profile, 2);
    assert_eq!(gold(&profile.last_saved_data()), 1);
    assert_eq!(after_save.next().await.map(|data| gold(&data)), Some(1));
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_save_promises_the_data_as_it_was_when_it_was_asked_for() {
    let mut world = World::new();
    let store = world.server();
    let profile = start(&store, KEY).await;
    set_gold(&profile, 1);
    let first = profile.save().unwrap();
    pass(0.075).await;
    // The first has taken the data already.
    set_gold(&profile, 2);
    let second = profile.save().unwrap();
    first.await.unwrap();
    assert_eq!(world.stored(KEY)["Data"]["Gold"], 1);
    second.await.unwrap();
    assert_eq!(world.stored(KEY)["Data"]["Gold"], 2);
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_save_hook_changes_what_is_saved() {
    let mut world = World::new();
    let store = world.server();
    let profile = start(&store, KEY).await;
    profile.on_save(|data| data["SavedWithHook"] = json!(true));
    profile.save().unwrap().await.unwrap();
    assert_eq!(world.stored(KEY)["Data"]["SavedWithHook"], true);
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn key_info_and_metadata_follow_the_record() {
    let mut world = World::new();
    let store = world.server();
    let profile = start(&store, KEY).await;
    let first = profile.key_info().unwrap();
    assert_eq!((first.created_time, &*first.user_ids), (first.updated_time, &[][..]));
    pass(1.0).await;
    profile.set_roblox_metadata(json!({"Country": "LT"})).unwrap();
    assert_eq!(*profile.roblox_metadata(), json!({"Country": "LT"}));
    profile.add_user_id(42).unwrap();
    profile.save().unwrap().await.unwrap();
    let second = profile.key_info().unwrap();
    assert!(second.version > first.version && second.updated_time >= first.updated_time + 1_000);
    assert_eq!((second.created_time, &*second.user_ids), (first.created_time, &[42][..]));
    assert_eq!(*second.metadata, json!({"Country": "LT"}));
    assert_eq!(world.stored(KEY)["RobloxMetaData"], json!({"Country": "LT"}));
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn user_ids_are_added_once_and_removed() {
    let mut world = World::new();
    let store = world.server();
    let profile = start(&store, KEY).await;
    for id in [1, 2, 2, 3] {
        profile.add_user_id(id).unwrap();
    }
    profile.remove_user_id(1).unwrap();
    assert_eq!(*profile.user_ids(), [2, 3]);
    profile.end_session();
    profile.finished().await;
    assert_eq!(*profile.user_ids(), [2, 3]);
    assert_eq!(*start(&store, KEY).await.user_ids(), [2, 3]);
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn the_mock_stands_beside_the_live_store() {
    let mut world = World::new();
    let store = world.server();
    let (live, mock) = (start(&store, KEY).await, start(&store.mock(), KEY).await);
    set_gold(&live, 1);
    set_gold(&mock, 2);
    mock.end_session();
    mock.finished().await;
    assert!(live.is_active());
    let again = start(&store.mock(), KEY).await;
    assert_eq!((again.data(gold), live.data(gold)), (Ok(2), Ok(1)));
    live.save().unwrap().await.unwrap();
    assert_eq!(world.stored(KEY)["Data"]["Gold"], 1);
    store.shutdown().await;
    assert!(!again.is_active(), "shutting down ends the mock's sessions, too");
    world.close().await;
}
