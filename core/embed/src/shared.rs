//! What all handles of one store and its driver share.

use std::cell::RefCell;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use dupeproof_core::{Input, Key, Now, OpId, Owner, ServerIdentity};
use serde_json::Value as Json;
use tokio::sync::Notify;

use crate::environment::Environment;
use crate::memory::{MemoryDataStore, MemoryMessaging};
use crate::service::{DataStoreState, ErrorKind, KeyInfo, ServiceError};
use crate::state::State;

pub(crate) struct Shared<D, M, E> {
    pub name: Arc<str>,
    pub server: ServerIdentity,
    pub template: Json,
    pub data_store: D,
    pub messaging: M,
    pub environment: Arc<E>,
    /// Wakes the driver: there is something to do, or its timer may be wrong.
    pub wake: Notify,
    pub mock: OnceLock<Arc<Shared<MemoryDataStore, MemoryMessaging, E>>>,
    state: Mutex<State>,
}

/// What an answer of the data store says beside its result.
#[derive(Default)]
pub(crate) struct AnswerDetails {
    pub key_info: Option<KeyInfo>,
    pub error: Option<ServiceError>,
}

impl<D, M, E: Environment> Shared<D, M, E> {
    pub(crate) fn new(
        state: State,
        (server, template): (ServerIdentity, Json),
        (data_store, messaging): (D, M),
        environment: Arc<E>,
    ) -> Shared<D, M, E> {
        let (wake, mock, name) = (Notify::new(), OnceLock::new(), Arc::clone(&state.name));
        Shared { name, server, template, data_store, messaging, environment, wake, mock, state: Mutex::new(state) }
    }

    /// Reads the machine, or changes data in it, without an input. The clocks are read under the lock: the machine's
    /// time must not go back.
    pub(crate) fn with<T>(&self, step: impl FnOnce(&mut State, Now) -> T) -> T {
        let mut state = self.lock();
        let now = self.environment.now();
        step(&mut state, now)
    }

    /// Gives the machine an input, and takes its outputs.
    pub(crate) fn act<T>(&self, act: impl FnOnce(&mut State, Now) -> T) -> T {
        let result = self.with(|state, now| {
            let result = act(state, now);
            state.pump(now);
            result
        });
        self.wake.notify_one();
        result
    }

    /// An answer of the data store.
    pub(crate) fn answer(&self, op: OpId, key: &Key, input: Input, details: AnswerDetails) {
        self.act(|state, now| {
            state.data_store_state = match details.error.as_ref().map(|error| error.kind) {
                None => DataStoreState::Access,
                Some(ErrorKind::NoAccess) => DataStoreState::NoAccess,
                Some(ErrorKind::NoInternet) => DataStoreState::NoInternet,
                Some(ErrorKind::Other) => state.data_store_state,
            };
            if let Some(error) = details.error {
                state.report(key, error.message);
            }
            if let Owner::Call(call) = op.owner
                && let Some(call) = state.calls.get_mut(&call)
            {
                call.key_info.clone_from(&details.key_info);
            }
            state.machine.handle(now, input);
            state.pump(now);
            // After the pump: the session may have started with this answer. Its transfers have other keys.
            if let Owner::Session(session) = op.owner
                && let Some(session) = state.sessions.get(&session)
                && session.key == *key
                && details.key_info.is_some()
            {
                session.facts.lock().key_info = details.key_info;
            }
        });
    }

    /// Ends every session, and waits until nothing is left to do.
    pub(crate) async fn close(&self) {
        let mut done = self.act(|state, now| {
            state.machine.handle(now, Input::Shutdown);
            state.shut_down.subscribe()
        });
        // The sender lives as long as this does.
        drop(done.wait_for(|done| *done).await);
    }

    /// # Panics
    /// If this thread has the lock already: a handler, or a closure that was given the data, uses its store.
    fn lock(&self) -> Locked<'_> {
        let address = std::ptr::from_ref(&self.state).addr();
        INSIDE.with_borrow_mut(|inside| {
            assert!(
                !inside.contains(&address),
                "a handler, or a closure that was given the data, used its own store or profile: it would wait for \
                 itself for ever; use the data it was given"
            );
            inside.push(address);
        });
        // A closure of the game that panicked has left the machine in a valid state.
        Locked { state: self.state.lock().unwrap_or_else(PoisonError::into_inner) }
    }
}

thread_local! {
    /// The stores whose locks this thread has, by their addresses.
    static INSIDE: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// The state, locked by this thread.
struct Locked<'a> {
    state: MutexGuard<'a, State>,
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        INSIDE.with_borrow_mut(Vec::pop);
    }
}

impl Deref for Locked<'_> {
    type Target = State;
    fn deref(&self) -> &State {
        &self.state
    }
}

impl DerefMut for Locked<'_> {
    fn deref_mut(&mut self) -> &mut State {
        &mut self.state
    }
}
