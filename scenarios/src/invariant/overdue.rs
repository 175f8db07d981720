//! What has a bound in time, and took longer though nothing hindered it: that a session hears that its lock was taken
//! away, that a waiting start takes a lock that was released, and that a change is saved.
//!
//! Only sessions with leases are judged: the records of others do not say how long theirs are, and nobody promises more.

mod hand_over;
mod notice;
mod unsaved;

use dupeproof_core::Span;
use dupeproof_sim::id::{ServerId, SessionRef};
use serde::{Deserialize, Serialize};

pub(super) use self::hand_over::HandOvers;
pub(super) use self::notice::Notices;
pub(super) use self::unsaved::Unsaved;
use crate::fact::{Detail, Servers};

/// Something that came too late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Overdue {
    /// The lock of a session was stolen, removed or lifted, and a lease later the session was still taken for live.
    Notice {
        /// The session.
        session: SessionRef,
        /// By whose request it lost the lock.
        taker: ServerId,
    },
    /// A lock was released for a start that was told so, and the start took it only after this time.
    HandOver {
        /// The server that released it.
        holder: ServerId,
        /// The server of the start.
        waiter: ServerId,
        /// From the message that told the start.
        after: Span,
    },
    /// A change was not saved for so long.
    Save {
        /// The session that made it.
        session: SessionRef,
        /// Its age.
        after: Span,
    },
}

impl Detail for Overdue {
    fn servers(&self) -> Servers {
        match self {
            Overdue::Notice { session, taker } => [Some(session.server), Some(*taker)],
            Overdue::HandOver { holder, waiter, .. } => [Some(*holder), Some(*waiter)],
            Overdue::Save { session, .. } => [Some(session.server), None],
        }
    }
}
