//! A guest that does what it is told and logs what it gets, and a world in which every leg takes 50 ms.

use std::sync::Arc;

use dupeproof_core::{Mono, Span, Stored};
use dupeproof_sim::guest::{Acquired, Command, LogLevel, key_of};
use dupeproof_sim::id::{PlayerId, RequestId, ServerId, ServiceName, SessionNo, Slot, Stamp, SubscriptionId};
use dupeproof_sim::network::{Network, RunEnd};
use dupeproof_sim::request::{RequestKind, RequestType};
use dupeproof_sim::schedule::{Latency, PlayerPlan, RequestClass, RequestFault};
use dupeproof_sim::subject::Boot;
use dupeproof_sim::{
    Action, Contract, Event, Global, Guest, GuestEvent, Input, Observer, Output, Request, Schedule, ServerPlan,
    ServiceError, ServiceProfile, Step, Subject, Turn, Version,
};
use serde_json::json;

/// One leg of a request's way in [`schedule`].
pub(crate) const LEG: Span = Span::millis(50);

/// What a server does, by slot; slots without a script do nothing.
#[derive(Default)]
pub(crate) struct Scripted {
    pub(crate) scripts: Vec<Script>,
}

/// What one server does in each of its lives.
#[derive(Clone, Default)]
pub(crate) struct Script {
    pub(crate) lines: Vec<Line>,
    /// What it asks for whenever a player or the game does something.
    pub(crate) on_command: Option<Request>,
    /// Whether it answers `ProcessReceipt` with granted.
    pub(crate) grants: bool,
    pub(crate) closing: Closing,
}

/// When to do what, by the server's own clock, since it started.
pub(crate) type Line = (Span, ScriptStep);

#[derive(Clone)]
pub(crate) enum ScriptStep {
    Ask(Request),
    /// Says that a session is live for so long from now.
    Live(Span),
    /// Logs what `os.time()` answers.
    TellTime,
    /// Logs what `game.JobId` is.
    TellJobId,
    /// Logs what `GetRequestBudgetForRequestType` answers.
    TellBudget(RequestType),
}

/// What it does about `Close`.
#[derive(Clone, Copy, Default)]
pub(crate) enum Closing {
    #[default]
    AtOnce,
    Never,
}

/// A world with these scripts, one slot each, two players with two items each, and 100 s of chaos.
pub(crate) fn schedule(scripts: &[Script]) -> Schedule {
    let leg = Latency { min: LEG, max: LEG };
    Schedule {
        seed: 1,
        subject: "scripted".into(),
        servers: vec![ServerPlan::default(); scripts.len()],
        players: vec![PlayerPlan { items: Some(2) }; 2],
        services: ServiceProfile {
            datastore_latency: leg,
            messaging_latency: leg,
            delivery_delay: leg,
            ..ServiceProfile::default()
        },
        timeline: Vec::new(),
        length: Span::secs(100),
        ..Schedule::default()
    }
}

/// Lines of requests, each at its milliseconds.
pub(crate) fn script(requests: impl IntoIterator<Item = (u64, Request)>) -> Script {
    let lines = requests.into_iter().map(|(at, request)| (Span::millis(at), ScriptStep::Ask(request))).collect();
    Script { lines, ..Script::default() }
}

pub(crate) fn at(millis: u64, action: Action) -> Step {
    Step { at: Span::millis(millis), action }
}

pub(crate) fn fail_next(server: Slot, class: RequestClass, fault: RequestFault) -> Step {
    at(0, Action::FailNext { server, service: ServiceName::DataStore, class, fault })
}

pub(crate) fn get(player: u16) -> Request {
    Request::get(key_of(PlayerId(player)))
}

/// A read that may be answered by the cache.
pub(crate) fn cached(player: u16) -> Request {
    Request::Get { key: key_of(PlayerId(player)), use_cache: true }
}

