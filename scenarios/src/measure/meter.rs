//! Measures one run from its trace.

use dupeproof_core::Span;
use dupeproof_sim::guest::Acquired;
use dupeproof_sim::id::{PlayerId, Slot};
use dupeproof_sim::request::RequestKind;
use dupeproof_sim::schedule::Action;
use dupeproof_sim::trace::Event;
use dupeproof_sim::{Command, Global, GuestEvent, Schedule};

use super::Cost;
use super::calls::Calls;
use super::trades::{TradeMeter, Trades};
use crate::game_record::player_of;
use crate::history::{Entry, History};

/// One thing that was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sample {
    /// A player waited so long for the session.
    Start(Acquired, Span),
    /// The same, where another server had the session when the player arrived: told by the trace, not by the subject.
    HandOver(Span),
    /// The oldest change that a save stored was so old, and nothing had hindered its server.
    Saved(Span),
    /// A message cost so many requests.
    Call(u64),
    /// A server had so many subscriptions at most.
    Subscriptions(u64),
    /// What became of the trades of the run.
    Trades(Trades),
    /// A session was over, and cost this.
    Session(Cost),
}

/// Watches one run.
#[derive(Clone, Debug)]
pub struct Meter {
    /// By slot, then by player.
    visits: Vec<Visit>,
    players: usize,
    calls: Calls,
    trades: TradeMeter,
    samples: Vec<Sample>,
}

/// A player on a server.
#[derive(Clone, Copy, Debug, Default)]
struct Visit {
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
        let visits = vec![Visit::default(); slots * players];
        let (calls, trades) = (Calls::default(), TradeMeter::default());
        Meter { visits, players, calls, trades, samples: Vec::with_capacity(16) }
    }

    /// Takes the next event in; the history has it already.
    pub fn observe(&mut self, at: Global, event: &Event, entry: Entry, history: &History) {
        self.trades.observe(event);
        match event {
            Event::Requested { server, kind, target: Some(key), .. } => self.requested(server.slot, *kind, key),
            Event::Acted { action: Action::Command { server, command }, .. } => self.command(at, *server, *command),
            Event::Guest { server, event, .. } => self.told(at, server.slot, event, entry, history),
            Event::ServerCrashed { server } | Event::ServerKilled { server } | Event::ServerClosed { server } => {
                self.all_ended(at, server.slot);
            }
            Event::Ended { .. } => (0..).take(self.visits.len() / self.players.max(1)).for_each(|slot| {
                self.all_ended(at, slot);
            }),
            _ => {}
        }
    }

    /// A server had so many subscriptions at most.
    pub(crate) fn subscribed(&mut self, most: u64) {
        self.samples.push(Sample::Subscriptions(most));
    }

    /// A save stored a change of this age.
    pub(crate) fn saved(&mut self, age: Span) {
        self.samples.push(Sample::Saved(age));
    }

    /// What was measured.
    pub fn into_samples(mut self) -> Vec<Sample> {
        let trades = self.trades.trades();
        self.samples.extend((trades.asked > 0).then_some(Sample::Trades(trades)));
        self.samples
    }

    fn command(&mut self, at: Global, server: Slot, command: Command) {
        match command {
            Command::Join(player) | Command::Steal(player) => {
                let held = self.is_held(player, server);
                self.calls.mix(server, player);
                if let Some(visit) = self.visit(server, player) {
                    (visit.arrived, visit.held) = (Some(at), held);
                }
            }
            Command::Send { to, message } if !self.has_come(server, to) => self.calls.sent(server, to, message),
            _ => {}
        }
    }

    fn told(&mut self, at: Global, slot: Slot, event: &GuestEvent, entry: Entry, history: &History) {
        self.trades.told(event, history);
        match event {
            GuestEvent::SessionStarted { player, acquired, .. } => self.started(at, slot, *player, *acquired),
            GuestEvent::SessionEnded { .. } => {
                if let Entry::Session(index) = entry {
                    self.ended(at, slot, history.sessions()[index].player);
                }
            }
            GuestEvent::MessageAccepted { message } | GuestEvent::MessageRefused { message } => {
                self.samples.extend(self.calls.answered(slot, *message).map(Sample::Call));
            }
            _ => {}
        }
    }

    fn requested(&mut self, slot: Slot, kind: RequestKind, key: &str) {
        let write = kind.is_write();
        if !write && kind != RequestKind::Get {
            return;
        }
        let Some(player) = player_of(key) else { return };
        self.calls.requested(slot, player);
        let Some(visit) = self.visit(slot, player) else { return };
        if visit.started.is_some() {
            visit.reads += u64::from(!write);
            visit.writes += u64::from(write);
        }
    }

    fn started(&mut self, at: Global, slot: Slot, player: PlayerId, acquired: Acquired) {
        let Some(visit) = self.visit(slot, player) else { return };
        let (arrived, held) = (visit.arrived.take(), visit.held);
        *visit = Visit { started: Some(at), ..Visit::default() };
        let waited = arrived.map(|arrived| at.since(arrived));
        self.samples.extend(waited.map(|waited| Sample::Start(acquired, waited)));
        self.samples.extend(waited.filter(|_| held).map(Sample::HandOver));
    }

    /// Whether a player has a session on a server, or has arrived there for one. Of a start that has failed nobody can tell
    /// when its last request was made.
    fn has_come(&self, slot: Slot, player: PlayerId) -> bool {
        let visit = self.visits.get(usize::from(slot) * self.players + usize::from(player.0));
        visit.is_some_and(|visit| visit.arrived.is_some() || visit.started.is_some())
    }

    /// Whether any server but this one has a session of this player's.
    fn is_held(&self, player: PlayerId, here: Slot) -> bool {
        let of_player = self.visits.iter().skip(usize::from(player.0)).step_by(self.players.max(1));
        of_player.enumerate().any(|(slot, visit)| slot != usize::from(here) && visit.started.is_some())
    }

    fn ended(&mut self, at: Global, slot: Slot, player: PlayerId) {
        let Some(visit) = self.visit(slot, player) else { return };
        let Some(started) = visit.started.take() else { return };
        let cost = Cost { reads: visit.reads, writes: visit.writes, live: at.since(started) };
        self.samples.push(Sample::Session(cost));
    }

    fn all_ended(&mut self, at: Global, slot: Slot) {
        for player in 0..self.players {
            self.ended(at, slot, PlayerId(u16::try_from(player).expect("players are numbered with 16 bits")));
        }
    }

    fn visit(&mut self, slot: Slot, player: PlayerId) -> Option<&mut Visit> {
        let player = usize::from(player.0);
        if player >= self.players {
            return None;
        }
        self.visits.get_mut(usize::from(slot) * self.players + player)
    }
}
