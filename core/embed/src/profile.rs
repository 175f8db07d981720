//! A profile with a session of this server.

use std::sync::Arc;

use dupeproof_core::{
    Acquired, EndReason, Guid, Input, Key, Mono, NotActive, Now, ServerIdentity, SessionId, SessionTag, TagError,
};
use serde_json::Value as Json;

use crate::environment::{Environment, SystemEnvironment};
use crate::service::{DataStore, KeyInfo, Messaging};
use crate::session::{Facts, MessageHandler, Session};
use crate::signal::{Promise, PromiseError, SaveRefused, Signal, Subscription};
use crate::state::State;
use crate::store::ProfileStore;

/// A profile with a session. A handle: clones are the same session.
///
/// The session is live while its lease runs: [`Profile::is_active`]. Dropping handles does not end it;
/// [`Profile::end_session`] and [`ProfileStore::shutdown`] do, and other servers may.
pub struct Profile<D, M, E = SystemEnvironment> {
    pub(crate) store: ProfileStore<D, M, E>,
    pub(crate) session: SessionId,
    pub(crate) key: Key,
    pub(crate) guid: Guid,
    pub(crate) facts: Arc<Facts>,
}

impl<D, M, E> Clone for Profile<D, M, E> {
    fn clone(&self) -> Profile<D, M, E> {
        let (key, guid, facts) = (Arc::clone(&self.key), Arc::clone(&self.guid), Arc::clone(&self.facts));
        Profile { store: self.store.clone(), session: self.session, key, guid, facts }
    }
}

impl<D: DataStore, M: Messaging, E: Environment> Profile<D, M, E> {
    /// `Data`, to be read. The closure must not use this store or its profiles: that panics.
    ///
    /// # Errors
    /// [`NotActive`] if the session is not live at this moment: what it has may be old.
    pub fn data<T>(&self, read: impl FnOnce(&Json) -> T) -> Result<T, NotActive> {
        self.store.shared.with(|state, now| {
            let data = state.machine.data(self.session).filter(|_| state.machine.is_active(self.session, now));
            data.map(read).ok_or(NotActive)
        })
    }

    /// `Data`, to be changed. The closure must not use this store or its profiles: that panics.
    ///
    /// # Errors
    /// [`NotActive`] if the session is not live at this moment: the change could never be stored.
    pub fn edit<T>(&self, change: impl FnOnce(&mut Json) -> T) -> Result<T, NotActive> {
        self.store.shared.with(|state, now| state.machine.data_mut(self.session, now).map(change))
    }

    /// `LastSavedData`: what is known to be stored. Also after the end.
    pub fn last_saved_data(&self) -> Arc<Json> {
        Arc::clone(&self.facts.lock().last_saved)
    }

    /// `FirstSessionTime`: Unix seconds.
    pub fn first_session_time(&self) -> i64 {
        self.facts.lock().first_session_time
    }

    /// `SessionLoadCount`: how many sessions this profile has had, this one included.
    pub fn session_load_count(&self) -> u64 {
        self.facts.lock().session_load_count
    }

    /// `Session`: this session, until it has ended.
    pub fn session(&self) -> Option<SessionTag> {
        let held = self.store.shared.with(|state, _| state.machine.live_until(self.session).is_some());
        let ServerIdentity { place_id, job_id } = &self.store.shared.server;
        let tag = || SessionTag { place_id: *place_id, job_id: Arc::clone(job_id), guid: Some(Arc::clone(&self.guid)) };
        held.then(tag)
    }

    /// `RobloxMetaData`.
    pub fn roblox_metadata(&self) -> Arc<Json> {
        Arc::clone(&self.facts.lock().roblox_metadata)
    }

    /// `RobloxMetaData`, replaced; stored with the next save.
    ///
    /// # Errors
    /// [`TagError`] if the session is not live at this moment, or the data store would not accept such metadata.
    pub fn set_roblox_metadata(&self, metadata: Json) -> Result<(), TagError> {
        self.change(|state, now| state.machine.set_roblox_metadata(self.session, now, metadata))
    }

