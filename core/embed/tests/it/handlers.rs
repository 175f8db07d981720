//! Handlers and hooks that fail.

use serde_json::json;

use crate::world::{KEY, World, pass, start};

#[tokio::test(start_paused = true)]
async fn a_message_handler_that_panics_changes_nothing_and_keeps_the_message() {
    let mut world = World::new();
    let store = world.server();
    let mut errors = store.on_error();
    store.message(KEY, json!(1)).await.unwrap();
    let profile = start(&store, KEY).await;
    profile.message_handler(|data, _| {
        data["Half"] = json!("done");
        panic!("a mistake of the game");
    });
    assert!(errors.try_next().unwrap().message.contains("message handler panicked"));
    pass(60.0).await;
    assert!(profile.is_active());
    profile.save().unwrap().await.unwrap();
    assert!(world.stored(KEY)["Data"].get("Half").is_none());
    assert_eq!(world.queue(KEY).len(), 1);
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_save_hook_that_panics_changes_nothing_and_the_data_is_saved() {
    let mut world = World::new();
    let store = world.server();
    let mut errors = store.on_error();
    let profile = start(&store, KEY).await;
    profile.on_save(|data| {
        data["Half"] = json!("done");
        panic!("a mistake of the game");
    });
    profile.edit(|data| data["Whole"] = json!("done")).unwrap();
    profile.save().unwrap().await.unwrap();
    assert!(errors.try_next().unwrap().message.contains("on_save hook panicked"));
    assert_eq!(world.stored(KEY)["Data"]["Whole"], "done");
    assert!(world.stored(KEY)["Data"].get("Half").is_none());
    world.close().await;
}
