//! The Rust core with a game on top.

use std::collections::BTreeMap;
use std::sync::Arc;

use dupeproof_core::{
    self as core, CallFailed, Config, Event, Key, Now, OpId, Plan, ProfileStore, ServerIdentity, Span, Stored,
    UpdateOutcome,
};
use dupeproof_sim::guest::{Acquired, PlayerId, SessionNo, key_of};
use dupeproof_sim::subject::Boot;
use dupeproof_sim::{
    Command, Contract, EndReason, Guest, GuestEvent, Input, Output, Request, RequestId, Response, ServiceError,
    StartFailure, Subject, SubscriptionId, Version,
};
use serde_json::{Value as Json, json};

use super::game::{self, StampSource};

/// The Rust core.
#[derive(Clone, Debug, Default)]
pub struct CoreSubject {
    config: Config,
}

impl CoreSubject {
    /// The core with other constants.
    pub fn with_config(config: Config) -> CoreSubject {
        CoreSubject { config }
    }
}

const CONTRACT: Contract = Contract {
    never: &["DoubleLive", "UnfencedWrite", "LostUpdate", "StaleStart", "SilentEnd", "LockStuck"],
    // LEASE × (1 + DRIFT) is 47.25 s, by clocks up to 2.4 % slow; the rest is calls at the default latencies.
    start_bound: Span::secs(60),
    drain_bound: Span::secs(60),
};

/// `game.PlaceId` of every simulated server.
const PLACE_ID: i64 = 1;

impl Subject for CoreSubject {
    fn name(&self) -> &str {
        "core"
    }

    fn about(&self) -> &str {
        "dupeproof's own ProfileStore in Rust, policy `lease`"
    }

    fn contract(&self) -> &Contract {
        &CONTRACT
    }

    fn guest(&self, boot: &Boot) -> Box<dyn Guest> {
        let job_id: Arc<str> = boot.job_id.as_str().into();
        let server = ServerIdentity { place_id: PLACE_ID, job_id: Arc::clone(&job_id) };
        Box::new(CoreGuest {
            store: ProfileStore::new(self.config.clone(), server, game::data(&[])),
            job_id,
            stamps: StampSource::new(boot.server),
            players: BTreeMap::new(),
            owners: Vec::new(),
            calls: BTreeMap::new(),
            requests: 0,
        })
    }

    fn record(&self, _player: PlayerId, items: &[u32]) -> Stored {
        Stored::from_json(json!({
            "Data": game::data(items),
            "GlobalUpdates": [0, []],
            "MetaData": {
                "LastUpdate": 1_700_001_020,
                "MetaTags": [],
                "ProfileCreateTime": 1_700_001_000,
                "SessionLoadCount": 1,
            },
            "RobloxMetaData": [],
            "UserIds": [],
            "WasOverwritten": false,
        }))
    }
}

/// One server's game.
struct CoreGuest {
    store: ProfileStore,
    job_id: Arc<str>,
    stamps: StampSource,
    /// Who is here, each with the session that was started for them last.
    players: BTreeMap<PlayerId, core::SessionId>,
    /// Whose each session is, by its number.
    owners: Vec<PlayerId>,
    calls: BTreeMap<RequestId, Call>,
    requests: u32,
}

/// What a request was made for.
enum Call {
    /// The read leg of an update.
    UpdateRead(OpId, Key),
    /// The write leg of an update.
    UpdateWrite(OpId, Key, Plan),
    Check(OpId),
    Publish(OpId),
    Subscribe(OpId),
}

type Answer = Result<Response, ServiceError>;

impl Guest for CoreGuest {
    fn handle(&mut self, now: Now, input: Input, out: &mut Vec<Output>) -> Option<core::Mono> {
        match input {
            Input::Wake => self.store.handle(now, core::Input::Wake),
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
            self.carry_out(output, out);
        }
        self.store.poll_timeout()
    }
}

