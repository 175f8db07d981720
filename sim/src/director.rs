//! Turns a schedule into what the networks have to do, moment by moment: the timeline, the ends of what it began,
//! what it scatters (closings, moves, receipts), the 30 s kill, and the settling.
//!
//! It knows which player is where, and two servers can have the same one: nothing in Roblox promises that
//! `PlayerRemoving` comes before the next `PlayerAdded`.
//!
//! Settling: at `length` everything heals, frozen servers thaw, crashed ones stay down. 30 s later every player still
//! somewhere leaves. After the contract's drain bound a fresh server (one slot past the schedule's) starts and
//! every player joins it; after the contract's start bound they leave, or after 5 min if all are let in by then, and
//! after one more drain bound the run ends. If the timeline has trades or gifts, all come once more before it does, for
//! as long: a trade that a session left behind is found at a start, and takes its time from there.

mod faults;
mod lifecycle;
mod preconditions;
mod purchases;
mod settling;
mod slot;
mod task;

use std::collections::VecDeque;

use dupeproof_core::Span;

use self::slot::{ServerState, SlotState};
use self::task::Task;
use crate::clock::Global;
use crate::event_queue::{EventQueue, earlier};
use crate::guest::Command;
use crate::id::{PlayerId, ServerId, ServiceName, Slot};
use crate::marketplace::Marketplace;
use crate::node::{NodeInput, NodeNews};
use crate::rng::{Seed, Stream};
use crate::schedule::{Action, Direction, Lifecycle, RequestClass, RequestFault, Schedule, Step};
use crate::subject::Subject;
use crate::trace::{Event, Trace};

/// What a network is to do now.
#[derive(Clone, Debug, PartialEq)]
pub enum Cue {
    /// Start this life, on a host whose wall clock was set by so many microseconds since the run began.
    Start(ServerId, i64),
    /// Drop this life (crash, kill, or after it closed): its connections break, what it sent is on its way still.
    Stop(ServerId),
    /// Hand this to the server.
    Input(ServerId, NodeInput),
    /// Hold a slot's link back, one way (a cut of both is two cues).
    Hold(Slot, ServiceName, Direction),
    /// Let it through again, one way, what was held first.
    Release(Slot, ServiceName, Direction),
    /// Break this life's connection to a service and make it anew: what is on its way either way, or held back, is
    /// lost.
    Disconnect(ServerId, ServiceName),
    /// So many players are on the servers now, who is on two of them twice: limits grow with it.
    Players(u32),
    /// A service begins or ceases to refuse.
    Outage(ServiceName, bool),
    /// The next DataStore request of this class from this slot meets this fault.
    FailNext((Slot, ServiceName), RequestClass, RequestFault),
    /// All services, links and servers heal.
    Heal,
    /// The run is over.
    End,
}

/// Knows what comes next, which servers are up and frozen, and which player is where.
pub struct Director {
    timeline: Vec<Step>,
    /// The first step that has not come yet.
    next_step: usize,
    /// The ends of what has begun, what is scattered, and the settling.
    event_queue: EventQueue<Task>,
    /// What the network is to do before anything else, and since when.
    cues: VecDeque<Cue>,
    cued: Global,
    /// By slot; the fresh server's is the last.
    slots: Vec<SlotState>,
    players: u16,
    lifecycle: Lifecycle,
    marketplace: Marketplace,
    length: Global,
    start_bound: Span,
    drain_bound: Span,
    /// How often all players come to the fresh server yet.
    visits: u8,
    /// Who got a session there in this visit.
    let_in: Vec<PlayerId>,
    /// By service: until when.
    outages: [Option<Global>; ServiceName::COUNT],
    close_order: Stream,
    scattering: Stream,
    over: bool,
}

impl Director {
    /// At time zero; the first cues start the servers.
    pub fn new(schedule: &Schedule, subject: &dyn Subject) -> Director {
        let mut timeline = schedule.timeline.clone();
        timeline.sort_by_key(|step| step.at);
        let length = Global(0) + schedule.length;
        let mut event_queue = EventQueue::new();
        event_queue.push(Global(0), Task::Start);
        event_queue.push(length, Task::Heal);
        Director {
            timeline,
            next_step: 0,
            event_queue,
            cues: VecDeque::new(),
            cued: Global(0),
            slots: vec![SlotState::default(); schedule.servers.len() + 1],
            players: u16::try_from(schedule.players.len()).expect("players are numbered in 16 bits"),
            lifecycle: schedule.lifecycle.clone(),
            marketplace: Marketplace::new(schedule),
            length,
            start_bound: subject.start_bound(schedule),
            drain_bound: subject.contract().drain_bound,
            visits: if schedule.timeline.iter().any(|step| leaves_traces(step.action)) { 2 } else { 1 },
            let_in: Vec::new(),
            outages: [None; ServiceName::COUNT],
            close_order: Seed(schedule.seed).stream("close order", 0),
            scattering: Seed(schedule.seed).stream("scattering", 0),
            over: false,
        }
    }

