//! The machine, and everything that its events reach, behind one lock.

use std::collections::{BTreeMap, VecDeque};
use std::pin::Pin;
use std::sync::Arc;

use dupeproof_core::{
    Acquired, CallId, CallRequest, CallResult, Event, Input, Key, Now, Output, ProfileStore as Machine, SessionId,
    StartFailure,
};
use tokio::sync::watch;

use crate::service::{DataStoreState, KeyInfo};
use crate::session::{Facts, KnownFacts, Session};
use crate::signal::{ErrorReport, Overwrite, Promise, SaveRefused, Signal, Waiter};
use crate::trade::Decided;

/// Something in progress that a driver polls.
pub(crate) type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

pub(crate) struct State {
    pub machine: Machine,
    pub name: Arc<str>,
    /// Sessions that have started and are not finished.
    pub sessions: BTreeMap<SessionId, Session>,
    pub starts: BTreeMap<SessionId, Start>,
    pub calls: BTreeMap<CallId, Call>,
    /// Requests that the driver has not made yet.
    pub requests: VecDeque<Output>,
    /// The work of the mock, until this store's driver takes it on.
    pub mock_work: Option<Work>,
    pub signals: Signals,
    pub shut_down: watch::Sender<bool>,
    pub data_store_state: DataStoreState,
    numbers: u32,
}

/// A start that a caller waits for.
pub(crate) struct Start {
    pub key: Key,
    pub waiter: Waiter<Result<Arc<Facts>, StartFailure>>,
}

/// A call that a caller waits for.
pub(crate) struct Call {
    pub waiter: Waiter<(CallResult, Option<KeyInfo>)>,
    /// Of the value that was read.
    pub key_info: Option<KeyInfo>,
}

#[derive(Default)]
pub(crate) struct Signals {
    pub error: Signal<ErrorReport>,
    pub overwrite: Signal<Overwrite>,
    pub critical_toggle: Signal<bool>,
}

impl State {
    pub(crate) fn new(machine: Machine, name: Arc<str>) -> State {
        State {
            machine,
            name,
            sessions: BTreeMap::new(),
            starts: BTreeMap::new(),
            calls: BTreeMap::new(),
            requests: VecDeque::new(),
            mock_work: None,
            signals: Signals::default(),
            shut_down: watch::Sender::new(false),
            data_store_state: DataStoreState::NotReady,
            numbers: 0,
        }
    }

    /// A number that no session or call of this store had before.
    pub(crate) fn number(&mut self) -> u32 {
        self.numbers += 1;
        self.numbers
    }

    pub(crate) fn report(&mut self, key: &Key, message: impl Into<Arc<str>>) {
        let report = ErrorReport { message: message.into(), store: Arc::clone(&self.name), key: Arc::clone(key) };
        self.signals.error.fire(&report);
    }

    /// Begins a call; its answer comes with the receiver.
    pub(crate) fn call(&mut self, now: Now, request: CallRequest) -> Promise<(CallResult, Option<KeyInfo>)> {
        let call = CallId(self.number());
        let (waiter, answer) = Promise::new();
        self.calls.insert(call, Call { waiter, key_info: None });
        self.machine.handle(now, Input::Call { call, request });
        answer
    }

    /// Takes the machine's outputs: events have their effect at once, requests are left for the driver.
    pub(crate) fn pump(&mut self, now: Now) {
        while let Some(output) = self.machine.poll_output() {
            match output {
                Output::Event(event) => self.event(now, event),
                request => self.requests.push_back(request),
            }
        }
    }

    fn event(&mut self, now: Now, event: Event) {
        match event {
            Event::Started { session, acquired, overwritten } => self.started(session, acquired, overwritten),
            Event::StartFailed { session, failure } => {
                if let Some(start) = self.starts.remove(&session) {
                    start.waiter.resolve(Err(failure));
                }
            }
            Event::CallDone { call, result } => {
                if let Some(call) = self.calls.remove(&call) {
                    call.waiter.resolve((result, call.key_info));
                }
            }
            // The driver reports the errors, with their texts.
            Event::Error { .. } => {}
            Event::Critical(critical) => self.signals.critical_toggle.fire(&critical),
            Event::Finished { session } => drop(self.sessions.remove(&session)),
            Event::ShutDown => drop(self.shut_down.send_replace(true)),
            event => self.session_event(now, event),
        }
    }

