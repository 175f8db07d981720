//! A session that has a successor is over, and its game is told.
//!
//! Judged when everything has healed and had time to find out: before the fresh server starts, and at the end. And judged
//! when a player leaves, which ends a session whatever it knows: by then, a session whose lock was taken long ago, on a server
//! that nothing has hindered since, or not for long, has had its time, too. Servers that are gone have nobody to tell, and who
//! had left before the later session began plays on nowhere.

use dupeproof_core::Span;
use dupeproof_sim::Global;
use dupeproof_sim::id::{PlayerId, SessionRef, Slot};
use serde::{Deserialize, Serialize};

use super::hindrance::{AFTERMATH, Hindrances};
use super::presence::Presence;
use crate::fact::{Detail, Fact, Servers};
use crate::finding::Finding;
use crate::history::{History, SessionIndex, SessionState};

/// A session nobody ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Silence {
    /// The session that was never told.
    pub session: SessionRef,
    /// Its successor.
    pub later: SessionRef,
}

impl Detail for Silence {
    fn servers(&self) -> Servers {
        [Some(self.session.server), Some(self.later.server)]
    }
}

/// Remembers which sessions it has reported.
#[derive(Clone, Debug, Default)]
pub struct SilentEnd {
    reported: Vec<SessionIndex>,
    /// Sessions whose players have left, and when: before they ended.
    left: Vec<(SessionIndex, Global)>,
    /// A session finds out within so long that another has begun, by its next save at the latest; `None`: nobody says so.
    bound: Option<Span>,
}

impl SilentEnd {
    /// Every session is saved within so long.
    pub(super) fn promise(&mut self, auto_save: Span) {
        self.bound = Some(auto_save);
    }

    /// A player leaves a server.
    pub(super) fn left(
        &mut self,
        at: Global,
        (slot, player): (Slot, PlayerId),
        (history, hindrances, presence): (&History, &Hindrances, &Presence),
        findings: &mut Vec<Finding>,
    ) {
        let Some(server) = history.life_of(slot) else { return };
        let Some(index) = history.session_on(server, player) else { return };
        if history.sessions()[index].state == SessionState::Running {
            self.left.push((index, at));
        }
        let Some(bound) = self.bound else { return };
        let Some(later) = self.successor(index, history) else { return };
        let Some(began) = presence.began(later) else { return };
        let since = if hindrances.suffers(server, began) {
            // It may not have known before all was well again, for as long as nothing has.
            hindrances.well_since(server).map(|well| began.max(well) + AFTERMATH)
        } else {
            Some(began)
        };
        if !presence.is_closing(slot) && since.is_some_and(|since| since + bound < at) {
            self.report(at, index, later, history, findings);
        }
    }

    /// By now every session with a successor must have ended.
    pub(super) fn judge(&mut self, at: Global, history: &History, presence: &Presence, findings: &mut Vec<Finding>) {
        for index in 0..history.sessions().len() {
            let Some(later) = self.successor(index, history) else { continue };
            let began = presence.began(later);
            let had_left = self.left.iter().any(|(left, at)| *left == index && began.is_some_and(|began| *at < began));
            if !had_left {
                self.report(at, index, later, history, findings);
            }
        }
    }

    /// The newest session of the same player, if this one has one and still goes on, which was not reported. Where its server
    /// is gone, it has died.
    fn successor(&self, index: SessionIndex, history: &History) -> Option<SessionIndex> {
        let session = &history.sessions()[index];
        if session.state != SessionState::Running || self.reported.contains(&index) {
            return None;
        }
        history.latest(session.player).filter(|&newest| history.precedes(index, newest))
    }

    fn report(
        &mut self,
        at: Global,
        index: SessionIndex,
        later: SessionIndex,
        history: &History,
        findings: &mut Vec<Finding>,
    ) {
        let session = &history.sessions()[index];
        let later = history.sessions()[later].id;
        self.reported.push(index);
        let fact = Fact::SilentEnd(Silence { session: session.id, later });
        findings.push(Finding { at, player: Some(session.player), lasted: None, fact });
    }
}
