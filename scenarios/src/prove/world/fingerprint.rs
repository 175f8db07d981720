//! The fingerprint of a state: the same for all states that go on in the same way.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use dupeproof_core::{Span, explore};
use dupeproof_sim::Input;
use dupeproof_sim::id::RequestId;
use dupeproof_sim::request::{Answer, Request, Response};

use super::{Cargo, Flight, Grains, Kept, Server, Setting, World};
use crate::subjects::core::CoreGuest;

type Fingerprint = rapidhash::fast::RapidHasher<'static>;

impl Server {
    /// All but what came while it was frozen.
    fn hash_at(&self, now: Grains, far: Span) -> u64 {
        let mut state = Fingerprint::default();
        explore::relative_to(self.clock(now).mono.0, far.0, || {
            (self.id, self.rate, self.wake, self.cut_off, self.guest.is_some(), self.kept.is_some()).hash(&mut state);
            if let Some(guest) = &self.guest {
                guest.fingerprint(&mut state);
            }
        });
        state.finish()
    }
}

impl World {
    /// The same for all states that go on in the same way.
    pub(crate) fn fingerprint(&mut self, setting: &Setting) -> u64 {
        let mut state = Fingerprint::default();
        let now = self.now;
        for server in &mut self.servers {
            let hash = match server.hash {
                Some((at, hash)) if at == now => hash,
                _ => server.hash_at(now, setting.far),
            };
            // A server that is shared with the state before has not changed: only the time has.
            if let Some(server) = Arc::get_mut(server) {
                server.hash = Some((now, hash));
            }
            state.write_u64(hash);
        }
        for server in &self.servers {
            if let (Some(guest), Some(kept)) = (&server.guest, &server.kept) {
                kept.iter().for_each(|kept| self.hash_kept(guest, kept, &mut state));
            }
        }
        state.write_u64(self.store.hash());
        self.topics.iter().for_each(|topic| (topic.server, topic.subscription).hash(&mut state));
        let mut flights: Vec<u64> = self.flights.iter().map(|flight| self.hash_flight(flight)).collect();
        flights.sort_unstable();
        flights.hash(&mut state);
        self.progress.hash(&mut state);
        self.monitor.hash(&mut state);
        state.finish()
    }

    fn hash_kept(&self, guest: &CoreGuest, (input, request): &Kept, state: &mut Fingerprint) {
        match input {
            Input::Wake => state.write_u8(0),
            Input::Response(id, answer) => {
                state.write_u8(1);
                state.write_usize(guest.place_of(*id));
                self.hash_answer(request.as_deref(), answer, state);
            }
            Input::Message(subscription, data) => (2u8, subscription, data).hash(state),
            Input::Command(command) => (3u8, command).hash(state),
            Input::Close => state.write_u8(4),
            Input::SetLease(lease) => (5u8, lease).hash(state),
        }
    }

    fn hash_flight(&self, flight: &Flight) -> u64 {
        let mut state = Fingerprint::default();
        (flight.server, flight.held, std::mem::discriminant(&flight.cargo)).hash(&mut state);
        let guest = self.servers[usize::from(flight.server.slot)].guest.as_ref();
        let place = |id: &RequestId| guest.map_or(0, |guest| guest.place_of(*id));
        match &flight.cargo {
            Cargo::Request(id, request) => {
                state.write_usize(place(id));
                self.hash_request(request, &mut state);
            }
            Cargo::Answer(id, request, answer) => {
                state.write_usize(place(id));
                self.hash_answer(Some(request), answer, &mut state);
            }
            Cargo::LateWrite(request) => self.hash_request(request, &mut state),
            Cargo::Message(subscription, data) => (subscription, data).hash(&mut state),
        }
        state.finish()
    }

    /// What matters of a version is whether it is still the newest of its key.
    fn hash_request(&self, request: &Request, state: &mut Fingerprint) {
        request.kind().hash(state);
        match request {
            Request::CompareAndSet { key, expected, value, .. } => {
                (key, self.store.version(key) == *expected, value).hash(state);
            }
            Request::Get { key, .. } | Request::Remove { key } => key.hash(state),
            _ => {}
        }
    }

    fn hash_answer(&self, request: Option<&Request>, answer: &Answer, state: &mut Fingerprint) {
        match (answer, request) {
            (Ok(Response::Value(reading)), Some(Request::Get { key, .. })) => {
                let value = reading.entry.as_ref().map(|entry| &entry.value);
                (1u8, self.store.version(key) == reading.version, value).hash(state);
            }
            (Ok(Response::Committed(_)), _) => state.write_u8(2),
            (Ok(Response::Conflict), _) => state.write_u8(3),
            (Ok(Response::Removed(before)), _) => (4u8, before.as_ref().map(|entry| &entry.value)).hash(state),
            (Ok(_), _) => state.write_u8(5),
            (Err(_), _) => state.write_u8(6),
        }
    }
}
