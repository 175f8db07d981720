//! Where players are, and which servers may still act on their records for a session.
//!
//! A server has a *claim* on a player's record from the player's arrival until the start has failed or the session is over,
//! as its game was told, or the server is gone. A start whose player has left keeps its claim until then.

use dupeproof_core::Span;
use dupeproof_sim::id::{PlayerId, ServerId, Slot};
use dupeproof_sim::schedule::Action;
use dupeproof_sim::trace::Event;
use dupeproof_sim::{Command, Global, GuestEvent, Schedule};

use super::hindrance::{AFTERMATH, Hindrances};
use crate::history::{Entry, History, SessionIndex};

/// Knows who is where.
#[derive(Clone, Debug)]
pub(super) struct Presence {
    players: usize,
    /// By slot, then by player.
    visits: Vec<Visit>,
    /// By slot.
    servers: Vec<Server>,
    /// By player: when an admin, or the game, last did something to the record that ends sessions or keeps it from being
    /// stored.
    meddled: Vec<Option<Global>>,
    /// By place.
    began: Vec<Global>,
    /// How long a message that asked for something may be under way.
    message: Span,
    /// The services answer within the second, where nothing hinders them.
    prompt: bool,
    /// How long a start may take to ask for a record that others write to as well.
    asking: Span,
}

/// What a start does before it asks, beside its requests.
const PAUSE: Span = Span::secs(2);

/// One way to the DataStore or back, at most so often: a read and a write, which two others come before.
const LEGS: u64 = 12;

/// Services that take longer make leases run out.
const PROMPT: Span = Span::secs(1);

/// A player and a server.
#[derive(Clone, Copy, Debug, Default)]
struct Visit {
    /// The player is there since then, and has been let in or waits.
    here: Option<Arrival>,
    /// When the player last came there.
    came: Option<Global>,
    claim: Claim,
    /// Claims from earlier visits that were open when the player came, and are not over.
    older: u32,
    /// The last visit from which the player was sent away without a session.
    refused: Option<Arrival>,
}

impl Visit {
    /// Whose session is over, or does not begin, is sent home.
    fn over(&mut self, at: Global) {
        (self.here, self.claim) = (None, Claim::Over(at));
    }
}

/// How a player came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Arrival {
    pub(super) at: Global,
    /// To steal the session.
    pub(super) steals: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Claim {
    #[default]
    None,
    Open,
    Over(Global),
}

/// What there is to know of a slot.
#[derive(Clone, Copy, Debug, Default)]
struct Server {
    closing: bool,
    /// When its wall clock was last set.
    stepped: Option<Global>,
}

impl Presence {
    /// Before a run of this schedule.
    pub(super) fn new(schedule: &Schedule) -> Presence {
        let (players, slots) = (schedule.players.len(), schedule.servers.len() + 1);
        let services = &schedule.services;
        Presence {
            players,
            visits: vec![Visit::default(); slots * players],
            servers: vec![Server::default(); slots],
            meddled: vec![None; players],
            began: Vec::new(),
            message: services.delivery_delay.max + services.messaging_latency.max,
            asking: PAUSE + Span(services.datastore_latency.max.0 * LEGS),
            prompt: services.datastore_latency.max <= PROMPT && services.memory_store.latency.max <= PROMPT,
        }
    }

    /// Takes the next event in. To be asked about an end or a failed start first.
    pub(super) fn observe(&mut self, at: Global, event: &Event, entry: Entry, history: &History) {
        match event {
            Event::Acted { action: Action::Command { server, command }, .. } => self.acted(at, *server, *command),
            Event::Acted { action: Action::ClockStep { server, .. }, .. } => self.server(*server).stepped = Some(at),
            Event::Guest { server, event, .. } => match (event, entry) {
                (GuestEvent::SessionStarted { .. }, Entry::Session(index)) => self.begins(at, index, history),
                (GuestEvent::SessionEnded { .. }, Entry::Session(index)) => self.ended(at, index, history),
                (GuestEvent::StartFailed { player, .. }, _) => self.failed(at, server.slot, *player),
                _ => {}
            },
            Event::ServerStarted { server } => self.server(server.slot).closing = false,
            Event::ServerClosing { server } => self.server(server.slot).closing = true,
            Event::ServerCrashed { server } | Event::ServerKilled { server } | Event::ServerClosed { server } => {
                self.all_over(at, server.slot);
            }
            _ => {}
        }
    }

