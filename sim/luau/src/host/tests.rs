//! Whatever scripts could give to the host, it gives an answer or an error, and the services do with what it sends.

use dupeproof_core::{Mono, Span, Stored};
use dupeproof_sim::guest::Turn;
use dupeproof_sim::id::PlayerId;
use dupeproof_sim::network::Network;
use dupeproof_sim::rng::{Seed, Stream};
use dupeproof_sim::schedule::PlayerPlan;
use dupeproof_sim::subject::Boot;
use dupeproof_sim::value::{ScriptKey, ScriptTable, ScriptValue};
use dupeproof_sim::{Action, Command, Contract, Event, Global, Guest, Input, Observer, Output, Schedule, ServerPlan};
use dupeproof_sim::{Step, Subject};

use super::{FUNCTIONS, Memory, Session};
use crate::raw::{Host, Use};
use crate::{Files, Options};

/// Names that functions and services know, so that many calls get far.
const NAMES: [&str; 47] = [
    "get",
    "set",
    "cas",
    "increment",
    "remove",
    "list_versions",
    "get_version",
    "get_version_at_time",
    "list_keys",
    "get_sorted",
    "publish",
    "subscribe",
    "unsubscribe",
    "memory_get",
    "memory_set",
    "memory_cas",
    "memory_remove",
    "memory_range",
    "memory_list",
    "memory_size",
    "queue_add",
    "queue_read",
    "queue_remove",
    "hash_map",
    "sorted_map",
    "queue",
    "PlayerData",
    "global",
    "Player_1",
    "",
    "/",
    "key",
    "error",
    "info",
    "warning",
    "StandardRead",
    "session_started",
    "suspended",
    "saved",
    "edited",
    "item_moved",
    "purchase_granted",
    "free",
    "Part",
    "Material",
    "\u{1b}[2J",
    "1",
];

const NUMBERS: [f64; 16] = [
    0.0,
    1.0,
    -1.0,
    0.5,
    60.0,
    100.0,
    1e6,
    4_294_967_296.0,
    9_007_199_254_740_993.0,
    -9_007_199_254_740_993.0,
    1e300,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    f64::MIN_POSITIVE,
    8_191.0,
];

/// Calls functions of the host with values by chance.
struct Fuzz {
    memory: Memory,
    chance: Stream,
    /// Addresses that the host has made: most requests are about one of them.
    addresses: Vec<String>,
}

impl Fuzz {
    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let place = self.chance.below(from.len() as u64);
        &from[usize::try_from(place).expect("small")]
    }

    fn value(&mut self, depth: u32) -> ScriptValue {
        match self.chance.below(if depth < 3 { 14 } else { 8 }) {
            0 => ScriptValue::Nil,
            1 => ScriptValue::Boolean(self.chance.below(2) == 0),
            2 | 3 => ScriptValue::Number(*self.pick(&NUMBERS)),
            4 | 5 => ScriptValue::String(self.pick(&NAMES).as_bytes().to_vec()),
            6 => ScriptValue::String(vec![0xff; 3]),
            7 => match self.chance.below(5) {
                0 => ScriptValue::Function,
                1 => ScriptValue::Cycle,
                2 => ScriptValue::TooLarge,
                3 => ScriptValue::Buffer(vec![1, 2, 3]),
                _ => ScriptValue::Userdata,
            },
            8..=11 if !self.addresses.is_empty() => {
                let addresses = std::mem::take(&mut self.addresses);
                let address = self.pick(&addresses).clone();
                self.addresses = addresses;
                ScriptValue::String(address.into_bytes())
            }
            _ => {
                let array = (0..self.chance.below(3)).map(|_| self.value(depth + 1)).collect();
                let rest = (0..self.chance.below(3)).map(|_| (self.key(), self.value(depth + 1))).collect();
                ScriptValue::Table(ScriptTable { array, rest })
            }
        }
    }

    fn key(&mut self) -> ScriptKey {
        match self.chance.below(3) {
            0 => ScriptKey::Number(*self.pick(&NUMBERS)),
            1 => ScriptKey::Other,
            _ => ScriptKey::from(*self.pick(&["key", "sortKey", "base64", "Items"])),
        }
    }

    /// One call. What it is asked for first is mostly something that exists.
    fn call(&mut self, turn: &Turn<'_>, out: &mut Vec<Output>) {
        let names = FUNCTIONS.len() as u64;
        let number = match self.chance.below(4) {
            0 => usize::try_from(self.chance.below(names + 1)).expect("small"),
            1 => FUNCTIONS.iter().position(|(name, ..)| *name == "memory_address").expect("it is there"),
            _ => FUNCTIONS.iter().position(|(name, ..)| *name == "request").expect("it is there"),
        };
        let mut arguments = vec![ScriptValue::String(self.pick(&NAMES).as_bytes().to_vec())];
        arguments.extend((0..self.chance.below(8)).map(|_| self.value(0)));
        if FUNCTIONS.get(number).is_some_and(|(name, ..)| *name == "request") {
            // Most requests go on with no other.
            let first = if self.chance.below(4) == 0 { self.value(0) } else { ScriptValue::Nil };
            arguments.insert(0, first);
        }
        let used = Use { steps: 1, bytes: 100 };
        let answer = Session::new(&mut self.memory, turn, out).call(number, &arguments, used);
        if let Ok([crate::value::Answer::String(address)]) = answer.as_deref()
            && self.addresses.len() < 50
        {
            self.addresses.push(address.to_string());
        }
    }
}