pub(crate) fn set(player: u16, value: u64) -> Request {
    Request::set(key_of(PlayerId(player)), stored(value))
}

pub(crate) fn remove(player: u16) -> Request {
    Request::Remove { key: key_of(PlayerId(player)) }
}

/// Player `p`'s record starts with version `p + 1`.
pub(crate) fn compare_and_set(player: u16, expected: u64, value: u64) -> Request {
    Request::compare_and_set(key_of(PlayerId(player)), Some(Version(expected)), stored(value))
}

pub(crate) fn subscribe(topic: &str, subscription: u32) -> Request {
    Request::Subscribe { topic: topic.into(), subscription: SubscriptionId(subscription) }
}

pub(crate) fn unsubscribe(subscription: u32) -> Request {
    Request::Unsubscribe { subscription: SubscriptionId(subscription) }
}

pub(crate) fn publish(topic: &str, data: u64) -> Request {
    Request::Publish { topic: topic.into(), data: Arc::new(json!(data)) }
}

pub(crate) fn stored(value: u64) -> Stored {
    Stored::Other(Arc::new(json!(value)))
}

pub(crate) fn server(slot: Slot) -> ServerId {
    ServerId { slot, life: 0 }
}

/// Everything that happened.
#[derive(Default)]
pub(crate) struct Tape {
    pub(crate) events: Vec<(Global, Event)>,
}

impl Observer for Tape {
    fn observe(&mut self, at: Global, event: &Event) {
        self.events.push((at, event.clone()));
    }
}

/// An answer: when it came, to what, and the error if it was one.
pub(crate) type Answer = (u64, RequestKind, Option<ServiceError>);

impl Tape {
    /// Runs a schedule on the event network.
    pub(crate) fn of(schedule: &Schedule, scripts: &[Script]) -> Tape {
        Tape::and_end(schedule, scripts).0
    }

    pub(crate) fn and_end(schedule: &Schedule, scripts: &[Script]) -> (Tape, RunEnd) {
        Tape::on(Network::Event, schedule, scripts)
    }

    pub(crate) fn on(network: Network, schedule: &Schedule, scripts: &[Script]) -> (Tape, RunEnd) {
        let mut tape = Tape::default();
        let end = network.run(schedule, &Scripted { scripts: scripts.to_vec() }, &mut tape);
        (tape, end)
    }

    /// Milliseconds at which something happened.
    pub(crate) fn times(&self, wanted: impl Fn(&Event) -> bool) -> Vec<u64> {
        self.events.iter().filter(|(_, event)| wanted(event)).map(|(at, _)| at.0 / 1_000).collect()
    }

    pub(crate) fn count(&self, wanted: impl Fn(&Event) -> bool) -> usize {
        self.times(wanted).len()
    }

    /// A server's answers.
    pub(crate) fn answers(&self, slot: Slot) -> Vec<Answer> {
        let answer = |(at, event): &(Global, Event)| match event {
            Event::Answered { server, kind, error, .. } if server.slot == slot => Some((at.0 / 1_000, *kind, *error)),
            _ => None,
        };
        self.events.iter().filter_map(answer).collect()
    }

    /// What a server logged, with the milliseconds since the start.
    pub(crate) fn log(&self, slot: Slot) -> Vec<(u64, String)> {
        let line = |(at, event): &(Global, Event)| match event {
            Event::Logged { server, line, .. } if server.slot == slot => Some((at.0 / 1_000, line.to_string())),
            _ => None,
        };
        self.events.iter().filter_map(line).collect()
    }

    /// What a server logged, up to the healing.
    pub(crate) fn lines(&self, slot: Slot) -> Vec<String> {
        let log = self.log(slot).into_iter();
        log.take_while(|(at, _)| *at < 100_000).map(|(_, line)| line).collect()
    }

    /// The values that were committed, with the milliseconds.
    pub(crate) fn commits(&self) -> Vec<(u64, Option<Stored>)> {
        let commit = |(at, event): &(Global, Event)| match event {
            Event::Committed { after, .. } => Some((at.0 / 1_000, after.clone())),
            _ => None,
        };
        self.events.iter().filter_map(commit).collect()
    }
}

