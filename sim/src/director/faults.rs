//! Freezes, cuts and outages, which begin and end; breaks and clock steps, which only happen.

use dupeproof_core::Span;

use super::task::Task;
use super::{Cue, Director};
use crate::clock::Global;
use crate::id::{ServerId, ServiceName, Slot};
use crate::node::NodeInput;
use crate::schedule::Direction;
use crate::trace::{Event, Trace};

impl Director {
    pub(super) fn freeze(&mut self, at: Global, server: ServerId, span: Span, trace: &mut Trace<'_>) {
        if prolong(&mut self.slots[usize::from(server.slot)].frozen_until, at + span) {
            trace.record(at, &Event::ServerFroze { server });
            self.cues.push_back(Cue::Input(server, NodeInput::Freeze));
        }
        self.event_queue.push(at + span, Task::Thaw(server));
    }

    /// A later freeze may have prolonged this one, or the settling ended it; a newer life knows nothing of it.
    pub(super) fn thaw_if_over(&mut self, at: Global, server: ServerId, trace: &mut Trace<'_>) {
        let slot = &self.slots[usize::from(server.slot)];
        if slot.life == server.life && slot.frozen_until.is_some_and(|until| until <= at) {
            self.thaw(at, server, trace);
        }
    }

    pub(super) fn thaw(&mut self, at: Global, server: ServerId, trace: &mut Trace<'_>) {
        self.slots[usize::from(server.slot)].frozen_until = None;
        trace.record(at, &Event::ServerWoke { server });
        self.cues.push_back(Cue::Input(server, NodeInput::Thaw));
    }

    pub(super) fn begin_cuts(
        &mut self,
        at: Global,
        (slot, service): (Slot, ServiceName),
        direction: Direction,
        span: Span,
        trace: &mut Trace<'_>,
    ) {
        for one_way in [Direction::ToService, Direction::FromService] {
            if direction != one_way && direction != Direction::Both {
                continue;
            }
            if prolong(self.cut(slot, service, one_way), at + span) {
                trace.record(at, &Event::PartitionBegan { slot, service, direction: one_way });
                self.cues.push_back(Cue::Hold(slot, service, one_way));
            }
            self.event_queue.push(at + span, Task::Mend(slot, service, one_way));
        }
    }

    pub(super) fn mend_if_over(
        &mut self,
        at: Global,
        (slot, service): (Slot, ServiceName),
        direction: Direction,
        trace: &mut Trace<'_>,
    ) {
        if self.cut(slot, service, direction).is_some_and(|until| until <= at) {
            self.mend(at, slot, service, direction, trace);
        }
    }

    fn mend(&mut self, at: Global, slot: Slot, service: ServiceName, direction: Direction, trace: &mut Trace<'_>) {
        *self.cut(slot, service, direction) = None;
        trace.record(at, &Event::PartitionHealed { slot, service, direction });
        self.cues.push_back(Cue::Release(slot, service, direction));
    }

    fn cut(&mut self, slot: Slot, service: ServiceName, direction: Direction) -> &mut Option<Global> {
        let way = usize::from(direction == Direction::FromService);
        &mut self.slots[usize::from(slot)].cuts[service as usize][way]
    }

    pub(super) fn begin_outage(&mut self, at: Global, service: ServiceName, span: Span, trace: &mut Trace<'_>) {
        if prolong(&mut self.outages[service as usize], at + span) {
            trace.record(at, &Event::OutageBegan { service });
            self.cues.push_back(Cue::Outage(service, true));
        }
        self.event_queue.push(at + span, Task::EndOutage(service));
    }

    pub(super) fn end_outage_if_over(&mut self, at: Global, service: ServiceName, trace: &mut Trace<'_>) {
        if self.outages[service as usize].is_some_and(|until| until <= at) {
            self.end_outage(at, service, trace);
        }
    }

    fn end_outage(&mut self, at: Global, service: ServiceName, trace: &mut Trace<'_>) {
        self.outages[service as usize] = None;
        trace.record(at, &Event::OutageEnded { service });
        self.cues.push_back(Cue::Outage(service, false));
    }

    /// The network loses what is on its way; the server notices when it runs.
    pub(super) fn disconnect(&mut self, at: Global, server: ServerId, service: ServiceName, trace: &mut Trace<'_>) {
        trace.record(at, &Event::Disconnected { server, service });
        self.cues.push_back(Cue::Disconnect(server, service));
        self.cues.push_back(Cue::Input(server, NodeInput::Disconnected(service)));
    }

    /// A slot is a host with a clock of its own: whatever server starts there later sees the same clock.
    pub(super) fn step_clock(&mut self, slot: Slot, by: i64) {
        let server = self.current(slot);
        let state = &mut self.slots[usize::from(slot)];
        state.stepped = state.stepped.saturating_add(by);
        if state.is_running() {
            self.cues.push_back(Cue::Input(server, NodeInput::ClockStep(by)));
        }
    }

    /// Ends whatever has not ended yet.
    pub(super) fn end_faults(&mut self, at: Global, trace: &mut Trace<'_>) {
        for service in ServiceName::ALL {
            if self.outages[service as usize].is_some() {
                self.end_outage(at, service, trace);
            }
            for slot in 0..self.probe().slot {
                for direction in [Direction::ToService, Direction::FromService] {
                    if self.cut(slot, service, direction).is_some() {
                        self.mend(at, slot, service, direction, trace);
                    }
                }
            }
        }
        for slot in 0..self.probe().slot {
            if self.slots[usize::from(slot)].frozen_until.is_some() {
                self.thaw(at, self.current(slot), trace);
            }
        }
    }
}

/// Makes a fault last until `until` at least. True if it begins with that.
fn prolong(fault: &mut Option<Global>, until: Global) -> bool {
    let begins = fault.is_none();
    *fault = (*fault).max(Some(until));
    begins
}
