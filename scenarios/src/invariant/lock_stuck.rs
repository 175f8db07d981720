//! When everything has healed and all have left, no lock is left behind by a server that had every chance to release
//! it, and every player can be loaded on a fresh server within the bound.

use dupeproof_core::Span;
use dupeproof_sim::guest::Command;
use dupeproof_sim::id::{PlayerId, ServerId, TradeId};
use dupeproof_sim::trace::Event;
use dupeproof_sim::{Action, Global, GuestEvent, Schedule};
use serde::{Deserialize, Serialize};

use crate::fact::{Detail, Fact, Servers};
use crate::finding::Finding;
use crate::history::History;
use crate::history::contents::Leftover;

/// Something that can keep a start from succeeding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Stuck {
    /// A profile could not be loaded.
    NotLoaded {
        /// The server where the player waited.
        server: ServerId,
        /// How long the start waited.
        waited: Span,
    },
    /// A lock belongs to a session that is over.
    LeftBehind {
        /// On which server.
        holder: ServerId,
    },
    /// All sessions of a profile are over, and something is left in its record.
    LeftInRecord {
        /// What.
        what: Leftover,
    },
    /// All sessions of a server are over, and it is still subscribed to the topics of some.
    Subscribed {
        /// The server.
        server: ServerId,
        /// How many subscriptions are left, at least.
        left: u32,
    },
    /// A trade's coordinator belongs to nobody.
    Coordinator {
        /// Which trade's.
        trade: TradeId,
    },
}

impl Detail for Stuck {
    fn servers(&self) -> Servers {
        match self {
            Stuck::NotLoaded { server, .. }
            | Stuck::LeftBehind { holder: server }
            | Stuck::Subscribed { server, .. } => [Some(*server), None],
            Stuck::LeftInRecord { .. } | Stuck::Coordinator { .. } => [None, None],
        }
    }
}

/// Watches the fresh server.
#[derive(Clone, Debug)]
pub struct LockStuck {
    fresh: Option<ServerId>,
    /// By player.
    visits: Vec<Visit>,
}

/// One player on the fresh server.
#[derive(Clone, Copy, Debug, Default)]
enum Visit {
    #[default]
    Away,
    /// Since the first arrival.
    Waiting(Global),
    Loaded,
}

impl LockStuck {
    /// Before a run of this schedule.
    pub fn new(schedule: &Schedule) -> LockStuck {
        LockStuck { fresh: None, visits: vec![Visit::Away; schedule.players.len()] }
    }

    /// Everybody has left, and now players arrive on this server.
    pub(super) fn begin(&mut self, at: Global, fresh: ServerId, history: &History, findings: &mut Vec<Finding>) {
        self.fresh = Some(fresh);
        for (player, holder) in history.holders().filter(|(_, holder)| !history.is_dead(*holder)) {
            let fact = Fact::LockStuck(Stuck::LeftBehind { holder });
            findings.push(Finding { at, player: Some(player), lasted: None, fact });
        }
    }

    /// The server where everybody has come once more, if the run has got so far.
    pub(super) fn fresh(&self) -> Option<ServerId> {
        self.fresh
    }

    /// A player arrived at, or left, the fresh server, or a session started there.
    pub(super) fn observe(&mut self, at: Global, event: &Event, findings: &mut Vec<Finding>) {
        let Some(fresh) = self.fresh else { return };
        match event {
            Event::Acted { action: Action::Command { server, command }, .. } if *server == fresh.slot => {
                match command {
                    Command::Join(player) => self.arrive(at, *player),
                    Command::Leave(player) => self.judge(at, *player, findings),
                    _ => {}
                }
            }
            Event::Guest { server, event: GuestEvent::SessionStarted { player, .. }, .. } if *server == fresh => {
                self.set(*player, Visit::Loaded);
            }
            _ => {}
        }
    }

    /// The run is over: who still waits, waits for ever.
    pub(super) fn end(&mut self, at: Global, findings: &mut Vec<Finding>) {
        for player in 0..self.visits.len() {
            self.judge(at, PlayerId(u16::try_from(player).expect("players are numbered with 16 bits")), findings);
        }
    }

    /// Who has come before and got no session waits since then.
    fn arrive(&mut self, at: Global, player: PlayerId) {
        if let Some(visit @ Visit::Away) = self.visits.get_mut(usize::from(player.0)) {
            *visit = Visit::Waiting(at);
        }
    }

    fn set(&mut self, player: PlayerId, now: Visit) {
        if let Some(visit) = self.visits.get_mut(usize::from(player.0)) {
            *visit = now;
        }
    }

    fn judge(&mut self, at: Global, player: PlayerId, findings: &mut Vec<Finding>) {
        let visit = self.visits.get_mut(usize::from(player.0)).map(std::mem::take);
        let (Some(Visit::Waiting(since)), Some(fresh)) = (visit, self.fresh) else { return };
        let fact = Fact::LockStuck(Stuck::NotLoaded { server: fresh, waited: at.since(since) });
        findings.push(Finding { at, player: Some(player), lasted: None, fact });
    }
}
