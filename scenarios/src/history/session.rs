//! One session of one player, as its trace shows it.

use dupeproof_sim::id::{PlayerId, SessionRef};
use dupeproof_sim::{EndReason, Stamp};

use super::lock_takings::TakingIndex;

/// A session's place in `History::sessions`: smaller started earlier.
pub type SessionIndex = usize;

/// One session.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its server, and its number there.
    pub id: SessionRef,
    /// The player whose data it holds.
    pub player: PlayerId,
    /// How it is now.
    pub state: SessionState,
    /// The state of the data that it began with.
    pub began_with: Stamp,
    /// While it ran, or had changes that were not stored, a session of the same player began on another server; only noted where
    /// locks are not seen.
    pub overlapped: bool,
    /// The taking of the lock by which it began; `None` if its server has not taken the lock for it.
    pub taking: Option<TakingIndex>,
    /// Its place among the sessions of its player, by when its lock was taken: a steal can take the lock of a session
    /// that its game gets only later. A session without a taking comes after all takings that there were when it
    /// started. Where records have no lock, its place is that of the write by which it began.
    pub lock_order: TakingIndex,
}

/// How a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionState {
    /// Its guest has not ended it.
    Running,
    /// Its guest ended it.
    Ended(EndReason),
    /// Its server is gone.
    Died,
}
