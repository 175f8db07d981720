//! A session that ends because another server asked for it was asked for: somebody has left a marker in the record while
//! the lock was this session's, or has taken the lock away.
//!
//! Somebody may have gone since: a marker outlives its server. And it may have been when the start did not know yet that
//! it had the lock, and took it once more. Only records in ProfileStore's shape are judged: in others nobody can see a
//! marker.

use dupeproof_core::{SessionTag, Stored};
use dupeproof_sim::id::{ServerId, SessionRef};
use dupeproof_sim::trace::Event;
use dupeproof_sim::{EndReason, Global, GuestEvent};
use serde::{Deserialize, Serialize};

use super::Commit;
use crate::fact::{Detail, Fact, Servers};
use crate::finding::Finding;
use crate::history::{History, SessionIndex};

/// A session that ended for nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unasked {
    /// The session.
    pub session: SessionRef,
}

impl Detail for Unasked {
    fn servers(&self) -> Servers {
        [Some(self.session.server), None]
    }
}

/// Knows which locks were asked for.
#[derive(Clone, Debug, Default)]
pub struct UnaskedEnd {
    /// By player.
    locks: Vec<Locks>,
}

/// The locks of one player's record.
#[derive(Clone, Debug, Default)]
struct Locks {
    /// The last that each server has taken.
    taken: Vec<(ServerId, LockName)>,
    /// Those that somebody asked for, or took away.
    wanted: Vec<LockName>,
}

/// What tells the lock of one session from that of another: `ActiveSession`, and `SessionLoadCount` where no guid is in
/// it, for in Studio all JobIds are empty.
type LockName = (SessionTag, Option<u64>);

impl UnaskedEnd {
    /// A write was applied.
    pub(super) fn commit(&mut self, commit: Commit, event: &Event) {
        let Event::Committed { server, before, after, .. } = event else { return };
        let (before, after) = (before.as_ref(), after.as_ref());
        let (had, has) = (before.and_then(lock), after.and_then(lock));
        let wanted = after.and_then(marker);
        let marked = wanted.is_some() && wanted != before.and_then(marker);
        if had == has && !marked {
            return;
        }
        let player = usize::from(commit.player.0);
        if player >= self.locks.len() {
            self.locks.resize(player + 1, Locks::default());
        }
        let locks = &mut self.locks[player];
        if let Some((tag, load_count)) = had {
            let foreign = commit.asked_for || commit.held_by.is_none_or(|holder| holder.server != *server);
            if marked || foreign {
                locks.wanted.push((tag.clone(), load_count));
            }
        }
        if let Some((tag, load_count)) = has.filter(|_| has != had) {
            locks.taken.retain(|(taker, _)| taker != server);
            locks.taken.push((*server, (tag.clone(), load_count)));
        }
    }

    /// A guest spoke of a session.
    pub(super) fn told(
        &self,
        at: Global,
        event: &Event,
        index: SessionIndex,
        history: &History,
        findings: &mut Vec<Finding>,
    ) {
        let Event::Guest { event: GuestEvent::SessionEnded { reason: EndReason::External, .. }, .. } = event else {
            return;
        };
        let session = &history.sessions()[index];
        let Some(locks) = self.locks.get(usize::from(session.player.0)) else { return };
        let own = locks.taken.iter().find(|(taker, _)| *taker == session.id.server);
        if own.is_some_and(|(_, lock)| !locks.wanted.contains(lock)) {
            let fact = Fact::UnaskedEnd(Unasked { session: session.id });
            findings.push(Finding { at, player: Some(session.player), lasted: None, fact });
        }
    }
}

/// The lock, by name.
fn lock(stored: &Stored) -> Option<(&SessionTag, Option<u64>)> {
    let Stored::Record(record) = stored else { return None };
    let meta = &record.profile.as_ref()?.meta;
    let tag = meta.active_session.as_ref()?;
    Some((tag, tag.guid.is_none().then_some(meta.session_load_count)))
}

/// `ForceLoadSession`.
fn marker(stored: &Stored) -> Option<&SessionTag> {
    match stored {
        Stored::Record(record) => record.profile.as_ref()?.meta.force_load_session.as_ref(),
        Stored::Other(_) => None,
    }
}
