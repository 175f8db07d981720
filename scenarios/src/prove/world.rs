//! One state of an explored world, and its transitions.
//!
//! What is healthy takes no time: a request is carried out and answered in one transition, in any order with everything
//! else, and time goes on only when nothing healthy is on its way. Subscribing and publishing are answered at once: what
//! can go wrong there is that messages are lost or late, which is a deviation of the message. Time goes from timer to
//! timer; steps of the script, late arrivals and the ends of freezes fall on the moments of timers.

mod fingerprint;

use std::sync::Arc;

use dupeproof_core::{Config, Mono, Now, Unix};
use dupeproof_sim::guest::{Turn, key_of};
use dupeproof_sim::id::{PlayerId, RequestId, ServerId, SubscriptionId};
use dupeproof_sim::request::{Answer, Key, Payload, Request, Response, ServiceError};
use dupeproof_sim::subject::Boot;
use dupeproof_sim::update::UpdateRules;
use dupeproof_sim::{Command, Guest, Input, Output};

use super::choice::{Choice, FlightDeviation};
use super::monitor::{Monitor, Violation};
use super::script::{Deed, Script, Step};
use super::store::Store;
use crate::game_record::player_of;
use crate::subjects::core::CoreGuest;
use crate::subjects::leased;

/// Time of an explored world. A slow server's clock counts a microsecond in 21 of these, a fast one's in 20: the ends
/// of the rate error that the protocol allows for, and exact in integers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Grains(pub u64);

impl Grains {
    /// A span by a slow clock. Readings of fast ones are exact, too, if it is a multiple of 20 µs.
    pub(crate) fn slow(span: dupeproof_core::Span) -> Grains {
        Grains(span.0 * SLOW)
    }

    /// So much later by a slow clock.
    pub(crate) fn after(self, span: dupeproof_core::Span) -> Grains {
        Grains(self.0 + Grains::slow(span).0)
    }
}

/// Grains in a microsecond of a fast and of a slow clock.
const FAST: u64 = 20;
const SLOW: u64 = 21;

/// What a server's monotonic clock shows at the start.
const BOOTED: u64 = 10_000_000_000;

/// What all wall clocks show, always: the protocol does not compare them.
const UNIX: Unix = Unix(1_800_000_000_000_000);

/// Requests that fail while a server is cut off from the data store, at most: enough for a lease to run out.
const CUT_OFF: u8 = 12;

/// What does not change in an exploration.
#[derive(Debug)]
pub(crate) struct Setting {
    pub script: Script,
    pub config: Config,
    /// Times further in the past are all the same.
    pub far: dupeproof_core::Span,
    /// Time goes on in whole multiples of this, and a timer is late until the next: so readings differ by whole multiples,
    /// too, and states are met again.
    pub grid: Grains,
}

impl Setting {
    /// Whether no other server ever touches a key.
    fn is_private(&self, key: &str, slot: u8) -> bool {
        player_of(key).is_some_and(|player| self.script.servers_of(player).all(|server| server == slot))
    }
}

/// One state.
#[derive(Clone)]
pub(crate) struct World {
    pub now: Grains,
    pub servers: Vec<Arc<Server>>,
    pub store: Arc<Store>,
    pub flights: Vec<Flight>,
    topics: Arc<Vec<Topic>>,
    /// Steps that each actor has taken.
    pub progress: Vec<u8>,
    pub monitor: Arc<Monitor>,
    pub violation: Option<Violation>,
}

/// One slot.
#[derive(Clone)]
pub(crate) struct Server {
    id: ServerId,
    /// `None`: it is down.
    pub guest: Option<CoreGuest>,
    wake: Option<Mono>,
    /// Grains in a microsecond of its clock.
    rate: u64,
    /// While frozen: what came since.
    pub kept: Option<Vec<Kept>>,
    /// So many more requests to the data store are answered with an error.
    pub cut_off: u8,
    /// Its hash at a moment, unless it has changed since.
    hash: Option<(Grains, u64)>,
}

/// What came for a frozen server. An answer with its request.
type Kept = (Input, Option<Arc<Request>>);

/// Something on its way.
#[derive(Clone, Debug)]
pub(crate) struct Flight {
    pub server: ServerId,
    pub cargo: Cargo,
    /// It takes its time.
    pub held: bool,
}

