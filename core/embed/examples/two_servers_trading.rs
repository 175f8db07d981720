//! Two game servers in one process, with one data store and one messaging service in memory: a player on each, and a
//! trade between them.
//!
//! ```sh
//! cargo run -p dupeproof-embed --example two_servers_trading
//! ```

use std::error::Error;

use dupeproof_embed::memory::{MemoryDataStore, MemoryMessaging};
use dupeproof_embed::{
    Config, Environment, Profile, ProfileStore, Promise, ServerIdentity, StartParams, SystemEnvironment, TradeOutcome,
    TransferError,
};
use serde_json::{Value as Json, json};

type Store = ProfileStore<MemoryDataStore, MemoryMessaging>;
type Player = Profile<MemoryDataStore, MemoryMessaging>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let [alice, bob] = play().await?;
    println!("stored for Alice: {alice}");
    println!("stored for Bob:   {bob}");
    Ok(())
}

/// What is stored for both in the end.
async fn play() -> Result<[Json; 2], Box<dyn Error>> {
    // A real game brings its own services; these are shared by both servers, as Roblox's are.
    let clock = SystemEnvironment::new();
    let data_store = MemoryDataStore::new(move || clock.now().unix);
    let messaging = MemoryMessaging::default();
    let here = game_server("server-1", &data_store, &messaging)?;
    let there = game_server("server-2", &data_store, &messaging)?;

    let alice = join(&here, "Alice").await?;
    let bob = join(&there, "Bob").await?;
    alice.edit(|data| data["Items"] = json!(["sword"]))?;
    bob.edit(|data| data["Items"] = json!(["shield", "hat"]))?;

    // Both have agreed. Each server makes its own side of the trade, with one id for both.
    let alices = offer(&alice, "Bob", "sword")?;
    let bobs = offer(&bob, "Alice", "shield")?;
    let (alices, bobs) = tokio::join!(alices, bobs);
    println!("Alice's side: {:?}, Bob's side: {:?}", alices?, bobs?);

    here.shutdown().await;
    there.shutdown().await;
    let stored = |key| data_store.value(key).map_or(Json::Null, |record| record["Data"].clone());
    Ok([stored("Alice"), stored("Bob")])
}

fn game_server(
    job_id: &str,
    data_store: &MemoryDataStore,
    messaging: &MemoryMessaging,
) -> Result<Store, Box<dyn Error>> {
    let server = ServerIdentity { place_id: 1, job_id: job_id.into() };
    let (data_store, messaging) = (data_store.clone(), messaging.clone());
    let template = json!({"Items": []});
    let environment = SystemEnvironment::new();
    Ok(ProfileStore::new("Players", template, Config::default(), server, data_store, messaging, environment)?)
}

/// A player joins: his session starts, and what earlier sessions left undone is taken care of.
async fn join(store: &Store, player: &str) -> Result<Player, Box<dyn Error>> {
    let profile = store.start_session(player, StartParams::default()).await?;
    profile.reconcile()?;
    profile.trade_handler(|data, decided| {
        if let Some(items) = data["Items"].as_array_mut() {
            items.push(decided.items["Item"].clone());
        }
    });
    Ok(profile)
}

/// One side of the trade: the item leaves the data, or there is no trade.
fn offer(profile: &Player, partner: &str, item: &str) -> Result<Promise<TradeOutcome>, TransferError> {
    profile.trade("alice-and-bob-1", partner, |data| {
        let items = data["Items"].as_array_mut()?;
        let place = items.iter().position(|other| other == item)?;
        Some(json!({"Item": items.remove(place)}))
    })
}

#[tokio::test(start_paused = true)]
async fn both_have_what_the_other_gave() {
    let stored = play().await.unwrap();
    assert_eq!(stored, [json!({"Items": ["shield"]}), json!({"Items": ["hat", "sword"]})]);
}
