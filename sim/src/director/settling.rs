//! After the chaos: everything heals, everybody leaves, and everything is tried once more on a fresh server.

use dupeproof_core::Span;

use super::deed::Deed;
use super::{Cue, Director};
use crate::clock::Global;
use crate::guest::{Command, PlayerId};
use crate::trace::{Event, Trace};

/// From the healing until the players leave.
const RECOVERY: Span = Span::secs(30);

impl Director {
    pub(super) fn heal(&mut self, at: Global, trace: &mut Trace<'_>) {
        trace.record(at, &Event::Healed);
        self.cues.push_back(Cue::Heal);
        self.marketplace.heal();
        self.end_faults(at, trace);
        self.agenda.push(at + RECOVERY, Deed::SendHome);
        self.agenda.push(at + RECOVERY + self.drain_bound, Deed::Probe);
    }

    pub(super) fn send_home(&mut self, at: Global, trace: &mut Trace<'_>) {
        for slot in 0..=self.probe().slot {
            self.all_leave(at, None, slot, trace);
        }
    }

    pub(super) fn begin_probe(&mut self, at: Global, trace: &mut Trace<'_>) {
        let server = self.probe();
        self.start(server, at, trace);
        trace.record(at, &Event::ProbeBegan { server });
        self.visit(at, trace);
    }

    pub(super) fn visit(&mut self, at: Global, trace: &mut Trace<'_>) {
        let server = self.probe();
        for player in 0..self.players {
            self.act_out(at, None, server.slot, Command::Join(PlayerId(player)), trace);
        }
        let left = at + self.start_bound;
        self.agenda.push(left, Deed::SendHome);
        self.visits -= 1;
        let next = if self.visits > 0 { Deed::Visit } else { Deed::End };
        self.agenda.push(left + self.drain_bound, next);
    }
}
