//! Everything the machine takes in, and everything it asks its driver to do.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::event::Event;
use crate::ids::{CallId, Guid, Key, OpId, SessionId};
use crate::outcome::CallFailed;
use crate::plan::UpdateOutcome;
use crate::record::Stored;
use crate::version::{VersionInfo, VersionQuery};

/// A call that needs no session.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "explore", derive(Hash))]
pub enum CallRequest {
    /// `MessageAsync`: delivered exactly once, or refused.
    Message {
        /// The recipient's key.
        key: Key,
        /// The payload.
        message: Arc<Json>,
    },
    /// `GetAsync`: a view of the record, without a lock.
    Get {
        /// The key to read.
        key: Key,
    },
    /// `GetAsync` with a version.
    GetVersion {
        /// The key to read.
        key: Key,
        /// A version that [`CallRequest::ListVersions`] listed.
        version: Arc<str>,
    },
    /// `VersionQuery`: one page.
    ListVersions {
        /// The key whose versions are listed.
        key: Key,
        /// Which versions, and in what order.
        query: VersionQuery,
    },
    /// `RemoveAsync`. An active session is told.
    Remove {
        /// The key to remove.
        key: Key,
    },
    /// View mode's `SetAsync`: replaces the data and ends an active session, which is told.
    Set {
        /// The key to write.
        key: Key,
        /// The new data.
        data: Arc<Json>,
    },
}

impl CallRequest {
    /// The key that the call is about.
    pub fn key(&self) -> &Key {
        match self {
            CallRequest::Message { key, .. }
            | CallRequest::Get { key }
            | CallRequest::GetVersion { key, .. }
            | CallRequest::ListVersions { key, .. }
            | CallRequest::Remove { key }
            | CallRequest::Set { key, .. } => key,
        }
    }
}

/// What the machine takes in.
#[derive(Clone, Debug)]
pub enum Input {
    /// The time of the machine's `poll_timeout` has come.
    Wake,
    /// `StartSessionAsync`. Answered by [`Event::Started`] or [`Event::StartFailed`].
    StartSession {
        /// The new session's number: greater than all before it.
        session: SessionId,
        /// The profile's key.
        key: Key,
        /// Unique to this request; the session's guid if it succeeds.
        guid: Guid,
        /// `Steal`: take a held lock at once. The holder is told, and may believe it is live for up to its lease.
        steal: bool,
    },
    /// A call that needs no session. Answered by [`Event::CallDone`].
    Call {
        /// The new call's number.
        call: CallId,
        /// What to do.
        request: CallRequest,
    },
    /// The answer to [`Output::Remove`].
    Removed {
        /// The request that is answered.
        op: OpId,
        /// The value before the removal, or an error.
        result: Result<Option<Stored>, CallFailed>,
    },
    /// The answer to [`Output::ListVersions`].
    Listed {
        /// The request that is answered.
        op: OpId,
        /// The page, or an error.
        result: Result<Vec<VersionInfo>, CallFailed>,
    },
    /// The game no longer wants a session it asked for. A session that has started ends, as by
    /// [`Input::EndSession`].
    CancelStart {
        /// The session that was asked for.
        session: SessionId,
    },
    /// `Save`. Answered by [`Event::AfterSave`] once stored.
    Save {
        /// A session that has started.
        session: SessionId,
    },
    /// `EndSession`.
    EndSession {
        /// A session that has started.
        session: SessionId,
    },
    /// `BindToClose`: end everything. Answered by [`Event::ShutDown`].
    Shutdown,
    /// The answer to [`Output::Update`].
    Updated {
        /// The request that is answered.
        op: OpId,
        /// Whether it committed, and the plan of the transform's last run.
        outcome: UpdateOutcome,
    },
    /// The answer to [`Output::Read`] or [`Output::ReadVersion`].
    ReadDone {
        /// The request that is answered.
        op: OpId,
        /// The value, or an error.
        result: Result<Option<Stored>, CallFailed>,
    },
    /// The answer to [`Output::Subscribe`].
    Subscribed {
        /// The request that is answered.
        op: OpId,
        /// Whether the topic is subscribed to now.
        result: Result<(), CallFailed>,
    },
    /// The answer to [`Output::Publish`].
    Published {
        /// The request that is answered.
        op: OpId,
        /// Whether the service accepted the message. Nothing depends on it: messages may be lost later, too.
        result: Result<(), CallFailed>,
    },
    /// A message on the topic that was subscribed to for this session.
    Message {
        /// The session that subscribed.
        session: SessionId,
        /// The payload.
        message: Arc<Json>,
    },
}

/// What the machine asks its driver to do.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "explore", derive(Hash))]
pub enum Output {
    /// `UpdateAsync` with [`crate::ProfileStore::transform`], answered by [`Input::Updated`].
    Update {
        /// Names the request.
        op: OpId,
        /// The key to update.
        key: Key,
    },
    /// `GetAsync` with `UseCache=false`, answered by [`Input::ReadDone`].
    Read {
        /// Names the request.
        op: OpId,
        /// The key to read.
        key: Key,
    },
    /// `GetVersionAsync`, answered by [`Input::ReadDone`].
    ReadVersion {
        /// Names the request.
        op: OpId,
        /// The key to read.
        key: Key,
        /// The version to read.
        version: Arc<str>,
    },
    /// `ListVersionsAsync`, answered by [`Input::Listed`].
    ListVersions {
        /// Names the request.
        op: OpId,
        /// The key whose versions are listed.
        key: Key,
        /// Which versions, and in what order.
        query: VersionQuery,
    },
    /// `RemoveAsync`, answered by [`Input::Removed`].
    Remove {
        /// Names the request.
        op: OpId,
        /// The key to remove.
        key: Key,
    },
    /// `PublishAsync`, answered by [`Input::Published`].
    Publish {
        /// Names the request.
        op: OpId,
        /// The topic to publish on.
        topic: Arc<str>,
        /// The payload.
        message: Arc<Json>,
    },
    /// `SubscribeAsync`, answered by [`Input::Subscribed`]; messages come as [`Input::Message`].
    Subscribe {
        /// Names the request.
        op: OpId,
        /// The topic to subscribe to.
        topic: Arc<str>,
    },
    /// The session's topic is no longer needed.
    Unsubscribe {
        /// The session that subscribed.
        session: SessionId,
    },
    /// A signal for the game.
    Event(Event),
}
