//! Servers start, close and stop; players come, go and are moved.

use dupeproof_core::Span;

use super::slot::ServerState;
use super::task::Task;
use super::{Cue, Director};
use crate::clock::Global;
use crate::guest::Command;
use crate::id::{PlayerId, ServerId, Slot};
use crate::node::NodeInput;
use crate::schedule::{Action, Latency};
use crate::trace::{Event, Trace};

/// How long `BindToClose` may take before the server is killed (class reference, `DataModel.BindToClose`).
const CLOSE_LIMIT: Span = Span::secs(30);

impl Director {
    pub(super) fn start(&mut self, server: ServerId, at: Global, trace: &mut Trace<'_>) {
        let slot = &mut self.slots[usize::from(server.slot)];
        slot.life = server.life;
        slot.state = ServerState::Up;
        slot.dismissed.clear();
        trace.record(at, &Event::ServerStarted { server });
        self.cues.push_back(Cue::Start(server, slot.stepped));
    }

    pub(super) fn stop(&mut self, at: Global, server: ServerId) {
        let slot = &mut self.slots[usize::from(server.slot)];
        slot.state = ServerState::Down;
        slot.until = Default::default();
        let empty = slot.players.is_empty();
        slot.players.clear();
        slot.moving.clear();
        self.cued = at;
        self.cues.push_back(Cue::Stop(server));
        if !empty {
            self.count_players();
        }
    }

    /// `BindToClose` and each `PlayerRemoving` come in no documented order: all at once, or scattered.
    pub(super) fn close(&mut self, at: Global, step: u32, server: ServerId, trace: &mut Trace<'_>) {
        trace.record(at, &Event::ServerClosing { server });
        let slot = &mut self.slots[usize::from(server.slot)];
        slot.state = ServerState::Closing;
        slot.dismissed = slot.players.iter().filter(|player| !slot.moving.contains(player)).copied().collect();
        self.event_queue.push(at + CLOSE_LIMIT, Task::Kill(server));
        if !self.lifecycle.removing_at_close {
            self.all_vanish(at, step, server, trace);
        }
        if self.lifecycle.close_spread > Span::ZERO {
            let here = self.slots[usize::from(server.slot)].players.iter();
            let departures = here.map(|player| Task::Depart(server, *player, step));
            let tasks = [Task::Close(server)].into_iter().chain(departures).collect();
            return self.scatter(at, Latency { min: Span::ZERO, max: self.lifecycle.close_spread }, tasks);
        }
        let close_first = self.close_order.draw().coin();
        let close = Cue::Input(server, NodeInput::Close);
        if close_first {
            self.cues.push_back(close.clone());
        }
        self.all_leave(at, Some(step), server.slot, trace);
        if !close_first {
            self.cues.push_back(close);
        }
    }

    /// `BindToClose` of a server that closes step by step.
    pub(super) fn begin_close(&mut self, server: ServerId) {
        if self.is(server, ServerState::Closing) {
            self.cues.push_back(Cue::Input(server, NodeInput::Close));
        }
    }

    pub(super) fn kill(&mut self, at: Global, server: ServerId, trace: &mut Trace<'_>) {
        if self.is(server, ServerState::Closing) {
            trace.record(at, &Event::ServerKilled { server });
            self.stop(at, server);
        }
    }

    /// All go to the same server, as in a restart of servers (`update-games`, 2026-06). Of a teleport's `PlayerRemoving`
    /// and `PlayerAdded` no order is documented.
    pub(super) fn move_all(&mut self, at: Global, step: u32, from: Slot, to: Slot) {
        let server = self.current(from);
        let movers = self.movers(from);
        let slot = &mut self.slots[usize::from(from)];
        slot.dismissed.clear();
        slot.moving.clone_from(&slot.players);
        let tasks =
            movers.into_iter().flat_map(|player| [Task::Depart(server, player, step), Task::Arrive(to, player, step)]);
        let tasks = tasks.collect();
        self.scatter(at, Latency { min: Span::ZERO, max: self.lifecycle.move_spread }, tasks);
    }