    /// `UserIds`.
    pub fn user_ids(&self) -> Arc<[i64]> {
        Arc::clone(&self.facts.lock().user_ids)
    }

    /// `AddUserId`; stored with the next save.
    ///
    /// # Errors
    /// [`TagError`] if the session is not live at this moment, or the record belongs to as many users as it can.
    pub fn add_user_id(&self, user_id: i64) -> Result<(), TagError> {
        self.change(|state, now| state.machine.add_user_id(self.session, now, user_id))
    }

    /// `RemoveUserId`; stored with the next save.
    ///
    /// # Errors
    /// [`NotActive`] if the session is not live at this moment.
    pub fn remove_user_id(&self, user_id: i64) -> Result<(), NotActive> {
        self.change(|state, now| state.machine.remove_user_id(self.session, now, user_id))
    }

    /// `KeyInfo`, as of the last time the record was read or written for this session.
    pub fn key_info(&self) -> Option<KeyInfo> {
        self.facts.lock().key_info.clone()
    }

    /// `ProfileStore`.
    pub fn store(&self) -> &ProfileStore<D, M, E> {
        &self.store
    }

    /// `Key`.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// `IsActive`: whether the session is live at this very moment.
    pub fn is_active(&self) -> bool {
        self.store.shared.with(|state, now| state.machine.is_active(self.session, now))
    }

    /// Until when the session is live unless its lease is confirmed before: the end of what [`Profile::is_active`] can
    /// promise now, by [`Environment::now`]. `None` if it is not live at this very moment.
    pub fn live_until(&self) -> Option<Mono> {
        self.store.shared.with(|state, now| {
            let until = state.machine.live_until(self.session);
            until.filter(|_| state.machine.is_active(self.session, now))
        })
    }

    /// How the lock was acquired.
    pub fn acquired(&self) -> Acquired {
        self.facts.lock().acquired
    }

    /// `Reconcile`: adds what is in the template and missing in the data, at every depth of maps.
    ///
    /// # Errors
    /// [`NotActive`] if the session is not live at this moment.
    pub fn reconcile(&self) -> Result<(), NotActive> {
        self.store.shared.with(|state, now| state.machine.reconcile(self.session, now))
    }

    /// `Save`: at once, or after the one in flight. The promise is kept when the data as it is now, or newer, is known
    /// to be stored, and broken if the data store would not accept it.
    ///
    /// # Errors
    /// [`NotActive`] if the session has ended. One that is suspended saves: that may make it live again.
    pub fn save(&self) -> Result<Promise<()>, NotActive> {
        self.act(|state, now| {
            let held = state.machine.live_until(self.session).is_some();
            let write = state.machine.next_write(self.session).filter(|_| held).ok_or(NotActive)?;
            let session = state.sessions.get_mut(&self.session).ok_or(NotActive)?;
            let (waiter, promise) = Promise::new();
            session.saves.push((write, waiter));
            state.machine.handle(now, Input::Save { session: self.session });
            Ok(promise)
        })
    }

    /// `EndSession`: not live from here on; a final save stores the data as it is now and releases the profile.
    /// [`Profile::finished`] waits for it.
    pub fn end_session(&self) {
        self.act(|state, now| state.machine.handle(now, Input::EndSession { session: self.session }));
    }

    /// Waits until nothing is left to do for this session: it has ended, and its final save is stored or can never be.
    pub async fn finished(&self) {
        let waiting = self.store.shared.with(|state, _| {
            let (waiter, waiting) = Promise::<()>::new();
            state.sessions.get_mut(&self.session)?.finished.push(waiter);
            Some(waiting)
        });
        if let Some(waiting) = waiting {
            // It always ends as a broken promise: its other end is dropped when the session is forgotten.
            let _: Result<(), PromiseError> = waiting.await;
        }
    }

