//! Freezes, cuts and outages, which begin and end; breaks and clock steps, which only happen.

use dupeproof_core::Span;

use super::slot::SlotState;
use super::task::Task;
use super::{Cue, Director};
use crate::clock::Global;
use crate::id::{ServerId, ServiceName, Slot};
use crate::node::NodeInput;
use crate::schedule::{Action, Direction};
use crate::trace::{Event, Trace};

/// What a server can be in for a while.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Condition {
    Frozen,
    Lagging,
}

impl Condition {
    pub(super) const ALL: [Condition; 2] = [Condition::Frozen, Condition::Lagging];

    /// What the trace and the server are told when it ends.
    fn end(self, server: ServerId) -> (Event, NodeInput) {
        match self {
            Condition::Frozen => (Event::ServerWoke { server }, NodeInput::Thaw),
            Condition::Lagging => (Event::ServerRecovered { server }, NodeInput::Recover),
        }
    }
}

impl Director {
    /// Whether a fault can begin as things stand.
    pub(super) fn can_begin(&self, fault: Action) -> bool {
        match fault {
            Action::Freeze { server, .. } | Action::Lag { server, .. } | Action::Disconnect { server, .. } => {
                self.target(server).is_some_and(SlotState::is_running)
            }
            // Links and hosts are there whether a server is up or not.
            Action::Partition { server, .. } | Action::FailNext { server, .. } | Action::ClockStep { server, .. } => {
                self.target(server).is_some()
            }
            Action::Outage { .. } => true,
            Action::Command { .. }
            | Action::Crash { .. }
            | Action::Restart { .. }
            | Action::Close { .. }
            | Action::Move { .. }
            | Action::SetLease { .. }
            | Action::Purchase { .. } => unreachable!("these are about servers' lives and players"),
        }
    }

    /// A fault begins.
    pub(super) fn begin(&mut self, at: Global, fault: Action, trace: &mut Trace<'_>) {
        match fault {
            Action::Freeze { server, span } => {
                let server = self.current(server);
                let begun = (Event::ServerFroze { server }, NodeInput::Freeze);
                self.begin_condition(at, server, (Condition::Frozen, span), begun, trace);
            }
            Action::Lag { server, frame, span } => {
                let server = self.current(server);
                let begun = (Event::ServerLagged { server, frame }, NodeInput::Lag(frame));
                self.begin_condition(at, server, (Condition::Lagging, span), begun, trace);
            }
            Action::Partition { server, service, direction, span } => {
                self.begin_cuts(at, (server, service), direction, span, trace);
            }
            Action::Disconnect { server, service } => self.disconnect(at, self.current(server), service, trace),
            Action::ClockStep { server, by } => self.step_clock(server, by),
            Action::Outage { service, span } => self.begin_outage(at, service, span, trace),
            Action::FailNext { server, service, class, fault } => {
                self.cues.push_back(Cue::FailNext((server, service), class, fault));
            }
            Action::Command { .. }
            | Action::Crash { .. }
            | Action::Restart { .. }
            | Action::Close { .. }
            | Action::Move { .. }
            | Action::SetLease { .. }
            | Action::Purchase { .. } => unreachable!("these are about servers' lives and players"),
        }
    }

    /// A server that is in the condition already stays in it, as it is, for longer.
    fn begin_condition(
        &mut self,
        at: Global,
        server: ServerId,
        (condition, span): (Condition, Span),
        (event, input): (Event, NodeInput),
        trace: &mut Trace<'_>,
    ) {
        if prolong(self.until(server.slot, condition), at + span) {
            trace.record(at, &event);
            self.cues.push_back(Cue::Input(server, input));
        }
        self.event_queue.push(at + span, Task::EndCondition(server, condition));
    }

    /// A later step may have prolonged this condition, or the settling ended it; a newer life knows nothing of it.
    pub(super) fn end_if_over(&mut self, at: Global, server: ServerId, condition: Condition, trace: &mut Trace<'_>) {
        let current = self.current(server.slot) == server;
        if current && self.until(server.slot, condition).is_some_and(|until| until <= at) {
            self.end_condition(at, server, condition, trace);
        }
    }

    fn end_condition(&mut self, at: Global, server: ServerId, condition: Condition, trace: &mut Trace<'_>) {
        *self.until(server.slot, condition) = None;
        let (event, input) = condition.end(server);
        trace.record(at, &event);
        self.cues.push_back(Cue::Input(server, input));
    }

    fn until(&mut self, slot: Slot, condition: Condition) -> &mut Option<Global> {
        &mut self.slots[usize::from(slot)].until[condition as usize]
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
            for slot in 0..self.fresh_server().slot {
                for direction in [Direction::ToService, Direction::FromService] {
                    if self.cut(slot, service, direction).is_some() {
                        self.mend(at, slot, service, direction, trace);
                    }
                }
            }
        }
        for slot in 0..self.fresh_server().slot {
            for condition in Condition::ALL {
                if self.until(slot, condition).is_some() {
                    self.end_condition(at, self.current(slot), condition, trace);
                }
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
