//! The bare loop: the machine, a map for a data store, and a clock that is moved by hand.
//!
//! ```sh
//! cargo run -p dupeproof-core --example sans_io
//! ```

use std::collections::BTreeMap;

use dupeproof_core::{
    Config, Event, Input, Key, Mono, Now, Output, ProfileStore, ServerIdentity, SessionId, Span, Stored, Unix,
    UpdateOutcome,
};
use serde_json::{Value as Json, json};

const SESSION: SessionId = SessionId(1);

fn main() {
    println!("stored in the end: {}", play());
}

/// One session of five minutes; what is stored after it.
fn play() -> Json {
    let identity = ServerIdentity { place_id: 1, job_id: "server-1".into() };
    let mut server = Server {
        machine: ProfileStore::new(Config::default(), identity, "guid-0".into(), json!({"Gold": 0})),
        values: BTreeMap::new(),
        now: Now { mono: Mono(0), unix: Unix(1_700_000_000_000_000) },
    };
    let key: Key = "Player_1".into();
    server.input(Input::StartSession { session: SESSION, key: key.clone(), guid: "guid-1".into(), steal: false });
    server.machine.data_mut(SESSION, server.now).expect("it is live, nobody else wants it")["Gold"] = json!(10);
    server.pass(Span::secs(300));
    server.input(Input::EndSession { session: SESSION });
    server.values[&key].to_json()
}

struct Server {
    machine: ProfileStore,
    values: BTreeMap<Key, Stored>,
    now: Now,
}

impl Server {
    fn input(&mut self, input: Input) {
        // 1. What happened goes in.
        self.machine.handle(self.now, input);
        // 2. What is wanted comes out, and is done.
        while let Some(output) = self.machine.poll_output() {
            if let Some(answer) = self.carry_out(output) {
                self.machine.handle(self.now, answer);
            }
        }
    }

    /// Lets time pass.
    fn pass(&mut self, span: Span) {
        let end = self.now.mono + span;
        // 3. The machine is woken no later than it wants to be.
        while let Some(due) = self.machine.poll_timeout().filter(|due| *due <= end) {
            self.set_clocks(due.max(self.now.mono));
            self.input(Input::Wake);
        }
        self.set_clocks(end);
    }

    fn set_clocks(&mut self, mono: Mono) {
        self.now.unix.0 += i64::try_from(mono.since(self.now.mono).as_micros()).expect("a short time");
        self.now.mono = mono;
    }

    /// A real server does this over the network, and its answers come later, as errors, or never.
    fn carry_out(&mut self, output: Output) -> Option<Input> {
        match output {
            Output::Update { op, key } => {
                let transform = self.machine.transform(op, self.now, self.values.get(&key));
                let outcome = match transform.write {
                    // Only if the key has not changed since it was read; here, nobody else is there.
                    Some(value) => {
                        self.values.insert(key, value);
                        UpdateOutcome::Committed(transform.plan)
                    }
                    None => UpdateOutcome::Cancelled(transform.plan),
                };
                Some(Input::Updated { op, outcome })
            }
            Output::Read { op, key } => Some(Input::ReadDone { op, result: Ok(self.values.get(&key).cloned()) }),
            Output::ReadVersion { op, .. } => Some(Input::ReadDone { op, result: Ok(None) }),
            Output::ListVersions { op, .. } => Some(Input::Listed { op, result: Ok(Vec::new()) }),
            Output::Remove { op, key } => Some(Input::Removed { op, result: Ok(self.values.remove(&key)) }),
            Output::Publish { op, .. } => Some(Input::Published { op, result: Ok(()) }),
            Output::Subscribe { op, .. } => Some(Input::Subscribed { op, result: Ok(()) }),
            Output::Unsubscribe { .. } => None,
            Output::Event(event) => {
                self.tell(&event);
                None
            }
        }
    }

    /// What the game would do with it.
    fn tell(&self, event: &Event) {
        // A lease is confirmed every 15 s, and of no interest to a game.
        if !matches!(event, Event::Renewed { .. }) {
            println!("{:6.1} s  {event:?}", self.now.mono.since(Mono(0)).as_secs_f64());
        }
    }
}

#[test]
fn what_the_game_did_is_stored_and_the_lock_is_released() {
    let stored = play();
    assert_eq!(stored["Data"], json!({"Gold": 10}));
    assert!(stored["MetaData"].get("ActiveSession").is_none());
}
