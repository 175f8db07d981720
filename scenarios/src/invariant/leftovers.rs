//! When all have come once more and have left again, no record has anything in it that the next session would have to
//! deal with first: a lock, a marker, a message, something put aside, or the note of a trade.
//!
//! Only records in ProfileStore's shape are judged: what other values mean, nobody can tell. And only those whose last
//! session was the fresh server's, and is over: a profile that could not be loaded there is a finding of its own.

use dupeproof_core::Stored;
use dupeproof_sim::id::{PlayerId, ServerId};
use dupeproof_sim::{Global, Key};

use super::lock_stuck::Stuck;
use crate::fact::Fact;
use crate::finding::Finding;
use crate::game_record::player_of;
use crate::history::{History, SessionState};

/// The run is over and this is stored.
pub(super) fn judge(
    at: Global,
    store: &[(Key, Stored)],
    fresh: Option<ServerId>,
    history: &History,
    findings: &mut Vec<Finding>,
) {
    let Some(fresh) = fresh else { return };
    for (key, value) in store {
        let Some(player) = player_of(key).filter(|player| was_there(*player, fresh, history)) else { continue };
        if let Some(what) = history.contents(value).leftover() {
            let fact = Fact::LockStuck(Stuck::LeftInRecord { what });
            findings.push(Finding { at, player: Some(player), lasted: None, fact });
        }
    }
}

/// Whether the player's last session was on the fresh server, and is over.
fn was_there(player: PlayerId, fresh: ServerId, history: &History) -> bool {
    let last = history.sessions_of(player).last().map(|&index| &history.sessions()[index]);
    last.is_some_and(|last| last.id.server == fresh && matches!(last.state, SessionState::Ended(_)))
}
