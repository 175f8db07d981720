//! Of several servers that ask for one profile, the one where the player came last gets it.
//!
//! Judged only if the player still waits there, did not come anywhere later, and came long enough after the older start that
//! its requests were applied later, if nothing hindered any server that asked, and the older start was not told to steal.

use dupeproof_core::Span;
use dupeproof_sim::Global;
use dupeproof_sim::id::{PlayerId, ServerId, SessionRef};
use serde::{Deserialize, Serialize};

use super::hindrance::Hindrances;
use super::presence::{Arrival, Presence};
use crate::fact::{Detail, Fact, Servers};
use crate::finding::Finding;
use crate::history::{History, SessionIndex, SessionState};

/// The wrong one won.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Won {
    /// The session that an older request got.
    pub session: SessionRef,
    /// Where the player came last, and got none.
    pub newest: ServerId,
    /// How much later the player came there.
    pub later: Span,
}

impl Detail for Won {
    fn servers(&self) -> Servers {
        [Some(self.session.server), Some(self.newest)]
    }
}

/// A session began: is it for an older request than one that was refused?
pub(super) fn started(
    at: Global,
    index: SessionIndex,
    (history, hindrances, presence): (&History, &Hindrances, &Presence),
    findings: &mut Vec<Finding>,
) {
    let player = history.sessions()[index].player;
    let Some((slot, newest)) = presence.newest(player) else { return };
    let refused = presence.refused(slot, player) == Some(newest);
    if let Some(server) = history.life_of(slot).filter(|_| refused) {
        judge(at, (index, server, newest), (history, hindrances, presence), findings);
    }
}

/// A start failed, and the player still waits for it: has an older request got the session meanwhile?
pub(super) fn failed(
    at: Global,
    (server, player): (ServerId, PlayerId),
    (history, hindrances, presence): (&History, &Hindrances, &Presence),
    findings: &mut Vec<Finding>,
) {
    let Some(arrival) = presence.waiting(server.slot, player) else { return };
    let is_newest = presence.newest(player) == Some((server.slot, arrival));
    let later = |index: &SessionIndex| presence.began(*index).is_some_and(|began| began > arrival.at);
    let winner = history.sessions_of(player).iter().copied().rev().find(later);
    if let Some(index) = winner.filter(|_| is_newest && !presence.is_closing(server.slot)) {
        judge(at, (index, server, arrival), (history, hindrances, presence), findings);
    }
}

fn judge(
    at: Global,
    (index, server, newest): (SessionIndex, ServerId, Arrival),
    (history, hindrances, presence): (&History, &Hindrances, &Presence),
    findings: &mut Vec<Finding>,
) {
    let session = &history.sessions()[index];
    let winner = session.id.server;
    let Some(older) = presence.playing(index, history) else { return };
    let suffers = |slot| history.life_of(slot).is_some_and(|life| hindrances.suffers(life, older.at));
    let is_fair = session.state == SessionState::Running && winner != server && !older.steals;
    let is_later = presence.is_clearly_later(newest, older);
    if is_fair && is_later && presence.is_served() && !presence.claimants(session.player, older.at).any(suffers) {
        let later = newest.at.since(older.at);
        let fact = Fact::OlderStartWon(Won { session: session.id, newest: server, later });
        findings.push(Finding { at, player: Some(session.player), lasted: None, fact });
    }
}
