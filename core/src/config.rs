//! The constants of ProfileStore, and those of the lease policy.

use crate::limits::Limits;
use crate::sabotage::Sabotage;
use crate::time::Span;

/// The constants of one store. The defaults are ProfileStore's where it has them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "explore", derive(Hash))]
pub struct Config {
    /// `AUTO_SAVE_PERIOD`: every live profile is saved once in this time.
    pub auto_save_period: Span,
    /// `LOAD_REPEAT_PERIOD`: how often a waiting start tries again, after its first quick tries.
    pub load_repeat_period: Span,
    /// `SESSION_STEAL`: how long a start waits for a holder without a lease.
    pub session_steal: Span,
    /// `ASSUME_DEAD`: a holder without a lease that has not written for this long, by the wall clock, is dead.
    pub assume_dead: Span,
    /// `START_SESSION_TIMEOUT`: a start that has no session after this gives up; where it has to wait out a lease, not
    /// before [`Config::takeover_wait`] of that lease and 40 s more.
    pub start_session_timeout: Span,
    /// `MAX_MESSAGE_QUEUE`: messages that can wait in one record; the next is refused.
    pub max_message_queue: usize,
    /// Receipts of purchases that a record remembers; at least one. Roblox delivers a receipt again at the next join or
    /// purchase at the latest, so that those that matter are among the newest.
    pub max_receipts: usize,
    /// Senders of messages that a record remembers; at least one. Beyond that, the one that has been silent longest is
    /// forgotten; its retry, if it still comes, would be a new message.
    pub max_message_senders: usize,
    /// `CRITICAL_STATE_ERROR_COUNT`: this many failed requests within `critical_state_error_expire` are the critical
    /// state.
    pub critical_state_error_count: usize,
    /// `CRITICAL_STATE_ERROR_EXPIRE`: how long a failed request counts.
    pub critical_state_error_expire: Span,
    /// `CRITICAL_STATE_EXPIRE`: the critical state ends this long after the last time there were that many.
    pub critical_state_expire: Span,
    /// How long a confirming call keeps a session live, for sessions that acquire the lock from now on. The record states
    /// it in whole seconds, and a session goes by what its record states: from 1 s to [`Config::LEASE_MAX`].
    pub lease: Span,
    /// How much faster one server's monotonic clock may run than another's, as a ratio. Origin: GetServerTimeNow's
    /// rate stays within 0.6 % of the local clock; this bound is eight times as wide.
    pub drift: (u64, u64),
    /// How long a side of a trade that has voted waits for the other before it forces the trade to be aborted. Longer than
    /// a hand-over, shorter than a player is willing to wait.
    pub trade_timeout: Span,
    /// How often a side that waits for the decision asks the coordinator.
    pub trade_ask_period: Span,
    /// What the data store accepts. Anything else is refused here, before it is written.
    pub limits: Limits,
    /// A deliberate protocol mistake, for tests of the checks.
    #[cfg(feature = "sabotage")]
    pub sabotage: Option<Sabotage>,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            auto_save_period: Span::secs(300),
            load_repeat_period: Span::secs(10),
            session_steal: Span::secs(40),
            assume_dead: Span::secs(630),
            start_session_timeout: Span::secs(120),
            max_message_queue: 1_000,
            max_receipts: 100,
            max_message_senders: 1_000,
            critical_state_error_count: 5,
            critical_state_error_expire: Span::secs(120),
            critical_state_expire: Span::secs(120),
            lease: Span::secs(45),
            drift: (1, 20),
            trade_timeout: Span::secs(30),
            trade_ask_period: Span::secs(2),
            limits: Limits::default(),
            #[cfg(feature = "sabotage")]
            sabotage: None,
        }
    }
}

impl Config {
    /// How long a waiter waits for a holder with this lease before it may take the lock, by the waiter's monotonic
    /// clock, from the moment a reply proves that its marker is in the record.
    ///
    /// Why no two servers are ever live for one key: the holder's last confirming read did not see the marker, so it
    /// was served, and therefore started, before the marker was written. The holder is live at most one lease from
    /// that start, by its own clock. The waiter counts one lease and the drift allowance from a later moment, and
    /// then still finds its marker and the same lock inside the transform that takes it. No wall clock is compared;
    /// only the rates of two monotonic clocks over one lease must agree to within [`Config::drift`].
    pub fn takeover_wait(&self, lease: Span) -> Span {
        lease.scaled(self.drift.0 + self.drift.1, self.drift.1)
    }

    /// The longest lease that a server can have. No record of such a server states a longer one.
    pub const LEASE_MAX: Span = Span::secs(600);

    /// A lease as a record states it. One edited in by hand would lock the profile for as long as it states.
    pub(crate) fn stated_lease(seconds: u64) -> Span {
        Span::secs(seconds.min(Config::LEASE_MAX.as_secs()))
    }

    /// The lease in the record of a session that acquires the lock now, in seconds.
    pub(crate) fn granted_lease(&self) -> u64 {
        self.lease.as_secs().clamp(1, Config::LEASE_MAX.as_secs())
    }
}

impl Config {
    /// Whether this deliberate mistake is configured; never outside tests of the checks.
    #[cfg(feature = "sabotage")]
    pub(crate) fn breaks(&self, sabotage: Sabotage) -> bool {
        self.sabotage == Some(sabotage)
    }

    /// Whether this deliberate mistake is configured; never outside tests of the checks.
    #[cfg(not(feature = "sabotage"))]
    #[expect(clippy::unused_self, reason = "the same call with and without the feature")]
    pub(crate) fn breaks(&self, _sabotage: Sabotage) -> bool {
        false
    }
}
