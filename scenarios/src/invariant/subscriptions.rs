//! When all sessions are over, no server is subscribed to anything that it subscribed to for one: a server has few
//! subscriptions, and each that is left makes later ones fail.
//!
//! Only servers whose sessions have leases are judged: others may be subscribed to topics of their games, for good.

use dupeproof_sim::Global;
use dupeproof_sim::GuestEvent;
use dupeproof_sim::id::ServerId;
use dupeproof_sim::request::RequestKind;
use dupeproof_sim::trace::Event;

use super::lock_stuck::Stuck;
use crate::fact::Fact;
use crate::finding::Finding;
use crate::history::History;

/// Counts what each server is subscribed to.
#[derive(Clone, Debug, Default)]
pub(super) struct Subscriptions {
    /// By slot, of its newest life.
    servers: Vec<Subscribed>,
    /// The most at once of each earlier life.
    earlier: Vec<u32>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Subscribed {
    life: u16,
    /// Subscribes that were answered without an error.
    opened: u32,
    /// Unsubscribes. A session that is over asks for one though its subscribe has failed, or was never answered.
    closed: u32,
    /// The most at once.
    most: u32,
    leased: bool,
}

impl Subscriptions {
    /// Takes the next event in.
    pub(super) fn observe(&mut self, event: &Event) {
        match event {
            Event::Answered { server, kind: RequestKind::Subscribe, error: None, .. } => {
                let server = self.server(*server);
                server.opened += 1;
                server.most = server.most.max(server.open());
            }
            Event::Requested { server, kind: RequestKind::Unsubscribe, .. } => self.server(*server).closed += 1,
            Event::Guest { server, live_until: Some(_), event: GuestEvent::SessionStarted { .. } } => {
                self.server(*server).leased = true;
            }
            _ => {}
        }
    }

    /// The run is over.
    pub(super) fn judge(&self, at: Global, history: &History, findings: &mut Vec<Finding>) {
        for (slot, subscribed) in (0..).zip(&self.servers) {
            let server = ServerId { slot, life: subscribed.life };
            let left = subscribed.open();
            if left > 0 && subscribed.leased && history.is_up(server) {
                let fact = Fact::LockStuck(Stuck::Subscribed { server, left });
                findings.push(Finding { at, player: None, lasted: None, fact });
            }
        }
    }

    /// The most that each server had at once, of servers that had any.
    pub(super) fn peaks(&self) -> impl Iterator<Item = u64> {
        let all = self.earlier.iter().copied().chain(self.servers.iter().map(|server| server.most));
        all.filter(|most| *most > 0).map(u64::from)
    }

    fn server(&mut self, server: ServerId) -> &mut Subscribed {
        let slot = usize::from(server.slot);
        if slot >= self.servers.len() {
            self.servers.resize(slot + 1, Subscribed::default());
        }
        let subscribed = &mut self.servers[slot];
        if subscribed.life != server.life {
            self.earlier.push(subscribed.most);
            *subscribed = Subscribed { life: server.life, ..Subscribed::default() };
        }
        subscribed
    }
}

impl Subscribed {
    fn open(self) -> u32 {
        self.opened.saturating_sub(self.closed)
    }
}