/// What is on its way.
#[derive(Clone, Debug)]
pub(crate) enum Cargo {
    Request(RequestId, Arc<Request>),
    Answer(RequestId, Arc<Request>, Answer),
    /// An error was answered, or nobody waits for an answer: it may still be applied.
    LateWrite(Arc<Request>),
    Message(SubscriptionId, Payload),
}

#[derive(Clone, Debug)]
struct Topic {
    name: Key,
    server: ServerId,
    subscription: SubscriptionId,
}

impl Server {
    fn new(slot: u16, rate: u64) -> Server {
        let id = ServerId { slot, life: 0 };
        Server { id, guest: None, wake: None, rate, kept: None, cut_off: 0, hash: None }
    }

    pub(crate) fn clock(&self, now: Grains) -> Now {
        Now { mono: Mono(BOOTED + now.0 / self.rate), unix: UNIX }
    }

    /// When its timer is due, if it runs.
    fn due(&self, grid: Grains) -> Option<Grains> {
        let wake = self.wake.filter(|_| self.guest.is_some() && self.kept.is_none())?;
        Some(Grains(wake.0.saturating_sub(BOOTED).saturating_mul(self.rate).div_ceil(grid.0).saturating_mul(grid.0)))
    }

    pub(crate) fn is_live(&self, player: PlayerId, now: Grains) -> bool {
        self.guest.as_ref().is_some_and(|guest| guest.has_live_session(player, self.clock(now)))
    }
}

impl World {
    /// The start: these servers are fast, the others slow.
    pub(crate) fn new(setting: &Setting, fast: u32) -> World {
        let rate = |slot: usize| if fast >> slot & 1 == 1 { FAST } else { SLOW };
        let script = &setting.script;
        let mut store = Store::default();
        let mut first = 0;
        for (player, count) in script.items.iter().enumerate() {
            let items: Vec<u32> = (first..first + u32::from(*count)).collect();
            first += u32::from(*count);
            store.put(key_of(player_id(player)), leased::record(&items));
        }
        let slots = 0..script.leases.len();
        let mut world = World {
            now: Grains(0),
            servers: slots.clone().map(|slot| Arc::new(Server::new(slot_id(slot), rate(slot)))).collect(),
            store: Arc::new(store),
            flights: Vec::new(),
            topics: Arc::default(),
            progress: vec![0; script.actors.len()],
            monitor: Arc::new(Monitor::new(script.items.len(), first)),
            violation: None,
        };
        slots.for_each(|slot| world.boot(setting, slot, script.leases[slot]));
        for step in &script.prelude {
            world.act(setting, *step);
            world.calm_down(setting);
        }
        world
    }

    /// Everything healthy arrives, in the order in which it set out.
    fn calm_down(&mut self, setting: &Setting) {
        let mut choices = Vec::new();
        loop {
            choices.clear();
            self.choices(setting, false, &mut choices);
            let arrives = |choice: &&Choice| matches!(choice, Choice::Arrive(_) | Choice::Wake(_));
            let Some(choice) = choices.iter().find(arrives) else { return };
            self.take(setting, *choice);
        }
    }

    /// A server that no script names, with the core's own lease.
    pub(crate) fn add_server(&mut self, setting: &Setting) -> usize {
        let slot = self.servers.len();
        self.servers.push(Arc::new(Server::new(slot_id(slot), SLOW)));
        self.boot(setting, slot, setting.config.lease.as_secs());
        slot
    }

    fn boot(&mut self, setting: &Setting, slot: usize, lease: u64) {
        let id = self.servers[slot].id;
        let seed = u64::from(id.slot) << 16 | u64::from(id.life);
        let boot = Boot {
            server: id,
            job_id: id.job_id(),
            constants: std::collections::BTreeMap::new(),
            lease: dupeproof_core::Span::secs(lease),
            game: dupeproof_sim::schedule::GamePlan::default(),
            seed,
            update: UpdateRules::of(&dupeproof_sim::Schedule::default().services),
        };
        let mut guest = CoreGuest::new(setting.config.clone(), &boot);
        guest.set_lease(lease);
        self.server(slot).guest = Some(guest);
        self.give(slot, Input::Wake);
    }

