//! What an input does to a server: carried out once, and remembered for all states in which the same server gets the same
//! input.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex};

use dupeproof_core::{Mono, Now, Span};
use dupeproof_sim::guest::Turn;
use dupeproof_sim::id::{PlayerId, RequestId, SubscriptionId};
use dupeproof_sim::request::{Key, Payload, Request, Response};
use dupeproof_sim::{Command, Guest, GuestEvent, Input, Output};
use rapidhash::RapidHashMap;

use super::Print;
use super::server::Server;
use crate::prove::monitor::Monitor;
use crate::prove::store::Reply;
use crate::subjects::core::CoreGuest;

/// Something that happens to a server.
#[derive(Clone)]
pub(crate) enum Stimulus {
    Wake,
    /// The request of this place among those that are not answered is answered.
    Reply(RequestId, Reply),
    Message(SubscriptionId, Payload),
    Command(Command),
    Close,
    /// Sessions that start from now on have a lease of so many seconds.
    Lease(u64),
}

impl Stimulus {
    pub(super) fn print(&self) -> u64 {
        let mut state = Print::default();
        match self {
            Stimulus::Wake => state.write_u8(0),
            Stimulus::Reply(place, reply) => (1u8, place, reply.print).hash(&mut state),
            Stimulus::Message(subscription, data) => (2u8, subscription, data).hash(&mut state),
            Stimulus::Command(command) => (3u8, command).hash(&mut state),
            Stimulus::Close => state.write_u8(4),
            Stimulus::Lease(seconds) => (5u8, seconds).hash(&mut state),
        }
        state.finish()
    }

    /// A request of this place was answered: those asked after it move up.
    pub(super) fn move_up(&mut self, answered: RequestId) {
        if let Stimulus::Reply(place, _) = self {
            move_up(place, answered);
        }
    }
}

pub(super) fn move_up(place: &mut RequestId, answered: RequestId) {
    if *place > answered {
        place.0 -= 1;
    }
}

/// What a server does when something happens to it.
pub(super) struct Effect {
    /// `None`: it closes.
    pub server: Option<Stimulated>,
    /// In the order in which it does it.
    pub done: Vec<Done>,
    /// It closes, and has not answered all that its game has asked for.
    pub breaks_off: bool,
}

/// A server after an input, and its fingerprint.
#[derive(Clone)]
pub(super) struct Stimulated {
    pub server: Arc<Server>,
    pub print: u64,
}

/// What a server does that others notice.
pub(super) enum Done {
    /// Asks for this, as the request of this place among those that are not answered. With its fingerprint.
    Ask(RequestId, Arc<Request>, u64),
    Subscribe(Key, SubscriptionId),
    Unsubscribe(SubscriptionId),
    Publish(Key, Payload),
    /// Says this: of whose session, if it is of one, and whether that is live.
    Say(GuestEvent, Option<(PlayerId, bool)>),
}

/// All effects that are known.
#[derive(Debug)]
pub(crate) struct Effects {
    players: usize,
    far: Span,
    effects: Memory<(u64, u64), Arc<Effect>>,
    servers: Memory<u64, Arc<Server>>,
    aged: Memory<(u64, u64), u64>,
}

impl Effects {
    pub(crate) fn new(players: usize, far: Span) -> Effects {
        Effects { players, far, effects: Memory::default(), servers: Memory::default(), aged: Memory::default() }
    }

    /// A server that has just begun.
    pub(super) fn begin(&self, guest: CoreGuest, at: Mono) -> Stimulated {
        self.share(Server::new(guest, at, None, self.players))
    }

    /// The fingerprint of a server so many microseconds after its last input. So many of them earlier it was this.
    pub(super) fn aged(&self, server: &Server, before: u64, since: u64, passed: u64) -> u64 {
        self.aged.get((before, passed), || server.print(since, self.far))
    }

    /// What a server then does, which now has this fingerprint.
    pub(super) fn of(&self, server: &Server, now: Now, print: u64, stimulus: &Stimulus) -> Arc<Effect> {
        self.effects.get((print, stimulus.print()), || Arc::new(self.carry_out(server, now, stimulus)))
    }

