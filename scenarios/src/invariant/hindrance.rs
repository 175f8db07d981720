//! What hinders servers: what a promise with a bound in time is exempt from.
//!
//! Hindered is a server that is frozen or lags, whose links are cut, or whose services are out; or whose scripts have
//! crashed, which is a finding of its own; or one of whose requests waits for budget. A trouble is the end of any of
//! these, and a request that failed, or was hit by a fault.

use dupeproof_core::Span;
use dupeproof_sim::Global;
use dupeproof_sim::id::{RequestId, ServerId, Slot};
use dupeproof_sim::trace::Event;

/// How long after a trouble it still hinders: a request unanswered since, or the longest pause after an error, may reach
/// so far.
pub(super) const AFTERMATH: Span = Span::secs(60);

/// What hinders each server.
#[derive(Clone, Debug, Default)]
pub(super) struct Hindrances {
    /// By slot.
    slots: Vec<Hindrance>,
    /// Services that are out.
    outages: u8,
    /// The newest trouble of all servers.
    trouble: Option<Global>,
}

/// What hinders the server of one slot.
#[derive(Clone, Debug, Default)]
struct Hindrance {
    /// The newest life of the slot.
    life: u16,
    /// Links that are cut.
    cuts: u8,
    frozen: bool,
    /// Each request takes at least a frame, and a save is several.
    lagging: bool,
    /// Its scripts have.
    crashed: bool,
    /// Requests that had to wait for budget, and are not answered.
    throttled: Vec<RequestId>,
    /// The newest.
    trouble: Option<Global>,
    /// When it last froze or lagged, or ceased to.
    stalled: Option<Global>,
}

impl Hindrances {
    /// Takes the next event in.
    pub(super) fn observe(&mut self, at: Global, event: &Event) {
        match event {
            Event::RequestFault { server, .. } | Event::AnsweredTooLate { server, .. } => {
                self.slot(server.slot).trouble = Some(at);
            }
            Event::Throttled { server, id } => self.slot(server.slot).throttled.push(*id),
            Event::Answered { server, id, error, .. } => self.slot(server.slot).answered(at, *id, error.is_some()),
            Event::ServerStarted { server } => {
                let slot = self.slot(server.slot);
                *slot = Hindrance { life: server.life, cuts: slot.cuts, ..Hindrance::default() };
            }
            Event::ScriptCrashed { server, .. } => self.slot(server.slot).crashed = true,
            Event::ServerFroze { server } => self.slot(server.slot).stall(at, |slot| slot.frozen = true),
            Event::ServerWoke { server } => self.slot(server.slot).stall(at, |slot| slot.frozen = false),
            Event::ServerLagged { server, .. } => self.slot(server.slot).stall(at, |slot| slot.lagging = true),
            Event::ServerRecovered { server } => self.slot(server.slot).stall(at, |slot| slot.lagging = false),
            Event::PartitionBegan { slot, .. } => self.slot(*slot).cuts += 1,
            Event::PartitionHealed { slot, .. } => {
                let slot = self.slot(*slot);
                (slot.cuts, slot.trouble) = (slot.cuts.saturating_sub(1), Some(at));
            }
            Event::OutageBegan { .. } => self.outages += 1,
            Event::OutageEnded { .. } => {
                (self.outages, self.trouble) = (self.outages.saturating_sub(1), Some(at));
            }
            _ => {}
        }
    }

    /// Whether this server is hindered now, or had a trouble at or after a moment. One that a later life has followed is:
    /// what it wrote may still be applied.
    pub(super) fn hindered(&self, server: ServerId, since: Global) -> bool {
        let recent = |trouble: Option<Global>| trouble.is_some_and(|trouble| trouble >= since);
        let here = self.slots.get(usize::from(server.slot)).is_some_and(|slot| {
            let now = slot.frozen || slot.lagging || slot.crashed || slot.cuts > 0 || !slot.throttled.is_empty();
            now || recent(slot.trouble) || slot.life != server.life
        });
        here || self.outages > 0 || recent(self.trouble)
    }

    /// Since when nothing has hindered this server; `None` if something does.
    pub(super) fn well_since(&self, server: ServerId) -> Option<Global> {
        let here = self.slots.get(usize::from(server.slot)).and_then(|slot| slot.trouble);
        let since = here.max(self.trouble).unwrap_or_default();
        (!self.hindered(server, Global(since.0 + 1))).then_some(since)
    }

    /// Whether this server was hindered at or after a moment, or so shortly before that it may still suffer from it.
    pub(super) fn suffers(&self, server: ServerId, since: Global) -> bool {
        self.hindered(server, Global(since.0.saturating_sub(AFTERMATH.0)))
    }

    /// Since when this server neither is frozen nor lags; `None` while it does.
    pub(super) fn runs_since(&self, server: ServerId) -> Option<Global> {
        match self.slots.get(usize::from(server.slot)) {
            Some(slot) if slot.frozen || slot.lagging => None,
            slot => Some(slot.and_then(|slot| slot.stalled).unwrap_or_default()),
        }
    }

    fn slot(&mut self, slot: Slot) -> &mut Hindrance {
        let slot = usize::from(slot);
        if slot >= self.slots.len() {
            self.slots.resize(slot + 1, Hindrance::default());
        }
        &mut self.slots[slot]
    }
}

impl Hindrance {
    fn answered(&mut self, at: Global, id: RequestId, failed: bool) {
        let throttled = self.throttled.iter().position(|other| *other == id);
        if let Some(index) = throttled {
            self.throttled.swap_remove(index);
        }
        if failed || throttled.is_some() {
            self.trouble = Some(at);
        }
    }

    fn stall(&mut self, at: Global, change: impl FnOnce(&mut Hindrance)) {
        change(self);
        (self.trouble, self.stalled) = (Some(at), Some(at));
    }
}
