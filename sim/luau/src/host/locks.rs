//! How sessions acquired their locks, as far as their server could see it: modules do not report it.

use std::collections::BTreeMap;

use dupeproof_core::Stored;
use dupeproof_sim::guest::{Acquired, PlayerId, key_of};
use dupeproof_sim::record_layout::RecordLayout;
use dupeproof_sim::request::Key;
use dupeproof_sim::{Command, Input, Request, RequestId, Response};

/// The records that this server has read and written, and the requests that are not answered yet.
pub(crate) struct Locks {
    layout: RecordLayout,
    /// Reads and conditional writes that are not answered yet.
    asked: BTreeMap<RequestId, Key>,
    keys: BTreeMap<Key, Coverage>,
}

/// What this server knows of one key.
#[derive(Default)]
struct Coverage {
    /// The value, as this server knows it.
    read: Option<Stored>,
    /// Whether the value held a lock of another server.
    foreign: bool,
    /// A value that this server wanted to write, with a lock that was not there before: its own.
    own: Option<Stored>,
    /// Since the player arrived, this server has seen a lock of another server.
    held: bool,
    /// Since then, a lock of this server has replaced a lock of another server.
    replaced: bool,
}

impl Locks {
    pub(crate) fn new(layout: RecordLayout) -> Locks {
        Locks { layout, asked: BTreeMap::new(), keys: BTreeMap::new() }
    }

    /// The server sends a request.
    pub(super) fn asked(&mut self, id: RequestId, request: &Request) {
        if let Request::Get { key, .. } | Request::CompareAndSet { key, .. } = request {
            self.asked.insert(id, key.clone());
        }
        if let Request::CompareAndSet { key, value, .. } = request {
            let coverage = self.keys.entry(key.clone()).or_default();
            if coverage.is_taken_by(value, &self.layout) {
                // Also if the answer will be lost.
                coverage.own = Some(value.clone());
            }
        }
    }

    /// The server gets an input; `written` is the value of the conditional write that is answered now.
    pub(super) fn came(&mut self, input: &Input, written: Option<&Stored>) {
        match input {
            Input::Command(Command::Join(player)) => {
                let coverage = self.keys.entry(key_of(*player)).or_default();
                (coverage.held, coverage.replaced) = (false, false);
            }
            Input::Response(id, result) => {
                let Some(key) = self.asked.remove(id) else { return };
                let coverage = self.keys.entry(key).or_default();
                match (result, written) {
                    (Ok(Response::Value(reading)), _) => {
                        let value = reading.entry.as_ref().map(|entry| entry.value.clone());
                        coverage.read(value, &self.layout);
                    }
                    (Ok(Response::Committed(_)), Some(value)) => coverage.write(value.clone(), &self.layout),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// How the session that a player has now acquired its lock. One that begins under another server's lock took it for
    /// its own, as servers in Studio do.
    pub(super) fn acquired(&self, player: PlayerId) -> Acquired {
        match self.keys.get(&key_of(player)) {
            Some(coverage) if coverage.replaced || coverage.foreign => Acquired::Unprotected,
            Some(coverage) if coverage.held => Acquired::HandedOver,
            _ => Acquired::Free,
        }
    }
}

impl Coverage {
    fn read(&mut self, value: Option<Stored>, layout: &RecordLayout) {
        self.read = value;
        let [read, own] = [&self.read, &self.own].map(|value| layout.lock(value.as_ref()?));
        self.foreign = read.is_some() && read != own;
        self.held |= self.foreign;
    }

    fn write(&mut self, value: Stored, layout: &RecordLayout) {
        self.replaced |= self.foreign && self.is_taken_by(&value, layout);
        self.read(Some(value), layout);
    }

    /// Whether there is a lock in this value that is not in the one that was read last.
    fn is_taken_by(&self, value: &Stored, layout: &RecordLayout) -> bool {
        let before = self.read.as_ref().and_then(|read| layout.lock(read));
        layout.lock(value).is_some_and(|lock| before != Some(lock))
    }
}
