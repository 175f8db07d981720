//! One virtual game server: a guest, its clocks, and the client that stands between it and the services.

mod client;
mod lag;

use std::collections::VecDeque;

use dupeproof_core::{Mono, Span};

use self::client::Client;
use self::lag::Lag;
use crate::clock::{Clock, Global};
use crate::event_queue::earlier;
use crate::guest::{Command, Guest, GuestEvent, Input, Output, Turn};
use crate::id::{PlayerId, ReceiptId, ServerId, ServiceName};
use crate::request::{FromService, ServiceError, ToService};
use crate::rng::Seed;
use crate::schedule::Schedule;
use crate::subject::{Boot, Subject};
use crate::trace::{Event, Trace};
use crate::update::UpdateRules;

/// Inputs that a guest may get at one instant before it is taken to be in an endless loop.
const INPUTS_PER_INSTANT_MAX: u32 = 100_000;

/// What reaches a server.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeInput {
    /// Time has come to [`GameServer::next_wake`].
    Tick,
    /// From a service, over the network.
    Service(FromService),
    /// From the players there.
    Command(Command),
    /// From the game there: its sessions have this lease from now on.
    SetLease(Span),
    /// `BindToClose`.
    Close,
    /// This player is gone, and the game there does not hear of it.
    Vanish(PlayerId),
    /// The connection to a service broke, and was made anew.
    Disconnected(ServiceName),
    /// The host's wall clock is set by so many microseconds, whether the server runs or is frozen.
    ClockStep(i64),
    /// Stop reacting; keep what comes.
    Freeze,
    /// React again, to what was kept first.
    Thaw,
    /// React in frames, each of which takes so long.
    Lag(Span),
    /// React at once again, to what was held first.
    Recover,
}

/// What a guest said that the world acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeNews {
    /// A purchase was answered with granted.
    Granted(ReceiptId),
    /// A player was let in.
    SessionStarted(PlayerId),
}

/// One life of one server. A crash is a drop.
pub struct GameServer {
    id: ServerId,
    clock: Clock,
    guest: Box<dyn Guest>,
    client: Client,
    /// By what the guest asked for last.
    wake: Option<Global>,
    /// Decide the request budget.
    players: Vec<PlayerId>,
    timers_first: bool,
    /// While frozen: what came since.
    kept: Option<VecDeque<NodeInput>>,
    /// While its frames take long.
    lag: Option<Lag>,
    closing: bool,
    /// Whether the guest said that it is done closing.
    done: bool,
    /// Not yet known to the world, oldest first.
    news: VecDeque<NodeNews>,
    /// The last instant, and the inputs the guest got at it.
    instant: (Global, u32),
    /// Its guest was in an endless loop, and gets nothing any more.
    stopped: bool,
    /// Reused from input to input.
    outputs: Vec<Output>,
}

impl GameServer {
    /// The server starts, on a host whose wall clock was set by so many microseconds since the run began: its guest gets
    /// its first wake.
    pub fn boot(
        subject: &dyn Subject,
        schedule: &Schedule,
        id: ServerId,
        (at, stepped): (Global, i64),
        trace: &mut Trace<'_>,
        out: &mut Vec<ToService>,
    ) -> GameServer {
        let plan = schedule.servers.get(usize::from(id.slot));
        let (mut client, mut game) = (Client::new(id, at, schedule), schedule.game.clone());
        if plan.is_none() {
            // The fresh server starts after the healing, and its players leave again: no message is to wait for its turn.
            client.heal();
            game.message_delay = Span::ZERO;
        }
        let plan = plan.cloned().unwrap_or_default();
        let mut draws = Seed(schedule.seed).stream("server", u32::from(id.slot) << 16 | u32::from(id.life));
        // A server has been up for an hour to some weeks before it is given its first player.
        let mono_start = 3_600_000_000 + draws.below(2_000_000_000_000);
        let job_id = if plan.studio { String::new() } else { id.job_id() };
        let (constants, update) = (schedule.constants.clone(), UpdateRules::of(&schedule.services));
        let servers = schedule.servers.len();
        let boot = Boot {
            server: id,
            job_id,
            constants,
            lease: plan.lease,
            game,
            seed: draws.bits(),
            update,
            servers,
            removing_at_close: schedule.lifecycle.removing_at_close,
            reads_calls: trace.reads_calls(),
        };
        let mut server = GameServer {
            id,
            clock: Clock::new(at, mono_start, &schedule.clocks, &plan, stepped),
            guest: subject.guest(&boot),
            client,
            wake: None,
            players: Vec::new(),
            timers_first: plan.timers_first,
            kept: None,
            lag: None,
            closing: false,
            done: false,
            news: VecDeque::new(),
            instant: (at, 0),
            stopped: false,
            outputs: Vec::new(),
        };
        server.give(at, Input::Wake, trace, out);
        server
    }

