//! What the data store would not take is refused, and the game is told.

use dupeproof_embed::{Limits, MessageError, PromiseError, SaveRefused, TagError, Unstorable, ViewError};
use serde_json::json;

use crate::world::{KEY, Store, World, gold, pass, set_gold, start};

/// 3,000 bytes for each value; 1,024 of them are kept for locks.
fn small(world: &mut World) -> Store {
    let store = world.server();
    let mut config = store.config();
    config.limits = Limits { value_bytes_max: 3_000, ..Limits::default() };
    store.set_config(&config);
    store
}

fn is_too_large(why: Unstorable) -> bool {
    matches!(why, Unstorable::TooLarge { most: 1_976, .. })
}

#[tokio::test(start_paused = true)]
async fn a_save_of_too_much_data_breaks_its_promise_and_says_why() {
    let mut world = World::new();
    let store = small(&mut world);
    let (mut errors, profile) = (store.on_error(), start(&store, KEY).await);
    let (mut refusals, mut after_save) = (profile.on_save_refused(), profile.on_after_save());
    profile.edit(|data| *data = json!({"Gold": 4, "Blob": "x".repeat(5_000)})).unwrap();
    let purchase = profile.purchase("r-1", |data| data["Gems"] = json!(1)).unwrap();
    let Err(PromiseError::Refused(why)) = profile.save().unwrap().await else { panic!("it was stored") };
    assert!(is_too_large(why), "{why}");
    assert_eq!(purchase.await, Err(PromiseError::Refused(why)));
    assert_eq!(refusals.try_next(), Some(SaveRefused { why, last: false }));
    let report = errors.try_next().unwrap();
    assert_eq!((&*report.key, report.message.to_string()), (KEY, format!("not saved: {why}")));
    assert_eq!(after_save.try_next(), None);
    assert!(profile.is_active());
    assert_eq!(gold(&world.stored(KEY)["Data"]), 0);

    profile.edit(|data| data["Blob"] = json!("")).unwrap();
    assert_eq!(profile.save().unwrap().await, Ok(()));
    assert_eq!(world.stored(KEY)["MetaData"]["Receipts"], json!(["r-1"]));
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_final_save_of_too_much_data_lets_go_with_what_was_stored_before() {
    let mut world = World::new();
    let store = small(&mut world);
    let (mut errors, profile) = (store.on_error(), start(&store, KEY).await);
    set_gold(&profile, 3);
    profile.save().unwrap().await.unwrap();
    let mut refusals = profile.on_save_refused();
    profile.edit(|data| *data = json!({"Gold": 4, "Blob": "x".repeat(5_000)})).unwrap();
    profile.end_session();
    profile.finished().await;
    assert!(refusals.try_next().is_some_and(|refused| refused.last));
    let message = errors.try_next().unwrap().message;
    assert!(message.starts_with("the final save left out what was changed since the last one: "), "{message}");
    assert_eq!(profile.last_saved_data()["Gold"], 3);
    assert_eq!(start(&store, KEY).await.data(gold), Ok(3));
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn messages_and_views_that_do_not_fit_are_refused() {
    let mut world = World::new();
    let store = small(&mut world);
    start(&store, KEY).await.end_session();
    pass(1.0).await;
    let large = json!("x".repeat(2_000));
    let sent = store.message(KEY, large.clone()).await;
    assert!(matches!(sent, Err(MessageError::Unstorable(why)) if is_too_large(why)), "{sent:?}");
    assert_eq!(world.queue(KEY), [] as [serde_json::Value; 0]);
    let mut view = store.get(KEY, None).await.unwrap().unwrap();
    view.data = large;
    let set = view.set().await;
    assert!(matches!(set, Err(ViewError::Unstorable(why)) if is_too_large(why)), "{set:?}");
    assert_eq!(gold(&world.stored(KEY)["Data"]), 0);
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn user_ids_and_metadata_that_would_make_every_save_fail_are_refused() {
    let mut world = World::new();
    let store = world.server();
    let profile = start(&store, KEY).await;
    for id in 1..=4 {
        profile.add_user_id(id).unwrap();
    }
    assert_eq!(profile.add_user_id(5), Err(TagError::TooManyUserIds { most: 4 }));
    let long = json!({"Title": "x".repeat(251)});
    assert_eq!(profile.set_roblox_metadata(long), Err(TagError::ValueTooLong { bytes: 251, most: 250 }));
    assert_eq!((profile.user_ids().len(), &*profile.roblox_metadata()), (4, &json!([])));
    world.close().await;
}