    fn session_event(&mut self, now: Now, event: Event) {
        match event {
            Event::Renewed { session } => self.deliver(now, session),
            Event::Suspended { session } => self.on(session, |session| session.signals.suspend.fire(&())),
            Event::Resumed { session } => {
                self.on(session, |session| session.signals.resume.fire(&()));
                self.deliver(now, session);
            }
            Event::Saving { session } => self.save_hooks(now, session),
            Event::AfterSave { session, write, data } => self.on(session, |session| session.saved(write, &data)),
            Event::SaveRefused { session, key, write, why, last } => {
                let lost =
                    if last { "the final save left out what was changed since the last one: " } else { "not saved: " };
                self.report(&key, format!("{lost}{why}"));
                self.on(session, |session| session.save_refused(write, SaveRefused { why, last }));
            }
            Event::LastSave { session, reason } => {
                self.on(session, |session| session.signals.last_save.fire(&reason));
            }
            Event::Message { session, .. } => self.deliver(now, session),
            Event::TradeDecided { session, trade, committed, items } => {
                self.on(session, |session| session.decided.push(Decided { trade, committed, items }));
                self.deliver(now, session);
            }
            Event::GiftDelivered { session, gift } => {
                self.on(session, |session| session.gift_delivered(&gift));
            }
            Event::PurchaseStored { session, receipt } => {
                self.on(session, |session| session.purchase_stored(&receipt));
            }
            Event::Ended { session, reason } => {
                self.on(session, |session| session.ended(reason));
            }
            Event::Started { .. }
            | Event::StartFailed { .. }
            | Event::CallDone { .. }
            | Event::Error { .. }
            | Event::Critical(_)
            | Event::Finished { .. }
            | Event::ShutDown => {}
        }
    }

    fn started(&mut self, id: SessionId, acquired: Acquired, overwritten: bool) {
        let Some(Start { key, waiter }) = self.starts.remove(&id) else { return };
        let Some(profile) = self.machine.profile(id) else {
            return waiter.resolve(Err(StartFailure::Superseded));
        };
        let facts = Arc::new(Facts::new(KnownFacts {
            last_saved: Arc::clone(&profile.data),
            key_info: None,
            user_ids: Arc::clone(&profile.user_ids),
            roblox_metadata: Arc::clone(&profile.roblox_metadata),
            first_session_time: profile.meta.profile_create_time,
            session_load_count: profile.meta.session_load_count,
            acquired,
            ended: None,
        }));
        if overwritten {
            let overwrite = Overwrite { store: Arc::clone(&self.name), key: Arc::clone(&key) };
            self.signals.overwrite.fire(&overwrite);
        }
        self.sessions.insert(id, Session::new(id, key, Arc::clone(&facts)));
        waiter.resolve(Ok(facts));
    }

    fn on(&mut self, id: SessionId, step: impl FnOnce(&mut Session)) {
        if let Some(session) = self.sessions.get_mut(&id) {
            step(session);
        }
    }

    /// Hands waiting messages and decided trades to the game's handlers.
    pub(crate) fn deliver(&mut self, now: Now, id: SessionId) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let key = Arc::clone(&session.key);
        let messages = session.offer_messages(&mut self.machine, now);
        let trades = session.settle_trades(&mut self.machine, now);
        if !messages {
            self.report(&key, "a message handler panicked; its message stays in the queue");
        }
        if !trades {
            self.report(&key, "the trade handler panicked; its trade waits");
        }
    }

    fn save_hooks(&mut self, now: Now, id: SessionId) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let key = Arc::clone(&session.key);
        if !session.run_save_hooks(&mut self.machine, now) {
            self.report(&key, "an on_save hook panicked; the data is saved without its changes");
        }
    }
}
