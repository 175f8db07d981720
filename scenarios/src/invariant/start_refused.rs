//! A player gets a session if the profile is free, or its holder has been gone for longer than the subject says that a start
//! takes.
//!
//! It was free if no other server had a claim on the record from the player's arrival on, and the lock is nobody's or this
//! server's. Judged only if the player waited there until the start failed, and nothing hindered the server.

use dupeproof_core::Span;
use dupeproof_sim::id::{PlayerId, ServerId};
use dupeproof_sim::{Global, StartFailure};
use serde::{Deserialize, Serialize};

use super::hindrance::Hindrances;
use super::presence::Presence;
use crate::fact::{Detail, Fact, Servers};
use crate::finding::Finding;
use crate::history::History;

/// A start that failed though the profile could be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refused {
    /// Where the player waited.
    pub server: ServerId,
    /// The server that held the lock, and was gone; `None` if nobody held it.
    pub gone: Option<ServerId>,
    /// How long the player had waited.
    pub waited: Span,
    /// Why, as the game was told.
    pub failure: StartFailure,
}

impl Detail for Refused {
    fn servers(&self) -> Servers {
        [self.gone, Some(self.server)]
    }
}

/// Knows which servers are gone.
#[derive(Clone, Debug, Default)]
pub struct StartRefused {
    /// A lock is takeable so long after its holder has gone; `None` if nobody says so.
    bound: Option<Span>,
    gone: Vec<(ServerId, Global)>,
    /// Locks can be where nobody sees them.
    locks_unseen: bool,
}

impl StartRefused {
    /// A start takes no longer than this, whoever held the lock.
    pub(super) fn promise(&mut self, bound: Span) {
        self.bound = Some(bound);
    }

    /// Locks may stand where nobody sees them.
    pub(super) fn ignore_unseen_locks(&mut self) {
        self.locks_unseen = true;
    }

    /// A server is gone.
    pub(super) fn down(&mut self, at: Global, server: ServerId) {
        self.gone.push((server, at));
    }

    /// A start failed.
    pub(super) fn failed(
        &self,
        at: Global,
        (server, player, failure): (ServerId, PlayerId, StartFailure),
        (history, hindrances, presence): (&History, &Hindrances, &Presence),
        findings: &mut Vec<Finding>,
    ) {
        let Some(arrival) = presence.waiting(server.slot, player) else { return };
        let was_well = presence.is_well(hindrances, server, player, arrival.at)
            && presence.is_untouched(server.slot, player, Global(0));
        if !was_well || is_explained(failure) {
            return;
        }
        let holder = history.holding(player).map(|taking| taking.server).filter(|holder| *holder != server);
        let could_be_had = match holder {
            // A lock that nobody sees may be that of any server that is gone.
            None => !self.locks_unseen || self.gone.is_empty(),
            Some(holder) => self.is_gone_for_long(holder, arrival.at),
        };
        if could_be_had {
            let waited = at.since(arrival.at);
            let fact = Fact::StartRefused(Refused { server, gone: holder, waited, failure });
            findings.push(Finding { at, player: Some(player), lasted: None, fact });
        }
    }

    /// Whether the lock of a server could be taken from this moment on.
    fn is_gone_for_long(&self, holder: ServerId, at: Global) -> bool {
        let since = self.gone.iter().find(|(server, _)| *server == holder).map(|(_, since)| *since);
        since.zip(self.bound).is_some_and(|(since, bound)| since + bound <= at)
    }
}

/// Whether a start fails for a reason of its own, whoever has the profile.
fn is_explained(failure: StartFailure) -> bool {
    matches!(failure, StartFailure::Closing | StartFailure::ReservedKey | StartFailure::Cancelled)
}
