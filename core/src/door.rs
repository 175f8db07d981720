//! One door in and one door out: everything the machine takes and everything it wants done.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::limits::Unstorable;
use crate::plan::Plan;
use crate::record::Stored;

/// A profile's key.
pub type Key = Arc<str>;

/// A globally unique name, made by the caller: the machine has no randomness.
pub type Guid = Arc<str>;

/// A session, from its start request on, numbered by the caller; numbers only grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u32);

/// A call that needs no session, numbered by the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub u32);

/// What a request is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// A session.
    Session(SessionId),
    /// A call.
    Call(CallId),
}

/// A request the machine has made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OpId {
    /// For what.
    pub owner: Owner,
    /// Which of its requests.
    pub no: u32,
}

/// What can be asked without a session.
#[derive(Clone, Debug, PartialEq)]
pub enum CallRequest {
    /// `MessageAsync`: delivered exactly once, or refused.
    Message {
        /// To whose profile.
        key: Key,
        /// What.
        message: Arc<Json>,
    },
    /// `GetAsync`: a view of the record, without a lock.
    Get {
        /// Which.
        key: Key,
    },
    /// `GetAsync` with a version.
    GetVersion {
        /// Which.
        key: Key,
        /// Of [`CallRequest::ListVersions`].
        version: Arc<str>,
    },
    /// `VersionQuery`: one page.
    ListVersions {
        /// Which.
        key: Key,
        /// What of it.
        query: VersionQuery,
    },
    /// `RemoveAsync`. A session that is active is told.
    Remove {
        /// Which.
        key: Key,
    },
    /// View mode's `SetAsync`: replaces the data and ends the session, which is told.
    Set {
        /// Which.
        key: Key,
        /// The new data.
        data: Arc<Json>,
    },
}

impl CallRequest {
    /// Which key it is about.
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

/// What of a key's versions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionQuery {
    /// `Enum.SortDirection.Descending`: newest first.
    pub descending: bool,
    /// Not before, in Unix milliseconds.
    pub min: Option<i64>,
    /// Not after, in Unix milliseconds.
    pub max: Option<i64>,
    /// The page after this version; `None`: the first.
    pub after: Option<Arc<str>>,
}

/// `DataStoreObjectVersionInfo`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionInfo {
    /// For [`CallRequest::GetVersion`].
    pub version: Arc<str>,
    /// When it was written, in Unix milliseconds.
    pub created_time: i64,
    /// Whether it is a removal.
    pub is_deleted: bool,
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum CallResult {
    /// A write that is known to be stored.
    Done,
    /// The value that was read, or that was removed.
    Value(Option<Stored>),
    /// One page.
    Versions(Vec<VersionInfo>),
    /// The message was not appended: the recipient's queue is full.
    QueueFull,
    /// The message was not appended: the value under the key is no record.
    NotARecord,
    /// The message was not appended, or the view not written: the data store would not take the record with it.
    Unstorable(Unstorable),
    /// The key is kept for trades.
    ReservedKey,
    /// A read failed again and again.
    Failed,
    /// The server is shutting down.
    Closing,
}

