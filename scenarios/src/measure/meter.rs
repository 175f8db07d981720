//! Measures one run from its trace.

use dupeproof_core::Span;
use dupeproof_sim::guest::Acquired;
use dupeproof_sim::id::{PlayerId, ServiceName, Slot};
use dupeproof_sim::request::RequestKind;
use dupeproof_sim::schedule::Action;
use dupeproof_sim::trace::Event;
use dupeproof_sim::{Command, EndReason, Global, GuestEvent, Schedule};

use super::calls::Calls;
use super::deliveries::Deliveries;
use super::key_minutes::KeyMinutes;
use super::trades::{TradeMeter, Trades};
use super::{Cost, Share};
use crate::game_record::player_of;
use crate::history::{Entry, History};

/// One thing that was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sample {
    /// A player waited so long for the session.
    Start(Acquired, Span),
    /// The same, where another server had the session when the player arrived: told by the trace, not by the subject.
    HandOver(Span),
    /// The same, where the lock was that of a server that was gone.
    Takeover(Span),
    /// The oldest change that a save stored was so old, and nothing had hindered its server.
    Saved(Span),
    /// The oldest change that a session lost with its server was so old.
    Lost(Span),
    /// A message took effect so long after it was sent.
    Delivered(Span),
    /// A player left after waiting so long for a session.
    GaveUp(Span),
    /// A player played on for so long with a session while another one of theirs had begun.
    PlayedOn(Span),
    /// So many requests were made to memory stores in the run.
    MemoryRequests(u64),
    /// Of the starts of the run, those that failed while their players waited.
    Refused(Share),
    /// Of the sessions of the run, those that ended for another server while their players were there.
    EndedByOthers(Share),
    /// So much was written to one record in one minute.
    KeyMinute {
        /// Writes.
        writes: u64,
        /// Bytes of JSON, at most.
        bytes: u64,
    },
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
    deliveries: Deliveries,
    key_minutes: KeyMinutes,
    refused: Share,
    ended_by_others: Share,
    memory_requests: u64,
    samples: Vec<Sample>,
}

/// A player on a server.
#[derive(Clone, Copy, Debug, Default)]
struct Visit {
    arrived: Option<Global>,
    /// Another server had the session then.
    held: bool,
    /// The lock was that of a server that was gone.
    left_behind: bool,
    /// Since when there is a session.
    started: Option<Global>,
    /// Since when there is a newer one elsewhere: what is played from then on is lost.
    overtaken: Option<Global>,
    /// Its player has left.
    left: bool,
    reads: u64,
    writes: u64,
}

impl Meter {
    /// Before a run of this schedule.
    pub fn new(schedule: &Schedule) -> Meter {
        let players = schedule.players.len();
        let slots = schedule.servers.len() + 1;
        let visits = vec![Visit::default(); slots * players];
        Meter {
            visits,
            players,
            calls: Calls::default(),
            trades: TradeMeter::default(),
            deliveries: Deliveries::default(),
            key_minutes: KeyMinutes::default(),
            refused: Share::default(),
            ended_by_others: Share::default(),
            memory_requests: 0,
            samples: Vec::with_capacity(16),
        }
    }