    /// Takes one input at a moment not before the last; appends what the network is to carry to `out`.
    pub fn handle(&mut self, at: Global, input: NodeInput, trace: &mut Trace<'_>, out: &mut Vec<ToService>) {
        match input {
            NodeInput::Freeze => drop(self.kept.get_or_insert_default()),
            NodeInput::Thaw => {
                if let Some(kept) = self.kept.take() {
                    self.thaw(at, kept, trace, out);
                }
            }
            NodeInput::ClockStep(by) => self.clock.step(by),
            NodeInput::Lag(frame) => self.lag = Some(Lag::new(at, frame)),
            NodeInput::Recover => self.recover(at, trace, out),
            input => match &mut self.kept {
                None => self.take(at, input, trace, out),
                Some(_) if matches!(input, NodeInput::Tick) => {}
                Some(kept) => kept.push_back(input),
            },
        }
    }

    /// Takes an input at once, or keeps it for the next frame of a server that lags.
    fn take(&mut self, at: Global, input: NodeInput, trace: &mut Trace<'_>, out: &mut Vec<ToService>) {
        match &mut self.lag {
            None => self.react(at, input, trace, out),
            Some(_) if matches!(input, NodeInput::Tick) => {
                if self.next_wake().is_some_and(|due| due <= at) {
                    let held = self.held();
                    self.catch_up(at, held, trace, out);
                    self.tick(at, trace, out);
                }
            }
            Some(lag) => lag.held.push_back((at, input)),
        }
    }

    /// What came since the last frame of a server that lags, to be taken now.
    fn held(&mut self) -> VecDeque<(Global, NodeInput)> {
        self.lag.as_mut().map(|lag| std::mem::take(&mut lag.held)).unwrap_or_default()
    }

    fn recover(&mut self, at: Global, trace: &mut Trace<'_>, out: &mut Vec<ToService>) {
        let held = self.held();
        self.lag = None;
        match &mut self.kept {
            // What came before the freeze comes first when it ends.
            Some(kept) => held.into_iter().rev().for_each(|(_, input)| kept.push_front(input)),
            None => self.catch_up(at, held, trace, out),
        }
    }

    /// Takes what was held, in order. Time limits are the services': what came too late is too late.
    fn catch_up(
        &mut self,
        at: Global,
        held: VecDeque<(Global, NodeInput)>,
        trace: &mut Trace<'_>,
        out: &mut Vec<ToService>,
    ) {
        for (came, input) in held {
            self.time_out(at, came, trace, out);
            self.react(at, input, trace, out);
        }
    }

    /// When it wants [`NodeInput::Tick`]: a guest's wake-up, a request's time limit, budget for a queued request.
    pub fn next_wake(&self) -> Option<Global> {
        if self.kept.is_some() || self.is_closed() {
            return None;
        }
        let due = earlier(self.wake, self.client.next_due());
        match &self.lag {
            None => due,
            Some(lag) => earlier(due, lag.held.front().map(|(came, _)| *came)).map(|due| lag.frame_from(due)),
        }
    }

    /// Whether its guest is done closing and everybody has left: the closing of a server waits for the handlers of
    /// `PlayerRemoving` as for those of `BindToClose` (community: NevermoreEngine, 2026-07).
    pub fn is_closed(&self) -> bool {
        self.done && self.players.is_empty()
    }

    /// The next that the world is to know.
    pub fn take_news(&mut self) -> Option<NodeNews> {
        self.news.pop_front()
    }

    /// Which life this is.
    pub fn id(&self) -> ServerId {
        self.id
    }

    /// Ends every fault that lives in the server: limits tighter than the ordinary ones.
    pub fn heal(&mut self) {
        self.client.heal();
    }

    fn thaw(&mut self, at: Global, kept: VecDeque<NodeInput>, trace: &mut Trace<'_>, out: &mut Vec<ToService>) {
        if self.timers_first {
            self.take(at, NodeInput::Tick, trace, out);
        }
        for input in kept {
            self.take(at, input, trace, out);
        }
        if !self.timers_first {
            self.take(at, NodeInput::Tick, trace, out);
        }
    }

    fn react(&mut self, at: Global, input: NodeInput, trace: &mut Trace<'_>, out: &mut Vec<ToService>) {
        match input {
            NodeInput::Tick => self.tick(at, trace, out),
            NodeInput::Service(FromService::Reply { id, result }) => {
                if self.client.reply(at, id, &result, trace) {
                    self.give(at, Input::Response(id, result), trace, out);
                }
            }
            NodeInput::Service(FromService::Message { subscription, data, publisher }) => {
                if self.client.listens(subscription) {
                    let publisher = Some(publisher);
                    trace.record(at, &Event::MessageReceived { server: self.id, subscription, publisher });
                    self.give(at, Input::Message(subscription, data), trace, out);
                }
            }
            // `PlayerRemoving` comes right before the player is removed (class reference, `Players`).
            NodeInput::Command(command @ Command::Leave(_)) => {
                self.give(at, Input::Command(command), trace, out);
                self.count_players(at, command);
            }
            NodeInput::Command(command) => {
                self.count_players(at, command);
                self.give(at, Input::Command(command), trace, out);
            }
            NodeInput::Vanish(player) => self.count_players(at, Command::Leave(player)),
            NodeInput::SetLease(lease) => self.give(at, Input::SetLease(lease), trace, out),
            NodeInput::Close => {
                self.closing = true;
                self.client.closing(at);
                self.give(at, Input::Close, trace, out);
            }
            NodeInput::Disconnected(service) => {
                self.client.connection_lost(service);
                self.answer_at_once(at, trace, out);
            }
            NodeInput::Freeze | NodeInput::Thaw | NodeInput::ClockStep(_) | NodeInput::Lag(_) | NodeInput::Recover => {
                unreachable!("these are never kept")
            }
        }
    }