/// What the machine takes.
#[derive(Clone, Debug)]
pub enum Input {
    /// Time has come to the machine's `poll_timeout`.
    Wake,
    /// `StartSessionAsync`. Answered by [`Event::Started`] or [`Event::StartFailed`].
    StartSession {
        /// The new session.
        session: SessionId,
        /// Which profile.
        key: Key,
        /// Unique to this request; the session's guid if it succeeds.
        guid: Guid,
        /// `Steal`: take a held lock at once. The holder is told, and may believe it is live for up to its lease.
        steal: bool,
    },
    /// A call that needs no session. Answered by [`Event::CallDone`].
    Call {
        /// Its number.
        call: CallId,
        /// What.
        request: CallRequest,
    },
    /// How an [`Output::Remove`] went: the value before.
    Removed {
        /// Which.
        op: OpId,
        /// The value before, or that there was an error.
        result: Result<Option<Stored>, CallFailed>,
    },
    /// How an [`Output::ListVersions`] went.
    Listed {
        /// Which.
        op: OpId,
        /// The page, or that there was an error.
        result: Result<Vec<VersionInfo>, CallFailed>,
    },
    /// The game no longer wants a session it asked for; on one that has started: [`Input::EndSession`].
    CancelStart {
        /// Which.
        session: SessionId,
    },
    /// `Save`. Answered by [`Event::AfterSave`] once stored.
    Save {
        /// Which.
        session: SessionId,
    },
    /// `EndSession`.
    EndSession {
        /// Which.
        session: SessionId,
    },
    /// `BindToClose`: end everything. Answered by [`Event::ShutDown`].
    Shutdown,
    /// How an [`Output::Update`] went.
    Updated {
        /// Which.
        op: OpId,
        /// How.
        outcome: UpdateOutcome,
    },
    /// How an [`Output::Read`] or [`Output::ReadVersion`] went.
    ReadDone {
        /// Which.
        op: OpId,
        /// The value, or that there was an error.
        result: Result<Option<Stored>, CallFailed>,
    },
    /// How an [`Output::Subscribe`] went.
    Subscribed {
        /// Which.
        op: OpId,
        /// How.
        result: Result<(), CallFailed>,
    },
    /// How an [`Output::Publish`] went.
    Published {
        /// Which.
        op: OpId,
        /// How.
        result: Result<(), CallFailed>,
    },
    /// A message on the topic that was subscribed to for this session.
    Message {
        /// Which.
        session: SessionId,
        /// The payload.
        message: Arc<Json>,
    },
}

/// A call came back with an error: a write may or may not have been applied, or may be yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the service answered with an error")]
pub struct CallFailed;

/// How an update went. The plan is what the last run of the transform returned.
#[derive(Clone, Debug)]
pub enum UpdateOutcome {
    /// The write was applied.
    Committed(Plan),
    /// The transform wrote nothing.
    Cancelled(Plan),
    /// An error. `None` if the transform never ran.
    Failed(Option<Plan>),
}

/// What the machine wants done.
#[derive(Clone, Debug)]
pub enum Output {
    /// `UpdateAsync` with [`crate::ProfileStore::transform`], answered by [`Input::Updated`].
    Update {
        /// Names the call.
        op: OpId,
        /// The key.
        key: Key,
    },
    /// `GetAsync` with `UseCache=false`, answered by [`Input::ReadDone`].
    Read {
        /// Names the call.
        op: OpId,
        /// The key.
        key: Key,
    },
    /// `GetVersionAsync`, answered by [`Input::ReadDone`].
    ReadVersion {
        /// Names the call.
        op: OpId,
        /// The key.
        key: Key,
        /// The version.
        version: Arc<str>,
    },
    /// `ListVersionsAsync`, answered by [`Input::Listed`].
    ListVersions {
        /// Names the call.
        op: OpId,
        /// The key.
        key: Key,
        /// Which versions.
        query: VersionQuery,
    },
    /// `RemoveAsync`, answered by [`Input::Removed`].
    Remove {
        /// Names the call.
        op: OpId,
        /// The key.
        key: Key,
    },
    /// `PublishAsync`, answered by [`Input::Published`].
    Publish {
        /// Names the call.
        op: OpId,
        /// The topic.
        topic: Arc<str>,
        /// The payload.
        message: Arc<Json>,
    },
    /// `SubscribeAsync`, answered by [`Input::Subscribed`]; messages come as [`Input::Message`].
    Subscribe {
        /// Names the call.
        op: OpId,
        /// The topic.
        topic: Arc<str>,
    },
    /// The session's topic is of no interest any more.
    Unsubscribe {
        /// Whose.
        session: SessionId,
    },
    /// A signal for the game.
    Event(Event),
}