    /// All that can happen next without a deviation; and with one, if one is left.
    pub(crate) fn choices(&self, setting: &Setting, deviations: bool, choices: &mut Vec<Choice>) {
        if let Some(next) = self.next_alone(setting) {
            choices.push(next);
            let slot = match next {
                Choice::Arrive(index) => {
                    let flight = &self.flights[usize::from(index)];
                    if deviations {
                        deviations_of(&flight.cargo).iter().for_each(|how| choices.push(Choice::Flight(index, *how)));
                    }
                    flight.server.slot
                }
                Choice::Wake(slot) => u16::from(slot),
                _ => unreachable!("nothing else happens alone"),
            };
            if deviations {
                let server = &self.servers[usize::from(slot)];
                let slot = u8::try_from(slot).expect("there are few servers");
                if server.kept.is_none() {
                    choices.push(Choice::Freeze(slot));
                }
                if matches!(next, Choice::Arrive(_)) && server.cut_off == 0 {
                    choices.push(Choice::CutOff(slot));
                }
            }
            return;
        }
        let mut healthy = false;
        // A freeze shows with the first thing that reaches the server, and a cut with its first request: earlier ones
        // are the same.
        let (mut reached, mut asking) = (0_u8, 0_u8);
        for (index, flight) in (0u8..).zip(&self.flights) {
            match &flight.cargo {
                Cargo::LateWrite(_) => choices.push(Choice::ApplyLate(index)),
                _ => {
                    healthy |= !flight.held;
                    let server = 1 << flight.server.slot;
                    reached |= server;
                    asking |= if matches!(flight.cargo, Cargo::Request(..)) { server } else { 0 };
                    choices.push(Choice::Arrive(index));
                    if deviations && !flight.held {
                        deviations_of(&flight.cargo).iter().for_each(|how| choices.push(Choice::Flight(index, *how)));
                    }
                }
            }
        }
        for (slot, server) in (0u8..).zip(&self.servers) {
            if server.due(setting.grid).is_some_and(|due| due <= self.now) {
                healthy = true;
                reached |= 1 << slot;
                choices.push(Choice::Wake(slot));
            }
            if server.kept.is_some() {
                choices.push(Choice::Thaw(slot));
            } else if deviations && server.guest.is_some() && reached >> slot & 1 == 1 {
                choices.push(Choice::Freeze(slot));
            }
            if server.cut_off > 0 {
                choices.push(Choice::Reconnect(slot));
            } else if deviations && server.guest.is_some() && asking >> slot & 1 == 1 {
                choices.push(Choice::CutOff(slot));
            }
        }
        for (actor, steps) in (0u8..).zip(&setting.script.actors) {
            if steps.len() > usize::from(self.progress[usize::from(actor)]) {
                choices.push(Choice::Step(actor));
            }
        }
        if !healthy && self.servers.iter().any(|server| server.due(setting.grid).is_some()) {
            choices.push(Choice::Advance);
        }
    }

    /// What happens without regard to anything else.
    ///
    /// A healthy read is answered at once: whatever could come before it can come before it is asked. And if one thing is
    /// pending at a server, no step is to come for that server, and it is a timer, or a request about a record that no
    /// other server touches, then the same states follow in whatever order it and the rest happen: one order is enough.
    fn next_alone(&self, setting: &Setting) -> Option<Choice> {
        let is_read = |flight: &Flight| match &flight.cargo {
            Cargo::Request(_, request) => !request.kind().changes_values() && !flight.held,
            _ => false,
        };
        if let Some(index) = self.flights.iter().position(is_read) {
            return u8::try_from(index).ok().map(Choice::Arrive);
        }
        (0u8..).zip(&self.servers).find_map(|(slot, server)| {
            let to_come = setting.script.actors.iter().zip(&self.progress);
            let mut to_come = to_come.flat_map(|(steps, taken)| &steps[usize::from(*taken)..]);
            if server.guest.is_none() || server.kept.is_some() || to_come.any(|step| step.server == slot) {
                return None;
            }
            let is_due = server.due(setting.grid).is_some_and(|due| due <= self.now);
            let mut flights = (0u8..).zip(&self.flights).filter(|(_, flight)| flight.server.slot == u16::from(slot));
            match (is_due, flights.next(), flights.next()) {
                (true, None, None) => Some(Choice::Wake(slot)),
                (false, Some((index, Flight { cargo: Cargo::Request(_, request), held: false, .. })), None) => {
                    let key = request.target()?;
                    setting.is_private(key, slot).then_some(Choice::Arrive(index))
                }
                _ => None,
            }
        })
    }

