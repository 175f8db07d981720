//! One server's game, and the carrying out of what the core wants of the services.

use std::collections::BTreeMap;

use dupeproof_core::{
    self as core, CallFailed, CallId, Config, Mono, Now, OpId, Plan, ProfileStore, Span, UpdateOutcome,
};
use dupeproof_sim::id::{MessageId, PlayerId, RequestId, SubscriptionId};
use dupeproof_sim::rng::{Seed, Stream};
use dupeproof_sim::subject::Boot;
use dupeproof_sim::update::{Next, Transformed, UpdateAsync, UpdateRules, Updated};
use dupeproof_sim::{Guest, Input, Output, Request, Response, ServiceError, Turn, Version};

use crate::game_record;
use crate::subjects::attributes;
use crate::subjects::game::StampSource;
use crate::subjects::leased;

/// One server's game.
#[derive(Clone)]
pub(crate) struct CoreGuest {
    pub(super) store: ProfileStore,
    /// Unique to this life, as its JobId need not be.
    pub(super) seed: u64,
    pub(super) stamps: StampSource,
    /// Who is here, each with the session that was started for them last.
    pub(super) players: BTreeMap<PlayerId, core::SessionId>,
    /// Whose each session is, by its number.
    pub(super) owners: Vec<PlayerId>,
    /// What each call that has not come back is for.
    pub(super) game_calls: BTreeMap<CallId, GameCall>,
    /// Calls made.
    pub(super) game_calls_made: u32,
    pub(super) calls: BTreeMap<RequestId, Call>,
    /// How long the game waits with messages.
    message_delay: Span,
    /// Messages that it waits with, in the order in which they came, and until when.
    pub(super) deferred: Vec<(core::SessionId, u64)>,
    handles_at: Option<Mono>,
    rules: UpdateRules,
    /// How long updates pause after a conflict.
    pauses: Stream,
    /// Updates that are read again then, after a conflict.
    pub(super) again: BTreeMap<(Mono, OpId), Box<Update>>,
    pub(super) requests: u32,
}

/// What a call of the game is for.
#[derive(Clone, Copy, Debug, Hash)]
pub(super) enum GameCall {
    Send(MessageId),
    Remove,
    /// The versions that a rollback chooses from.
    Versions(PlayerId),
    /// The read of a rollback.
    View(PlayerId),
    /// The write of a rollback.
    Restore,
}

/// What a request was made for.
#[derive(Clone)]
pub(super) enum Call {
    /// A leg of an update; boxed, for most requests are none and it is large.
    Update(Box<Update>),
    Read(OpId),
    ReadVersion(OpId),
    ListVersions(OpId),
    Remove(OpId),
    Publish(OpId),
    Subscribe(OpId),
}

/// `UpdateAsync` for the core.
#[derive(Clone)]
pub(super) struct Update {
    pub(super) op: OpId,
    pub(super) call: UpdateAsync,
    /// Of its transform's last run; `None` before it has run, and after a conflict.
    pub(super) plan: Option<Plan>,
}

type Answer = Result<Response, ServiceError>;

impl Guest for CoreGuest {
    fn handle(&mut self, turn: &Turn<'_>, input: Input, out: &mut Vec<Output>) -> Option<Mono> {
        let now = turn.now;
        if self.handles_at.is_some_and(|at| at <= now.mono) {
            self.handle_newest(now, out);
        }
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
            Input::SetLease(lease) => self.set_lease(lease.as_secs()),
            Input::Close => self.store.handle(now, core::Input::Shutdown),
        }
        while let Some(output) = self.store.poll_output() {
            self.carry_out(now, output, out);
        }
        let again = self.again.first_key_value().map(|((due, _), _)| *due);
        self.store.poll_timeout().into_iter().chain(again).chain(self.handles_at).min()
    }
}

impl CoreGuest {
    pub(crate) fn new(config: Config, boot: &Boot) -> CoreGuest {
        let guid = format!("{:016x}", boot.seed).into();
        CoreGuest {
            store: ProfileStore::new(config, leased::server(boot), guid, game_record::data(&[])),
            seed: boot.seed,
            stamps: StampSource::new(boot.server),
            players: BTreeMap::new(),
            owners: Vec::new(),
            game_calls: BTreeMap::new(),
            game_calls_made: 0,
            calls: BTreeMap::new(),
            message_delay: boot.game.message_delay,
            deferred: Vec::new(),
            handles_at: None,
            rules: boot.update,
            pauses: Seed(boot.seed).stream("conflicts", 0),
            again: BTreeMap::new(),
            requests: 0,
        }
    }

    /// A message waits for its turn; or it is handled at once.
    pub(super) fn take_message(&mut self, now: Now, session: core::SessionId, index: u64, out: &mut Vec<Output>) {
        if self.message_delay == Span::ZERO {
            return self.handle_message(now, session, index, out);
        }
        self.deferred.push((session, index));
        self.handles_at.get_or_insert(now.mono + self.message_delay);
    }

    /// The newest of those that wait. What a session that is not live cannot handle is announced again when it is.
    fn handle_newest(&mut self, now: Now, out: &mut Vec<Output>) {
        if let Some((session, index)) = self.deferred.pop() {
            self.handle_message(now, session, index, out);
        }
        self.handles_at = (!self.deferred.is_empty()).then_some(now.mono + self.message_delay);
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
            Call::Update(update) => self.update_answered(now, update, answer, out),
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

    /// `UpdateAsync` begins, or begins anew, with its read leg.
    fn read(&mut self, update: Box<Update>, out: &mut Vec<Output>) {
        let read = update.call.read();
        self.request(Call::Update(update), read, out);
    }

    /// Updates whose pause after a conflict is over.
    fn read_again(&mut self, now: Now, out: &mut Vec<Output>) {
        while let Some(first) = self.again.first_entry().filter(|first| first.key().0 <= now.mono) {
            let update = first.remove();
            self.read(update, out);
        }
    }

    /// A leg of an update is back.
    fn update_answered(&mut self, now: Now, mut update: Box<Update>, answer: Answer, out: &mut Vec<Output>) {
        let CoreGuest { store, pauses, .. } = self;
        let op = update.op;
        let mut run = None;
        let next = update.call.answered(answer, pauses, |current, _| {
            let transform = store.transform(op, now, current);
            run = Some(transform.plan);
            match transform.write {
                Some(value) => {
                    let attributes = attributes::of_record(&value);
                    Transformed::Write(value, attributes)
                }
                None => Transformed::Cancel,
            }
        });
        match next {
            Next::Ask(request) => {
                // After a conflict nothing was planned: only a run whose write may be stored counts.
                update.plan = run;
                self.request(Call::Update(update), request, out);
            }
            Next::Pause(pause) => {
                update.plan = None;
                self.again.insert((now.mono + pause, op), update);
            }
            Next::Done(done) => {
                let outcome = match (done, run.or(update.plan)) {
                    (Ok(Updated::Written(..)), Some(plan)) => UpdateOutcome::Committed(plan),
                    (Ok(Updated::Nothing { .. }), Some(plan)) => UpdateOutcome::Cancelled(plan),
                    (_, plan) => UpdateOutcome::Failed(plan),
                };
                self.store.handle(now, core::Input::Updated { op, outcome });
            }
        }
    }

    fn carry_out(&mut self, now: Now, output: core::Output, out: &mut Vec<Output>) {
        match output {
            core::Output::Update { op, key } => {
                let call = UpdateAsync::new(key, self.rules);
                self.read(Box::new(Update { op, call, plan: None }), out);
            }
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