    fn carry_out(&self, server: &Server, now: Now, stimulus: &Stimulus) -> Effect {
        let mut run = Run { guest: server.guest.clone(), now, wake: server.wake, closed: false, done: Vec::new() };
        match stimulus {
            Stimulus::Wake => run.give(Input::Wake),
            Stimulus::Reply(place, reply) => run.give(Input::Response(*place, reply.answer.clone())),
            Stimulus::Message(subscription, data) => run.give(Input::Message(*subscription, Arc::clone(data))),
            Stimulus::Command(command) => run.give(Input::Command(*command)),
            Stimulus::Close => run.give(Input::Close),
            Stimulus::Lease(seconds) => run.give(Input::SetLease(Span::secs(*seconds))),
        }
        let places = run.guest.renumber();
        for done in &mut run.done {
            if let Done::Ask(place, ..) = done {
                let index = places.iter().position(|old| old == place).expect("what was asked is not answered yet");
                *place = RequestId(u32::try_from(index).expect("there are few requests") + 1);
            }
        }
        let Run { guest, now, wake, closed, done } = run;
        let breaks_off = closed && guest.has_open_calls();
        let server = (!closed).then(|| self.share(Server::new(guest, now.mono, wake, self.players)));
        Effect { server, done, breaks_off }
    }

    fn share(&self, server: Server) -> Stimulated {
        let print = server.print(0, self.far);
        Stimulated { server: self.servers.get(print, || Arc::new(server)), print }
    }
}

/// A server while it does something.
struct Run {
    guest: CoreGuest,
    now: Now,
    wake: Option<Mono>,
    closed: bool,
    done: Vec<Done>,
}

impl Run {
    /// One input, and everything that is answered at once.
    fn give(&mut self, input: Input) {
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            let mut outputs = Vec::new();
            self.wake = self.guest.handle(&Turn::new(self.now, &()), input, &mut outputs);
            for output in outputs {
                match output {
                    Output::Request(id, request) => self.ask(id, request, &mut inputs),
                    Output::Event(event) => {
                        if Monitor::heeds(&event) {
                            let session = event.session();
                            let session = session.map(|session| self.guest.owner_and_liveness(session, self.now));
                            self.done.push(Done::Say(event, session));
                        }
                    }
                    Output::Closed => self.closed = true,
                    Output::CalledFrom(_) | Output::UpdateCancelled(_) | Output::Log(..) | Output::Crashed(_) => {}
                }
            }
            if self.closed {
                return;
            }
        }
    }

    fn ask(&mut self, id: RequestId, request: Request, inputs: &mut Vec<Input>) {
        match request {
            Request::Subscribe { topic, subscription } => {
                self.done.push(Done::Subscribe(topic, subscription));
                inputs.push(Input::Response(id, Ok(Response::Subscribed)));
            }
            Request::Unsubscribe { subscription } => self.done.push(Done::Unsubscribe(subscription)),
            Request::Publish { topic, data } => {
                self.done.push(Done::Publish(topic, data));
                inputs.push(Input::Response(id, Ok(Response::Published)));
            }
            request => {
                let print = print_of(&request);
                self.done.push(Done::Ask(id, Arc::new(request), print));
            }
        }
    }
}

fn print_of(request: &Request) -> u64 {
    let mut state = Print::default();
    request.kind().hash(&mut state);
    request.target().hash(&mut state);
    match request {
        Request::CompareAndSet { expected, value, .. } => (expected, value).hash(&mut state),
        Request::GetVersion { version, .. } => version.hash(&mut state),
        _ => {}
    }
    state.finish()
}

/// A function's results, for all threads. What is in it changes how fast answers come, and no answer.
struct Memory<K, V> {
    shards: Vec<Mutex<RapidHashMap<K, V>>>,
}

impl<K, V> std::fmt::Debug for Memory<K, V> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Memory").finish_non_exhaustive()
    }
}

/// Results that each shard remembers: then it begins anew.
const SHARD_MAX: usize = 16_384;

/// So that threads seldom wait for each other.
const SHARDS: usize = 64;

impl<K, V> Default for Memory<K, V> {
    fn default() -> Memory<K, V> {
        Memory { shards: (0..SHARDS).map(|_| Mutex::default()).collect() }
    }
}

impl<K: Hash + Eq, V: Clone> Memory<K, V> {
    fn get(&self, key: K, make: impl FnOnce() -> V) -> V {
        let mut state = Print::default();
        key.hash(&mut state);
        let shard = &self.shards[usize::from(state.finish().to_le_bytes()[0]) % SHARDS];
        let lock = || shard.lock().expect("no thread panics with it");
        if let Some(value) = lock().get(&key) {
            return value.clone();
        }
        let value = make();
        let mut known = lock();
        if known.len() >= SHARD_MAX {
            known.clear();
        }
        known.insert(key, value.clone());
        value
    }
}