    /// How the player came whose start fails now; `None` if the player has left, or the start may be one from an earlier
    /// visit.
    pub(super) fn waiting(&self, slot: Slot, player: PlayerId) -> Option<Arrival> {
        let visit = self.visits.get(self.place(slot, player)?)?;
        visit.here.filter(|_| visit.older == 0)
    }

    /// How the player of a session came; `None` if the player has left since it began.
    pub(super) fn playing(&self, index: SessionIndex, history: &History) -> Option<Arrival> {
        let session = &history.sessions()[index];
        let here = self.visits.get(self.place(session.id.server.slot, session.player)?)?.here?;
        self.began(index).filter(|began| here.at <= *began).map(|_| here)
    }

    /// Whether the player of a session has come to its server again since it began.
    pub(super) fn came_again(&self, index: SessionIndex, history: &History) -> bool {
        let session = &history.sessions()[index];
        let place = self.place(session.id.server.slot, session.player);
        let came = place.and_then(|place| self.visits.get(place)).and_then(|visit| visit.came);
        came.zip(self.began(index)).is_some_and(|(came, began)| came > began)
    }

    /// When a session began.
    pub(super) fn began(&self, index: SessionIndex) -> Option<Global> {
        self.began.get(index).copied()
    }

    /// Whether a server closes.
    pub(super) fn is_closing(&self, slot: Slot) -> bool {
        self.servers.get(usize::from(slot)).is_some_and(|server| server.closing)
    }

    /// Whether all was well for a player on a server since a moment: it did not close, nothing hindered it, its requests were
    /// answered within seconds, and no other server had a claim on the record, or could have asked for it until then.
    pub(super) fn is_well(&self, hindrances: &Hindrances, server: ServerId, player: PlayerId, since: Global) -> bool {
        let asked = Global(since.0.saturating_sub(self.message.0));
        self.is_served()
            && !self.is_closing(server.slot)
            && !hindrances.suffers(server, since)
            && self.claimants(player, asked).all(|claimant| claimant == server.slot)
    }

    /// The servers that have had a claim on a player's record since a moment.
    pub(super) fn claimants(&self, player: PlayerId, since: Global) -> impl Iterator<Item = Slot> {
        let has_claim = move |claim| match claim {
            Claim::None => false,
            Claim::Open => true,
            Claim::Over(at) => at >= since,
        };
        self.of_player(player).filter(move |(_, visit)| has_claim(visit.claim)).map(|(slot, _)| slot)
    }

    /// Whether a start of the later arrival must have asked for the record after one of the earlier: requests of two that come
    /// within a moment may be applied in either order.
    pub(super) fn is_clearly_later(&self, later: Arrival, earlier: Arrival) -> bool {
        later.at > earlier.at + self.asking
    }

    /// Whether all that a server asks for is answered within seconds, where nothing hinders it.
    pub(super) fn is_served(&self) -> bool {
        self.prompt
    }

    /// Whether since a moment, and shortly before, no admin was told to touch a player's record, nothing was put into it that
    /// cannot be stored, and nobody set the server's clock.
    pub(super) fn is_untouched(&self, slot: Slot, player: PlayerId, since: Global) -> bool {
        let recent = |at: Option<Global>| at.is_some_and(|at| at + AFTERMATH >= since);
        let meddled = self.meddled.get(usize::from(player.0)).copied().flatten();
        !recent(meddled) && !recent(self.servers.get(usize::from(slot)).and_then(|server| server.stepped))
    }

