//! A session from its start to its end.

use std::time::Duration;

use dupeproof_embed::memory::Fault;
use dupeproof_embed::{Acquired, EndReason, NotActive, StartError, StartFailure, StartParams};
use serde_json::json;

use crate::world::{KEY, World, gold, pass, set_gold, start};

#[tokio::test(start_paused = true)]
async fn a_profile_is_started_and_ended_twice() {
    let mut world = World::new();
    let store = world.server();
    for round in 1..=2 {
        let profile = start(&store, KEY).await;
        assert!(profile.is_active());
        assert_eq!(profile.session_load_count(), round);
        assert_eq!(profile.data(gold), Ok(round - 1), "what the last session left");
        let mut ended = profile.on_session_end();
        let mut last_save = profile.on_last_save();
        set_gold(&profile, round);
        profile.end_session();
        assert!(!profile.is_active());
        assert_eq!(profile.session(), None);
        assert_eq!(last_save.next().await, Some(EndReason::Manual));
        assert_eq!(ended.next().await, Some(EndReason::Manual));
        profile.finished().await;
        assert_eq!(world.stored(KEY)["Data"]["Gold"], round);
        assert!(world.stored(KEY)["MetaData"].get("ActiveSession").is_none());
        assert_eq!(ended.next().await, None, "it is fired once");
    }
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_start_right_after_an_end_waits_for_the_final_save() {
    let mut world = World::new();
    let store = world.server();
    let first = start(&store, KEY).await;
    set_gold(&first, 7);
    first.end_session();
    let second = start(&store, KEY).await;
    assert_eq!(second.data(gold), Ok(7));
    first.finished().await;
    first.end_session();
    assert!(second.is_active(), "an old handle cannot end a new session");
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn data_is_refused_once_the_session_has_ended() {
    let mut world = World::new();
    let store = world.server();
    let profile = start(&store, KEY).await;
    set_gold(&profile, 5);
    profile.end_session();
    assert_eq!(profile.edit(|data| data["Gold"] = json!(6)), Err(NotActive));
    assert_eq!(profile.data(gold), Err(NotActive));
    assert_eq!(profile.reconcile(), Err(NotActive));
    assert_eq!(profile.add_user_id(1), Err(NotActive.into()));
    assert!(profile.save().is_err());
    profile.finished().await;
    assert_eq!(world.stored(KEY)["Data"]["Gold"], 5);
    assert_eq!(gold(&profile.last_saved_data()), 5, "what was stored can still be asked for");
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_live_session_is_handed_over_to_another_server_within_2_s() {
    let mut world = World::new();
    let (first, second) = (world.server(), world.server());
    let old = start(&first, KEY).await;
    set_gold(&old, 3);
    let mut ended = old.on_session_end();
    let new = tokio::time::timeout(Duration::from_secs(2), start(&second, KEY)).await.unwrap();
    assert_eq!(ended.next().await, Some(EndReason::External));
    assert!(!old.is_active());
    assert_eq!(new.data(gold), Ok(3));
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_session_outlives_its_lease_many_times_and_is_saved_every_five_minutes() {
    let mut world = World::new();
    let store = world.server();
    let profile = start(&store, KEY).await;
    set_gold(&profile, 1);
    let mut saved = profile.on_after_save();
    pass(301.0).await;
    assert!(profile.is_active());
    assert_eq!(saved.try_next().map(|data| gold(&data)), Some(1));
    assert_eq!(saved.try_next(), None);
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn shutdown_ends_every_session_and_waits_for_what_they_save() {
    let mut world = World::new();
    let store = world.server();
    let profiles = [start(&store, "a").await, start(&store, "b").await];
    let mut ended = profiles[0].on_session_end();
    for profile in &profiles {
        set_gold(profile, 9);
    }
    assert!(!store.is_closing());
    store.shutdown().await;
    assert!(store.is_closing());
    assert_eq!(ended.next().await, Some(EndReason::Shutdown));
    for key in ["a", "b"] {
        assert_eq!(world.stored(key)["Data"]["Gold"], 9);
    }
    let refused = store.start_session(KEY, StartParams::default()).await;
    assert_eq!(refused.err(), Some(StartError::Failed(StartFailure::Closing)));
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_cut_off_is_suspended_and_resumes() {
    let mut world = World::new();
    let store = world.server();
    let profile = start(&store, KEY).await;
    let (mut suspended, mut resumed) = (profile.on_suspend(), profile.on_resume());
    world.data_store.on_request(|_| Some(Fault::FailBefore));
    pass(46.0).await;
    assert_eq!(suspended.try_next(), Some(()));
    assert!(!profile.is_active());
    assert_eq!(profile.edit(|_| ()), Err(NotActive));
    assert!(profile.session().is_some(), "it may come back");
    world.data_store.on_request(|_| None);
    assert_eq!(resumed.next().await, Some(()));
    assert!(profile.is_active());
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn handles_and_futures_can_be_moved_to_other_threads() {
    fn movable<T: Send>(value: T) -> T {
        value
    }
    let mut world = World::new();
    let store = movable(world.server());
    let profile = movable(movable(store.start_session(KEY, StartParams::default())).await.unwrap());
    movable(movable(profile.save().unwrap())).await.unwrap();
    let view = movable(store.get(KEY, None)).await.unwrap().unwrap();
    movable(view.set()).await.unwrap();
    movable(profile.finished()).await;
    movable(store.shutdown()).await;
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_server_whose_handles_are_all_dropped_does_nothing_more() {
    let mut world = World::new();
    let (survivor, doomed) = (world.server(), world.server());
    let profile = start(&doomed, KEY).await;
    set_gold(&profile, 1);
    let saved = profile.save().unwrap();
    drop((profile, doomed));
    world.forget_last_server();
    assert!(saved.await.is_err());
    let begun = survivor.start_session(KEY, StartParams::default());
    let mut begun = std::pin::pin!(begun);
    assert!(tokio::time::timeout(Duration::from_secs(46), &mut begun).await.is_err(), "nobody let go of the lock");
    let profile = tokio::time::timeout(Duration::from_secs(6), begun).await.unwrap().unwrap();
    assert_eq!(profile.data(gold), Ok(0), "and nobody saved");
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_session_says_how_it_came_by_its_lock_and_until_when_it_is_live() {
    let mut world = World::new();
    let (here, there) = (world.server(), world.server());
    let first = start(&here, KEY).await;
    assert_eq!(first.acquired(), Acquired::Free);
    let until = first.live_until().unwrap();
    pass(20.0).await;
    assert!(first.live_until().unwrap() > until, "checks confirm it");
    let second = start(&there, KEY).await;
    assert_eq!((second.acquired(), first.live_until()), (Acquired::HandedOver, None));
    world.data_store.on_request(|_| Some(Fault::FailBefore));
    pass(60.0).await;
    assert_eq!((second.is_active(), second.live_until()), (false, None), "suspended");
    world.data_store.on_request(|_| None);
    pass(60.0).await;
    assert!(second.live_until().is_some());
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn who_subscribes_after_the_end_is_told_of_it_too() {
    let mut world = World::new();
    let store = world.server();
    let profile = start(&store, KEY).await;
    profile.end_session();
    let mut before_the_final_save = profile.on_session_end();
    profile.finished().await;
    let mut afterwards = profile.on_session_end();
    for late in [&mut before_the_final_save, &mut afterwards] {
        assert_eq!(late.next().await, Some(EndReason::Manual));
        assert_eq!(late.next().await, None);
    }
    world.close().await;
}
