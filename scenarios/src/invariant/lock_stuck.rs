//! When everything has healed and all have left, no lock is left behind by a server that had every chance to release
//! it, and every player can be loaded on a fresh server within the bound.

use dupeproof_core::Span;
use dupeproof_sim::guest::{Command, PlayerId, TradeId};
use dupeproof_sim::trace::{Event, ServerId};
use dupeproof_sim::{Action, Global, GuestEvent, Schedule};

use super::{Breach, Fact};
use crate::history::History;

/// Something in the way.
#[derive(Clone, Copy, Debug)]
pub enum Stuck {
    /// A profile could not be loaded.
    NotLoaded {
        /// How long the start waited.
        waited: Span,
    },
    /// A lock belongs to a session that is over.
    LeftBehind {
        /// On which server.
        holder: ServerId,
    },
    /// A trade's coordinator belongs to nobody.
    Coordinator {
        /// Which trade's.
        trade: TradeId,
    },
}

impl Stuck {
    /// The key it is about, if it is none of a player.
    pub(super) fn key(&self) -> Option<String> {
        match self {
            Stuck::Coordinator { trade } => Some(format!("Trade_{}", trade.0)),
            Stuck::NotLoaded { .. } | Stuck::LeftBehind { .. } => None,
        }
    }

    pub(super) fn story(&self, key: &str) -> String {
        match self {
            Stuck::NotLoaded { waited } => {
                let seconds = waited.as_secs_f64();
                format!("{key} could not be loaded on a fresh server {seconds:.0} s after everybody had left")
            }
            Stuck::LeftBehind { holder } => {
                let server = holder.job_id();
                format!(
                    "{server} left its lock of {key} behind, though everybody had left and nothing kept it from releasing it"
                )
            }
            Stuck::Coordinator { .. } => {
                format!("{key}, by which a trade was decided, is left behind, and nobody will remove it")
            }
        }
    }
}

/// Watches the probe server.
#[derive(Clone, Debug)]
pub struct LockStuck {
    probe: Option<ServerId>,
    /// By player.
    visits: Vec<Visit>,
}

/// One player on the probe server.
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
        LockStuck { probe: None, visits: vec![Visit::Away; schedule.players.len()] }
    }

    /// Everybody has left, and now players arrive on this server.
    pub(super) fn begin(&mut self, at: Global, probe: ServerId, history: &History, breaches: &mut Vec<Breach>) {
        self.probe = Some(probe);
        for (player, holder) in history.holders().filter(|(_, holder)| !history.is_dead(*holder)) {
            let fact = Fact::LockStuck(Stuck::LeftBehind { holder });
            breaches.push(Breach { at, player: Some(player), lasted: None, servers: [Some(holder), None], fact });
        }
    }

    /// A player arrived at, or left, the probe server, or a session started there.
    pub(super) fn observe(&mut self, at: Global, event: &Event, breaches: &mut Vec<Breach>) {
        let Some(probe) = self.probe else { return };
        match event {
            Event::Acted { action: Action::Command { server, command }, .. } if *server == probe.slot => {
                match command {
                    Command::Join(player) => self.arrive(at, *player),
                    Command::Leave(player) => self.judge(at, *player, breaches),
                    _ => {}
                }
            }
            Event::Guest { server, event: GuestEvent::SessionStarted { player, .. }, .. } if *server == probe => {
                self.set(*player, Visit::Loaded);
            }
            _ => {}
        }
    }

    /// The run is over: who still waits, waits for ever.
    pub(super) fn end(&mut self, at: Global, breaches: &mut Vec<Breach>) {
        for player in 0..self.visits.len() {
            self.judge(at, PlayerId(u16::try_from(player).expect("players are numbered with 16 bits")), breaches);
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

    fn judge(&mut self, at: Global, player: PlayerId, breaches: &mut Vec<Breach>) {
        let visit = self.visits.get_mut(usize::from(player.0)).map(std::mem::take);
        let Some(Visit::Waiting(since)) = visit else { return };
        let fact = Fact::LockStuck(Stuck::NotLoaded { waited: at.since(since) });
        breaches.push(Breach { at, player: Some(player), lasted: None, servers: [self.probe, None], fact });
    }
}
