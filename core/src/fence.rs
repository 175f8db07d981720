//! The fence: whether a record still shows the lock that a session took.

use crate::config::Config;
use crate::ids::Guid;
use crate::outcome::EndReason;
use crate::record::{GlobalUpdates, SessionTag, Stored};
use crate::sabotage::Sabotage;

/// What a session finds when it compares a record with its own lock.
pub(crate) enum Fence {
    /// The lock is the session's own.
    Holds {
        /// Another session's marker is in the record, too.
        wanted: bool,
        last_write: Option<(Guid, u64)>,
        updates: GlobalUpdates,
    },
    /// The lock is not the session's own: it must not write.
    Broken { reason: EndReason, last_write: Option<(Guid, u64)> },
}

impl Fence {
    /// Place, job, session guid and `SessionLoadCount` must all be the session's own.
    pub(crate) fn check(current: Option<&Stored>, tag: &SessionTag, load_count: u64, config: &Config) -> Fence {
        let (meta, updates) = match current {
            None => return Fence::Broken { reason: EndReason::Removed, last_write: None },
            Some(Stored::Other(_)) => return Fence::Broken { reason: EndReason::Overwritten, last_write: None },
            Some(Stored::Record(record)) => match &record.profile {
                // Only messages are left: the record was removed, and a sender made it again.
                None => return Fence::Broken { reason: EndReason::Removed, last_write: None },
                Some(profile) => (&profile.meta, &record.global_updates),
            },
        };
        let last_write = meta.last_write.clone();
        let same_session = match &meta.active_session {
            _ if config.breaks(Sabotage::NoFence) => true,
            Some(_) if config.breaks(Sabotage::FenceByAnyLock) => true,
            None if config.breaks(Sabotage::NoLockIsOwnLock) => true,
            Some(_) if config.breaks(Sabotage::FenceByLoadCount) => meta.session_load_count == load_count,
            Some(holder) if config.breaks(Sabotage::FenceByServer) => holder.job_id == tag.job_id,
            Some(holder) => holder == tag && meta.session_load_count == load_count,
            None => false,
        };
        if same_session {
            let wanted = meta.force_load_session.as_ref().is_some_and(|marker| marker.guid != tag.guid)
                && !config.breaks(Sabotage::ForeignMarkerIsOwn);
            Fence::Holds { wanted, last_write, updates: updates.clone() }
        } else {
            Fence::Broken { reason: EndReason::Lost, last_write }
        }
    }
}
