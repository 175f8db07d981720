//! One server's game, and the carrying out of what the core wants of the services.

use std::collections::BTreeMap;
use std::sync::Arc;

use dupeproof_core::{
    self as core, CallFailed, CallId, Config, Key, Mono, Now, OpId, Plan, ProfileStore, UpdateOutcome,
};
use dupeproof_sim::id::{MessageId, PlayerId, RequestId, SubscriptionId};
use dupeproof_sim::subject::Boot;
use dupeproof_sim::{Guest, Input, Output, Request, Response, ServiceError, Turn, Version};

use crate::game_record;
use crate::subjects::attributes;
use crate::subjects::conflicts::Conflicts;
use crate::subjects::game::StampSource;
use crate::subjects::leased;

/// One server's game.
pub(super) struct CoreGuest {
    pub(super) store: ProfileStore,
    /// Unique to this life, as its JobId need not be.
    pub(super) seed: u64,
    pub(super) stamps: StampSource,
    /// Who is here, each with the session that was started for them last.
    pub(super) players: BTreeMap<PlayerId, core::SessionId>,
    /// Whose each session is, by its number.
    pub(super) owners: Vec<PlayerId>,
    /// What each call that has not come back is for.
    pub(super) errands: BTreeMap<CallId, Errand>,
    /// Calls made.
    pub(super) errands_made: u32,
    calls: BTreeMap<RequestId, Call>,
    conflicts: Conflicts,
    /// Updates that are read again then, after a conflict.
    again: BTreeMap<(Mono, OpId), Key>,
    requests: u32,
}

/// What a call of the game is for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Errand {
    Send(MessageId),
    Remove,
    /// The versions that a rollback chooses from.
    Gone(PlayerId),
    /// The read of a rollback.
    View(PlayerId),
    /// The write of a rollback.
    Restore,
}

/// What a request was made for.
enum Call {
    /// The read leg of an update.
    UpdateRead(OpId, Key),
    /// The write leg of an update.
    UpdateWrite(OpId, Key, Plan),
    Read(OpId),
    ReadVersion(OpId),
    ListVersions(OpId),
    Remove(OpId),
    Publish(OpId),
    Subscribe(OpId),
}

type Answer = Result<Response, ServiceError>;

impl Guest for CoreGuest {
    fn handle(&mut self, turn: &Turn<'_>, input: Input, out: &mut Vec<Output>) -> Option<Mono> {
        let now = turn.now;
        match input {
            Input::Wake => {
                self.read_again(now, out);
                self.store.handle(now, core::Input::Wake);
            }
            Input::Response(id, answer) => {
                if let Some(call) = self.calls.remove(&id) {
                    self.answered(now, call, answer, out);
                }
            }
            Input::Message(subscription, message) => {
                let session = core::SessionId(subscription.0);
                self.store.handle(now, core::Input::Message { session, message });
            }
            Input::Command(command) => self.command(now, command, out),
            Input::Close => self.store.handle(now, core::Input::Shutdown),
        }
        while let Some(output) = self.store.poll_output() {
            self.carry_out(now, output, out);
        }
        let again = self.again.first_key_value().map(|((due, _), _)| *due);
        self.store.poll_timeout().into_iter().chain(again).min()
    }
}

impl CoreGuest {
    pub(super) fn new(config: Config, boot: &Boot) -> CoreGuest {
        let guid = format!("{:016x}", boot.seed).into();
        CoreGuest {
            store: ProfileStore::new(config, leased::server(boot), guid, game_record::data(&[])),
            seed: boot.seed,
            stamps: StampSource::new(boot.server),
            players: BTreeMap::new(),
            owners: Vec::new(),
            errands: BTreeMap::new(),
            errands_made: 0,
            calls: BTreeMap::new(),
            conflicts: Conflicts::new(boot),
            again: BTreeMap::new(),
            requests: 0,
        }
    }

    fn request(&mut self, call: Call, request: Request, out: &mut Vec<Output>) {
        let id = self.next_request();
        self.calls.insert(id, call);
        out.push(Output::Request(id, request));
    }

    fn next_request(&mut self) -> RequestId {
        self.requests += 1;
        RequestId(self.requests)
    }

