//! A store of profiles on one server.

use std::pin::Pin;
use std::sync::Arc;

use dupeproof_core::{
    CallRequest, CallResult, Config, ConstantError, Input, ProfileStore as Machine, ServerIdentity, SessionId,
    StartFailure, VersionQuery,
};
use serde_json::Value as Json;

use crate::driver::{Driver, KeepAlive, drive};
use crate::environment::{Environment, SystemEnvironment};
use crate::error::{MessageError, StartError, ViewError};
use crate::memory::{MemoryDataStore, MemoryMessaging};
use crate::name::{self, NameError};
use crate::profile::Profile;
use crate::service::{DataStore, DataStoreState, KeyInfo, Messaging};
use crate::shared::Shared;
use crate::signal::{ErrorReport, Overwrite, Promise, Subscription};
use crate::state::{Start, State};
use crate::view::{Versions, View};

/// A store of profiles. A handle: clones are the same store.
///
/// When the last handle of a store, and of its profiles, is dropped, its driver stops, and with it everything in
/// progress: end with [`ProfileStore::shutdown`].
pub struct ProfileStore<D, M, E = SystemEnvironment> {
    pub(crate) shared: Arc<Shared<D, M, E>>,
    keep_alive: Arc<KeepAlive>,
}

impl<D, M, E> Clone for ProfileStore<D, M, E> {
    fn clone(&self) -> ProfileStore<D, M, E> {
        ProfileStore { shared: Arc::clone(&self.shared), keep_alive: Arc::clone(&self.keep_alive) }
    }
}

