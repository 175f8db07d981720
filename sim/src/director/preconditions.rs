//! Whether an action can happen as things stand.

use super::Director;
use super::slot::{ServerState, SlotState};
use crate::guest::Command;
use crate::id::{PlayerId, Slot};
use crate::schedule::Action;

impl Director {
    pub(super) fn preconditions_hold(&self, action: Action) -> bool {
        match action {
            Action::Command { server, command } => {
                self.target(server).is_some_and(|slot| self.command_preconditions_hold(slot, command))
            }
            Action::Crash { server } => self.target(server).is_some_and(SlotState::is_running),
            Action::Restart { server } => self.target(server).is_some_and(|slot| slot.state == ServerState::Down),
            Action::SetLease { server, .. } => self.target(server).is_some_and(SlotState::is_running),
            Action::Close { server } => self.target(server).is_some_and(|slot| slot.state == ServerState::Up),
            Action::Move { from, to } => {
                let targets = from != to && self.target(from).is_some() && self.target(to).is_some();
                targets && !self.movers(from).is_empty()
            }
            Action::Purchase { player, receipt } => {
                !self.marketplace.knows(receipt) && self.places_of(player).next().is_some()
            }
            fault => self.can_begin(fault),
        }
    }

    /// A closing server takes nobody in, however they come: while a restart is only announced, friends can still
    /// follow and teleports arrive (`update-games`, 2026-06), but that server is up. Nor does the game on it do
    /// anything more.
    pub(super) fn command_preconditions_hold(&self, slot: &SlotState, command: Command) -> bool {
        let here = |player: PlayerId| slot.players.contains(&player);
        let exists = |player: PlayerId| player.0 < self.players;
        slot.state == ServerState::Up
            && match command {
                Command::Join(player) | Command::Steal(player) => exists(player) && !here(player),
                Command::Leave(player) | Command::Edit(player) | Command::Save(player) | Command::Overfill(player) => {
                    here(player)
                }
                Command::Swap(one, other) => one != other && here(one) && here(other),
                Command::Trade { player: one, partner: other, .. } | Command::Gift { from: one, to: other, .. } => {
                    one != other && here(one) && exists(other)
                }
                Command::Errands { player, partner, .. } => player != partner && exists(player) && exists(partner),
                Command::Receipt { player, .. } => here(player),
                Command::Send { to: player, .. } | Command::Remove(player) | Command::Rollback(player) => {
                    exists(player)
                }
            }
    }

    /// The slots where a player is, in order.
    pub(super) fn places_of(&self, player: PlayerId) -> impl Iterator<Item = Slot> {
        (0..).zip(&self.slots).filter(move |(_, slot)| slot.players.contains(&player)).map(|(slot, _)| slot)
    }

    /// A slot that actions can name: the fresh server's is none.
    pub(super) fn target(&self, slot: Slot) -> Option<&SlotState> {
        (slot < self.fresh_server().slot).then(|| &self.slots[usize::from(slot)])
    }
}