impl CoreGuest {
    fn command(&mut self, now: Now, command: Command, out: &mut Vec<Output>) {
        match command {
            Command::Join(player) if self.players.contains_key(&player) => {}
            Command::Join(player) => {
                let session = core::SessionId(u32::try_from(self.owners.len()).expect("few sessions in one life"));
                let guid = format!("{}-{}", self.job_id, session.0).into();
                self.owners.push(player);
                self.players.insert(player, session);
                self.store.handle(now, core::Input::StartSession { session, key: key_of(player), guid, steal: false });
            }
            Command::Leave(player) => {
                if let Some(session) = self.players.remove(&player) {
                    self.store.handle(now, core::Input::CancelStart { session });
                }
            }
            Command::Edit(player) => {
                if let Some(&session) = self.players.get(&player) {
                    self.edit(now, session, out);
                }
            }
            Command::Save(player) => {
                if let Some(&session) = self.players.get(&player) {
                    self.store.handle(now, core::Input::Save { session });
                }
            }
            Command::Swap(first, second) => self.swap(now, first, second, out),
            _ => {}
        }
    }

    fn edit(&mut self, now: Now, session: core::SessionId, out: &mut Vec<Output>) {
        let Ok(data) = self.store.data_mut(session, now) else { return };
        let parent = game::stamp(data);
        let stamp = self.stamps.make();
        game::edit(data, stamp);
        out.push(Output::Event(GuestEvent::Edited { session: SessionNo(session.0), stamp, parent }));
    }

