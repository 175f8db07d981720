//! Signals for the game.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::ids::{CallId, Guid, Key, SessionId};
use crate::outcome::{Acquired, CallResult, EndReason, StartFailure, Unstorable};

/// A signal for the game.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "explore", derive(Hash))]
pub enum Event {
    /// The session is live.
    Started {
        /// The session that was asked for.
        session: SessionId,
        /// How the lock was acquired.
        acquired: Acquired,
        /// `OnOverwrite`: the record was malformed, and is the template now.
        overwritten: bool,
    },
    /// The start failed: this session will never be live.
    StartFailed {
        /// The session that was asked for.
        session: SessionId,
        /// Why the start failed.
        failure: StartFailure,
    },
    /// The lease was confirmed: the session is live until later than before.
    Renewed {
        /// A live session.
        session: SessionId,
    },
    /// `on_suspend`: the lease ran out unconfirmed; the session is not live for now.
    Suspended {
        /// A session that still holds its lock, as far as it knows.
        session: SessionId,
    },
    /// `on_resume`: live again.
    Resumed {
        /// A session that was suspended.
        session: SessionId,
    },
    /// `OnSave`: a save is about to take the data; the last moment to change it.
    Saving {
        /// A session that holds its lock.
        session: SessionId,
    },
    /// `OnAfterSave`: this data is known to be stored.
    AfterSave {
        /// The session that wrote it.
        session: SessionId,
        /// The number of the write within its session: see [`crate::ProfileStore::next_write`].
        write: u64,
        /// `LastSavedData`.
        data: Arc<Json>,
    },
    /// `OnError`: the data store would not accept the data. What was stored before stays, with its escrow, its
    /// receipts and its messages. No [`Event::AfterSave`] follows until the data has been made storable and saved.
    SaveRefused {
        /// The session that tried to save.
        session: SessionId,
        /// The key of its profile.
        key: Key,
        /// The number of the write that was refused: see [`crate::ProfileStore::next_write`].
        write: u64,
        /// What is wrong with the data, and what to do.
        why: Unstorable,
        /// It was the final save: what was changed since [`crate::ProfileStore::last_saved_data`] is lost.
        last: bool,
    },
    /// `OnLastSave`: the final save takes the data as it is now.
    LastSave {
        /// The session that is ending.
        session: SessionId,
        /// Why it ends.
        reason: EndReason,
    },
    /// A message waits for [`crate::ProfileStore::process_message`].
    Message {
        /// The session of the recipient.
        session: SessionId,
        /// The message's index in the record's queue.
        index: u64,
    },
    /// A trade is decided: call [`crate::ProfileStore::settle_trade`].
    TradeDecided {
        /// The session whose side of the trade this is.
        session: SessionId,
        /// The trade's id, which both sides share.
        trade: Guid,
        /// Whether it committed.
        committed: bool,
        /// What this side gets: the other's items if it committed, otherwise its own back.
        items: Arc<Json>,
    },
    /// A gift is in the recipient's queue.
    GiftDelivered {
        /// The giver's session.
        session: SessionId,
        /// The gift's id.
        gift: Guid,
    },
    /// The receipt and its grant are known to be stored: answer `PurchaseGranted`.
    PurchaseStored {
        /// The buyer's session.
        session: SessionId,
        /// `PurchaseId`.
        receipt: Arc<str>,
    },
    /// The answer to a [`crate::Input::Call`].
    CallDone {
        /// The call's number.
        call: CallId,
        /// How the call ended.
        result: CallResult,
    },
    /// `OnError`: a request failed.
    Error {
        /// The key it was about.
        key: Key,
    },
    /// `OnCriticalToggle`: true when many requests have begun to fail, false when they no longer do.
    Critical(bool),
    /// `OnSessionEnd`: not live from here on. Sent once.
    Ended {
        /// The session that was live, or suspended, until now.
        session: SessionId,
        /// Why it ended.
        reason: EndReason,
    },
    /// The session makes no more requests: its last save is stored, or can never be.
    Finished {
        /// A session that ended, or whose start failed.
        session: SessionId,
    },
    /// After [`crate::Input::Shutdown`]: nothing is left to do.
    ShutDown,
}
