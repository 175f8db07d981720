//! The machine: all sessions and calls of one store on one server.

mod calls;
mod profiles;

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::call::Call;
use crate::config::Config;
use crate::context::Context;
use crate::coordinator;
use crate::critical::Critical;
use crate::event::Event;
use crate::ids::{CallId, Guid, Key, OpId, Owner, ServerIdentity, SessionId};
use crate::io::{Input, Output};
use crate::outcome::{EndReason, StartFailure};
use crate::plan::{Decision, Plan, Transform, UpdateOutcome};
use crate::record::Stored;
use crate::sabotage::Sabotage;
use crate::session::Session;
use crate::time::{Mono, Now, Overlooked, Span};
use crate::transform::View;

/// ProfileStore, as a pure state machine.
#[derive(Debug)]
#[cfg_attr(feature = "explore", derive(Clone, Hash))]
pub struct ProfileStore {
    config: Config,
    server: ServerIdentity,
    /// The sender of messages from here.
    guid: Guid,
    template: Arc<Json>,
    /// In the order of their numbers; finished ones are dropped.
    sessions: Vec<Session>,
    outputs: VecDeque<Output>,
    /// Publishes that have not been answered.
    publishing: u32,
    calls: Vec<Call>,
    /// Calls made so far: they number the messages.
    messages: u64,
    critical: Critical,
    /// When an auto-save was last considered.
    auto_saved: Overlooked,
    /// The time of the last input.
    handled: Overlooked,
    closing: Closing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "explore", derive(Hash))]
enum Closing {
    No,
    Asked,
    Done,
}

impl ProfileStore {
    /// A store without sessions. New profiles begin with the template. The guid must be unique to this store, also after
    /// a restart of its server: recipients of messages know the sender by it.
    pub fn new(config: Config, server: ServerIdentity, guid: Guid, template: Json) -> ProfileStore {
        ProfileStore {
            config,
            server,
            guid,
            template: Arc::new(template),
            sessions: Vec::new(),
            outputs: VecDeque::new(),
            publishing: 0,
            calls: Vec::new(),
            messages: 0,
            critical: Critical::default(),
            auto_saved: Overlooked::default(),
            handled: Overlooked::default(),
            closing: Closing::No,
        }
    }

    /// Takes one input. `now.mono` never goes back.
    pub fn handle(&mut self, now: Now, input: Input) {
        debug_assert!(
            self.handled.0 <= now.mono,
            "the monotonic clock never goes back: {:?}, then {now:?}",
            self.handled.0
        );
        self.handled = Overlooked(now.mono);
        self.each(now, Session::expire);
        match input {
            Input::Wake => {
                self.each(now, Session::tick);
                self.auto_save(now);
            }
            Input::StartSession { session, key, guid, steal } => self.start(now, session, key, guid, steal),
            Input::CancelStart { session } => self.on(now, session, Session::cancel),
            Input::Save { session } => self.on(now, session, Session::save),
            Input::EndSession { session } => {
                self.on(now, session, |session, context| session.end(EndReason::Manual, context));
            }
            Input::Call { call, request } => self.call(now, call, request),
            Input::Shutdown => self.shut_down(now),
            Input::Message { session, message } => {
                self.on(now, session, |session, context| session.message(&message, context));
            }
            Input::Published { .. } => self.publishing = self.publishing.saturating_sub(1),
            answer => self.answered(now, answer),
        }
        self.sweep(now);
    }

    /// A request was answered.
    fn answered(&mut self, now: Now, answer: Input) {
        let (op, failed) = match &answer {
            Input::Updated { op, outcome } => (*op, matches!(outcome, UpdateOutcome::Failed(_))),
            Input::ReadDone { op, result } | Input::Removed { op, result } => (*op, result.is_err()),
            Input::Listed { op, result } => (*op, result.is_err()),
            Input::Subscribed { op, .. } => (*op, false),
            _ => return,
        };
        // A failed subscribe or publish says nothing about the data store.
        if failed {
            self.count_error(now, op);
        }
        match op.owner {
            Owner::Session(id) => self.on(now, id, |session, context| match answer {
                Input::Updated { outcome, .. } => session.updated(op.no, outcome, context),
                Input::ReadDone { result, .. } => session.read_done(op.no, &result, context),
                Input::Subscribed { result, .. } => session.subscribed(op.no, result, context),
                Input::Removed { result, .. } => session.removed(op.no, result.is_err(), context),
                _ => {}
            }),
            Owner::Call(id) => self.on_call(now, id, |call, context| match answer {
                Input::Updated { outcome, .. } => call.updated(op.no, &outcome, context),
                Input::ReadDone { result, .. } => call.read(op.no, result, context),
                Input::Removed { result, .. } => call.removed(op.no, result, context),
                Input::Listed { result, .. } => call.listed(op.no, result, context),
                _ => {}
            }),
        }
    }