/// How to start a session.
#[derive(Default)]
pub struct StartParams {
    /// Take a held lock at once, without waiting for its holder. The holder is told, and may believe it is live for up
    /// to its lease: for administrators, who know that its server is gone.
    pub steal: bool,
    /// When this completes, the session is not wanted any more: usually the player has left.
    pub cancel: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl<D: DataStore, M: Messaging, E: Environment> ProfileStore<D, M, E> {
    /// `ProfileStore.New`. New profiles begin with the template.
    ///
    /// # Errors
    /// [`NameError`] if the name is empty or has more than 50 bytes.
    ///
    /// # Panics
    /// Outside a tokio runtime: the store's driver is one of its tasks. On another executor, see
    /// [`ProfileStore::with_driver`].
    pub fn new(
        name: &str,
        template: Json,
        config: Config,
        server: ServerIdentity,
        data_store: D,
        messaging: M,
        environment: E,
    ) -> Result<ProfileStore<D, M, E>, NameError> {
        let made = Self::with_driver(name, template, config, server, data_store, messaging, environment);
        made.map(|(store, driver)| {
            drop(tokio::spawn(driver));
            store
        })
    }

    /// As [`ProfileStore::new`], for any executor: the store, and the future that does its work. The caller runs the
    /// future, as one task; with an [`Environment`] that does not sleep with tokio, nothing here needs a tokio runtime.
    ///
    /// # Errors
    /// [`NameError`] if the name is empty or has more than 50 bytes.
    pub fn with_driver(
        name: &str,
        template: Json,
        config: Config,
        server: ServerIdentity,
        data_store: D,
        messaging: M,
        environment: E,
    ) -> Result<(ProfileStore<D, M, E>, Driver), NameError> {
        name::check_store(name)?;
        let machine = Machine::new(config, server.clone(), environment.guid(), template.clone());
        let state = State::new(machine, name.into());
        let services = (data_store, messaging);
        let shared = Arc::new(Shared::new(state, (server, template), services, Arc::new(environment)));
        let (driver, keep_alive) = Driver::new(drive(Arc::clone(&shared)));
        Ok((ProfileStore { shared, keep_alive: Arc::new(keep_alive) }, driver))
    }

    /// `Mock`: the same on a store of its own, in memory, gone with the process. Always the same one. This store's
    /// driver does its work, too.
    pub fn mock(&self) -> ProfileStore<MemoryDataStore, MemoryMessaging, E> {
        let mock = self.shared.mock.get_or_init(|| {
            let surroundings = (self.shared.server.clone(), self.shared.template.clone());
            let environment = Arc::clone(&self.shared.environment);
            let machine =
                Machine::new(self.config(), surroundings.0.clone(), environment.guid(), surroundings.1.clone());
            let state = State::new(machine, Arc::clone(&self.shared.name));
            let clock = Arc::clone(&environment);
            let services = (MemoryDataStore::new(move || clock.now().unix), MemoryMessaging::default());
            let mock = Arc::new(Shared::new(state, surroundings, services, environment));
            let work = Box::pin(drive(Arc::clone(&mock)));
            self.shared.act(|state, _| state.mock_work = Some(work));
            mock
        });
        // A handle of the mock keeps the driver alive, too: it does the work of both.
        ProfileStore { shared: Arc::clone(mock), keep_alive: Arc::clone(&self.keep_alive) }
    }

    /// `Name`.
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// `StartSessionAsync`: a session of its own, as soon as it is safe. Waits for the present holder, on whichever
    /// server, to save and release it. Dropping the future cancels the start.
    ///
    /// # Errors
    /// [`StartError`]. A key that is active on this server already, a newer start of the key, the cancellation, and
    /// `START_SESSION_TIMEOUT` are failures.
    pub async fn start_session(&self, key: &str, params: StartParams) -> Result<Profile<D, M, E>, StartError> {
        name::check_key(key)?;
        let key: Arc<str> = key.into();
        let guid = self.shared.environment.guid();
        let (waiter, mut answer) = Promise::new();
        let session = self.shared.act(|state, now| {
            let session = SessionId(state.number());
            state.starts.insert(session, Start { key: Arc::clone(&key), waiter });
            let (key, guid) = (Arc::clone(&key), Arc::clone(&guid));
            state.machine.handle(now, Input::StartSession { session, key, guid, steal: params.steal });
            session
        });
        let unwanted = CancelOnDrop { store: self, session, armed: true };
        let cancelled = async {
            match params.cancel {
                Some(cancel) => cancel.await,
                None => std::future::pending().await,
            }
        };
        let answered = tokio::select! {
            biased;
            answered = &mut answer => answered,
            () = cancelled => return Err(StartFailure::Cancelled.into()),
        };
        let facts = answered.unwrap_or(Err(StartFailure::Closing))?;
        unwanted.disarm();
        Ok(Profile { store: self.clone(), session, key, guid, facts })
    }

    /// `MessageAsync`: delivered to the profile's message handler exactly once, whether it has a session or not.
    /// Retried until it is known to be stored.
    ///
    /// # Errors
    /// [`MessageError`]; the message was not sent then.
    pub async fn message(&self, key: &str, message: Json) -> Result<(), MessageError> {
        name::check_key(key)?;
        let (result, _) = self.call(CallRequest::Message { key: key.into(), message: Arc::new(message) }).await;
        match result {
            CallResult::QueueFull => Err(MessageError::QueueFull),
            CallResult::Unstorable(why) => Err(MessageError::Unstorable(why)),
            CallResult::NotARecord => Err(MessageError::NotARecord),
            CallResult::Closing => Err(MessageError::Closing),
            _ => Ok(()),
        }
    }

    /// `GetAsync`: a view of the profile, now or at a version of its past, without a session. `None` if no session
    /// has made one.
    ///
    /// # Errors
    /// [`ViewError`].
    pub async fn get(&self, key: &str, version: Option<&str>) -> Result<Option<View<D, M, E>>, ViewError> {
        name::check_key(key)?;
        let key: Arc<str> = key.into();
        let request = match version {
            Some(version) => CallRequest::GetVersion { key: Arc::clone(&key), version: version.into() },
            None => CallRequest::Get { key: Arc::clone(&key) },
        };
        match self.call(request).await {
            (CallResult::Value(value), key_info) => View::new(self, key, value, key_info),
            (CallResult::Closing, _) => Err(ViewError::Closing),
            _ => Err(ViewError::Failed),
        }
    }

    /// `VersionQuery`: views of a profile's past, one after the other. It begins after `query.after`.
    ///
    /// # Errors
    /// [`NameError`] for a bad key.
    pub fn version_query(&self, key: &str, query: VersionQuery) -> Result<Versions<D, M, E>, NameError> {
        name::check_key(key)?;
        Ok(Versions::new(self.clone(), key.into(), query))
    }

    /// `RemoveAsync`: returns whether there was a value. A live session of it, on any server, is told and ends. Retried
    /// until it is known to be done.
    ///
    /// # Errors
    /// [`ViewError`].
    pub async fn remove(&self, key: &str) -> Result<bool, ViewError> {
        name::check_key(key)?;
        match self.call(CallRequest::Remove { key: key.into() }).await.0 {
            CallResult::Value(before) => Ok(before.is_some()),
            CallResult::Closing => Err(ViewError::Closing),
            _ => Err(ViewError::Failed),
        }
    }

    /// `SetConstant`, with ProfileStore's name and a value in seconds, or a count. The mock's is set, too.
    ///
    /// # Errors
    /// [`ConstantError`] for an unknown name and for a value out of range; nothing was changed then.
    pub fn set_constant(&self, name: &str, value: u64) -> Result<(), ConstantError> {
        let mut config = self.config();
        config.set_constant(name, value)?;
        self.set_config(&config);
        Ok(())
    }

    /// The current constants.
    pub fn config(&self) -> Config {
        self.shared.with(|state, _| state.machine.config().clone())
    }

    /// Changes the constants. A session that has the lock keeps its lease; see
    /// [`dupeproof_core::ProfileStore::set_config`]. The mock's are changed, too.
    pub fn set_config(&self, config: &Config) {
        self.shared.act(|state, _| state.machine.set_config(config.clone()));
        if let Some(mock) = self.shared.mock.get() {
            mock.act(|state, _| state.machine.set_config(config.clone()));
        }
    }

    /// `IsClosing`: [`ProfileStore::shutdown`] was called.
    pub fn is_closing(&self) -> bool {
        self.shared.with(|state, _| state.machine.is_closing())
    }

    /// `IsCriticalState`: many requests fail.
    pub fn is_critical_state(&self) -> bool {
        self.shared.with(|state, _| state.machine.is_critical_state())
    }

    /// `DataStoreState`: what the last answer of the data store said.
    pub fn data_store_state(&self) -> DataStoreState {
        self.shared.with(|state, _| state.data_store_state)
    }

    /// `OnError`: what failed. Whatever can be retried is retried.
    pub fn on_error(&self) -> Subscription<ErrorReport> {
        self.shared.with(|state, _| state.signals.error.subscribe())
    }

    /// `OnOverwrite`: a value that was not a record was replaced with the template.
    pub fn on_overwrite(&self) -> Subscription<Overwrite> {
        self.shared.with(|state, _| state.signals.overwrite.subscribe())
    }

    /// `OnCriticalToggle`: the critical state has begun (true) or ended.
    pub fn on_critical_toggle(&self) -> Subscription<bool> {
        self.shared.with(|state, _| state.signals.critical_toggle.subscribe())
    }

    /// What ProfileStore does in `BindToClose`: ends every session, of the mock, too, and waits until all final saves
    /// and all messages are stored. Nothing can be started any more. It takes as long as the data store takes; a
    /// server that is killed after 30 s puts [`tokio::time::timeout`] around it.
    pub async fn shutdown(&self) {
        if let Some(mock) = self.shared.mock.get() {
            mock.close().await;
        }
        self.shared.close().await;
    }

    pub(crate) async fn call(&self, request: CallRequest) -> (CallResult, Option<KeyInfo>) {
        let answer = self.shared.act(|state, now| state.call(now, request));
        answer.await.unwrap_or((CallResult::Closing, None))
    }
}

/// Cancels a start whose future is dropped: it must not leave a session behind.
struct CancelOnDrop<'a, D, M, E: Environment> {
    store: &'a ProfileStore<D, M, E>,
    session: SessionId,
    armed: bool,
}

impl<D, M, E: Environment> CancelOnDrop<'_, D, M, E> {
    fn disarm(mut self) {
        self.armed = false;
    }
}

impl<D, M, E: Environment> Drop for CancelOnDrop<'_, D, M, E> {
    fn drop(&mut self) {
        if self.armed {
            let session = self.session;
            self.store.shared.act(|state, now| state.machine.handle(now, Input::CancelStart { session }));
        }
    }
}
