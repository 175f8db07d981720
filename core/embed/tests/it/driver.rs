//! A store on an executor of one's own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use dupeproof_embed::memory::{MemoryDataStore, MemoryMessaging};
use dupeproof_embed::{Config, Driver, Environment, Guid, Mono, Now, ServerIdentity, StartParams, Unix};
use futures::executor::LocalPool;
use futures::task::LocalSpawnExt;
use serde_json::json;

use crate::world::{KEY, gold};

type Store = dupeproof_embed::ProfileStore<MemoryDataStore, MemoryMessaging, Standstill>;

/// Time that never passes: whoever sleeps sleeps for ever, and there is no tokio runtime anywhere.
#[derive(Default)]
struct Standstill {
    guids: AtomicU32,
    sleeps: Arc<AtomicU64>,
}

impl Environment for Standstill {
    fn now(&self) -> Now {
        Now { mono: Mono(1_000_000), unix: Unix(1_700_001_000_000_000) }
    }

    fn sleep(&self, _: Duration) -> impl Future<Output = ()> + Send {
        self.sleeps.fetch_add(1, Ordering::Relaxed);
        std::future::pending()
    }

    fn guid(&self) -> Guid {
        format!("guid-{}", self.guids.fetch_add(1, Ordering::Relaxed)).into()
    }
}

fn store() -> (MemoryDataStore, Arc<AtomicU64>, Store, Driver) {
    let data_store = MemoryDataStore::new(|| Unix(0));
    let environment = Standstill::default();
    let sleeps = Arc::clone(&environment.sleeps);
    let server = ServerIdentity { place_id: 1, job_id: "job-0".into() };
    let (services, template) = ((data_store.clone(), MemoryMessaging::default()), json!({"Gold": 0}));
    let made = Store::with_driver("Players", template, Config::default(), server, services.0, services.1, environment);
    let (store, driver) = made.unwrap();
    (data_store, sleeps, store, driver)
}

#[test]
fn a_store_works_on_any_executor_that_runs_its_driver() {
    let (data_store, sleeps, store, driver) = store();
    let mut pool = LocalPool::new();
    pool.spawner().spawn_local(driver).unwrap();
    pool.run_until(async {
        let profile = store.start_session(KEY, StartParams::default()).await.unwrap();
        profile.edit(|data| data["Gold"] = json!(7)).unwrap();
        profile.save().unwrap().await.unwrap();
        store.shutdown().await;
    });
    assert_eq!(gold(&data_store.value(KEY).unwrap()["Data"]), 7);
    assert!(sleeps.load(Ordering::Relaxed) > 0, "all waiting goes through the environment");
}

#[test]
fn nothing_happens_before_the_driver_is_run() {
    let (data_store, _, store, driver) = store();
    let mut pool = LocalPool::new();
    let start = async move { store.start_session(KEY, StartParams::default()).await.is_ok() };
    let started = pool.spawner().spawn_local_with_handle(start).unwrap();
    pool.run_until_stalled();
    assert_eq!(data_store.value(KEY), None);
    pool.spawner().spawn_local(driver).unwrap();
    assert!(pool.run_until(started));
    assert!(data_store.value(KEY).is_some());
}

#[test]
fn the_driver_ends_with_the_last_handle_also_of_a_profile() {
    let (_, _, store, driver) = store();
    let mut pool = LocalPool::new();
    let driver = pool.spawner().spawn_local_with_handle(driver).unwrap();
    let profile = pool.run_until(store.start_session(KEY, StartParams::default())).unwrap();
    drop(store);
    pool.run_until(async {
        profile.save().unwrap().await.unwrap();
    });
    drop(profile);
    pool.run_until(driver);
}

#[test]
fn the_mock_is_driven_too_and_outlives_its_store() {
    let (data_store, _, store, driver) = store();
    let mut pool = LocalPool::new();
    let driver = pool.spawner().spawn_local_with_handle(driver).unwrap();
    let mock = store.mock();
    drop(store);
    pool.run_until(async {
        let profile = mock.start_session(KEY, StartParams::default()).await.unwrap();
        profile.save().unwrap().await.unwrap();
        mock.mock().start_session(KEY, StartParams::default()).await.unwrap();
        mock.shutdown().await;
    });
    assert_eq!(data_store.value(KEY), None, "a mock keeps to itself");
    drop(mock);
    pool.run_until(driver);
}