    /// When the next timer is due.
    pub(crate) fn next_timer(&self, setting: &Setting) -> Option<Grains> {
        self.servers.iter().filter_map(|server| server.due(setting.grid)).min()
    }

    /// Makes a transition.
    pub(crate) fn take(&mut self, setting: &Setting, choice: Choice) {
        match choice {
            Choice::Advance => {
                self.now = self.next_timer(setting).map_or(self.now, |due| due.max(self.now));
            }
            Choice::Wake(slot) => self.give(usize::from(slot), Input::Wake),
            Choice::Step(actor) => self.step(setting, usize::from(actor)),
            Choice::Arrive(index) => self.arrive(usize::from(index)),
            Choice::ApplyLate(index) => {
                if let Cargo::LateWrite(request) = self.flights.remove(usize::from(index)).cargo {
                    drop(self.serve(&request));
                }
            }
            Choice::Thaw(slot) => {
                let kept = self.server(usize::from(slot)).kept.take().unwrap_or_default();
                kept.into_iter().for_each(|(input, _)| self.give(usize::from(slot), input));
            }
            Choice::Freeze(slot) => self.server(usize::from(slot)).kept = Some(Vec::new()),
            Choice::CutOff(slot) => self.server(usize::from(slot)).cut_off = CUT_OFF,
            Choice::Reconnect(slot) => self.server(usize::from(slot)).cut_off = 0,
            Choice::Flight(index, how) => self.deviate(usize::from(index), how),
        }
        self.watch_sessions(setting);
    }

    fn server(&mut self, slot: usize) -> &mut Server {
        let server = Arc::make_mut(&mut self.servers[slot]);
        server.hash = None;
        server
    }

    fn arrive(&mut self, index: usize) {
        let Flight { server, cargo, .. } = self.flights.remove(index);
        match cargo {
            Cargo::Request(id, request) => {
                let cut_off = self.servers[usize::from(server.slot)].cut_off > 0;
                let answer = if cut_off {
                    self.server(usize::from(server.slot)).cut_off -= 1;
                    Err(ServiceError::ConnectionLost)
                } else {
                    self.serve(&request)
                };
                self.answer(server, id, request, answer);
            }
            Cargo::Answer(id, request, answer) => self.answer(server, id, request, answer),
            Cargo::Message(subscription, data) => self.hear(server, Input::Message(subscription, data)),
            Cargo::LateWrite(_) => unreachable!("it is applied, not answered"),
        }
    }

    fn deviate(&mut self, index: usize, how: FlightDeviation) {
        if matches!(how, FlightDeviation::Hold) {
            self.flights[index].held = true;
            return;
        }
        let Flight { server, cargo, .. } = self.flights.remove(index);
        match (how, cargo) {
            (FlightDeviation::HoldAnswer, Cargo::Request(id, request)) => {
                let answer = self.serve(&request);
                self.flights.push(Flight { server, cargo: Cargo::Answer(id, request, answer), held: true });
            }
            (FlightDeviation::Refuse, Cargo::Request(id, request)) => {
                self.answer(server, id, request, Err(ServiceError::Rejected));
            }
            (FlightDeviation::ApplyThenError, Cargo::Request(id, request)) => {
                drop(self.serve(&request));
                self.answer(server, id, request, Err(ServiceError::Rejected));
            }
            (FlightDeviation::ErrorThenApply, Cargo::Request(id, request)) => {
                let cargo = Cargo::LateWrite(Arc::clone(&request));
                self.flights.push(Flight { server, cargo, held: true });
                self.answer(server, id, request, Err(ServiceError::Rejected));
            }
            (FlightDeviation::Double, Cargo::Message(subscription, data)) => {
                let flight = Flight { server, cargo: Cargo::Message(subscription, Arc::clone(&data)), held: false };
                self.flights.push(flight);
                self.hear(server, Input::Message(subscription, data));
            }
            (_, _) => {}
        }
    }

    fn serve(&mut self, request: &Request) -> Answer {
        // The store of the state before is shared as long as nothing changes.
        if let Some(answer) = self.store.read(request) {
            return answer;
        }
        let (answer, commit) = Arc::make_mut(&mut self.store).serve(request);
        if let Some(commit) = commit {
            let violation = Arc::make_mut(&mut self.monitor).commits(&commit);
            self.report(violation);
        }
        answer
    }