    /// `MessageHandler`: gets the data and a message together, and returns whether it has processed the message. Messages
    /// that wait already are handed to it at once, later ones as they come. If so, its changes and the removal of the message are one write;
    /// if not, there are no changes, and the next handler is asked. The handler must not use this store or its
    /// profiles: that panics.
    pub fn message_handler(&self, handle: impl FnMut(&mut Json, &Json) -> bool + Send + 'static) {
        self.act(|state, now| {
            if let Some(session) = state.sessions.get_mut(&self.session) {
                session.message_handlers.push(MessageHandler { seen: 0, handle: Box::new(handle) });
            }
            state.deliver(now, self.session);
        });
    }

    /// `OnSave`: a save is about to take the data, which the hook may still change. It must not use this store or its
    /// profiles: that panics. There is none before the final save: the session is not live any more then.
    pub fn on_save(&self, hook: impl FnMut(&mut Json) + Send + 'static) {
        self.store.shared.with(|state, _| {
            if let Some(session) = state.sessions.get_mut(&self.session) {
                session.save_hooks.push(Box::new(hook));
            }
        });
    }

    /// `OnLastSave`: the final save begins, and why the session has ended.
    pub fn on_last_save(&self) -> Subscription<EndReason> {
        self.subscribe(|session| &mut session.signals.last_save)
    }

    /// `OnSessionEnd`: not live from here on, and why. Fired once, also to a subscription made after the end: another
    /// server may have asked for the session before the game could subscribe.
    pub fn on_session_end(&self) -> Subscription<EndReason> {
        self.store.shared.with(|state, _| {
            let ended = self.facts.lock().ended;
            match (ended, state.sessions.get_mut(&self.session)) {
                (None, Some(session)) => session.signals.session_end.subscribe(),
                (ended, _) => Subscription::of(ended),
            }
        })
    }

    /// `OnAfterSave`: the data that is known to be stored now.
    pub fn on_after_save(&self) -> Subscription<Arc<Json>> {
        self.subscribe(|session| &mut session.signals.after_save)
    }

    /// The data store would not accept the data, and what was stored before stays: make the data smaller, or flatter, and
    /// save. [`ProfileStore::on_error`] reports it, too.
    pub fn on_save_refused(&self) -> Subscription<SaveRefused> {
        self.subscribe(|session| &mut session.signals.save_refused)
    }

    /// The lease has run out unconfirmed: not live for now. [`Profile::on_resume`] or [`Profile::on_session_end`]
    /// follows.
    pub fn on_suspend(&self) -> Subscription<()> {
        self.subscribe(|session| &mut session.signals.suspend)
    }

    /// Live again.
    pub fn on_resume(&self) -> Subscription<()> {
        self.subscribe(|session| &mut session.signals.resume)
    }

    /// A session that is finished fires nothing any more: the subscription is over at once.
    fn subscribe<T: Clone>(&self, signal: impl FnOnce(&mut Session) -> &mut Signal<T>) -> Subscription<T> {
        self.store.shared.with(|state, _| match state.sessions.get_mut(&self.session) {
            Some(session) => signal(session).subscribe(),
            None => Signal::default().subscribe(),
        })
    }

    pub(crate) fn act<T>(&self, act: impl FnOnce(&mut State, Now) -> T) -> T {
        self.store.shared.act(act)
    }

    /// Changes something that is repeated in the facts.
    fn change<Refused: From<NotActive>>(
        &self,
        change: impl FnOnce(&mut State, Now) -> Result<(), Refused>,
    ) -> Result<(), Refused> {
        self.store.shared.with(|state, now| {
            change(state, now)?;
            let profile = state.machine.profile(self.session).ok_or(NotActive)?;
            let mut facts = self.facts.lock();
            facts.user_ids = Arc::clone(&profile.user_ids);
            facts.roblox_metadata = Arc::clone(&profile.roblox_metadata);
            Ok(())
        })
    }
}
