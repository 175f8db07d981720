//! Messages between profiles: each is handled once.

use std::sync::{Arc, Mutex};

use dupeproof_embed::MessageError;
use dupeproof_embed::memory::{Fault, Request};
use serde_json::{Value as Json, json};

use crate::world::{KEY, Profile, Store, World, pass, start};

/// Handles hats by counting them in the data.
fn count_hats(profile: &Profile) {
    profile.message_handler(|data, message| {
        let hats = data["Hats"].as_u64().unwrap_or(0) + message["Hat"].as_u64().unwrap();
        data["Hats"] = json!(hats);
        true
    });
}

async fn send(store: &Store, hats: u64) {
    store.message(KEY, json!({"Hat": hats})).await.unwrap();
}

fn hats(data: &Json) -> u64 {
    data["Hats"].as_u64().unwrap_or(0)
}

#[tokio::test(start_paused = true)]
async fn a_message_sent_before_the_first_session_waits_for_it() {
    let mut world = World::new();
    let store = world.server();
    send(&store, 1).await;
    assert_eq!(world.queue(KEY), [json!({"Hat": 1})]);
    let profile = start(&store, KEY).await;
    assert_eq!(profile.data(hats), Ok(0), "there is no handler yet");
    count_hats(&profile);
    assert_eq!(profile.data(hats), Ok(1));
    pass(1.0).await;
    let stored = world.stored(KEY);
    assert_eq!((hats(&stored["Data"]), world.queue(KEY).len()), (1, 0), "one write did both");
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_message_to_a_live_session_on_this_server_arrives_at_once() {
    let mut world = World::new();
    let store = world.server();
    let profile = start(&store, KEY).await;
    count_hats(&profile);
    pass(2.0).await;
    send(&store, 1).await;
    pass(1.0).await;
    assert_eq!(profile.data(hats), Ok(1));
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_message_to_a_live_session_on_another_server_arrives_at_once() {
    let mut world = World::new();
    let (here, there) = (world.server(), world.server());
    let profile = start(&there, KEY).await;
    count_hats(&profile);
    pass(2.0).await;
    send(&here, 1).await;
    pass(1.0).await;
    assert_eq!(profile.data(hats), Ok(1));
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn several_messages_at_once_are_handled_in_order() {
    let mut world = World::new();
    let store = world.server();
    let profile = start(&store, KEY).await;
    let seen: Arc<Mutex<Vec<u64>>> = Arc::default();
    let log = Arc::clone(&seen);
    profile.message_handler(move |_, message| {
        log.lock().unwrap().push(message["Hat"].as_u64().unwrap());
        true
    });
    tokio::join!(send(&store, 1), send(&store, 2), send(&store, 3));
    pass(3.0).await;
    assert_eq!(*seen.lock().unwrap(), [1, 2, 3]);
    pass(1.0).await;
    assert_eq!(world.queue(KEY), Vec::<Json>::new());
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_message_that_no_handler_processes_waits_for_one_that_does() {
    let mut world = World::new();
    let store = world.server();
    send(&store, 1).await;
    let profile = start(&store, KEY).await;
    let offered: Arc<Mutex<u32>> = Arc::default();
    let count = Arc::clone(&offered);
    profile.message_handler(move |data, _| {
        *count.lock().unwrap() += 1;
        data["Hats"] = json!(100);
        false
    });
    pass(60.0).await;
    assert_eq!(*offered.lock().unwrap(), 1, "each handler is asked once");
    assert_eq!(profile.data(hats), Ok(0), "what is not processed leaves no trace");
    profile.end_session();
    profile.finished().await;
    assert_eq!(world.queue(KEY).len(), 1);
    let next = start(&store, KEY).await;
    count_hats(&next);
    assert_eq!(next.data(hats), Ok(1));
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_message_that_was_stored_and_answered_with_an_error_is_handled_once() {
    let mut world = World::new();
    let store = world.server();
    let profile = start(&store, KEY).await;
    count_hats(&profile);
    pass(2.0).await;
    let mut first = true;
    world.data_store.on_request(move |request| {
        let fail = matches!(request, Request::CompareAndSet(_)) && std::mem::take(&mut first);
        fail.then_some(Fault::FailAfter)
    });
    send(&store, 1).await;
    pass(20.0).await;
    assert_eq!(profile.data(hats), Ok(1));
    world.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_refuses_the_message() {
    let mut world = World::new();
    let store = world.server();
    store.set_constant("MAX_MESSAGE_QUEUE", 2).unwrap();
    send(&store, 1).await;
    send(&store, 2).await;
    assert_eq!(store.message(KEY, json!({"Hat": 3})).await, Err(MessageError::QueueFull));
    assert_eq!(world.queue(KEY).len(), 2);
    world.close().await;
}
