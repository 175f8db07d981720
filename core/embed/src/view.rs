//! Profiles without a session: what is stored, now or in the past.

use std::collections::VecDeque;
use std::sync::Arc;

use dupeproof_core::{
    CallRequest, CallResult, Profile as StoredProfile, Record, SessionTag, Stored, VersionInfo, VersionQuery,
};
use serde_json::Value as Json;

use crate::environment::{Environment, SystemEnvironment};
use crate::error::ViewError;
use crate::service::{DataStore, KeyInfo, Messaging};
use crate::store::ProfileStore;

/// A profile without a session. Its data is a copy, which only [`View::set`] stores.
pub struct View<D, M, E = SystemEnvironment> {
    store: ProfileStore<D, M, E>,
    key: Arc<str>,
    record: Arc<Record>,
    key_info: KeyInfo,
    /// `Data`, to be read, or to be changed for [`View::set`].
    pub data: Json,
}

impl<D: DataStore, M: Messaging, E: Environment> View<D, M, E> {
    pub(crate) fn new(
        store: &ProfileStore<D, M, E>,
        key: Arc<str>,
        value: Option<Stored>,
        key_info: Option<KeyInfo>,
    ) -> Result<Option<View<D, M, E>>, ViewError> {
        let record = match value {
            Some(Stored::Record(record)) => record,
            Some(Stored::Other(_)) => return Err(ViewError::NotARecord),
            None => return Ok(None),
        };
        let data = record.profile.as_ref().map(|profile| Json::clone(&profile.data));
        let Some((data, key_info)) = data.zip(key_info) else { return Ok(None) };
        Ok(Some(View { store: store.clone(), key, record, key_info, data }))
    }

    /// View mode's `SetAsync`: stores the data. A live session of the profile, on any server, is told and ends, and what
    /// it has not saved is lost. Everything but the data stays as it is stored now. A removed profile is created again.
    ///
    /// # Errors
    /// [`ViewError::Closing`] and [`ViewError::Unstorable`].
    pub async fn set(self) -> Result<(), ViewError> {
        let request = CallRequest::Set { key: self.key, data: Arc::new(self.data) };
        match self.store.call(request).await.0 {
            CallResult::Done => Ok(()),
            CallResult::Unstorable(why) => Err(ViewError::Unstorable(why)),
            CallResult::Closing => Err(ViewError::Closing),
            _ => Err(ViewError::Failed),
        }
    }
}

impl<D, M, E> View<D, M, E> {
    /// `Key`.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// `KeyInfo`.
    pub fn key_info(&self) -> &KeyInfo {
        &self.key_info
    }

    /// `Session`: the session that it had when it was read.
    pub fn session(&self) -> Option<&SessionTag> {
        self.profile()?.meta.active_session.as_ref()
    }

    /// `FirstSessionTime`: Unix seconds.
    pub fn first_session_time(&self) -> i64 {
        self.profile().map_or(0, |profile| profile.meta.profile_create_time)
    }

    /// `SessionLoadCount`.
    pub fn session_load_count(&self) -> u64 {
        self.profile().map_or(0, |profile| profile.meta.session_load_count)
    }

    /// `UserIds`.
    pub fn user_ids(&self) -> &[i64] {
        self.profile().map_or(&[], |profile| &profile.user_ids)
    }

    /// `RobloxMetaData`.
    pub fn roblox_metadata(&self) -> &Json {
        self.profile().map_or(&Json::Null, |profile| &profile.roblox_metadata)
    }

    /// The number of messages that wait in its queue.
    pub fn messages_waiting(&self) -> usize {
        self.record.global_updates.entries.len()
    }

    fn profile(&self) -> Option<&StoredProfile> {
        self.record.profile.as_ref()
    }
}

/// A profile's versions, one after the other.
pub struct Versions<D, M, E = SystemEnvironment> {
    store: ProfileStore<D, M, E>,
    key: Arc<str>,
    query: VersionQuery,
    /// The rest of the page that was read last.
    page: VecDeque<VersionInfo>,
    over: bool,
}

impl<D: DataStore, M: Messaging, E: Environment> Versions<D, M, E> {
    pub(crate) fn new(store: ProfileStore<D, M, E>, key: Arc<str>, query: VersionQuery) -> Versions<D, M, E> {
        Versions { store, key, query, page: VecDeque::new(), over: false }
    }

    /// `NextAsync`: the next version; `None` after the last. Removals, and values that are not profiles, are skipped.
    ///
    /// # Errors
    /// [`ViewError`]; the next call tries the same version again.
    pub async fn next(&mut self) -> Result<Option<View<D, M, E>>, ViewError> {
        loop {
            let Some(info) = self.page.front() else {
                if self.over {
                    return Ok(None);
                }
                self.read_page().await?;
                continue;
            };
            let found = if info.is_deleted { Ok(None) } else { self.store.get(&self.key, Some(&info.version)).await };
            let view = match found {
                Ok(view) => view,
                Err(ViewError::NotARecord) => None,
                Err(error) => return Err(error),
            };
            self.page.pop_front();
            if view.is_some() {
                return Ok(view);
            }
        }
    }

    async fn read_page(&mut self) -> Result<(), ViewError> {
        let request = CallRequest::ListVersions { key: Arc::clone(&self.key), query: self.query.clone() };
        match self.store.call(request).await.0 {
            CallResult::Versions(page) => {
                self.over = page.is_empty();
                self.query.after = page.last().map(|info| Arc::clone(&info.version));
                self.page = page.into();
                Ok(())
            }
            CallResult::Closing => Err(ViewError::Closing),
            _ => Err(ViewError::Failed),
        }
    }
}
