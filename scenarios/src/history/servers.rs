//! Which servers run, by slot, each in its newest life.

use super::SessionIndex;
use dupeproof_sim::id::{ServerId, Slot};

/// All servers of a run.
#[derive(Clone, Debug)]
pub struct Servers {
    /// By slot.
    slots: Vec<Server>,
    /// Lives that ended without a chance to save.
    dead: Vec<ServerId>,
}

/// One slot, in its newest life.
#[derive(Clone, Debug)]
struct Server {
    id: ServerId,
    up: bool,
    frozen: bool,
    sessions: Vec<SessionIndex>,
}

impl Servers {
    /// Room for so many slots.
    pub(super) fn with_capacity(slots: usize) -> Servers {
        Servers { slots: Vec::with_capacity(slots), dead: Vec::new() }
    }

    /// The newest life of a slot.
    pub fn life_of(&self, slot: Slot) -> Option<ServerId> {
        self.slots.get(usize::from(slot)).map(|server| server.id)
    }

    /// Whether this life of a server ended without a chance to save.
    pub fn is_dead(&self, server: ServerId) -> bool {
        self.dead.contains(&server)
    }

    /// Whether this life of a server runs.
    pub fn is_up(&self, server: ServerId) -> bool {
        self.get(server).is_some_and(|server| server.up)
    }

    /// Whether this life of a server is frozen.
    pub fn is_frozen(&self, server: ServerId) -> bool {
        self.get(server).is_some_and(|server| server.up && server.frozen)
    }

    /// The sessions that ever started in this life of a server, if it is the newest of its slot.
    pub fn sessions_on(&self, server: ServerId) -> &[SessionIndex] {
        self.get(server).map_or(&[], |server| &server.sessions)
    }

    pub(super) fn start(&mut self, server: ServerId) {
        *self.slot_mut(server) = Server { id: server, up: true, frozen: false, sessions: Vec::new() };
    }

    pub(super) fn set_frozen(&mut self, server: ServerId, frozen: bool) {
        let slot = self.slot_mut(server);
        if slot.id == server {
            slot.frozen = frozen;
        }
    }

    /// A life has ended without a chance to save.
    pub(super) fn add_dead(&mut self, server: ServerId) {
        self.dead.push(server);
    }

    /// A life has ended. Says whether it was the newest of its slot.
    pub(super) fn stop(&mut self, server: ServerId) -> bool {
        let slot = self.slot_mut(server);
        let newest = slot.id == server;
        slot.up &= !newest;
        newest
    }

    pub(super) fn add_session(&mut self, server: ServerId, session: SessionIndex) {
        self.slot_mut(server).sessions.push(session);
    }

    fn get(&self, server: ServerId) -> Option<&Server> {
        self.slots.get(usize::from(server.slot)).filter(|known| known.id == server)
    }

    fn slot_mut(&mut self, server: ServerId) -> &mut Server {
        let slot = usize::from(server.slot);
        for next in self.slots.len()..=slot {
            let id = ServerId { slot: u16::try_from(next).expect("at most a slot"), life: 0 };
            self.slots.push(Server { id, up: false, frozen: false, sessions: Vec::new() });
        }
        &mut self.slots[slot]
    }
}