    fn report(&mut self, violation: Option<Violation>) {
        if self.violation.is_none() {
            self.violation = violation;
        }
    }

    fn answer(&mut self, server: ServerId, id: RequestId, request: Arc<Request>, answer: Answer) {
        self.reach(server, (Input::Response(id, answer), Some(request)));
    }

    fn hear(&mut self, server: ServerId, input: Input) {
        self.reach(server, (input, None));
    }

    /// What comes for a life of a server that is over is lost.
    fn reach(&mut self, server: ServerId, (input, request): Kept) {
        let slot = usize::from(server.slot);
        if self.servers[slot].id != server || self.servers[slot].guest.is_none() {
            return;
        }
        match &mut self.server(slot).kept {
            Some(kept) => kept.push((input, request)),
            None => self.give(slot, input),
        }
    }

    fn step(&mut self, setting: &Setting, actor: usize) {
        let step = setting.script.actors[actor][usize::from(self.progress[actor])];
        self.progress[actor] += 1;
        self.act(setting, step);
    }

    fn act(&mut self, setting: &Setting, step: Step) {
        let slot = usize::from(step.server);
        let server = self.servers[slot].id;
        match step.deed {
            Deed::Command(command) => self.hear(server, Input::Command(command)),
            Deed::Close => self.hear(server, Input::Close),
            Deed::Crash => self.crash(slot),
            Deed::Restart => {
                self.crash(slot);
                self.server(slot).id.life += 1;
                self.boot(setting, slot, setting.script.leases[slot]);
            }
            Deed::SetLease(seconds) => {
                if let Some(guest) = &mut self.server(slot).guest {
                    guest.set_lease(seconds);
                }
            }
        }
    }

    /// What it had asked for may still be applied.
    fn crash(&mut self, slot: usize) {
        let server = self.server(slot);
        (server.guest, server.kept, server.wake, server.cut_off) = (None, None, None, 0);
        let id = server.id;
        self.flights.retain_mut(|flight| match &flight.cargo {
            _ if flight.server != id => true,
            Cargo::Request(_, request) if request.kind().changes_values() => {
                flight.cargo = Cargo::LateWrite(Arc::clone(request));
                flight.held = true;
                true
            }
            Cargo::LateWrite(_) => true,
            Cargo::Request(..) | Cargo::Answer(..) | Cargo::Message(..) => false,
        });
        Arc::make_mut(&mut self.topics).retain(|topic| topic.server != id);
    }

