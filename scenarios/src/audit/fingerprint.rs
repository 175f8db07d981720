//! A fingerprint of what reached the programs on the servers, when, and of what was stored.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex};

use dupeproof_core::{Mono, Span, Stored};
use dupeproof_sim::id::{PlayerId, ServerId};
use dupeproof_sim::network::Network;
use dupeproof_sim::subject::Boot;
use dupeproof_sim::{Contract, Event, Global, Guest, Input, Key, Observer, Output, Schedule, Subject, Turn};

/// Fingerprints of one run: of what was heard, and of when and of what was stored.
pub(super) type Heard = (u64, u64);

type Fingerprint = rapidhash::fast::RapidHasher<'static>;

/// Runs a schedule, listening.
pub(super) fn heard(schedule: &Schedule, subject: &dyn Subject, network: Network) -> Heard {
    let overheard = Overheard { subject, heard: Arc::default() };
    let mut moments = Moments(Fingerprint::default());
    network.run(schedule, &overheard, &mut moments);
    let inputs = overheard.heard.lock().expect("nobody panicked while listening").finish();
    (inputs, moments.0.finish())
}

/// A subject, listened to.
struct Overheard<'a> {
    subject: &'a dyn Subject,
    heard: Arc<Mutex<Fingerprint>>,
}

/// A program, listened to. What its clocks say is not written down: it hears that only if it looks, and then does
/// something else.
struct ListeningGuest {
    server: ServerId,
    guest: Box<dyn Guest>,
    heard: Arc<Mutex<Fingerprint>>,
}

impl Guest for ListeningGuest {
    fn handle(&mut self, turn: &Turn<'_>, input: Input, out: &mut Vec<Output>) -> Option<Mono> {
        let mut heard = self.heard.lock().expect("nobody panicked while listening");
        (self.server, format!("{input:?}")).hash(&mut *heard);
        drop(heard);
        self.guest.handle(turn, input, out)
    }
}

impl Subject for Overheard<'_> {
    fn name(&self) -> &str {
        self.subject.name()
    }

    fn about(&self) -> &str {
        self.subject.about()
    }

    fn contract(&self) -> &Contract {
        self.subject.contract()
    }

    fn start_bound(&self, schedule: &Schedule) -> Span {
        self.subject.start_bound(schedule)
    }

    fn check_constant(&self, name: &str, value: u64) -> Result<(), String> {
        self.subject.check_constant(name, value)
    }

    fn guest(&self, boot: &Boot) -> Box<dyn Guest> {
        Box::new(ListeningGuest { server: boot.server, guest: self.subject.guest(boot), heard: self.heard.clone() })
    }

    fn record(&self, player: PlayerId, items: &[u32]) -> Stored {
        self.subject.record(player, items)
    }

    fn records(&self, player: PlayerId, items: &[u32], remembered: u32) -> Vec<(Key, Stored)> {
        self.subject.records(player, items, remembered)
    }

    fn full_record(&self, player: PlayerId, items: &[u32], remembered: u32) -> Stored {
        self.subject.full_record(player, items, remembered)
    }
}

/// When something reached somebody, and what was stored when.
struct Moments(Fingerprint);

impl Observer for Moments {
    fn observe(&mut self, at: Global, event: &Event) {
        match event {
            Event::Committed { key, after, .. } => (at, key, format!("{after:?}")).hash(&mut self.0),
            Event::Answered { server, .. } | Event::MessageReceived { server, .. } | Event::Guest { server, .. } => {
                (at, server).hash(&mut self.0);
            }
            _ => {}
        }
    }
}