    /// Whatever is due: first the client's, then the guest's own.
    fn tick(&mut self, at: Global, trace: &mut Trace<'_>, out: &mut Vec<ToService>) {
        self.time_out(at, at, trace, out);
        self.client.send_queued(at, out);
        if self.wake.is_some_and(|wake| wake <= at) {
            self.wake = None;
            self.give(at, Input::Wake, trace, out);
        }
    }

    /// Gives the guest the requests whose time limits had passed by a moment.
    fn time_out(&mut self, at: Global, by: Global, trace: &mut Trace<'_>, out: &mut Vec<ToService>) {
        while let Some(id) = self.client.time_out(by, at, trace) {
            self.give(at, Input::Response(id, Err(ServiceError::TimedOut)), trace, out);
        }
    }

    fn count_players(&mut self, at: Global, command: Command) {
        match command {
            Command::Join(player) | Command::Steal(player) if !self.players.contains(&player) => {
                self.players.push(player);
            }
            Command::Leave(player) => self.players.retain(|other| *other != player),
            _ => return,
        }
        let players = u32::try_from(self.players.len()).expect("players are numbered in 16 bits");
        self.client.set_players(at, players);
    }

    /// One input to the guest, and then the answers to those of its requests that no service is needed for.
    fn give(&mut self, at: Global, input: Input, trace: &mut Trace<'_>, out: &mut Vec<ToService>) {
        if !self.is_closed() {
            self.give_one(at, input, trace, out);
            self.answer_at_once(at, trace, out);
        }
    }

    fn answer_at_once(&mut self, at: Global, trace: &mut Trace<'_>, out: &mut Vec<ToService>) {
        while !self.is_closed()
            && let Some((id, answer)) = self.client.answer_at_once(at, trace)
        {
            self.give_one(at, Input::Response(id, answer), trace, out);
        }
    }

    fn give_one(&mut self, at: Global, input: Input, trace: &mut Trace<'_>, out: &mut Vec<ToService>) {
        if self.loops(at, trace) {
            return;
        }
        let mut outputs = std::mem::take(&mut self.outputs);
        let budgets = self.client.budgets(at);
        let wake = self.guest.handle(&Turn::new(self.clock.now(at), &budgets), input, &mut outputs);
        self.wake = wake.map(|mono| self.clock.when(mono));
        for output in outputs.drain(..) {
            match output {
                Output::Request(id, request) => {
                    self.client.request(at, ToService { id, request, kilobytes: 0 }, trace, out);
                }
                Output::Event(event) => {
                    self.news.extend(news_in(&event));
                    let live_until = live_until(&event).map(|mono| self.clock.when(mono));
                    trace.record(at, &Event::Guest { server: self.id, live_until, event });
                }
                Output::CalledFrom(calls) => trace.record(at, &Event::CalledFrom { server: self.id, calls }),
                Output::UpdateCancelled(id) => trace.record(at, &Event::UpdateCancelled { server: self.id, id }),
                Output::Log(level, line) => trace.record(at, &Event::Logged { server: self.id, level, line }),
                Output::Crashed(text) => trace.record(at, &Event::ScriptCrashed { server: self.id, text }),
                Output::Closed => self.done = self.closing,
            }
        }
        self.outputs = outputs;
    }

    /// Whether the guest is in an endless loop: it asks for a wake-up that is due already, or makes a request at once
    /// whenever one is refused. It is stopped, which is a finding, and the run goes on without it.
    fn loops(&mut self, at: Global, trace: &mut Trace<'_>) -> bool {
        if self.instant.0 != at {
            self.instant = (at, 0);
        }
        self.instant.1 += 1;
        if self.instant.1 > INPUTS_PER_INSTANT_MAX && !self.stopped {
            (self.stopped, self.wake) = (true, None);
            let text = format!(
                "an endless loop: {INPUTS_PER_INSTANT_MAX} inputs at one instant. It asks for a wake-up that is due \
                 already, or makes a request again at once when it is refused"
            );
            trace.record(at, &Event::ScriptCrashed { server: self.id, text: text.into() });
        }
        self.stopped
    }
}

fn news_in(event: &GuestEvent) -> Option<NodeNews> {
    match event {
        GuestEvent::PurchaseGranted { receipt, .. } => Some(NodeNews::Granted(*receipt)),
        GuestEvent::SessionStarted { player, .. } => Some(NodeNews::SessionStarted(*player)),
        _ => None,
    }
}

fn live_until(event: &GuestEvent) -> Option<Mono> {
    match event {
        GuestEvent::SessionStarted { live_until, .. } => *live_until,
        GuestEvent::Renewed { live_until, .. } | GuestEvent::Resumed { live_until, .. } => Some(*live_until),
        _ => None,
    }
}