    /// When the next cue is due; `None` after [`Cue::End`].
    pub fn next_due(&self) -> Option<Global> {
        if !self.cues.is_empty() {
            return Some(self.cued);
        }
        if self.over {
            return None;
        }
        earlier(self.event_queue.next_due(), self.step_due())
    }

    /// The next cue due at `at`, recorded in the trace.
    pub fn poll(&mut self, at: Global, trace: &mut Trace<'_>) -> Option<Cue> {
        while self.cues.is_empty() && self.next_due().is_some_and(|due| due <= at) {
            self.cued = at;
            let step_due = self.step_due();
            // What ends at a moment ends before something else begins at it.
            if step_due.is_some_and(|due| self.event_queue.next_due().is_none_or(|other| due < other)) {
                let number = u32::try_from(self.next_step).expect("timelines are short");
                let action = self.timeline[self.next_step].action;
                self.next_step += 1;
                self.act(at, number, action, trace);
            } else if let Some(task) = self.event_queue.pop_due(at) {
                self.perform(at, task, trace);
            }
        }
        self.cues.pop_front()
    }

    /// A server's guest says it is done closing; its stop follows as a cue.
    pub fn closed(&mut self, at: Global, server: ServerId, trace: &mut Trace<'_>) {
        if self.is(server, ServerState::Closing) {
            trace.record(at, &Event::ServerClosed { server });
            self.stop(at, server);
        }
    }

    /// A server's guest said something that the world acts on.
    pub fn hear(&mut self, at: Global, server: ServerId, news: NodeNews, trace: &mut Trace<'_>) {
        match news {
            NodeNews::Granted(receipt) => self.granted(at, receipt, trace),
            NodeNews::SessionStarted(player) if server == self.fresh_server() => self.let_in.push(player),
            NodeNews::SessionStarted(_) => {}
        }
    }

    /// The timeline ends where the settling begins.
    fn step_due(&self) -> Option<Global> {
        let due = Global(0) + self.timeline.get(self.next_step)?.at;
        (due < self.length).then_some(due)
    }

    fn perform(&mut self, at: Global, task: Task, trace: &mut Trace<'_>) {
        match task {
            Task::Start => {
                for slot in 0..self.fresh_server().slot {
                    self.start(ServerId { slot, life: 0 }, at, trace);
                }
            }
            Task::EndCondition(server, condition) => self.end_if_over(at, server, condition, trace),
            Task::Mend(slot, service, direction) => self.mend_if_over(at, (slot, service), direction, trace),
            Task::EndOutage(service) => self.end_outage_if_over(at, service, trace),
            Task::Close(server) => self.begin_close(server),
            Task::Kill(server) => self.kill(at, server, trace),
            Task::Depart(server, player, step) => self.depart(at, server, player, step, trace),
            Task::Arrive(slot, player, step) => self.arrive(at, slot, player, step, trace),
            Task::Deliver(server, player, receipt, step) => self.deliver(at, server, player, receipt, step, trace),
            Task::Heal => self.heal(at, trace),
            Task::SendHome => self.send_home(at, trace),
            Task::FinalCheck => self.begin_final_check(at, trace),
            Task::Visit => self.visit(at, trace),
            Task::Look(until) => self.look(at, until, trace),
            Task::End => {
                self.over = true;
                self.cues.push_back(Cue::End);
            }
        }
    }

    fn act(&mut self, at: Global, step: u32, action: Action, trace: &mut Trace<'_>) {
        if !self.preconditions_hold(action) {
            return;
        }
        trace.record(at, &Event::Acted { step: Some(step), action });
        match action {
            Action::Command { server, command } => self.command(at, Some(step), server, command),
            Action::Crash { server } => {
                let server = self.current(server);
                trace.record(at, &Event::ServerCrashed { server });
                self.stop(at, server);
            }
            Action::Restart { server } => {
                let life = self.slots[usize::from(server)].life + 1;
                self.start(ServerId { slot: server, life }, at, trace);
            }
            Action::Close { server } => self.close(at, step, self.current(server), trace),
            Action::Move { from, to } => self.move_all(at, step, from, to),
            Action::Purchase { player, receipt } => self.purchase(at, step, player, receipt),
            Action::SetLease { server, lease } => {
                self.cues.push_back(Cue::Input(self.current(server), NodeInput::SetLease(lease)));
            }
            fault => self.begin(at, fault, trace),
        }
    }

    fn is(&self, server: ServerId, state: ServerState) -> bool {
        let slot = &self.slots[usize::from(server.slot)];
        slot.life == server.life && slot.state == state
    }

    fn current(&self, slot: Slot) -> ServerId {
        ServerId { slot, life: self.slots[usize::from(slot)].life }
    }

    fn fresh_server(&self) -> ServerId {
        let slot = Slot::try_from(self.slots.len() - 1).expect("slots are numbered in 16 bits");
        ServerId { slot, life: 0 }
    }
}

/// Whether what this begins can outlast the session that began it.
fn leaves_traces(action: Action) -> bool {
    matches!(action, Action::Command { command: Command::Trade { .. } | Command::Gift { .. }, .. })
}