    fn answered(&mut self, now: Now, call: Call, answer: Answer, out: &mut Vec<Output>) {
        let done = answer.as_ref().map(|_| ()).map_err(|_| CallFailed);
        match call {
            Call::UpdateRead(op, key) => self.update_read(now, op, key, answer, out),
            Call::UpdateWrite(op, key, plan) => match answer {
                Ok(Response::Conflict) => match self.conflicts.pause() {
                    Some(pause) => drop(self.again.insert((now.mono + pause, op), key)),
                    None => self.update(op, key, out),
                },
                Ok(_) => self.updated(now, op, UpdateOutcome::Committed(plan)),
                Err(_) => self.updated(now, op, UpdateOutcome::Failed(Some(plan))),
            },
            Call::Read(op) => {
                let result = match answer {
                    Ok(Response::Value(reading)) => Ok(reading.value()),
                    _ => Err(CallFailed),
                };
                self.store.handle(now, core::Input::ReadDone { op, result });
            }
            Call::ReadVersion(op) => {
                let result = match answer {
                    Ok(Response::OldValue(entry)) => Ok(entry.map(|entry| entry.value)),
                    _ => Err(CallFailed),
                };
                self.store.handle(now, core::Input::ReadDone { op, result });
            }
            Call::ListVersions(op) => {
                let result = match answer {
                    Ok(Response::Versions(page)) => Ok(page.items),
                    _ => Err(CallFailed),
                };
                self.store.handle(now, core::Input::Listed { op, result });
            }
            Call::Remove(op) => {
                let result = match answer {
                    Ok(Response::Removed(before)) => Ok(before.map(|entry| entry.value)),
                    _ => Err(CallFailed),
                };
                self.store.handle(now, core::Input::Removed { op, result });
            }
            Call::Publish(op) => self.store.handle(now, core::Input::Published { op, result: done }),
            Call::Subscribe(op) => self.store.handle(now, core::Input::Subscribed { op, result: done }),
        }
    }

    /// `UpdateAsync`: the read leg.
    fn update(&mut self, op: OpId, key: Key, out: &mut Vec<Output>) {
        self.request(Call::UpdateRead(op, Arc::clone(&key)), Request::get(key), out);
    }

    /// Updates whose pause after a conflict is over.
    fn read_again(&mut self, now: Now, out: &mut Vec<Output>) {
        while let Some(first) = self.again.first_entry().filter(|first| first.key().0 <= now.mono) {
            let ((_, op), key) = first.remove_entry();
            self.update(op, key, out);
        }
    }

    /// The read leg is back: the transform runs, and what it wants is written if nothing has changed.
    fn update_read(&mut self, now: Now, op: OpId, key: Key, answer: Answer, out: &mut Vec<Output>) {
        let Ok(Response::Value(reading)) = answer else {
            self.updated(now, op, UpdateOutcome::Failed(None));
            return;
        };
        let expected = reading.version;
        let current = reading.value();
        let transform = self.store.transform(op, now, current.as_ref());
        match transform.write {
            Some(value) => {
                let call = Call::UpdateWrite(op, Arc::clone(&key), transform.plan);
                let attributes = attributes::of_record(&value);
                self.request(call, Request::CompareAndSet { key, expected, value, attributes }, out);
            }
            None => self.updated(now, op, UpdateOutcome::Cancelled(transform.plan)),
        }
    }

    fn updated(&mut self, now: Now, op: OpId, outcome: UpdateOutcome) {
        self.store.handle(now, core::Input::Updated { op, outcome });
    }

    fn carry_out(&mut self, now: Now, output: core::Output, out: &mut Vec<Output>) {
        match output {
            core::Output::Update { op, key } => self.update(op, key, out),
            core::Output::Read { op, key } => self.request(Call::Read(op), Request::get(key), out),
            core::Output::ReadVersion { op, key, version } => match Version::from_id(&version) {
                Some(version) => self.request(Call::ReadVersion(op), Request::GetVersion { key, version }, out),
                None => self.store.handle(now, core::Input::ReadDone { op, result: Err(CallFailed) }),
            },
            core::Output::ListVersions { op, key, query } => {
                self.request(Call::ListVersions(op), Request::ListVersions { key, query, page_size: 0 }, out);
            }
            core::Output::Remove { op, key } => self.request(Call::Remove(op), Request::Remove { key }, out),
            core::Output::Publish { op, topic, message } => {
                self.request(Call::Publish(op), Request::Publish { topic, data: message }, out);
            }
            core::Output::Subscribe { op, topic } => {
                let core::Owner::Session(session) = op.owner else { return };
                let subscription = SubscriptionId(session.0);
                self.request(Call::Subscribe(op), Request::Subscribe { topic, subscription }, out);
            }
            core::Output::Unsubscribe { session } => {
                let id = self.next_request();
                out.push(Output::Request(id, Request::Unsubscribe { subscription: SubscriptionId(session.0) }));
            }
            core::Output::Event(event) => self.signal(now, event, out),
        }
    }
}
