//! A session goes on as long as its player stays, unless somebody or something asks for its end.
//!
//! It is over, or suspended, for nothing if all was well: the player was there and nowhere else, nothing hindered the server,
//! nobody set its clock or closed it, and no admin and no other server wrote to the record.
//!
//! Where all was not well, one that ends because another server asked for it was asked for: somebody has left a marker in
//! the record while the lock was this session's, or has taken the lock away. Somebody may have gone since: a marker
//! outlives its server. And it may have been when the start did not know yet that it had the lock, and took it once more.
//! Of that, only records in ProfileStore's shape are judged: in others nobody can see a marker.

use dupeproof_core::{SessionTag, Stored};
use dupeproof_sim::id::{PlayerId, ServerId, SessionRef};
use dupeproof_sim::trace::Event;
use dupeproof_sim::{EndReason, Global, GuestEvent};
use serde::{Deserialize, Serialize};

use super::Commit;
use super::hindrance::Hindrances;
use super::presence::{Arrival, Presence};
use crate::fact::{Detail, Fact, Servers};
use crate::finding::Finding;
use crate::history::{History, Session, SessionIndex};

/// How a session ended for nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Unasked {
    /// Another server was said to have asked, and none had.
    External {
        /// The session.
        session: SessionRef,
    },
    /// All was well.
    Ended {
        /// The session.
        session: SessionRef,
        /// Why, as the game was told.
        reason: EndReason,
    },
    /// All was well, and its game was told that it is not live for now.
    Suspended {
        /// The session.
        session: SessionRef,
    },
}

impl Unasked {
    /// The session.
    pub fn session(self) -> SessionRef {
        match self {
            Unasked::External { session } | Unasked::Ended { session, .. } | Unasked::Suspended { session } => session,
        }
    }
}

impl Detail for Unasked {
    fn servers(&self) -> Servers {
        [Some(self.session().server), None]
    }
}

/// Knows which locks were asked for, and who wrote last.
#[derive(Clone, Debug, Default)]
pub struct UnaskedEnd {
    /// By player.
    locks: Vec<Locks>,
    /// By player: the last writes of the two servers that wrote to the record last.
    writes: Vec<[Option<(ServerId, Global)>; 2]>,
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
        self.wrote(commit, *server);
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
        (history, hindrances, presence): (&History, &Hindrances, &Presence),
        findings: &mut Vec<Finding>,
    ) {
        let Event::Guest { event, .. } = event else { return };
        let session = &history.sessions()[index];
        let id = session.id;
        let all_was_well = || self.all_was_well(index, history, hindrances, presence);
        let unasked = match event {
            GuestEvent::SessionEnded { reason: EndReason::Manual, .. } => None,
            GuestEvent::SessionEnded { reason, .. } if all_was_well() => {
                Some(Unasked::Ended { session: id, reason: *reason })
            }
            GuestEvent::Suspended { .. } if all_was_well() => Some(Unasked::Suspended { session: id }),
            GuestEvent::SessionEnded { reason: EndReason::External, .. } if !self.was_wanted(session) => {
                Some(Unasked::External { session: id })
            }
            _ => None,
        };
        findings.extend(unasked.map(|unasked| Finding {
            at,
            player: Some(session.player),
            lasted: None,
            fact: Fact::UnaskedEnd(unasked),
        }));
    }

    /// Whether nothing and nobody can have ended a session.
    fn all_was_well(
        &self,
        index: SessionIndex,
        history: &History,
        hindrances: &Hindrances,
        presence: &Presence,
    ) -> bool {
        let Session { id, player, .. } = history.sessions()[index];
        let Some(Arrival { at: since, .. }) = presence.playing(index, history) else { return false };
        presence.is_well(hindrances, id.server, player, since)
            && presence.is_untouched(id.server.slot, player, since)
            && !self.is_written_to(player, id.server, since)
    }

    /// Whether somebody asked for the lock of a session, or took it away, as far as that can be seen.
    fn was_wanted(&self, session: &Session) -> bool {
        let Some(locks) = self.locks.get(usize::from(session.player.0)) else { return true };
        let own = locks.taken.iter().find(|(taker, _)| *taker == session.id.server);
        own.is_none_or(|(_, lock)| locks.wanted.contains(lock))
    }

    fn wrote(&mut self, commit: Commit, server: ServerId) {
        let player = usize::from(commit.player.0);
        if player >= self.writes.len() {
            self.writes.resize(player + 1, [None; 2]);
        }
        let [last, before] = &mut self.writes[player];
        if last.is_some_and(|(writer, _)| writer != server) {
            *before = *last;
        }
        *last = Some((server, commit.at));
    }

    /// Whether any other server has written to a player's record since a moment.
    fn is_written_to(&self, player: PlayerId, server: ServerId, since: Global) -> bool {
        let writes = self.writes.get(usize::from(player.0)).into_iter().flatten().flatten();
        writes.into_iter().any(|(writer, at)| *writer != server && *at >= since)
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
