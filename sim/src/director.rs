//! Turns a schedule into what the networks have to do, moment by moment: the timeline, the ends of what it began,
//! the 30 s kill, and the settling.
//!
//! Settling: at `length` everything heals, frozen servers thaw, crashed ones stay down. 30 s later every player
//! still somewhere leaves. After the contract's drain bound a fresh probe server (one slot past the schedule's)
//! starts and every player joins it; after the contract's start bound they leave, and after one more drain bound
//! the run ends. If the timeline has trades or gifts, all come once more before it does, for as long: a trade that
//! a session left behind is found at a start, and takes its time from there.

use std::collections::VecDeque;

use dupeproof_core::Span;

use crate::agenda::{Agenda, earlier};
use crate::clock::Global;
use crate::guest::{Command, PlayerId};
use crate::node::NodeInput;
use crate::request::Service;
use crate::rng::{Seed, Stream};
use crate::schedule::{Action, Direction, Fate, Leg, Schedule, Slot, Step};
use crate::subject::Contract;
use crate::trace::{Event, ServerId, Trace};

/// How long `BindToClose` may take before the server is killed.
const CLOSE_LIMIT: Span = Span::secs(30);

/// From the healing until the players leave.
const RECOVERY: Span = Span::secs(30);

/// What a network is to do now.
#[derive(Clone, Debug, PartialEq)]
pub enum Cue {
    /// Start this life.
    Start(ServerId),
    /// Drop this life (crash, kill, or after it closed): its connections break, what it sent is on its way still.
    Stop(ServerId),
    /// Hand this to the server.
    Input(ServerId, NodeInput),
    /// Hold a slot's link back, one way (a cut of both is two cues).
    Hold(Slot, Service, Direction),
    /// Let it through again, one way, what was held first.
    Release(Slot, Service, Direction),
    /// A service begins or ceases to refuse.
    Outage(Service, bool),
    /// Arm a fate.
    Arm(Slot, Leg, Fate),
    /// All services and servers heal.
    Heal,
    /// The run is over.
    End,
}

/// Knows what comes next, which servers are up and frozen, and which player is where.
pub struct Director {
    timeline: Vec<Step>,
    /// The first step that has not come yet.
    next_step: usize,
    /// The ends of what has begun, and the settling.
    agenda: Agenda<Deed>,
    /// What the network is to do before anything else, and since when.
    cues: VecDeque<Cue>,
    cued: Global,
    /// By slot; the probe's is the last.
    slots: Vec<SlotState>,
    players: u16,
    length: Global,
    start_bound: Span,
    drain_bound: Span,
    /// How often all players come to the probe server yet.
    visits: u8,
    /// By [`service_index`]: until when.
    outages: [Option<Global>; 2],
    close_order: Stream,
    over: bool,
}

/// Something the director has to do at its time.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Start,
    Thaw(ServerId),
    Mend(Slot, Service, Direction),
    EndOutage(Service),
    Kill(ServerId),
    Heal,
    SendHome,
    Probe,
    Visit,
    End,
}

