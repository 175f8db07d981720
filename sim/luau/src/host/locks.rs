//! How sessions acquired their locks, as far as their server could see it: modules do not say.
//!
//! By the rule of [`dupeproof_sim::lock_taking`]: a server has taken a lock if it wrote one that was not there before. A
//! server does not see the writes of others, so it tells its own takings by what they wrote.

use std::collections::BTreeMap;

use dupeproof_core::Stored;
use dupeproof_sim::guest::Acquired;
use dupeproof_sim::id::{PlayerId, RequestId};
use dupeproof_sim::record_layout::RecordLayout;
use dupeproof_sim::request::Key;
use dupeproof_sim::{Command, Input, LockChange, Place, Request, Response};

/// The records that this server has read and written, and the requests that are not answered yet.
pub(crate) struct Locks {
    place: Place,
    layout: RecordLayout,
    /// Reads and conditional writes that are not answered yet.
    asked: BTreeMap<RequestId, Key>,
    keys: BTreeMap<Key, KeyView>,
}

/// One key, as this server knows it.
#[derive(Default)]
struct KeyView {
    /// The value that it read or wrote last.
    value: Option<Stored>,
    /// Whether there is a lock in it that this server has not taken.
    foreign: bool,
    /// This server's takings of the lock, each with the value that it wrote: the one that holds, and those that may,
    /// for all that this server was answered.
    own: Vec<(RequestId, Stored)>,
    /// Since the player arrived, somebody else's lock was there.
    held: bool,
    /// Since then, a lock of this server has replaced a lock of another server.
    replaced: bool,
}

impl Locks {
    /// Of the records at this place, with the lock where the layout says.
    pub(crate) fn new(lock: Option<(Place, RecordLayout)>) -> Locks {
        let (place, layout) = lock.unwrap_or_else(|| (Place::built_in(), RecordLayout::default()));
        Locks { place, layout, asked: BTreeMap::new(), keys: BTreeMap::new() }
    }

    /// The server sends a request.
    pub(super) fn asked(&mut self, id: RequestId, request: &Request) {
        if let Request::Get { key, .. } | Request::CompareAndSet { key, .. } = request {
            self.asked.insert(id, key.clone());
        }
        if let Request::CompareAndSet { key, value, .. } = request {
            let view = self.keys.entry(key.clone()).or_default();
            if view.change_to(value, &self.layout) == LockChange::Taken {
                // Not only once it is answered: the answer may be lost.
                view.own.push((id, value.clone()));
            }
        }
    }

    /// The server gets an input; `written` is the value of the conditional write that is answered now.
    pub(super) fn came(&mut self, input: &Input, written: Option<&Stored>) {
        match input {
            Input::Command(Command::Join(player)) => {
                let view = self.keys.entry(self.place.address_of(*player)).or_default();
                (view.held, view.replaced) = (false, false);
            }
            Input::Response(id, result) => {
                let Some(key) = self.asked.remove(id) else { return };
                let view = self.keys.entry(key).or_default();
                match (result, written) {
                    (Ok(Response::Value(reading)), _) => {
                        let value = reading.entry.as_ref().map(|entry| entry.value.clone());
                        view.read(value, &self.layout);
                    }
                    (Ok(Response::Committed(_)), Some(value)) => view.write(*id, value.clone(), &self.layout),
                    // It was not applied. Another server may have written the very same lock instead.
                    (Ok(Response::Conflict), _) => view.own.retain(|(taking, _)| taking != id),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// How the session that a player has now acquired its lock. One that begins under a lock that its server has not
    /// taken is as unprotected as one that took it from somebody.
    pub(super) fn acquired(&self, player: PlayerId) -> Acquired {
        match self.keys.get(&self.place.address_of(player)) {
            Some(view) if view.replaced || view.foreign => Acquired::Unprotected,
            Some(view) if view.held => Acquired::HandedOver,
            _ => Acquired::Free,
        }
    }
}

impl KeyView {
    fn read(&mut self, value: Option<Stored>, layout: &RecordLayout) {
        self.value = value;
        let lock = self.value.as_ref().and_then(|value| layout.lock(value));
        self.foreign = lock.is_some() && !self.own.iter().any(|(_, own)| layout.lock(own) == lock);
        self.held |= self.foreign;
    }

    fn write(&mut self, id: RequestId, value: Stored, layout: &RecordLayout) {
        match self.change_to(&value, layout) {
            LockChange::Kept => {}
            LockChange::Taken => {
                self.replaced |= self.foreign;
                // Whatever became of earlier ones, it is over.
                self.own.retain(|(taking, _)| *taking == id);
            }
            LockChange::Cleared => self.own.clear(),
        }
        self.read(Some(value), layout);
    }

    /// What writing this value does to the lock, as far as this server knows.
    fn change_to(&self, value: &Stored, layout: &RecordLayout) -> LockChange {
        LockChange::between(layout, self.value.as_ref(), Some(value))
    }
}