    /// Where a player came last of all, of the servers where the player is or was sent away, and how.
    pub(super) fn newest(&self, player: PlayerId) -> Option<(Slot, Arrival)> {
        let arrivals = self.of_player(player).filter_map(|(slot, visit)| Some((slot, visit.here.or(visit.refused)?)));
        arrivals.max_by_key(|(_, arrival)| arrival.at)
    }

    /// How a player came who was sent away from a server, and has not come there since.
    pub(super) fn refused(&self, slot: Slot, player: PlayerId) -> Option<Arrival> {
        self.visits.get(self.place(slot, player)?)?.refused
    }

    fn acted(&mut self, at: Global, slot: Slot, command: Command) {
        match command {
            Command::Join(player) | Command::Steal(player) => {
                let steals = matches!(command, Command::Steal(_));
                let Some(visit) = self.visit(slot, player) else { return };
                if visit.here.is_none() {
                    let older = visit.older + u32::from(visit.claim == Claim::Open);
                    let (here, came) = (Some(Arrival { at, steals }), Some(at));
                    *visit = Visit { here, came, claim: Claim::Open, older, refused: None };
                }
            }
            Command::Leave(player) => {
                let Some(visit) = self.visit(slot, player) else { return };
                (visit.here, visit.refused) = (None, None);
            }
            Command::Remove(player)
            | Command::Rollback(player)
            | Command::Overfill(player)
            | Command::Errands { player, .. } => {
                if let Some(meddled) = self.meddled.get_mut(usize::from(player.0)) {
                    *meddled = Some(at);
                }
            }
            _ => {}
        }
    }

    fn begins(&mut self, at: Global, index: SessionIndex, history: &History) {
        self.began.resize(index + 1, at);
        let session = &history.sessions()[index];
        if let Some(visit) = self.visit(session.id.server.slot, session.player) {
            visit.claim = Claim::Open;
        }
    }

    fn ended(&mut self, at: Global, index: SessionIndex, history: &History) {
        let session = &history.sessions()[index];
        let began = self.began(index).unwrap_or_default();
        let Some(visit) = self.visit(session.id.server.slot, session.player) else { return };
        if visit.here.is_some_and(|here| began < here.at) {
            visit.older = visit.older.saturating_sub(1);
        } else {
            visit.over(at);
        }
    }

    fn failed(&mut self, at: Global, slot: Slot, player: PlayerId) {
        let is_closing = self.is_closing(slot);
        let Some(visit) = self.visit(slot, player) else { return };
        if visit.older > 0 {
            visit.older -= 1;
        } else {
            // A server that closes lets nobody in.
            visit.refused = visit.here.filter(|_| !is_closing);
            visit.over(at);
        }
    }

    fn all_over(&mut self, at: Global, slot: Slot) {
        let first = usize::from(slot) * self.players;
        for visit in self.visits.iter_mut().skip(first).take(self.players) {
            let claim = if visit.claim == Claim::Open { Claim::Over(at) } else { visit.claim };
            *visit = Visit { claim, came: visit.came, ..Visit::default() };
        }
    }

    fn of_player(&self, player: PlayerId) -> impl Iterator<Item = (Slot, &Visit)> {
        let visits = self.visits.iter().skip(usize::from(player.0)).step_by(self.players.max(1));
        (0..).zip(visits)
    }

    fn place(&self, slot: Slot, player: PlayerId) -> Option<usize> {
        let player = usize::from(player.0);
        (player < self.players).then(|| usize::from(slot) * self.players + player)
    }

    fn visit(&mut self, slot: Slot, player: PlayerId) -> Option<&mut Visit> {
        let place = self.place(slot, player)?;
        self.visits.get_mut(place)
    }

    fn server(&mut self, slot: Slot) -> &mut Server {
        let slot = usize::from(slot);
        if slot >= self.servers.len() {
            self.servers.resize(slot + 1, Server::default());
        }
        &mut self.servers[slot]
    }
}