/// Signals for the game.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The session is live.
    Started {
        /// Which.
        session: SessionId,
        /// How the lock was come by.
        acquired: Acquired,
        /// `OnOverwrite`: the record was malformed, and is the template now.
        overwritten: bool,
    },
    /// There will be no such session.
    StartFailed {
        /// Which.
        session: SessionId,
        /// Why.
        failure: StartFailure,
    },
    /// The lease was confirmed: live until later than before.
    Renewed {
        /// Which.
        session: SessionId,
    },
    /// `on_suspend`: the lease ran out unconfirmed; not live for now.
    Suspended {
        /// Which.
        session: SessionId,
    },
    /// `on_resume`: live again.
    Resumed {
        /// Which.
        session: SessionId,
    },
    /// `OnSave`: a save is about to take the data; the last moment to change it.
    Saving {
        /// Which.
        session: SessionId,
    },
    /// `OnAfterSave`: this data is known to be stored.
    AfterSave {
        /// Which.
        session: SessionId,
        /// The session's how-manieth write it was: see [`crate::ProfileStore::next_write`].
        write: u64,
        /// `LastSavedData`.
        data: Arc<Json>,
    },
    /// `OnError`: the data store would not take the data, and what was stored before stays, with its escrow, its
    /// receipts and its messages. No [`Event::AfterSave`] follows until the data has been made storable and saved.
    SaveRefused {
        /// Which.
        session: SessionId,
        /// Of the profile.
        key: Key,
        /// Which write it was to be: see [`crate::ProfileStore::next_write`].
        write: u64,
        /// What is wrong with the data, and what to do.
        why: Unstorable,
        /// It was the final save: what was changed since [`crate::ProfileStore::last_saved_data`] is lost.
        last: bool,
    },
    /// `OnLastSave`: the final save takes the data as it is now.
    LastSave {
        /// Which.
        session: SessionId,
        /// Why.
        reason: EndReason,
    },
    /// A message waits for [`crate::ProfileStore::process_message`].
    Message {
        /// Whose.
        session: SessionId,
        /// Its place in the queue.
        index: u64,
    },
    /// A trade is decided: call [`crate::ProfileStore::settle_trade`].
    TradeDecided {
        /// Whose side.
        session: SessionId,
        /// Which.
        trade: Guid,
        /// Whether it came about.
        committed: bool,
        /// What this side gets: the other's items, or its own back.
        items: Arc<Json>,
    },
    /// A gift is in the recipient's queue.
    GiftDelivered {
        /// The giver's session.
        session: SessionId,
        /// Which.
        gift: Guid,
    },
    /// The receipt and its grant are known to be stored: answer `PurchaseGranted`.
    PurchaseStored {
        /// Whose.
        session: SessionId,
        /// Which.
        receipt: Arc<str>,
    },
    /// A call came back.
    CallDone {
        /// Which.
        call: CallId,
        /// How.
        result: CallResult,
    },
    /// `OnError`: a request failed.
    Error {
        /// The key it was about.
        key: Key,
    },
    /// `OnCriticalToggle`: many requests fail, or no longer.
    Critical(bool),
    /// `OnSessionEnd`: not live from here on. Sent once.
    Ended {
        /// Which.
        session: SessionId,
        /// Why.
        reason: EndReason,
    },
    /// Nothing more will be asked for this session: its last save is stored or can never be.
    Finished {
        /// Which.
        session: SessionId,
    },
    /// After [`Input::Shutdown`]: nothing is left to do.
    ShutDown,
}

/// How a session came by its lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Acquired {
    /// Nobody held it.
    Free,
    /// The holder released it to this waiting start.
    HandedOver,
    /// The holder's lease had surely run out.
    TakenOver,
    /// The holder had no lease to wait for: it may still believe it is live.
    Unprotected,
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The game ended it.
    Manual,
    /// Another server asked for it.
    External,
    /// The server is shutting down.
    Shutdown,
    /// Another session holds the lock.
    Lost,
    /// The record was removed.
    Removed,
    /// The record was overwritten by something that is not a record.
    Overwritten,
}

/// Why a start came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum StartFailure {
    /// It is already active here.
    #[error("a session of this key is already active on this server")]
    AlreadyActive,
    /// A newer start, here or elsewhere, took over.
    #[error("a newer start of this key took over")]
    Superseded,
    /// The game cancelled it.
    #[error("the start was cancelled")]
    Cancelled,
    /// `START_SESSION_TIMEOUT`.
    #[error("the start took too long")]
    TimedOut,
    /// The server is shutting down.
    #[error("the server is shutting down")]
    Closing,
    /// What is stored, or the template, cannot be read, or cannot be stored with a lock in it.
    #[error("the record, or the template, cannot be stored with a lock in it: it is too large or too deep")]
    Failed,
    /// The key is kept for trades.
    #[error("keys that begin with `Trade_` are kept for trades: choose another")]
    ReservedKey,
}
