//! The game as an explorer of all its runs sees it.

use std::hash::{Hash, Hasher};

use dupeproof_core::{Config, Now, SessionId};
use dupeproof_sim::id::{PlayerId, RequestId, SessionNo};

use super::guest::{Call, CoreGuest};

impl CoreGuest {
    /// Hashes all that decides how the game goes on; within `dupeproof_core::explore::relative_to`.
    pub(crate) fn fingerprint(&self, state: &mut impl Hasher) {
        self.store.hash(state);
        self.players.hash(state);
        self.owners.hash(state);
        self.game_calls.hash(state);
        self.stamps.hash(state);
        // The numbers of requests do not matter, only their order.
        state.write_usize(self.calls.len());
        for call in self.calls.values() {
            call.hash(state);
        }
        state.write_usize(self.again.len());
    }

    /// Where a request stands among those that are not answered.
    pub(crate) fn place_of(&self, id: RequestId) -> usize {
        self.calls.keys().take_while(|other| **other < id).count()
    }

    /// Whether this player's newest session is live.
    pub(crate) fn has_live_session(&self, player: PlayerId, now: Now) -> bool {
        let sessions = (0..).map(SessionId).zip(&self.owners);
        sessions.filter(|(_, owner)| **owner == player).any(|(session, _)| self.store.is_active(session, now))
    }

    /// Whose session it is.
    pub(crate) fn player_of(&self, session: SessionNo) -> PlayerId {
        self.owners[session.0 as usize]
    }

    /// Whether the game waits for the answer to something that it asked the store for.
    pub(crate) fn has_open_calls(&self) -> bool {
        !self.game_calls.is_empty()
    }

    /// The players who are here.
    pub(crate) fn players_here(&self) -> impl Iterator<Item = PlayerId> {
        self.players.keys().copied()
    }

    /// Sessions that start from now on get another lease.
    pub(crate) fn set_lease(&mut self, seconds: u64) {
        let lease = dupeproof_core::Span::secs(seconds);
        self.store.set_config(Config { lease, ..self.store.config().clone() });
    }
}

impl Hash for Call {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
        match self {
            Call::Update(update) => {
                update.op.hash(state);
                update.call.hash(state);
                update.plan.hash(state);
            }
            Call::Read(op)
            | Call::ReadVersion(op)
            | Call::ListVersions(op)
            | Call::Remove(op)
            | Call::Publish(op)
            | Call::Subscribe(op) => op.hash(state),
        }
    }
}