impl Subject for Scripted {
    fn name(&self) -> &str {
        "scripted"
    }

    fn about(&self) -> &str {
        "does what it is told"
    }

    fn contract(&self) -> &Contract {
        const { &Contract::none(Span::secs(10), Span::secs(10)) }
    }

    fn guest(&self, boot: &Boot) -> Box<dyn Guest> {
        let script = self.scripts.get(usize::from(boot.server.slot)).cloned().unwrap_or_default();
        Box::new(ScriptedGuest { script, job_id: boot.job_id.clone(), started: None, next: 0, commands: 0 })
    }

    fn record(&self, _player: PlayerId, items: &[u32]) -> Stored {
        Stored::Other(Arc::new(json!(items)))
    }
}

struct ScriptedGuest {
    script: Script,
    job_id: String,
    started: Option<Mono>,
    /// The first line that is still to come.
    next: usize,
    commands: u32,
}

impl Guest for ScriptedGuest {
    fn handle(&mut self, turn: &Turn<'_>, input: Input, out: &mut Vec<Output>) -> Option<Mono> {
        let now = turn.now;
        let started = *self.started.get_or_insert(now.mono);
        out.push(Output::Log(LogLevel::Info, describe(&input).into()));
        if let (Input::Close, Closing::AtOnce) = (&input, self.script.closing) {
            out.push(Output::Closed);
        }
        if let (Input::Command(_), Some(request)) = (&input, &self.script.on_command) {
            self.commands += 1;
            out.push(Output::Request(RequestId(1_000_000 + self.commands), request.clone()));
        }
        if let (Input::Command(Command::Receipt { player, receipt }), true) = (&input, self.script.grants) {
            out.push(Output::Event(GuestEvent::PurchaseGranted { player: *player, receipt: *receipt }));
        }
        // Only a wake-up performs its lines: so that the order of inputs shows.
        if input == Input::Wake {
            while let Some((_, step)) = self.script.lines.get(self.next).filter(|line| started + line.0 <= now.mono) {
                let output = match step {
                    ScriptStep::TellJobId => {
                        Output::Log(LogLevel::Info, format!("game.JobId {:?}", self.job_id).into())
                    }
                    _ => perform(step, u32::try_from(self.next).unwrap(), turn, out),
                };
                out.push(output);
                self.next += 1;
            }
        }
        self.script.lines.get(self.next).map(|line| started + line.0)
    }
}

fn perform(step: &ScriptStep, number: u32, turn: &Turn<'_>, out: &[Output]) -> Output {
    let now = turn.now;
    match step {
        ScriptStep::Ask(request) => Output::Request(RequestId(number), request.clone()),
        ScriptStep::Live(span) => Output::Event(GuestEvent::SessionStarted {
            session: SessionNo(number),
            player: PlayerId(0),
            stamp: Stamp(0),
            live_until: Some(now.mono + *span),
            acquired: Acquired::Free,
        }),
        ScriptStep::TellJobId => unreachable!("the guest knows its own"),
        ScriptStep::TellTime => Output::Log(LogLevel::Info, format!("os.time {}", now.unix.os_time()).into()),
        ScriptStep::TellBudget(kind) => {
            Output::Log(LogLevel::Info, format!("{kind}: {}", turn.budget(*kind, out)).into())
        }
    }
}

fn describe(input: &Input) -> String {
    match input {
        Input::Wake => "wake".into(),
        Input::Response(id, result) => format!("{}: {result:?}", id.0),
        Input::Message(subscription, data) => format!("message on {}: {data}", subscription.0),
        Input::Command(command) => format!("{command:?}"),
        Input::SetLease(lease) => format!("lease of {} s", lease.as_secs()),
        Input::Close => "close".into(),
    }
}
