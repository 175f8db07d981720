//! What a transform decided, carried by the driver until it is known whether it was committed.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::coordinator::Outcome;
use crate::ids::Guid;
use crate::mail::Delivery;
use crate::outcome::{Acquired, EndReason, Unstorable};
use crate::record::{GlobalUpdates, Profile, SessionTag, Stored};
use crate::time::Span;

/// What one run of a transform wants written, and why.
#[derive(Clone, Debug)]
pub struct Transform {
    /// The new value; `None` cancels the update.
    pub write: Option<Stored>,
    /// To be handed back in [`crate::Input::Updated`].
    pub plan: Plan,
}

/// The meaning of one run of a transform. It has no effect until the driver says what became of it.
#[derive(Clone, Debug)]
pub struct Plan(pub(crate) Decision);

/// What a transform found and decided.
#[derive(Clone, Debug)]
pub(crate) enum Decision {
    /// Write our lock; or it is there already, from an earlier try.
    Acquire(Box<Acquisition>),
    /// Somebody else holds the lock, and our marker is in the record: written now, or found.
    Wait { obstacle: Obstacle, marked: bool },
    /// Another server's newer marker replaced ours.
    Contested,
    /// Write the data.
    Save { write: u64, data: Arc<Json>, wanted: bool, updates: GlobalUpdates },
    /// Write the data and release the lock.
    Release { write: u64, data: Arc<Json>, waiter: Option<Guid> },
    /// The data cannot be stored: what is stored stays, with what a save or a release does to the lock.
    Keep(Box<Kept>),
    /// The value with a lock or a marker in it, or of a view, cannot be stored: nothing is written.
    Refuse(Unstorable),
    /// The lock is not ours. With the last write in the record, which may be ours.
    Gone { reason: EndReason, last_write: Option<(Guid, u64)> },
    /// Remove our marker and lock, if they are there.
    Withdraw { waiter: Option<Guid> },
    /// Each message was appended, or not.
    Delivered(Vec<Delivery>),
    /// A move in a trade.
    Coordinated(Outcome),
    /// A view was written. With the session that held the lock.
    Set { victim: Option<(Guid, u64)> },
    /// The call is of no interest any more.
    Nothing,
}

impl Decision {
    /// Whether a save has found somebody else's marker.
    pub(crate) fn is_wanted(&self) -> bool {
        match self {
            Decision::Save { wanted, .. } => *wanted,
            Decision::Keep(kept) => kept.wanted,
            _ => false,
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
pub(crate) struct Acquisition {
    pub acquired: Acquired,
    pub overwritten: bool,
    pub profile: Profile,
    pub updates: GlobalUpdates,
    /// Taken from this session, which did not release it: it must be told.
    pub victim: Option<(Guid, u64)>,
    /// Found in the record together with our own lock: somebody wants it already.
    pub wanted: bool,
}

/// A save or a release that leaves the profile as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    /// Which write it was to be.
    pub write: u64,
    pub why: Unstorable,
    /// Somebody else's marker is there.
    pub wanted: bool,
    pub waiter: Option<Guid>,
    /// The last write in the record, which may be ours.
    pub last_write: Option<(Guid, u64)>,
    pub updates: GlobalUpdates,
}

/// Who stands in a waiter's way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Obstacle {
    pub holder: SessionTag,
    pub load_count: u64,
    /// `None`: a holder without a lease.
    pub lease: Option<Span>,
}

/// The answer to [`crate::Output::Update`]. The plan is what the last run of the transform returned.
#[derive(Clone, Debug)]
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
