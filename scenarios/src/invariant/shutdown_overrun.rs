//! A closing server is done within its 30 s, unless something hinders it.
//!
//! Hindered is a server that was frozen or lagged, whose links were cut, or whose services were out, at any time between
//! its `BindToClose` and its kill; or whose scripts have crashed, which is a finding of its own; or one of whose requests
//! was throttled then; or one of whose requests failed, or was hit by a fault, then or in the minute before: a request
//! unanswered since, or the longest pause after an error, may reach into the closing.

use dupeproof_core::Span;
use dupeproof_sim::Global;
use dupeproof_sim::id::{RequestId, ServerId};
use dupeproof_sim::trace::Event;
use serde::{Deserialize, Serialize};

use crate::fact::{Detail, Fact, Servers};
use crate::finding::Finding;
use crate::history::History;

/// A server that took too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overrun {
    /// The server that was killed.
    pub server: ServerId,
}

impl Detail for Overrun {
    fn servers(&self) -> Servers {
        [Some(self.server), None]
    }
}

/// How long before the closing a trouble may have begun that still hinders it.
const AFTERMATH: Span = Span::secs(60);

/// Watches what hinders servers.
#[derive(Clone, Debug, Default)]
pub struct ShutdownOverrun {
    /// By slot.
    slots: Vec<ClosingSlot>,
    /// Services that are out.
    outages: u8,
    /// The newest trouble of all servers.
    trouble: Option<Global>,
}

#[derive(Clone, Debug, Default)]
struct ClosingSlot {
    closing: Option<Global>,
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
}

impl ShutdownOverrun {
    /// A server is gone, or something the history does not keep happened.
    pub(super) fn observe(&mut self, at: Global, event: &Event, history: &History, findings: &mut Vec<Finding>) {
        match event {
            Event::RequestFault { server, .. } | Event::AnsweredTooLate { server, .. } => {
                self.slot(server.slot).trouble = Some(at);
            }
            Event::Throttled { server, id } => self.slot(server.slot).throttled.push(*id),
            Event::Answered { server, id, error, .. } => self.slot(server.slot).answered(at, *id, error.is_some()),
            Event::ServerStarted { server } => {
                let slot = self.slot(server.slot);
                *slot = ClosingSlot { cuts: slot.cuts, ..ClosingSlot::default() };
            }
            Event::ScriptCrashed { server, .. } => self.slot(server.slot).crashed = true,
            Event::ServerFroze { server } => self.slot(server.slot).frozen = true,
            Event::ServerWoke { server } => {
                let slot = self.slot(server.slot);
                (slot.frozen, slot.trouble) = (false, Some(at));
            }
            Event::ServerLagged { server, .. } => self.slot(server.slot).lagging = true,
            Event::ServerRecovered { server } => {
                let slot = self.slot(server.slot);
                (slot.lagging, slot.trouble) = (false, Some(at));
            }
            Event::PartitionBegan { slot, .. } => self.slot(*slot).cuts += 1,
            Event::PartitionHealed { slot, .. } => {
                let slot = self.slot(*slot);
                (slot.cuts, slot.trouble) = (slot.cuts.saturating_sub(1), Some(at));
            }
            Event::OutageBegan { .. } => self.outages += 1,
            Event::OutageEnded { .. } => {
                (self.outages, self.trouble) = (self.outages.saturating_sub(1), Some(at));
            }
            Event::ServerClosing { server } => self.slot(server.slot).closing = Some(at),
            Event::ServerKilled { server } => self.judge(at, *server, history, findings),
            _ => {}
        }
    }

    fn judge(&mut self, at: Global, server: ServerId, history: &History, findings: &mut Vec<Finding>) {
        let trouble = self.trouble;
        let out = self.outages > 0;
        let slot = self.slot(server.slot);
        let Some(closing) = slot.closing else { return };
        let recent = |trouble: Option<Global>| trouble.is_some_and(|trouble| trouble + AFTERMATH >= closing);
        let hindered = slot.frozen || slot.lagging || slot.crashed || slot.cuts > 0 || !slot.throttled.is_empty();
        if hindered || out || recent(slot.trouble) || recent(trouble) {
            return;
        }
        let sessions = history.sessions_on(server);
        findings.push(Finding {
            at,
            player: sessions.last().map(|&index| history.sessions()[index].player),
            lasted: None,
            fact: Fact::ShutdownOverrun(Overrun { server }),
        });
    }

    fn slot(&mut self, slot: u16) -> &mut ClosingSlot {
        let slot = usize::from(slot);
        if slot >= self.slots.len() {
            self.slots.resize(slot + 1, ClosingSlot::default());
        }
        &mut self.slots[slot]
    }
}

impl ClosingSlot {
    fn answered(&mut self, at: Global, id: RequestId, failed: bool) {
        let throttled = self.throttled.iter().position(|other| *other == id);
        if let Some(index) = throttled {
            self.throttled.swap_remove(index);
        }
        if failed || throttled.is_some() {
            self.trouble = Some(at);
        }
    }
}