impl Guest for Fuzz {
    fn handle(&mut self, turn: &Turn<'_>, input: Input, out: &mut Vec<Output>) -> Option<Mono> {
        self.memory.arguments(input, turn.now);
        for _ in 0..4 {
            self.call(turn, out);
        }
        // What ends a server would end the test.
        out.retain(|output| !matches!(output, Output::Closed));
        Some(Mono(turn.now.mono.0 + 1_000_000))
    }
}

/// Runs nothing but such calls.
struct FuzzSubject {
    program: crate::guest::Program,
    contract: Contract,
}

impl Subject for FuzzSubject {
    fn name(&self) -> &str {
        "fuzz"
    }

    fn about(&self) -> &str {
        "calls of the host by chance"
    }

    fn contract(&self) -> &Contract {
        &self.contract
    }

    fn guest(&self, boot: &Boot) -> Box<dyn Guest> {
        let chance = Seed(boot.seed).stream("fuzz", 0);
        Box::new(Fuzz { memory: Memory::new(&self.program, boot), chance, addresses: Vec::new() })
    }

    fn record(&self, _: PlayerId, _: &[u32]) -> Stored {
        Stored::from_json(serde_json::json!({}))
    }
}

/// How many requests were sent and answered well.
#[derive(Default)]
struct Counts(u64, u64);

impl Observer for Counts {
    fn observe(&mut self, _: Global, event: &Event) {
        match event {
            Event::Requested { .. } => self.0 += 1,
            Event::Answered { error: None, .. } => self.1 += 1,
            _ => {}
        }
    }
}

/// `DUPEPROOF_SEED` sets which calls are made.
#[test]
#[expect(clippy::disallowed_methods, reason = "which calls are made is chosen from outside")]
fn whatever_is_given_to_the_host_is_answered() {
    let program = crate::subject::program(&Options::new(Files::new()));
    let contract = Contract::none(Span::secs(600), Span::secs(60));
    let subject = FuzzSubject { program, contract };
    let join = Action::Command { server: 0, command: Command::Join(PlayerId(0)) };
    let mut counts = Counts::default();
    let first = std::env::var("DUPEPROOF_SEED").map_or(0, |seed| seed.parse().expect("DUPEPROOF_SEED is a number"));
    for seed in (first * 40..).take(40) {
        let schedule = Schedule {
            seed,
            subject: "fuzz".into(),
            servers: vec![ServerPlan::default(); 2],
            players: vec![PlayerPlan { items: None }],
            timeline: vec![Step { at: Span::secs(1), action: join }],
            length: Span::secs(300),
            ..Schedule::default()
        };
        Network::Event.run(&schedule, &subject, &mut counts);
    }
    assert!(counts.0 > 2_000 && counts.1 > 300, "{} requests, {} answers", counts.0, counts.1);
}
