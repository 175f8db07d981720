//! What does not change in an exploration.

use dupeproof_core::{Config, Span};

use super::effect::Effects;
use super::grains::Grains;
use crate::game_record::player_of;
use crate::prove::script::{Deed, Script, Step};

/// What does not change in an exploration, and what is known of it.
#[derive(Debug)]
pub(crate) struct Setting {
    pub script: Script,
    pub config: Config,
    /// Times further in the past are all the same.
    pub far: Span,
    /// Time goes on in whole multiples of this, and a timer is late until the next: so readings differ by whole multiples,
    /// too, and states are met again.
    pub grid: Grains,
    /// By actor: an earlier one that does the same on a server of the same kind. Only orders in which that one begins
    /// first are explored: the others are the same with the names of the two servers exchanged.
    twins: Vec<Option<u8>>,
    pub effects: Effects,
}

impl Setting {
    pub(crate) fn new(script: Script, config: Config, far: Span) -> Setting {
        let actors = 0..script.actors.len();
        let twins = actors.map(|actor| (0..actor).rev().find(|other| are_twins(&script, *other, actor)));
        let twins = twins.map(|twin| twin.and_then(|twin| u8::try_from(twin).ok())).collect();
        let effects = Effects::new(script.items.len(), far);
        let grid = Grains::slow(Span::millis(script.grid_ms));
        Setting { script, config, far, grid, twins, effects }
    }

    /// An earlier actor that does the same, and on which servers the two are.
    pub(crate) fn twin_of(&self, actor: u8) -> Option<(u8, [u8; 2])> {
        let twin = self.twins[usize::from(actor)]?;
        let server = |actor: u8| self.script.actors[usize::from(actor)][0].server;
        Some((twin, [server(twin), server(actor)]))
    }

    /// Whether no other server ever touches a key.
    pub(super) fn is_private(&self, key: &str, slot: u8) -> bool {
        player_of(key).is_some_and(|player| self.script.servers_of(player).all(|server| server == slot))
    }
}

/// Whether two actors do the same, each alone on a server of its own, and the servers have the same lease.
fn are_twins(script: &Script, one: usize, other: usize) -> bool {
    let steps = |actor: usize| &script.actors[actor];
    let deeds = |actor: usize| steps(actor).iter().map(|step| step.deed).collect::<Vec<Deed>>();
    let (Some(first), Some(second)) = (steps(one).first(), steps(other).first()) else { return false };
    let alone = |actor: usize, server: u8| {
        let others = script.actors.iter().enumerate().filter(|(index, _)| *index != actor);
        let others = others.flat_map(|(_, steps)| steps).chain(&script.prelude);
        let is_there = |step: &Step| step.server == server;
        steps(actor).iter().all(is_there) && !others.into_iter().any(is_there)
    };
    let lease = |server: u8| script.leases[usize::from(server)];
    first.server != second.server
        && lease(first.server) == lease(second.server)
        && deeds(one) == deeds(other)
        && alone(one, first.server)
        && alone(other, second.server)
}
