//! Constants and names.

use std::time::Duration;

use dupeproof_embed::{ConstantError, NameError, Span, StartError, StartParams};

use crate::world::{KEY, World, pass, set_gold, start};

#[tokio::test(start_paused = true)]
async fn constants_are_set_by_profilestores_names_for_the_mock_too() {
    let mut world = World::new();
    let store = world.server();
    let mock = store.mock();
    for name in [
        "AUTO_SAVE_PERIOD",
        "LOAD_REPEAT_PERIOD",
        "SESSION_STEAL",
        "ASSUME_DEAD",
        "START_SESSION_TIMEOUT",
        "CRITICAL_STATE_ERROR_COUNT",
        "CRITICAL_STATE_ERROR_EXPIRE",
        "CRITICAL_STATE_EXPIRE",
        "MAX_MESSAGE_QUEUE",
        "MAX_RECEIPTS",
        "MAX_MESSAGE_SENDERS",
    ] {
        let before = store.config();
        store.set_constant(name, 77).unwrap();
        assert_ne!(store.config(), before, "{name} does something");
        assert_eq!(store.config(), mock.config());
    }
    assert_eq!(store.config().auto_save_period, Span::secs(77));
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_shorter_auto_save_period_saves_sooner() {
    let mut world = World::new();
    let store = world.server();
    store.set_constant("AUTO_SAVE_PERIOD", 20).unwrap();
    let profile = start(&store, KEY).await;
    set_gold(&profile, 1);
    pass(25.0).await;
    assert_eq!(world.stored(KEY)["Data"]["Gold"], 1);
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn constants_that_make_no_sense_are_refused() {
    let mut world = World::new();
    let store = world.server();
    let before = store.config();
    assert!(matches!(store.set_constant("AUTO_SAVE", 1), Err(ConstantError::Unknown { .. })));
    assert!(matches!(store.set_constant("FIRST_LOAD_REPEAT", 1), Err(ConstantError::Fixed { .. })));
    assert!(matches!(store.set_constant("SESSION_STEAL", 0), Err(ConstantError::OutOfRange { .. })));
    assert!(matches!(store.set_constant("ASSUME_DEAD", 86_401), Err(ConstantError::OutOfRange { .. })));
    assert_eq!(store.config(), before);
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_new_lease_is_for_sessions_that_start_from_then_on() {
    let mut world = World::new();
    let store = world.server();
    let first = store.start_session("first", StartParams::default()).await.unwrap();
    store.set_constant("LEASE", 90).unwrap();
    assert!(matches!(store.set_constant("LEASE", 601), Err(ConstantError::OutOfRange { most: 600, .. })));
    let second = store.start_session("second", StartParams::default()).await.unwrap();
    first.save().unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let lease = |key| world.stored(key)["MetaData"]["Lease"].clone();
    assert_eq!((lease("first"), lease("second")), (45.into(), 90.into()));
    drop((first, second));
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn keys_are_not_empty_have_at_most_50_bytes_and_are_no_trades() {
    let mut world = World::new();
    let store = world.server();
    let mut refused = Vec::new();
    for key in ["", &"k".repeat(51), "Trade_1"] {
        match store.start_session(key, StartParams::default()).await {
            Err(StartError::Name(error)) => refused.push(error),
            _ => panic!("{key:?} was taken"),
        }
    }
    assert_eq!(
        refused,
        [
            NameError::Empty { what: "key" },
            NameError::TooLong { what: "key", length: 51, most: 50 },
            NameError::Reserved
        ]
    );
    assert_eq!(refused[1].to_string(), "the key has 51 bytes, and at most 50 are allowed");
    assert!(start(&store, &"k".repeat(50)).await.is_active());
    world.close().await;
}
