//! What a transform decided, carried by the driver until it is known whether it was committed.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::coordinator::TradeStatus;
use crate::ids::Guid;
use crate::message::Delivery;
use crate::outcome::{Acquired, EndReason, Unstorable};
use crate::record::{GlobalUpdates, Profile, SessionTag, Stored};
use crate::time::Span;

/// What one run of a transform wants written, and why.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "explore", derive(Hash))]
pub struct Transform {
    /// The new value; `None` cancels the update.
    pub write: Option<Stored>,
    /// The driver hands it back in [`crate::Input::Updated`].
    pub plan: Plan,
}

/// The meaning of one run of a transform. It has no effect until the driver says whether it committed.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "explore", derive(Hash))]
pub struct Plan(pub(crate) Decision);

/// What a transform found and decided.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "explore", derive(Hash))]
pub(crate) enum Decision {
    /// Write our lock; or an earlier try has written it already.
    Acquire(Box<Acquisition>),
    /// Another session holds the lock, and our marker is in the record: written now (`marked`), or found.
    Wait { lock: ForeignLock, marked: bool },
    /// Another server's newer marker replaced ours.
    Contested,
    /// Write the data.
    Save { write: u64, data: Arc<Json>, wanted: bool, updates: GlobalUpdates },
    /// Write the data and release the lock.
    Release { write: u64, data: Arc<Json>, waiter: Option<Guid> },
    /// The data cannot be stored: the stored profile stays, and only the lock is saved or released.
    Keep(Box<Kept>),
    /// The value with a lock or a marker in it, or of a view, cannot be stored: nothing is written.
    Refuse(Unstorable),
    /// The lock is not ours. With the last write in the record, which may be ours.
    Gone { reason: EndReason, last_write: Option<(Guid, u64)> },
    /// Remove our marker and lock, if they are there.
    Withdraw { waiter: Option<Guid> },
    /// Each message was appended, or not.
    Delivered(Vec<Delivery>),
    /// A step of a trade in its coordinator.
    Coordinated(TradeStatus),
    /// A view was written. With the session that held the lock: its guid and load count.
    Set { previous_holder: Option<(Guid, u64)> },
    /// The request is not needed any more.
    Nothing,
}

impl Decision {
    /// Whether a save has found another session's marker.
    pub(crate) fn is_wanted(&self) -> bool {
        match self {
            Decision::Save { wanted, .. } => *wanted,
            Decision::Keep(kept) => kept.wanted,
            _ => false,
        }
    }

    /// The queue as a save has left it.
    pub(crate) fn written_queue(&self) -> Option<&GlobalUpdates> {
        match self {
            Decision::Save { updates, .. } => Some(updates),
            Decision::Keep(kept) => Some(&kept.updates),
            _ => None,
        }
    }

    /// Who waits for the lock that was released.
    pub(crate) fn waiter(&self) -> Option<&Guid> {
        match self {
            Decision::Release { waiter, .. } | Decision::Withdraw { waiter } => waiter.as_ref(),
            Decision::Keep(kept) => kept.waiter.as_ref(),
            _ => None,
        }
    }
}

/// An acquiring write.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "explore", derive(Hash))]
pub(crate) struct Acquisition {
    pub acquired: Acquired,
    pub overwritten: bool,
    pub profile: Profile,
    pub updates: GlobalUpdates,
    /// The lock was taken from this session (guid and load count), which did not release it: it must be told.
    pub previous_holder: Option<(Guid, u64)>,
    /// Another session's marker is in the record together with our own lock.
    pub wanted: bool,
}

impl Acquisition {
    /// The lease of the session: what its record states.
    pub(crate) fn lease(&self) -> Span {
        Span::secs(self.profile.meta.lease.unwrap_or_default())
    }
}

/// A save or a release that leaves the profile as it is stored.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "explore", derive(Hash))]
pub(crate) struct Kept {
    /// The number that the write was to have.
    pub write: u64,
    pub why: Unstorable,
    /// Another session's marker is in the record.
    pub wanted: bool,
    pub waiter: Option<Guid>,
    /// The last write in the record, which may be ours.
    pub last_write: Option<(Guid, u64)>,
    pub updates: GlobalUpdates,
}

/// The lock that a start waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "explore", derive(Hash))]
pub(crate) struct ForeignLock {
    pub holder: SessionTag,
    pub load_count: u64,
    /// `None`: the holder has no lease, as with the real ProfileStore.
    pub lease: Option<Span>,
}

/// The answer to [`crate::Output::Update`]. The plan is what the last run of the transform returned.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "explore", derive(Hash))]
pub enum UpdateOutcome {
    /// The write was applied.
    Committed(Plan),
    /// The transform wrote nothing.
    Cancelled(Plan),
    /// An error: whether the write was applied is unknown. `None` if the transform never ran.
    Failed(Option<Plan>),
}

impl UpdateOutcome {
    /// What is known to have been decided; `None` if it is not known.
    pub(crate) fn decision(&self) -> Option<&Decision> {
        match self {
            UpdateOutcome::Committed(Plan(decision)) | UpdateOutcome::Cancelled(Plan(decision)) => Some(decision),
            UpdateOutcome::Failed(_) => None,
        }
    }
}
