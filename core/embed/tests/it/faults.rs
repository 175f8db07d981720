//! Services that fail, and games that do.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use dupeproof_embed::memory::{Fault, MemoryDataStore, MemoryMessaging, Request};
use dupeproof_embed::{
    Cas, Config, DataStore, DataStoreState, Entry, ErrorKind, Messaging, ProfileStore, Reading, ServerIdentity,
    ServiceError, StartParams, Stored, Version, VersionInfo, VersionQuery, Write,
};
use serde_json::{Value as Json, json};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::world::{KEY, World, gold, pass, set_gold, start};

#[tokio::test(start_paused = true)]
async fn a_save_whose_reply_never_comes_is_made_again_and_known_to_be_stored() {
    let mut world = World::new();
    let store = world.server();
    let profile = start(&store, KEY).await;
    set_gold(&profile, 1);
    let mut lost = false;
    world.data_store.on_request(move |request| {
        let lose = matches!(request, Request::CompareAndSet(_)) && !std::mem::replace(&mut lost, true);
        lose.then_some(Fault::NoAnswer)
    });
    let saved = profile.save().unwrap();
    tokio::time::timeout(Duration::from_secs(35), saved).await.unwrap().unwrap();
    assert_eq!(gold(&world.stored(KEY)["Data"]), 1);
    assert!(profile.is_active(), "its checks went on all the time");
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_final_save_that_was_applied_and_answered_with_an_error_is_known_to_be_stored() {
    let mut world = World::new();
    let store = world.server();
    let profile = start(&store, KEY).await;
    set_gold(&profile, 1);
    let saved = profile.save().unwrap();
    world.data_store.on_request(|request| matches!(request, Request::CompareAndSet(_)).then_some(Fault::FailAfter));
    profile.end_session();
    assert_eq!(saved.await, Ok(()));
    profile.finished().await;
    assert_eq!(gold(&profile.last_saved_data()), 1);
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_promise_is_broken_when_the_session_is_lost() {
    let mut world = World::new();
    let store = world.server();
    let profile = start(&store, KEY).await;
    set_gold(&profile, 1);
    let mut record = world.stored(KEY);
    record["MetaData"]["ActiveSession"] = json!([1, "elsewhere", "guid-x"]);
    record["MetaData"].as_object_mut().unwrap().remove("Lease");
    world.data_store.put(KEY, record.clone());
    assert!(profile.save().unwrap().await.is_err());
    assert_eq!(gold(&world.stored(KEY)["Data"]), 0, "the fence held");
    record["MetaData"].as_object_mut().unwrap().remove("ActiveSession");
    world.data_store.put(KEY, record);
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn another_writer_between_read_and_write_makes_the_update_run_again() {
    let mut world = World::new();
    let store = world.server();
    let profile = start(&store, KEY).await;
    let other = world.server();
    let writes = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&writes);
    world.data_store.on_request(move |request| {
        count.fetch_add(u32::from(matches!(request, Request::CompareAndSet(_))), Ordering::Relaxed);
        None
    });
    set_gold(&profile, 1);
    // Both read, then both write: one of them must begin again.
    let (saved, sent) = tokio::join!(profile.save().unwrap(), other.message(KEY, json!(1)));
    saved.unwrap();
    sent.unwrap();
    assert_eq!(writes.load(Ordering::Relaxed), 3);
    assert_eq!((gold(&world.stored(KEY)["Data"]), world.queue(KEY).len()), (1, 1));
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn the_data_store_state_is_what_the_last_answer_said() {
    let store = ProfileStore::new(
        "Players",
        json!({}),
        Config::default(),
        ServerIdentity { place_id: 1, job_id: "job-0".into() },
        Forbidden,
        MemoryMessaging::default(),
        dupeproof_embed::SystemEnvironment::new(),
    );
    let store = store.unwrap();
    assert_eq!(store.data_store_state(), DataStoreState::NotReady);
    assert!(store.get(KEY, None).await.is_err());
    assert_eq!(store.data_store_state(), DataStoreState::NoAccess);
    let mut world = World::new();
    let store = world.server();
    store.get(KEY, None).await.unwrap();
    assert_eq!(store.data_store_state(), DataStoreState::Access);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_panics_is_taken_for_one_that_failed() {
    let messaging = LostConnection { inner: MemoryMessaging::default() };
    let clock = || dupeproof_embed::Unix(0);
    let store = ProfileStore::new(
        "Players",
        json!({}),
        Config::default(),
        ServerIdentity { place_id: 1, job_id: "job-0".into() },
        MemoryDataStore::new(clock),
        messaging,
        dupeproof_embed::SystemEnvironment::new(),
    );
    let store = store.unwrap();
    let mut errors = store.on_error();
    let profile = store.start_session(KEY, StartParams::default()).await.unwrap();
    assert!(errors.next().await.unwrap().message.contains("panicked"));
    pass(120.0).await;
    assert!(profile.is_active(), "without messages, it works");
    store.shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn using_a_store_in_a_closure_that_has_its_data_panics_and_breaks_nothing() {
    let mut world = World::new();
    let store = world.server();
    let profile = start(&store, KEY).await;
    let misuse = catch_unwind(AssertUnwindSafe(|| profile.edit(|_| profile.is_active())));
    assert!(misuse.is_err());
    set_gold(&profile, 1);
    profile.save().unwrap().await.unwrap();
    world.close().await;
}

/// Refuses everything.
struct Forbidden;

fn forbidden<T>() -> Result<T, ServiceError> {
    Err(ServiceError { kind: ErrorKind::NoAccess, message: "403: this server may not use data stores".into() })
}

impl DataStore for Forbidden {
    async fn get(&self, _: &str) -> Result<Reading, ServiceError> {
        forbidden()
    }
    async fn compare_and_set(&self, _: &str, _: Option<&Version>, _: Write) -> Result<Cas, ServiceError> {
        forbidden()
    }
    async fn list_versions(&self, _: &str, _: &VersionQuery) -> Result<Vec<VersionInfo>, ServiceError> {
        forbidden()
    }
    async fn get_version(&self, _: &str, _: &str) -> Result<Option<Entry>, ServiceError> {
        forbidden()
    }
    async fn remove(&self, _: &str) -> Result<Option<Stored>, ServiceError> {
        forbidden()
    }
}

/// Cannot be subscribed to: its code is broken.
struct LostConnection {
    inner: MemoryMessaging,
}

impl Messaging for LostConnection {
    async fn publish(&self, topic: &str, message: Arc<Json>) -> Result<(), ServiceError> {
        self.inner.publish(topic, message).await
    }
    async fn subscribe(&self, _: &str) -> Result<UnboundedReceiver<Arc<Json>>, ServiceError> {
        panic!("a mistake of the service")
    }
}
