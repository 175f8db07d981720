//! Servers with one data store and one messaging service, under tokio's paused time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use dupeproof_embed::memory::{MemoryDataStore, MemoryMessaging};
use dupeproof_embed::{Config, Environment, Guid, Mono, Now, ServerIdentity, StartParams, Unix};
use serde_json::{Value as Json, json};
use tokio::time::Instant;

pub(crate) const KEY: &str = "Player_1";
pub(crate) const OTHER: &str = "Player_2";

pub(crate) type Store = dupeproof_embed::ProfileStore<MemoryDataStore, MemoryMessaging, Clock>;
pub(crate) type Profile = dupeproof_embed::Profile<MemoryDataStore, MemoryMessaging, Clock>;

/// One server's clocks: tokio's paused time, from an arbitrary start.
#[derive(Clone)]
pub(crate) struct Clock {
    start: Instant,
    offset: u64,
    guids: Arc<AtomicU32>,
}

impl Environment for Clock {
    fn now(&self) -> Now {
        let micros = u64::try_from(self.start.elapsed().as_micros()).unwrap();
        let unix = Unix(1_700_001_000_000_000 + i64::try_from(micros).unwrap());
        Now { mono: Mono(self.offset + micros), unix }
    }

    fn sleep(&self, span: Duration) -> impl Future<Output = ()> + Send {
        tokio::time::sleep(span)
    }

    fn guid(&self) -> Guid {
        format!("guid-{}", self.guids.fetch_add(1, Ordering::Relaxed)).into()
    }
}

pub(crate) struct World {
    pub(crate) data_store: MemoryDataStore,
    pub(crate) messaging: MemoryMessaging,
    clock: Clock,
    stores: Vec<Store>,
}

impl World {
    /// Requests take 50 ms.
    #[expect(clippy::disallowed_methods, reason = "tokio's time is paused: it is simulated")]
    pub(crate) fn new() -> World {
        let clock = Clock { start: Instant::now(), offset: 0, guids: Arc::default() };
        let store_clock = clock.clone();
        let data_store = MemoryDataStore::new(move || store_clock.now().unix);
        data_store.set_latency(Duration::from_millis(50));
        World { data_store, messaging: MemoryMessaging::default(), clock, stores: Vec::new() }
    }

    /// One more server, with a monotonic clock of its own.
    pub(crate) fn server(&mut self) -> Store {
        let number = self.stores.len();
        let server = ServerIdentity { place_id: 1, job_id: format!("job-{number}").into() };
        let clock = Clock { offset: 1_000_000_000 * (number as u64 + 1), ..self.clock.clone() };
        let (data_store, messaging) = (self.data_store.clone(), self.messaging.clone());
        let template = json!({"Gold": 0, "Items": []});
        let store = Store::new("Players", template, Config::default(), server, data_store, messaging, clock).unwrap();
        self.stores.push(store.clone());
        store
    }

    /// It is dropped with the last of its other handles.
    pub(crate) fn forget_last_server(&mut self) {
        self.stores.pop();
    }

    pub(crate) fn stored(&self, key: &str) -> Json {
        self.data_store.value(key).unwrap_or_else(|| panic!("there is a record of {key}"))
    }

    /// The messages in a profile's queue.
    pub(crate) fn queue(&self, key: &str) -> Vec<Json> {
        let stored = self.stored(key);
        let entries = stored["GlobalUpdates"][1].as_array().unwrap();
        entries.iter().map(|entry| entry.as_array().unwrap().last().unwrap().clone()).collect()
    }

    /// Shuts every server down. Nothing may be left behind: no lock, no marker, no escrow, no trade, no subscription.
    pub(crate) async fn close(self) {
        for store in &self.stores {
            store.shutdown().await;
        }
        for key in self.data_store.keys() {
            assert!(!key.starts_with("Trade_"), "{key} is left");
            let meta = &self.stored(&key)["MetaData"];
            for left in ["ActiveSession", "ForceLoadSession", "Lease", "Escrow"] {
                assert!(meta.get(left).is_none(), "{left} of {key} is left: {meta}");
            }
        }
        // The driver's turn, to let go of the topics.
        pass(0.1).await;
        assert_eq!(self.messaging.topics(), Vec::<String>::new());
    }
}

/// A session that is expected to start.
pub(crate) async fn start(store: &Store, key: &str) -> Profile {
    store.start_session(key, StartParams::default()).await.unwrap()
}

/// Lets simulated time pass, in seconds.
pub(crate) async fn pass(seconds: f64) {
    tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "ActiveSession of Player_1 is left")]
async fn what_is_left_behind_is_noticed() {
    let mut world = World::new();
    let profile = start(&world.server(), KEY).await;
    world.forget_last_server();
    drop(profile);
    world.close().await;
}

pub(crate) fn gold(data: &Json) -> u64 {
    data["Gold"].as_u64().unwrap_or(0)
}

pub(crate) fn set_gold(profile: &Profile, gold: u64) {
    profile.edit(|data| data["Gold"] = gold.into()).unwrap();
}
