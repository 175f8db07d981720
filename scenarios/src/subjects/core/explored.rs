//! The game as an explorer of all its runs sees it.

use std::hash::{Hash, Hasher};

use dupeproof_core::{Config, Mono, Now, SessionId, Unix};
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

    /// Numbers the requests that are not answered anew, from 1 in their order; these were their numbers.
    pub(crate) fn renumber(&mut self) -> Vec<RequestId> {
        let (old, calls): (Vec<_>, Vec<_>) = std::mem::take(&mut self.calls).into_iter().unzip();
        self.calls = (1..).map(RequestId).zip(calls).collect();
        self.requests = u32::try_from(old.len()).expect("there are few requests");
        old
    }

    /// Until when this player's session is live, if one is now and nothing else happens.
    pub(crate) fn live_until(&self, player: PlayerId, at: Mono) -> Option<Mono> {
        let now = Now { mono: at, unix: Unix::default() };
        let sessions = (0..).map(SessionId).zip(&self.owners).filter(|(_, owner)| **owner == player);
        let live = sessions.filter(|(session, _)| self.store.is_active(*session, now));
        live.filter_map(|(session, _)| self.store.live_until(session)).max()
    }

    /// Whose session it is, and whether it is live.
    pub(crate) fn owner_and_liveness(&self, session: SessionNo, now: Now) -> (PlayerId, bool) {
        (self.owners[session.0 as usize], self.store.is_active(SessionId(session.0), now))
    }

    /// Whether the game waits for the answer to something that it asked the store for.
    pub(crate) fn has_open_calls(&self) -> bool {
        !self.game_calls.is_empty()
    }

    /// Whether a player is taken for present whose session is over, or never came to be.
    pub(crate) fn misses_an_end(&self) -> bool {
        self.players.values().any(|session| self.store.is_over(*session))
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