#[derive(Clone, Debug, Default)]
struct SlotState {
    life: u16,
    power: Power,
    frozen_until: Option<Global>,
    /// Until when the links are cut, by [`service_index`], to and from the service.
    cuts: [[Option<Global>; 2]; 2],
    /// In order of arrival.
    players: Vec<PlayerId>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Power {
    #[default]
    Down,
    Up,
    Closing,
}

impl Director {
    /// At time zero; the first cues start the servers.
    pub fn new(schedule: &Schedule, contract: &Contract) -> Director {
        let mut timeline = schedule.timeline.clone();
        timeline.sort_by_key(|step| step.at);
        let length = Global(0) + schedule.length;
        let mut agenda = Agenda::new();
        agenda.push(Global(0), Deed::Start);
        agenda.push(length, Deed::Heal);
        Director {
            timeline,
            next_step: 0,
            agenda,
            cues: VecDeque::new(),
            cued: Global(0),
            slots: vec![SlotState::default(); schedule.servers.len() + 1],
            players: u16::try_from(schedule.players.len()).expect("players are numbered in 16 bits"),
            length,
            start_bound: contract.start_bound,
            drain_bound: contract.drain_bound,
            visits: if schedule.timeline.iter().any(|step| leaves_traces(step.action)) { 2 } else { 1 },
            outages: [None; 2],
            close_order: Seed(schedule.seed).stream("close order", 0),
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
        earlier(self.agenda.next_due(), self.step_due())
    }

    /// The next cue due at `at`, recorded in the trace.
    pub fn poll(&mut self, at: Global, trace: &mut Trace<'_>) -> Option<Cue> {
        while self.cues.is_empty() && self.next_due().is_some_and(|due| due <= at) {
            self.cued = at;
            let step_due = self.step_due();
            // What ends at a moment ends before something else begins at it.
            if step_due.is_some_and(|due| self.agenda.next_due().is_none_or(|other| due < other)) {
                let number = u32::try_from(self.next_step).expect("timelines are short");
                let action = self.timeline[self.next_step].action;
                self.next_step += 1;
                self.act(at, number, action, trace);
            } else if let Some(deed) = self.agenda.pop_due(at) {
                self.perform(at, deed, trace);
            }
        }
        self.cues.pop_front()
    }

    /// A server's guest says it is done closing; its stop follows as a cue.
    pub fn closed(&mut self, at: Global, server: ServerId, trace: &mut Trace<'_>) {
        if self.is(server, Power::Closing) {
            trace.record(at, &Event::ServerClosed { server });
            self.stop(at, server);
        }
    }

    /// The timeline ends where the settling begins.
    fn step_due(&self) -> Option<Global> {
        let due = Global(0) + self.timeline.get(self.next_step)?.at;
        (due < self.length).then_some(due)
    }

    fn perform(&mut self, at: Global, deed: Deed, trace: &mut Trace<'_>) {
        match deed {
            Deed::Start => {
                for slot in 0..self.probe().slot {
                    self.start(ServerId { slot, life: 0 }, at, trace);
                }
            }
            Deed::Thaw(server) => {
                // A later freeze may have prolonged this one, or the settling ended it; a newer life knows nothing of it.
                let slot = &self.slots[usize::from(server.slot)];
                if slot.life == server.life && slot.frozen_until.is_some_and(|until| until <= at) {
                    self.thaw(at, server, trace);
                }
            }
            Deed::Mend(slot, service, direction) => {
                if self.cut(slot, service, direction).is_some_and(|until| until <= at) {
                    self.mend(at, slot, service, direction, trace);
                }
            }
            Deed::EndOutage(service) => {
                if self.outages[service_index(service)].is_some_and(|until| until <= at) {
                    self.end_outage(at, service, trace);
                }
            }
            Deed::Kill(server) => {
                if self.is(server, Power::Closing) {
                    trace.record(at, &Event::ServerKilled { server });
                    self.stop(at, server);
                }
            }
            Deed::Heal => self.heal(at, trace),
            Deed::SendHome => self.send_home(at, trace),
            Deed::Probe => self.begin_probe(at, trace),
            Deed::Visit => self.visit(at, trace),
            Deed::End => {
                self.over = true;
                self.cues.push_back(Cue::End);
            }
        }
    }

    fn act(&mut self, at: Global, step: u32, action: Action, trace: &mut Trace<'_>) {
        if !self.makes_sense(action) {
            return;
        }
        trace.record(at, &Event::Acted { step: Some(step), action });
        match action {
            Action::Command { server, command } => self.command(server, command),
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
            Action::Freeze { server, span } => self.freeze(at, self.current(server), span, trace),
            Action::Partition { server, service, direction, span } => {
                for one_way in [Direction::ToService, Direction::FromService] {
                    if direction == one_way || direction == Direction::Both {
                        self.begin_cut(at, (server, service, one_way), span, trace);
                    }
                }
            }
            Action::Outage { service, span } => self.begin_outage(at, service, span, trace),
            Action::Disconnect { .. } | Action::ClockStep { .. } | Action::Move { .. } | Action::Purchase { .. } => {
                unimplemented!()
            }
            Action::Mishap { server, leg, fate } => self.cues.push_back(Cue::Arm(server, leg, fate)),
        }
    }

    /// Whether an action can happen as things stand.
    fn makes_sense(&self, action: Action) -> bool {
        let power = |slot: Slot| {
            // The probe's slot is no target.
            (slot < self.probe().slot).then(|| self.slots[usize::from(slot)].power)
        };
        match action {
            Action::Command { server, command } => {
                power(server) == Some(Power::Up) && self.command_makes_sense(server, command)
            }
            Action::Crash { server } | Action::Freeze { server, .. } => {
                matches!(power(server), Some(Power::Up | Power::Closing))
            }
            Action::Restart { server } => power(server) == Some(Power::Down),
            Action::Close { server } => power(server) == Some(Power::Up),
            Action::Partition { server, .. } | Action::Mishap { server, .. } => power(server).is_some(),
            Action::Outage { .. } => true,
            Action::Disconnect { .. } | Action::ClockStep { .. } | Action::Move { .. } | Action::Purchase { .. } => {
                unimplemented!()
            }
        }
    }

    fn command_makes_sense(&self, server: Slot, command: Command) -> bool {
        let here = |player: PlayerId| self.slots[usize::from(server)].players.contains(&player);
        let exists = |player: PlayerId| player.0 < self.players;
        match command {
            Command::Join(player) | Command::Steal(player) => exists(player) && !here(player),
            Command::Leave(player) | Command::Edit(player) | Command::Save(player) => here(player),
            Command::Swap(one, other) => one != other && here(one) && here(other),
            Command::Trade { player: one, partner: other, .. } | Command::Gift { from: one, to: other, .. } => {
                one != other && here(one) && exists(other)
            }
            Command::Receipt { player, .. } => here(player),
            Command::Send { to: player, .. } | Command::Remove(player) | Command::Rollback(player) => exists(player),
        }
    }

    fn command(&mut self, slot: Slot, command: Command) {
        let players = &mut self.slots[usize::from(slot)].players;
        match command {
            Command::Join(player) | Command::Steal(player) => players.push(player),
            Command::Leave(player) => players.retain(|other| *other != player),
            _ => {}
        }
        self.cues.push_back(Cue::Input(self.current(slot), NodeInput::Command(command)));
    }

    fn start(&mut self, server: ServerId, at: Global, trace: &mut Trace<'_>) {
        let slot = &mut self.slots[usize::from(server.slot)];
        slot.life = server.life;
        slot.power = Power::Up;
        trace.record(at, &Event::ServerStarted { server });
        self.cues.push_back(Cue::Start(server));
    }

    fn stop(&mut self, at: Global, server: ServerId) {
        let slot = &mut self.slots[usize::from(server.slot)];
        slot.power = Power::Down;
        slot.frozen_until = None;
        slot.players.clear();
        self.cued = at;
        self.cues.push_back(Cue::Stop(server));
    }

    fn close(&mut self, at: Global, step: u32, server: ServerId, trace: &mut Trace<'_>) {
        trace.record(at, &Event::ServerClosing { server });
        self.slots[usize::from(server.slot)].power = Power::Closing;
        self.agenda.push(at + CLOSE_LIMIT, Deed::Kill(server));
        // `BindToClose` and `PlayerRemoving` come in no particular order.
        let close_first = self.close_order.draw().coin();
        let close = Cue::Input(server, NodeInput::Close);
        if close_first {
            self.cues.push_back(close.clone());
        }
        self.all_leave(at, Some(step), server.slot, trace);
        if !close_first {
            self.cues.push_back(close);
        }
    }

    fn all_leave(&mut self, at: Global, step: Option<u32>, server: Slot, trace: &mut Trace<'_>) {
        for player in self.slots[usize::from(server)].players.clone() {
            let command = Command::Leave(player);
            trace.record(at, &Event::Acted { step, action: Action::Command { server, command } });
            self.command(server, command);
        }
    }

    fn freeze(&mut self, at: Global, server: ServerId, span: Span, trace: &mut Trace<'_>) {
        if prolong(&mut self.slots[usize::from(server.slot)].frozen_until, at + span) {
            trace.record(at, &Event::ServerFroze { server });
            self.cues.push_back(Cue::Input(server, NodeInput::Freeze));
        }
        self.agenda.push(at + span, Deed::Thaw(server));
    }

    fn thaw(&mut self, at: Global, server: ServerId, trace: &mut Trace<'_>) {
        self.slots[usize::from(server.slot)].frozen_until = None;
        trace.record(at, &Event::ServerWoke { server });
        self.cues.push_back(Cue::Input(server, NodeInput::Thaw));
    }

    fn begin_cut(&mut self, at: Global, link: (Slot, Service, Direction), span: Span, trace: &mut Trace<'_>) {
        let (slot, service, direction) = link;
        if prolong(self.cut(slot, service, direction), at + span) {
            trace.record(at, &Event::PartitionBegan { slot, service, direction });
            self.cues.push_back(Cue::Hold(slot, service, direction));
        }
        self.agenda.push(at + span, Deed::Mend(slot, service, direction));
    }

    fn mend(&mut self, at: Global, slot: Slot, service: Service, direction: Direction, trace: &mut Trace<'_>) {
        *self.cut(slot, service, direction) = None;
        trace.record(at, &Event::PartitionHealed { slot, service, direction });
        self.cues.push_back(Cue::Release(slot, service, direction));
    }

    fn cut(&mut self, slot: Slot, service: Service, direction: Direction) -> &mut Option<Global> {
        let way = usize::from(direction == Direction::FromService);
        &mut self.slots[usize::from(slot)].cuts[service_index(service)][way]
    }

    fn begin_outage(&mut self, at: Global, service: Service, span: Span, trace: &mut Trace<'_>) {
        if prolong(&mut self.outages[service_index(service)], at + span) {
            trace.record(at, &Event::OutageBegan { service });
            self.cues.push_back(Cue::Outage(service, true));
        }
        self.agenda.push(at + span, Deed::EndOutage(service));
    }

    fn end_outage(&mut self, at: Global, service: Service, trace: &mut Trace<'_>) {
        self.outages[service_index(service)] = None;
        trace.record(at, &Event::OutageEnded { service });
        self.cues.push_back(Cue::Outage(service, false));
    }

    fn heal(&mut self, at: Global, trace: &mut Trace<'_>) {
        trace.record(at, &Event::Healed);
        self.cues.push_back(Cue::Heal);
        for service in [Service::DataStore, Service::Messaging] {
            if self.outages[service_index(service)].is_some() {
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
        self.agenda.push(at + RECOVERY, Deed::SendHome);
        self.agenda.push(at + RECOVERY + self.drain_bound, Deed::Probe);
    }

    fn send_home(&mut self, at: Global, trace: &mut Trace<'_>) {
        for slot in 0..=self.probe().slot {
            self.all_leave(at, None, slot, trace);
        }
    }

    fn begin_probe(&mut self, at: Global, trace: &mut Trace<'_>) {
        let server = self.probe();
        self.start(server, at, trace);
        trace.record(at, &Event::ProbeBegan { server });
        self.visit(at, trace);
    }

    fn visit(&mut self, at: Global, trace: &mut Trace<'_>) {
        let server = self.probe();
        for player in 0..self.players {
            let command = Command::Join(PlayerId(player));
            let action = Action::Command { server: server.slot, command };
            trace.record(at, &Event::Acted { step: None, action });
            self.command(server.slot, command);
        }
        let left = at + self.start_bound;
        self.agenda.push(left, Deed::SendHome);
        self.visits -= 1;
        let next = if self.visits > 0 { Deed::Visit } else { Deed::End };
        self.agenda.push(left + self.drain_bound, next);
    }

    fn is(&self, server: ServerId, power: Power) -> bool {
        let slot = &self.slots[usize::from(server.slot)];
        slot.life == server.life && slot.power == power
    }

    fn current(&self, slot: Slot) -> ServerId {
        ServerId { slot, life: self.slots[usize::from(slot)].life }
    }

    fn probe(&self) -> ServerId {
        let slot = Slot::try_from(self.slots.len() - 1).expect("slots are numbered in 16 bits");
        ServerId { slot, life: 0 }
    }
}

/// Whether what this begins can outlast the session that began it.
fn leaves_traces(action: Action) -> bool {
    matches!(action, Action::Command { command: Command::Trade { .. } | Command::Gift { .. }, .. })
}

/// Makes a fault last until `until` at least. True if it begins with that.
fn prolong(fault: &mut Option<Global>, until: Global) -> bool {
    let begins = fault.is_none();
    *fault = (*fault).max(Some(until));
    begins
}

fn service_index(service: Service) -> usize {
    match service {
        Service::DataStore => 0,
        Service::Messaging => 1,
    }
}
