//! Measures one run from its trace.

use dupeproof_core::Span;
use dupeproof_sim::guest::{Acquired, PlayerId};
use dupeproof_sim::request::RequestKind;
use dupeproof_sim::schedule::{Action, Slot};
use dupeproof_sim::trace::Event;
use dupeproof_sim::{Command, Global, GuestEvent, Schedule};

use super::Cost;
use crate::ledger::{Ledger, Note, player_of};

/// One thing that was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sample {
    /// A player waited so long for the session.
    Start(Acquired, Span),
    /// The same, where another server had the session when the player arrived: told by the trace, not by the subject.
    HandOver(Span),
    /// A session was over, and cost this.
    Session(Cost),
}

/// Watches one run.
#[derive(Clone, Debug)]
pub struct Meter {
    /// By slot, then by player.
    seats: Vec<Seat>,
    players: usize,
    samples: Vec<Sample>,
}

/// A player on a server.
#[derive(Clone, Copy, Debug, Default)]
struct Seat {
    arrived: Option<Global>,
    /// Another server had the session then.
    held: bool,
    /// Since when there is a session.
    started: Option<Global>,
    reads: u64,
    writes: u64,
}

impl Meter {
    /// Before a run of this schedule.
    pub fn new(schedule: &Schedule) -> Meter {
        let players = schedule.players.len();
        let slots = schedule.servers.len() + 1;
        Meter { seats: vec![Seat::default(); slots * players], players, samples: Vec::with_capacity(16) }
    }

    /// Takes the next event in; the ledger has it already.
    pub fn observe(&mut self, at: Global, event: &Event, note: Note, ledger: &Ledger) {
        match event {
            Event::Requested { server, kind, target: Some(key), .. } => self.requested(server.slot, *kind, key),
            Event::Acted {
                action: Action::Command { server, command: Command::Join(player) | Command::Steal(player) },
                ..
            } => {
                let held = self.is_held(*player, *server);
                if let Some(seat) = self.seat(*server, *player) {
                    (seat.arrived, seat.held) = (Some(at), held);
                }
            }
            Event::Guest { server, event, .. } => match event {
                GuestEvent::SessionStarted { player, acquired, .. } => {
                    self.started(at, server.slot, *player, *acquired);
                }
                GuestEvent::SessionEnded { .. } => {
                    if let Note::Session(place) = note {
                        self.ended(at, server.slot, ledger.sessions()[place].player);
                    }
                }
                _ => {}
            },
            Event::ServerCrashed { server } | Event::ServerKilled { server } | Event::ServerClosed { server } => {
                self.all_ended(at, server.slot);
            }
            Event::Ended { .. } => (0..).take(self.seats.len() / self.players.max(1)).for_each(|slot| {
                self.all_ended(at, slot);
            }),
            _ => {}
        }
    }

    /// What was measured.
    pub fn into_samples(self) -> Vec<Sample> {
        self.samples
    }

    fn requested(&mut self, slot: Slot, kind: RequestKind, key: &str) {
        let write = kind.is_write();
        if !write && kind != RequestKind::Get {
            return;
        }
        let Some(seat) = player_of(key).and_then(|player| self.seat(slot, player)) else { return };
        if seat.started.is_some() {
            seat.reads += u64::from(!write);
            seat.writes += u64::from(write);
        }
    }

    fn started(&mut self, at: Global, slot: Slot, player: PlayerId, acquired: Acquired) {
        let Some(seat) = self.seat(slot, player) else { return };
        let (arrived, held) = (seat.arrived.take(), seat.held);
        *seat = Seat { started: Some(at), ..Seat::default() };
        let waited = arrived.map(|arrived| at.since(arrived));
        self.samples.extend(waited.map(|waited| Sample::Start(acquired, waited)));
        self.samples.extend(waited.filter(|_| held).map(Sample::HandOver));
    }

    /// Whether any server but this one has a session of this player's.
    fn is_held(&self, player: PlayerId, here: Slot) -> bool {
        let of_player = self.seats.iter().skip(usize::from(player.0)).step_by(self.players.max(1));
        of_player.enumerate().any(|(slot, seat)| slot != usize::from(here) && seat.started.is_some())
    }

    fn ended(&mut self, at: Global, slot: Slot, player: PlayerId) {
        let Some(seat) = self.seat(slot, player) else { return };
        let Some(started) = seat.started.take() else { return };
        let cost = Cost { reads: seat.reads, writes: seat.writes, live: at.since(started) };
        self.samples.push(Sample::Session(cost));
    }

    fn all_ended(&mut self, at: Global, slot: Slot) {
        for player in 0..self.players {
            self.ended(at, slot, PlayerId(u16::try_from(player).expect("players are numbered with 16 bits")));
        }
    }

    fn seat(&mut self, slot: Slot, player: PlayerId) -> Option<&mut Seat> {
        let player = usize::from(player.0);
        if player >= self.players {
            return None;
        }
        self.seats.get_mut(usize::from(slot) * self.players + player)
    }
}