    /// The players that a move takes away: those who are there, and those whom the server sent away when it closed and who
    /// have joined no server since.
    pub(super) fn movers(&self, from: Slot) -> Vec<PlayerId> {
        let slot = &self.slots[usize::from(from)];
        let here = slot.players.iter().filter(|player| !slot.moving.contains(player));
        let sent_away = slot.dismissed.iter().filter(|player| self.places_of(**player).next().is_none());
        here.chain(sent_away).copied().collect()
    }

    pub(super) fn depart(&mut self, at: Global, server: ServerId, player: PlayerId, step: u32, trace: &mut Trace<'_>) {
        let slot = &self.slots[usize::from(server.slot)];
        if slot.life == server.life && slot.players.contains(&player) {
            self.act_out(at, Some(step), server.slot, Command::Leave(player), trace);
        }
    }

    /// Nobody arrives at a server that is not up, or once the settling has begun: they are disconnected instead.
    pub(super) fn arrive(&mut self, at: Global, slot: Slot, player: PlayerId, step: u32, trace: &mut Trace<'_>) {
        let join = Command::Join(player);
        if at < self.length && self.command_preconditions_hold(&self.slots[usize::from(slot)], join) {
            self.act_out(at, Some(step), slot, join, trace);
        }
    }

    pub(super) fn all_leave(&mut self, at: Global, step: Option<u32>, server: Slot, trace: &mut Trace<'_>) {
        for player in self.slots[usize::from(server)].players.clone() {
            self.act_out(at, step, server, Command::Leave(player), trace);
        }
    }

    /// Everybody leaves, and the game there does not hear of it.
    fn all_vanish(&mut self, at: Global, step: u32, server: ServerId, trace: &mut Trace<'_>) {
        let slot = &mut self.slots[usize::from(server.slot)];
        slot.moving.clear();
        for player in std::mem::take(&mut slot.players) {
            let action = Action::Command { server: server.slot, command: Command::Leave(player) };
            trace.record(at, &Event::Acted { step: Some(step), action });
            self.cues.push_back(Cue::Input(server, NodeInput::Vanish(player)));
        }
        self.count_players();
    }

    /// A command that the timeline does not list.
    pub(super) fn act_out(
        &mut self,
        at: Global,
        step: Option<u32>,
        server: Slot,
        command: Command,
        trace: &mut Trace<'_>,
    ) {
        trace.record(at, &Event::Acted { step, action: Action::Command { server, command } });
        self.command(at, step, server, command);
    }

    pub(super) fn command(&mut self, at: Global, step: Option<u32>, slot: Slot, command: Command) {
        let state = &mut self.slots[usize::from(slot)];
        let server = ServerId { slot, life: state.life };
        self.cues.push_back(Cue::Input(server, NodeInput::Command(command)));
        match command {
            Command::Join(player) | Command::Steal(player) => {
                state.players.push(player);
                self.count_players();
                self.call_for_receipts(at, step, server, player);
            }
            Command::Leave(player) => {
                state.players.retain(|other| *other != player);
                state.moving.retain(|other| *other != player);
                self.count_players();
            }
            _ => {}
        }
    }

    fn count_players(&mut self) {
        let players: usize = self.slots.iter().map(|slot| slot.players.len()).sum();
        self.cues.push_back(Cue::Players(u32::try_from(players).expect("slots and players are few")));
    }

    /// Each at a drawn moment; those of one moment in any order.
    pub(super) fn scatter(&mut self, at: Global, within: Latency, tasks: Vec<Task>) {
        let mut scattered: Vec<(Span, u64, Task)> =
            tasks.into_iter().map(|task| (self.scattering.span(within), self.scattering.bits(), task)).collect();
        scattered.sort_by_key(|(after, rank, _)| (*after, *rank));
        for (after, _, task) in scattered {
            self.event_queue.push(at + after, task);
        }
    }
}
