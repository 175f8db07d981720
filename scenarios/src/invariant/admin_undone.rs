//! What an administrator erases stays erased, and what one restores stays restored, until a session that began afterwards
//! changes it.
//!
//! A session that runs while an administrator writes to its record has to notice: what it stores afterwards was not made
//! from what the administrator stored.

use dupeproof_sim::Stamp;
use dupeproof_sim::id::{PlayerId, ServerId, SessionRef};
use dupeproof_sim::trace::Event;
use serde::{Deserialize, Serialize};

use super::Commit;
use super::presence::Presence;
use crate::fact::{Detail, Fact, Servers};
use crate::finding::Finding;
use crate::history::{History, SessionIndex, SessionState};

/// Whose write undid what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Undone {
    /// The session that wrote, which had begun before.
    pub session: SessionRef,
    /// The administrator's server.
    pub admin: ServerId,
    /// What the administrator had done.
    pub what: AdminWrite,
}

/// What an administrator did to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum AdminWrite {
    /// It was removed, as for a right-to-erasure request.
    Erased,
    /// An earlier state was written back.
    Restored,
}

impl Detail for Undone {
    fn servers(&self) -> Servers {
        [Some(self.session.server), Some(self.admin)]
    }
}

/// Knows what administrators wrote last.
#[derive(Clone, Debug, Default)]
pub struct AdminUndone {
    writes: Vec<Standing>,
}

/// An administrator's write that is still what is stored.
#[derive(Clone, Debug)]
struct Standing {
    player: PlayerId,
    admin: ServerId,
    /// The state that was written; `None`: the record was removed.
    state: Option<Stamp>,
    /// The player's sessions that ran then.
    running: Vec<SessionIndex>,
}

impl AdminUndone {
    /// A write was applied. Whether it undid an administrator's.
    pub(super) fn commit(
        &mut self,
        commit: Commit,
        event: &Event,
        (history, presence): (&History, &Presence),
        findings: &mut Vec<Finding>,
    ) -> bool {
        let Event::Committed { server, after, .. } = event else { return false };
        let standing = self.writes.iter().position(|write| write.player == commit.player);
        if commit.asked_for {
            standing.into_iter().for_each(|index| drop(self.writes.swap_remove(index)));
            self.writes.push(Standing::new(commit, *server, history));
            return false;
        }
        let Some(index) = standing else { return false };
        let write = &self.writes[index];
        let stored = after.as_ref().filter(|after| history.has_data(after));
        if stored.is_none() || (write.state.is_some() && write.state == commit.after) {
            return false;
        }
        let write = self.writes.swap_remove(index);
        // What is written after the player came there again may be of a start that has not begun its session yet.
        let is_of = |index: &SessionIndex| write.running.contains(index) && !presence.came_again(*index, history);
        let Some(session) = history.session_on(*server, commit.player).filter(is_of) else { return false };
        let what = if write.state.is_some() { AdminWrite::Restored } else { AdminWrite::Erased };
        let session = history.sessions()[session].id;
        let fact = Fact::AdminUndone(Undone { session, admin: write.admin, what });
        findings.push(Finding { at: commit.at, player: Some(commit.player), lasted: None, fact });
        true
    }
}

impl Standing {
    fn new(commit: Commit, admin: ServerId, history: &History) -> Standing {
        let sessions = history.sessions_of(commit.player).iter().copied();
        let running = sessions.filter(|&index| history.sessions()[index].state == SessionState::Running).collect();
        Standing { player: commit.player, admin, state: commit.after, running }
    }
}