    /// One input to a guest, and everything that is answered at once.
    pub(crate) fn give(&mut self, slot: usize, input: Input) {
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            let now = self.now;
            let server = self.server(slot);
            let clock = server.clock(now);
            let Some(guest) = &mut server.guest else { return };
            let mut outputs = Vec::new();
            server.wake = guest.handle(&Turn::new(clock, &()), input, &mut outputs);
            let id = server.id;
            for output in outputs {
                match output {
                    Output::Request(request, asked) => self.ask(id, request, asked, &mut inputs),
                    Output::Event(event) => {
                        let guest = self.servers[slot].guest.as_ref();
                        let player = |session| guest.map(|guest| guest.player_of(session));
                        let violation = Arc::make_mut(&mut self.monitor).hears(&event, player);
                        self.report(violation);
                    }
                    Output::Closed => self.crash(slot),
                    Output::Log(..) | Output::Crashed(_) => {}
                }
            }
        }
    }

    fn ask(&mut self, server: ServerId, id: RequestId, request: Request, inputs: &mut Vec<Input>) {
        match request {
            Request::Subscribe { topic, subscription } => {
                let topics = Arc::make_mut(&mut self.topics);
                topics.push(Topic { name: topic, server, subscription });
                topics.sort_unstable_by_key(|topic| (topic.server, topic.subscription));
                inputs.push(Input::Response(id, Ok(Response::Subscribed)));
            }
            Request::Unsubscribe { subscription } => {
                let topics = Arc::make_mut(&mut self.topics);
                topics.retain(|topic| (topic.server, topic.subscription) != (server, subscription));
                self.flights.retain(|flight| {
                    flight.server != server
                        || !matches!(flight.cargo, Cargo::Message(other, _) if other == subscription)
                });
            }
            Request::Publish { topic, data } => {
                for subscriber in self.topics.iter().filter(|subscriber| subscriber.name == topic) {
                    let cargo = Cargo::Message(subscriber.subscription, Arc::clone(&data));
                    self.flights.push(Flight { server: subscriber.server, cargo, held: false });
                }
                inputs.push(Input::Response(id, Ok(Response::Published)));
            }
            request => {
                self.flights.push(Flight { server, cargo: Cargo::Request(id, Arc::new(request)), held: false });
            }
        }
    }

    fn watch_sessions(&mut self, setting: &Setting) {
        if setting.script.takes_locks_away() || self.violation.is_some() {
            return;
        }
        for player in 0..setting.script.items.len() {
            let player = player_id(player);
            let live = self.servers.iter().filter(|server| server.is_live(player, self.now)).count();
            if live > 1 {
                self.violation = Some(Violation::DoubleLive { player });
            }
        }
    }

    /// Whether the script is over, and nothing unusual is under way.
    pub(crate) fn is_at_rest(&self, setting: &Setting) -> bool {
        let over =
            setting.script.actors.iter().zip(&self.progress).all(|(steps, taken)| steps.len() == usize::from(*taken));
        let plain = self.servers.iter().all(|server| server.kept.is_none() && server.cut_off == 0);
        let landed = self.flights.iter().all(|flight| matches!(flight.cargo, Cargo::LateWrite(_)));
        let slept = self.servers.iter().all(|server| server.due(setting.grid).is_none_or(|due| due > self.now));
        over && plain && landed && slept
    }

    /// A choice in words.
    pub(crate) fn describe(&self, setting: &Setting, choice: Choice) -> String {
        let seconds = self.now.0 as f64 / (SLOW as f64 * 1e6);
        let flight = |index: u8| {
            let flight = &self.flights[usize::from(index)];
            let words = |request: &Request| {
                format!("{:?} of `{}`", request.kind(), request.target().map_or("", |target| &**target))
            };
            let cargo = match &flight.cargo {
                Cargo::Request(_, request) | Cargo::LateWrite(request) => words(request),
                Cargo::Answer(_, request, _) => format!("the answer to {}", words(request)),
                Cargo::Message(_, data) => format!("the message {data}"),
            };
            format!("{}, {cargo}", flight.server.job_id())
        };
        let what = match choice {
            Choice::Step(actor) => {
                let step = setting.script.actors[usize::from(actor)][usize::from(self.progress[usize::from(actor)])];
                format!("server {}: {}", step.server, step.deed)
            }
            Choice::Advance => "time goes on".into(),
            Choice::Wake(slot) => format!("server {slot}: a timer"),
            Choice::Arrive(index) => format!("{}: arrives", flight(index)),
            Choice::ApplyLate(index) => format!("{}: is applied late", flight(index)),
            Choice::Thaw(slot) => format!("server {slot}: goes on after a freeze"),
            Choice::Reconnect(slot) => format!("server {slot}: reaches the data store again"),
            Choice::Flight(index, how) => format!("{}: {how:?}", flight(index)),
            Choice::Freeze(slot) => format!("server {slot}: freezes"),
            Choice::CutOff(slot) => format!("server {slot}: is cut off from the data store"),
        };
        format!("{seconds:>9.3} s  {what}")
    }
}

fn deviations_of(cargo: &Cargo) -> &'static [FlightDeviation] {
    use FlightDeviation::{ApplyThenError, Double, ErrorThenApply, Hold, HoldAnswer, Lose, Refuse};
    match cargo {
        Cargo::Request(_, request) if request.kind().changes_values() => {
            &[Hold, HoldAnswer, Refuse, ApplyThenError, ErrorThenApply]
        }
        Cargo::Request(..) => &[Hold, HoldAnswer, Refuse],
        Cargo::Answer(..) | Cargo::LateWrite(_) => &[],
        Cargo::Message(..) => &[Hold, Lose, Double],
    }
}

fn slot_id(slot: usize) -> u16 {
    u16::try_from(slot).expect("there are few servers")
}

pub(crate) fn player_id(player: usize) -> PlayerId {
    PlayerId(u16::try_from(player).expect("there are few players"))
}

/// All players leave a server.
pub(crate) fn leave_all(world: &World, slot: usize) -> Vec<Command> {
    let guest = world.servers[slot].guest.as_ref();
    guest.map(|guest| guest.players_here().map(Command::Leave).collect()).unwrap_or_default()
}