    /// Takes the next event in; the history has it already.
    pub fn observe(&mut self, at: Global, event: &Event, entry: Entry, history: &History) {
        self.trades.observe(event);
        match event {
            Event::Requested { kind, .. } if kind.service() == ServiceName::MemoryStore => self.memory_requests += 1,
            Event::Requested { server, kind, target: Some(key), .. } => self.requested(server.slot, *kind, key),
            Event::Acted { action: Action::Command { server, command }, .. } => {
                self.command(at, *server, *command, history);
            }
            Event::Committed { after, .. } => {
                if let Entry::Commit { player, .. } = entry {
                    self.samples.extend(self.key_minutes.wrote(at, player, after.as_ref()));
                }
            }
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

    /// A session lost a change of this age with its server.
    pub(crate) fn lost(&mut self, age: Span) {
        self.samples.push(Sample::Lost(age));
    }

    /// A start failed, and its player waited there.
    pub(crate) fn refused(&mut self, is_waiting: bool) {
        let one = u64::from(is_waiting);
        self.refused.add(Share { all: one, some: one });
    }

    /// A guest spoke of a session, whose player is there, or is not.
    pub(crate) fn spoke(&mut self, is_playing: bool, event: &GuestEvent) {
        match event {
            GuestEvent::SessionStarted { .. } => {
                self.refused.all += 1;
                self.ended_by_others.all += 1;
            }
            GuestEvent::SessionEnded { reason: EndReason::External | EndReason::Lost, .. } if is_playing => {
                self.ended_by_others.some += 1;
            }
            _ => {}
        }
    }

    /// What was measured.
    pub fn into_samples(mut self) -> Vec<Sample> {
        self.samples.extend(std::mem::take(&mut self.key_minutes).end());
        self.samples.extend((self.refused.all > 0).then_some(Sample::Refused(self.refused)));
        self.samples.extend((self.ended_by_others.all > 0).then_some(Sample::EndedByOthers(self.ended_by_others)));
        self.samples.extend((self.memory_requests > 0).then_some(Sample::MemoryRequests(self.memory_requests)));
        let trades = self.trades.trades();
        self.samples.extend((trades.asked > 0).then_some(Sample::Trades(trades)));
        self.samples
    }

    fn command(&mut self, at: Global, server: Slot, command: Command, history: &History) {
        if let Command::Send { message, .. } = command {
            self.deliveries.sent(at, message);
        }
        match command {
            Command::Join(player) | Command::Steal(player) => {
                let held = self.is_held(player, server);
                let left_behind = history.holding(player).is_some_and(|taking| history.is_dead(taking.server));
                self.calls.mix(server, player);
                if let Some(visit) = self.visit(server, player) {
                    (visit.arrived, visit.held, visit.left_behind) = (Some(at), held, left_behind);
                }
            }
            Command::Leave(player) => {
                let arrived = self.visit(server, player).and_then(|visit| visit.arrived.take());
                self.samples.extend(arrived.map(|arrived| Sample::GaveUp(at.since(arrived))));
                self.stopped(at, server, player);
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
            GuestEvent::MessageHandled { message, .. } => {
                self.samples.extend(self.deliveries.handled(at, *message).map(Sample::Delivered));
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
        let (arrived, held, left_behind) = (visit.arrived.take(), visit.held, visit.left_behind);
        *visit = Visit { started: Some(at), ..Visit::default() };
        let players = self.players.max(1);
        let of_player = self.visits.iter_mut().skip(usize::from(player.0)).step_by(players);
        for (_, other) in of_player.enumerate().filter(|(other, _)| *other != usize::from(slot)) {
            other.overtaken = other.overtaken.or(other.started.map(|_| at));
        }
        let waited = arrived.map(|arrived| at.since(arrived));
        self.samples.extend(waited.map(|waited| Sample::Start(acquired, waited)));
        self.samples.extend(waited.filter(|_| held).map(Sample::HandOver));
        self.samples.extend(waited.filter(|_| left_behind).map(Sample::Takeover));
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
        self.stopped(at, slot, player);
        let Some(visit) = self.visit(slot, player) else { return };
        let Some(started) = visit.started.take() else { return };
        let until = visit.overtaken.unwrap_or(at);
        let cost = Cost { reads: visit.reads, writes: visit.writes, live: until.since(started) };
        self.samples.push(Sample::Session(cost));
    }

    /// A player plays no more with the session that they have there, if they have one.
    fn stopped(&mut self, at: Global, slot: Slot, player: PlayerId) {
        let Some(visit) = self.visit(slot, player).filter(|visit| visit.started.is_some()) else { return };
        let left = std::mem::replace(&mut visit.left, true);
        let overtaken = visit.overtaken.filter(|_| !left);
        self.samples.extend(overtaken.map(|overtaken| Sample::PlayedOn(at.since(overtaken))));
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