    fn count_error(&mut self, now: Now, op: OpId) {
        let key = match op.owner {
            Owner::Session(id) => self.session(id).map(|session| Arc::clone(session.key())),
            Owner::Call(id) => self.calls.iter().find(|call| call.id == id).map(|call| Arc::clone(&call.key)),
        };
        if let Some(key) = key {
            self.outputs.push_back(Output::Event(Event::Error { key }));
        }
        if self.critical.error(now.mono, &self.config) {
            self.outputs.push_back(Output::Event(Event::Critical(true)));
        }
    }

    /// The current constants.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Changes the constants. A session that has the lock keeps its lease: its record states how long to wait for it.
    pub fn set_config(&mut self, config: Config) {
        self.config = config;
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// The latest time for the next [`Input::Wake`]; `None`: nothing is due.
    pub fn poll_timeout(&self) -> Option<Mono> {
        let sessions = self.sessions.iter().filter_map(Session::due).min();
        [sessions, self.calls_due(), self.auto_save_due(), self.critical.ends()].into_iter().flatten().min()
    }

    /// `IsClosing`.
    pub fn is_closing(&self) -> bool {
        self.closing != Closing::No
    }

    /// `IsCriticalState`.
    pub fn is_critical_state(&self) -> bool {
        self.critical.is_critical()
    }

    /// One run of an update's transform on the value that was read. It has no effect, and may be run any number of times.
    pub fn transform(&self, op: OpId, now: Now, current: Option<&Stored>) -> Transform {
        let nothing = || Transform { write: None, plan: Plan(Decision::Nothing) };
        let id = match op.owner {
            Owner::Session(id) => id,
            Owner::Call(id) => {
                let call = self.calls.iter().find(|call| call.id == id);
                let transform = call.and_then(|call| call.transform(op.no, now, current, &self.config));
                return transform.unwrap_or_else(nothing);
            }
        };
        let Some(session) = self.session(id) else { return nothing() };
        if let Some(transform) = session.transfer_transform(op.no, now.mono, current, &self.config) {
            return transform;
        }
        let Some(call) = session.requester.write(op.no) else { return nothing() };
        let (config, server, template) = (&self.config, &self.server, &self.template);
        let view = View { now, config, server, template, requester: &session.requester };
        view.run(call.kind, &session.phase, current)
    }

    /// Whether nothing is left to do for a session, or for its start.
    #[cfg(feature = "explore")]
    pub fn is_over(&self, session: SessionId) -> bool {
        self.session(session).is_none()
    }

    fn session(&self, id: SessionId) -> Option<&Session> {
        self.sessions.iter().find(|session| session.id() == id)
    }

    /// Runs a step of one session, if it is still there.
    fn on(&mut self, now: Now, id: SessionId, step: impl FnOnce(&mut Session, &mut Context<'_>)) {
        let (mut context, sessions, _) = self.split(now);
        if let Some(session) = sessions.iter_mut().find(|session| session.id() == id) {
            step(session, &mut context);
        }
    }

    fn each(&mut self, now: Now, step: impl Fn(&mut Session, &mut Context<'_>)) {
        let (mut context, sessions, _) = self.split(now);
        for session in sessions {
            step(session, &mut context);
        }
    }

    /// Runs a step of one call, if it is still there.
    fn on_call(&mut self, now: Now, id: CallId, step: impl FnOnce(&mut Call, &mut Context<'_>)) {
        let (mut context, _, calls) = self.split(now);
        if let Some(call) = calls.iter_mut().find(|call| call.id == id) {
            step(call, &mut context);
        }
    }

    /// The surroundings of a step, and what can be stepped.
    fn split(&mut self, now: Now) -> (Context<'_>, &mut [Session], &mut [Call]) {
        let ProfileStore { config, server, outputs, publishing, .. } = self;
        (Context { now, config, server, outputs, publishing }, &mut self.sessions, &mut self.calls)
    }

    fn start(&mut self, now: Now, id: SessionId, key: Key, guid: Guid, steal: bool) {
        let refusal = if self.closing != Closing::No {
            Some(StartFailure::Closing)
        } else if coordinator::is_reserved(&key) {
            Some(StartFailure::ReservedKey)
        } else if self.of_key(&key).any(|session| session.holding().is_some()) {
            Some(StartFailure::AlreadyActive)
        } else {
            None
        };
        if let Some(failure) = refusal {
            self.outputs.push_back(Output::Event(Event::StartFailed { session: id, failure }));
            return;
        }
        // A newer start of a key takes over from one that has not started yet.
        let older: Vec<SessionId> = self.of_key(&key).filter(|session| session.is_pending()).map(Session::id).collect();
        for older in older {
            self.on(now, older, |session, context| session.fail(StartFailure::Superseded, context));
        }
        let deadline = now.mono + self.config.start_session_timeout;
        debug_assert!(self.sessions.iter().all(|earlier| earlier.id() < id), "session numbers grow: {id:?}");
        self.sessions.push(Session::new(id, key, guid, steal, deadline));
    }

    fn of_key<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a Session> {
        self.sessions.iter().filter(move |session| **session.key() == *key)
    }

    fn shut_down(&mut self, now: Now) {
        if self.closing == Closing::No {
            self.closing = Closing::Asked;
        }
        self.each(now, Session::shut_down);
    }

    /// Drops finished sessions, begins those that waited for them, and says when a shutdown is complete.
    fn sweep(&mut self, now: Now) {
        self.sessions.retain(|session| !session.is_done() || self.config.breaks(Sabotage::FinishedSessionStays));
        for index in 0..self.sessions.len() {
            let session = &self.sessions[index];
            if session.is_queued() && self.is_first(index) {
                self.on(now, session.id(), Session::begin);
            }
        }
        self.run_calls(now);
        if self.critical.expire(now.mono) {
            self.outputs.push_back(Output::Event(Event::Critical(false)));
        }
        let ended = self.sessions.is_empty() || self.config.breaks(Sabotage::ShutdownDoesNotWait);
        if self.closing == Closing::Asked && self.config.breaks(Sabotage::ShutdownRefusesMessagesUnderWay) {
            self.refuse_calls();
        }
        // If the server closed while a message is in flight, its caller would never learn whether it was sent.
        let called = self.calls.is_empty() || self.config.breaks(Sabotage::ShutdownForgetsMessages);
        let sent = called && self.publishing == 0;
        if self.closing == Closing::Asked && ended && sent {
            self.closing = Closing::Done;
            self.outputs.push_back(Output::Event(Event::ShutDown));
        }
    }

    /// Whether no earlier session of the key is left on this server. It may have a final save in flight: the same server
    /// is not the same session.
    fn is_first(&self, index: usize) -> bool {
        let key = self.sessions[index].key();
        self.config.breaks(Sabotage::SameServerIsSameSession)
            || self.sessions[..index].iter().all(|earlier| earlier.key() != key)
    }

    /// Profiles are saved one after the other, one every period ÷ number of profiles, so that saves never come in bursts.
    fn auto_save_due(&self) -> Option<Mono> {
        let holding = self.sessions.iter().filter(|session| session.holding().is_some()).count();
        let spacing = self.config.auto_save_period.0.checked_div(u64::try_from(holding).ok()?)?;
        Some(self.auto_saved.0 + Span(spacing))
    }

    fn auto_save(&mut self, now: Now) {
        if self.auto_save_due().is_none_or(|due| due > now.mono) {
            return;
        }
        self.auto_saved = Overlooked(now.mono);
        let saved = self.sessions.iter().filter_map(|session| Some((session.holding()?.saved_at(), session.id())));
        let oldest = if self.config.breaks(Sabotage::AutoSaveTakesNewest) { saved.max() } else { saved.min() };
        // A profile that was saved recently, for whatever reason, can wait.
        if let Some((saved_at, id)) = oldest
            && !self.config.breaks(Sabotage::NoAutoSave)
            && now.mono.since(saved_at).0 >= self.config.auto_save_period.0 / 2
        {
            self.on(now, id, Session::save);
        }
    }
}