    /// Both profiles change in memory, after checking that both are active; they are saved whenever they are saved.
    fn swap(&mut self, now: Now, first: PlayerId, second: PlayerId, out: &mut Vec<Output>) {
        let (Some(&first), Some(&second)) = (self.players.get(&first), self.players.get(&second)) else { return };
        if first == second || !self.store.is_active(first, now) || !self.store.is_active(second, now) {
            return;
        }
        let mut firsts = self.store.data_mut(first, now).map(std::mem::take).unwrap_or_default();
        let swapped = match self.store.data_mut(second, now) {
            Ok(seconds) => game::swap(&mut firsts, seconds),
            Err(_) => game::Swapped::default(),
        };
        if let Ok(data) = self.store.data_mut(first, now) {
            *data = firsts;
        }
        if swapped.is_empty() {
            return;
        }
        self.edit(now, first, out);
        self.edit(now, second, out);
        let (from, to) = (SessionNo(first.0), SessionNo(second.0));
        let moved = swapped.given.map(|item| (item, from, to)).into_iter();
        for (item, from, to) in moved.chain(swapped.received.map(|item| (item, to, from))) {
            out.push(Output::Event(GuestEvent::ItemMoved { item, from, to }));
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
                Ok(Response::Conflict) => {
                    self.request(Call::UpdateRead(op, Arc::clone(&key)), Request::Get { key }, out);
                }
                Ok(_) => self.updated(now, op, UpdateOutcome::Committed(plan)),
                Err(_) => self.updated(now, op, UpdateOutcome::Failed(Some(plan))),
            },
            Call::Check(op) => {
                let result = match answer {
                    Ok(Response::Value(value)) => Ok(value.map(|(_, stored)| stored)),
                    _ => Err(CallFailed),
                };
                self.store.handle(now, core::Input::ReadDone { op, result });
            }
            Call::Publish(op) => self.store.handle(now, core::Input::Published { op, result: done }),
            Call::Subscribe(op) => self.store.handle(now, core::Input::Subscribed { op, result: done }),
        }
    }

    /// The read leg is back: the transform runs, and what it wants is written if nothing has changed.
    fn update_read(&mut self, now: Now, op: OpId, key: Key, answer: Answer, out: &mut Vec<Output>) {
        let Ok(Response::Value(value)) = answer else {
            self.updated(now, op, UpdateOutcome::Failed(None));
            return;
        };
        let (expected, current): (Option<Version>, Option<Stored>) = value.unzip();
        let transform = self.store.transform(op, now, current.as_ref());
        match transform.write {
            Some(value) => {
                let call = Call::UpdateWrite(op, Arc::clone(&key), transform.plan);
                self.request(call, Request::CompareAndSet { key, expected, value }, out);
            }
            None => self.updated(now, op, UpdateOutcome::Cancelled(transform.plan)),
        }
    }

    fn updated(&mut self, now: Now, op: OpId, outcome: UpdateOutcome) {
        self.store.handle(now, core::Input::Updated { op, outcome });
    }

    fn carry_out(&mut self, output: core::Output, out: &mut Vec<Output>) {
        match output {
            core::Output::Update { op, key } => {
                self.request(Call::UpdateRead(op, Arc::clone(&key)), Request::Get { key }, out);
            }
            core::Output::Read { op, key } => self.request(Call::Check(op), Request::Get { key }, out),
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
            core::Output::Event(event) => self.signal(event, out),
            _ => {}
        }
    }

    fn signal(&mut self, event: Event, out: &mut Vec<Output>) {
        let event = match event {
            Event::Started { session, acquired, .. } => {
                let stamp = self.store.data(session).map(game::stamp).unwrap_or_default();
                GuestEvent::SessionStarted {
                    session: SessionNo(session.0),
                    player: self.owner(session),
                    stamp,
                    live_until: self.store.live_until(session),
                    acquired: acquired_as(acquired),
                }
            }
            Event::StartFailed { session, failure } => {
                let player = self.owner(session);
                // A superseded start is no reason to send the player away: the newer one is theirs too.
                if self.players.get(&player) == Some(&session) {
                    self.players.remove(&player);
                }
                GuestEvent::StartFailed { player, failure: failure_as(failure) }
            }
            Event::Renewed { session } => match self.store.live_until(session) {
                Some(live_until) => GuestEvent::Renewed { session: SessionNo(session.0), live_until },
                None => return,
            },
            Event::Suspended { session } => GuestEvent::Suspended { session: SessionNo(session.0) },
            Event::Resumed { session } => match self.store.live_until(session) {
                Some(live_until) => GuestEvent::Resumed { session: SessionNo(session.0), live_until },
                None => return,
            },
            Event::AfterSave { session, data } => self.saved(session, &data),
            Event::Ended { session, reason } => {
                let player = self.owner(session);
                if self.players.get(&player) == Some(&session) {
                    self.players.remove(&player);
                }
                GuestEvent::SessionEnded { session: SessionNo(session.0), reason: reason_as(reason) }
            }
            Event::ShutDown => {
                out.push(Output::Closed);
                return;
            }
            Event::Saving { .. } | Event::Finished { .. } | Event::LastSave { .. } => return,
            Event::Error { .. } | Event::Critical(_) => return,
            _ => return,
        };
        out.push(Output::Event(event));
    }

    fn saved(&self, session: core::SessionId, data: &Json) -> GuestEvent {
        GuestEvent::Saved { session: SessionNo(session.0), stamp: game::stamp(data) }
    }

    fn owner(&self, session: core::SessionId) -> PlayerId {
        self.owners[session.0 as usize]
    }
}

fn acquired_as(acquired: core::Acquired) -> Acquired {
    match acquired {
        core::Acquired::Free => Acquired::Free,
        core::Acquired::HandedOver => Acquired::HandedOver,
        core::Acquired::TakenOver => Acquired::TakenOver,
        core::Acquired::Unprotected => Acquired::Unprotected,
    }
}

fn failure_as(failure: core::StartFailure) -> StartFailure {
    match failure {
        core::StartFailure::AlreadyActive => StartFailure::AlreadyActive,
        core::StartFailure::Superseded => StartFailure::Superseded,
        core::StartFailure::Cancelled => StartFailure::Cancelled,
        core::StartFailure::TimedOut => StartFailure::TimedOut,
        core::StartFailure::Closing => StartFailure::Closing,
    }
}

fn reason_as(reason: core::EndReason) -> EndReason {
    match reason {
        core::EndReason::Manual => EndReason::Manual,
        core::EndReason::External => EndReason::External,
        core::EndReason::Shutdown => EndReason::Shutdown,
        core::EndReason::Lost => EndReason::Lost,
        core::EndReason::Removed => EndReason::Removed,
        core::EndReason::Overwritten => EndReason::Overwritten,
    }
}
