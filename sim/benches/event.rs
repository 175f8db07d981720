//! What one schedule costs on the event network with a guest that costs next to nothing: 3 servers, 15 simulated
//! minutes, some hundred events. What a subject and invariants cost comes on top.

use std::sync::Arc;

use divan::Bencher;
use divan::counter::ItemsCount;
use dupeproof_core::{MetaData, Mono, Profile, Record, SessionTag, Span, Stored};
use dupeproof_sim::guest::{Command, key_of};
use dupeproof_sim::id::{PlayerId, RequestId, SubscriptionId};
use dupeproof_sim::network::Network;
use dupeproof_sim::request::Response;
use dupeproof_sim::schedule::{FaultRates, PlayerPlan, RequestFaultRates};
use dupeproof_sim::subject::Boot;
use dupeproof_sim::{
    Action, Contract, Guest, Input, Key, Output, Request, Schedule, ServerPlan, ServiceProfile, Step, Subject, Turn,
};
use serde_json::json;

fn main() {
    divan::main();
}

#[divan::bench(args = [0, 50_000])]
fn schedule_of_15_minutes(bencher: Bencher<'_, '_>, faults_ppm: u32) {
    let schedule = schedule(faults_ppm);
    let subject = Saver(Stored::Record(Arc::new(record())));
    let events = Network::Event.run(&schedule, &subject, &mut ()).events;
    bencher.counter(ItemsCount::new(events)).bench_local(|| Network::Event.run(&schedule, &subject, &mut ()));
}

/// Three players join, play for ten minutes, hop, and leave.
fn schedule(faults_ppm: u32) -> Schedule {
    let command = |at, server, command| Step { at: Span::secs(at), action: Action::Command { server, command } };
    let timeline = (0..3).flat_map(|player| {
        let (number, player) = (u64::from(player), PlayerId(player));
        let (here, there) = (player.0, (player.0 + 1) % 3);
        [
            command(1 + number, here, Command::Join(player)),
            command(600 + number, here, Command::Leave(player)),
            command(605 + number, there, Command::Join(player)),
            command(800 + number, there, Command::Leave(player)),
        ]
    });
    let mut timeline: Vec<Step> = timeline.collect();
    timeline.sort_by_key(|step| step.at);
    Schedule {
        seed: 1,
        subject: "saver".into(),
        servers: vec![ServerPlan::default(); 3],
        players: vec![PlayerPlan { items: Some(3) }; 3],
        services: ServiceProfile {
            faults: RequestFaultRates::all(FaultRates {
                refused_ppm: faults_ppm,
                lost_reply_ppm: faults_ppm,
                ..FaultRates::default()
            }),
            message_lost_ppm: faults_ppm,
            ..ServiceProfile::default()
        },
        timeline,
        length: Span::secs(900),
        ..Schedule::default()
    }
}

fn record() -> Record {
    let table = || Arc::new(json!([]));
    let meta = MetaData {
        profile_create_time: 1_749_990_600,
        session_load_count: 3,
        active_session: Some(SessionTag { place_id: 1, job_id: "job-0-0".into(), guid: Some("00ff00ff".into()) }),
        force_load_session: None,
        last_update: 1_749_990_600,
        meta_tags: table(),
        lease: Some(45),
        stolen_lease: None,
        last_write: None,
        escrow: Arc::default(),
        receipts: Vec::new().into(),
        unknown: std::collections::BTreeMap::new(),
    };
    let profile = Profile {
        data: Arc::new(json!({ "Stamp": 12_345, "Parent": 12_344, "Items": [1, 2, 3], "Coins": 100 })),
        meta,
        roblox_metadata: table(),
        user_ids: Vec::new().into(),
    };
    Record {
        profile: Some(profile),
        global_updates: dupeproof_core::GlobalUpdates::default(),
        senders: Vec::new().into(),
        was_overwritten: None,
        unknown: std::collections::BTreeMap::new(),
    }
}

/// Reads and writes each player's record on arrival, every minute and on leaving; subscribes while they are there.
struct Saver(Stored);

impl Subject for Saver {
    fn name(&self) -> &str {
        "saver"
    }

    fn about(&self) -> &str {
        "reads and writes now and then"
    }

    fn contract(&self) -> &Contract {
        const { &Contract::none(Span::secs(90), Span::secs(60)) }
    }

    fn guest(&self, _boot: &Boot) -> Box<dyn Guest> {
        Box::new(SaverGuest {
            value: self.0.clone(),
            requests: 0,
            here: Vec::new(),
            save_at: Mono(0),
            asked: Vec::new(),
        })
    }

    fn record(&self, _player: PlayerId, _items: &[u32]) -> Stored {
        self.0.clone()
    }
}

struct SaverGuest {
    value: Stored,
    requests: u32,
    here: Vec<(PlayerId, Key)>,
    save_at: Mono,
    asked: Vec<(RequestId, Key)>,
}

impl SaverGuest {
    fn ask(&mut self, request: Request, out: &mut Vec<Output>) -> RequestId {
        self.requests += 1;
        out.push(Output::Request(RequestId(self.requests), request));
        RequestId(self.requests)
    }

    fn update(&mut self, key: &Key, out: &mut Vec<Output>) {
        let id = self.ask(Request::get(key.clone()), out);
        self.asked.push((id, key.clone()));
    }
}

impl Guest for SaverGuest {
    fn handle(&mut self, turn: &Turn<'_>, input: Input, out: &mut Vec<Output>) -> Option<Mono> {
        let now = turn.now;
        match input {
            Input::Command(Command::Join(player)) => {
                let key = key_of(player);
                self.update(&key, out);
                let subscription = SubscriptionId(u32::from(player.0));
                self.ask(Request::Subscribe { topic: key.clone(), subscription }, out);
                self.here.push((player, key));
                self.save_at = now.mono + Span::secs(60);
            }
            Input::Command(Command::Leave(player)) => {
                if let Some(place) = self.here.iter().position(|(other, _)| *other == player) {
                    let (_, key) = self.here.remove(place);
                    self.update(&key, out);
                    self.ask(Request::Unsubscribe { subscription: SubscriptionId(u32::from(player.0)) }, out);
                    self.ask(Request::Publish { topic: key, data: Arc::new(json!(null)) }, out);
                }
            }
            Input::Response(id, result) => {
                if let Some(place) = self.asked.iter().position(|(other, _)| *other == id) {
                    let (_, key) = self.asked.remove(place);
                    if let Ok(Response::Value(value)) = result {
                        let expected = value.version;
                        let value = self.value.clone();
                        self.ask(Request::compare_and_set(key, expected, value), out);
                    }
                }
            }
            Input::Wake if now.mono >= self.save_at => {
                for place in 0..self.here.len() {
                    let key = self.here[place].1.clone();
                    self.update(&key, out);
                }
                self.save_at = now.mono + Span::secs(60);
            }
            _ => {}
        }
        (!self.here.is_empty()).then_some(self.save_at)
    }
}
