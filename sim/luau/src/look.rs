//! Looks at a game for a while, to find out where it keeps its data: players come, play, leave and come back in a calm
//! world, and everything that is read and written is noted.

use std::sync::{Arc, Mutex, PoisonError};

use dupeproof_core::{Mono, Span, Stored};
use dupeproof_sim::guest::{ENDLESS_WAIT, LogLevel, Turn};
use dupeproof_sim::id::{PlayerId, ServerId, Slot};
use dupeproof_sim::network::Network;
use dupeproof_sim::request::{Key, RequestKind};
use dupeproof_sim::schedule::{Action, PlayerPlan, Schedule, ServerPlan, Step};
use dupeproof_sim::subject::Boot;
use dupeproof_sim::{Command, Contract, Event, Global, Guest, Input, Observer, Output, Subject};
use serde::Deserialize;
use serde_json::Value as Json;

use crate::guest::{LuauGuest, Program};
use crate::interpreter::Interpreter;
use crate::subject::{Options, SubjectError, program};

/// The UserIds of the players: numbers whose digits do not come up by themselves.
pub const PLAYERS: [PlayerId; 2] = [PlayerId(18_397), PlayerId(26_953)];

/// What was seen of a game.
#[derive(Debug, Default)]
pub struct Looked {
    /// Keys and topics of requests that were made, with the kind of request, in order of time.
    pub requests: Vec<(RequestKind, Key)>,
    /// Every write to a data store, in order of time.
    pub writes: Vec<Write>,
    /// What its scripts said went wrong, or waited for in vain, each text once.
    pub errors: Vec<String>,
    /// What there is in its tree.
    pub tree: SeenTree,
}

/// A value that was written.
#[derive(Debug)]
pub struct Write {
    /// When: see [`stay_at`].
    pub at: Span,
    /// The server that wrote.
    pub server: ServerId,
    /// The address.
    pub key: Key,
    /// The value; `None` after a removal.
    pub value: Option<Stored>,
}

/// What there is in the tree of a game while it runs.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SeenTree {
    /// RemoteEvents and RemoteFunctions.
    pub remotes: Vec<Remote>,
    /// The full names of all modules.
    pub modules: Vec<String>,
    /// Whether the game takes receipts of purchases.
    pub receipts: bool,
    /// The functions of what the module returned.
    pub functions: Vec<Function>,
}

/// A RemoteEvent or RemoteFunction.
#[derive(Debug, Deserialize)]
pub struct Remote {
    /// Its class.
    pub class: String,
    /// Its full name.
    pub path: String,
}

/// A function of a module.
#[derive(Debug, Deserialize)]
pub struct Function {
    /// Its name, with those of the tables that it is in; empty if it is what the module returned.
    pub name: String,
    /// How many arguments it takes.
    pub arguments: u32,
    /// Whether it takes any number more.
    pub more: bool,
}

/// When each player is there, in seconds: from, until, and on which server. On the first server, the second stay of the
/// second player ends with the server's shutdown.
const STAYS: [(PlayerId, Slot, u64, u64); 5] = [
    (PLAYERS[0], 0, 2, 200),
    (PLAYERS[1], 0, 2, 200),
    (PLAYERS[0], 1, 260, 480),
    (PLAYERS[1], 0, 260, CLOSES),
    (PLAYERS[1], 1, 540, 600),
];

/// When the first server shuts down, in seconds.
const CLOSES: u64 = 440;

/// Whether a player was there at a time.
pub fn stay_at(player: PlayerId, at: Span) -> bool {
    let there = |(other, _, from, until): (PlayerId, Slot, u64, u64)| {
        other == player && (Span::secs(from)..Span::secs(until)).contains(&at)
    };
    STAYS.into_iter().any(there)
}

/// Runs a game, and looks. If there is a module, it is required.
///
/// # Errors
/// The scripts do not start: their own error.
pub fn look(options: &Options) -> Result<Looked, SubjectError> {
    let mut program = program(options);
    program.config["look"] = true.into();
    Interpreter::start(&program, &[]).map_err(SubjectError::Start)?;
    let subject = Watched { program, tree: Arc::default(), contract: QUICK };
    let mut looked = Looked::default();
    Network::Event.run(&schedule(), &subject, &mut looked);
    let tree = subject.tree.lock().unwrap_or_else(PoisonError::into_inner).take();
    looked.tree = tree.and_then(|tree| serde_json::from_value(tree).ok()).unwrap_or_default();
    Ok(looked)
}

/// The settled world is of no interest here.
const QUICK: Contract = Contract::none(Span::secs(1), Span::secs(1));

fn schedule() -> Schedule {
    let step = |at: u64, action: Action| Step { at: Span::secs(at), action };
    let command = |server: Slot, command: Command| Action::Command { server, command };
    let mut timeline = vec![step(CLOSES, Action::Close { server: 0 })];
    for (player, server, from, until) in STAYS {
        timeline.push(step(from, command(server, Command::Join(player))));
        if until != CLOSES {
            timeline.push(step(until, command(server, Command::Leave(player))));
        }
    }
    timeline.sort_by_key(|step| step.at);
    let players = PLAYERS.iter().map(|player| usize::from(player.0) + 1).max().unwrap_or_default();
    Schedule {
        seed: 1,
        subject: NAME.to_owned(),
        servers: vec![ServerPlan::default(); usize::from(SERVERS)],
        players: vec![PlayerPlan { items: None }; players],
        timeline,
        length: Span::secs(660),
        ..Schedule::default()
    }
}

const NAME: &str = "game";
const SERVERS: Slot = 2;

/// The game under watch.
struct Watched {
    program: Program,
    /// What one of its servers said of its tree.
    tree: Arc<Mutex<Option<Json>>>,
    contract: Contract,
}

impl Subject for Watched {
    fn name(&self) -> &str {
        NAME
    }

    fn about(&self) -> &str {
        "a game that is looked at"
    }

    fn contract(&self) -> &Contract {
        &self.contract
    }

    fn guest(&self, boot: &Boot) -> Box<dyn Guest> {
        // On the fresh server of the settled world, everybody who could be there comes: nobody looks any more.
        if boot.server.slot >= SERVERS {
            return Box::new(Idle);
        }
        Box::new(WatchedGuest { guest: LuauGuest::new(&self.program, boot), tree: Arc::clone(&self.tree) })
    }

    fn record(&self, _player: PlayerId, _items: &[u32]) -> Stored {
        // Nobody has played before.
        Stored::Other(Arc::new(Json::Null))
    }
}

struct Idle;

impl Guest for Idle {
    fn handle(&mut self, _turn: &Turn<'_>, _input: Input, _out: &mut Vec<Output>) -> Option<Mono> {
        None
    }
}

struct WatchedGuest {
    guest: LuauGuest,
    tree: Arc<Mutex<Option<Json>>>,
}

impl Guest for WatchedGuest {
    fn handle(&mut self, turn: &Turn<'_>, input: Input, out: &mut Vec<Output>) -> Option<Mono> {
        // By the time that somebody leaves, everything is there.
        if matches!(input, Input::Command(Command::Leave(_))) {
            let mut tree = self.tree.lock().unwrap_or_else(PoisonError::into_inner);
            if tree.is_none() {
                *tree = self.guest.ask(turn, vec!["look".into()]).ok();
            }
        }
        self.guest.handle(turn, input, out)
    }
}

/// More texts than anybody reads.
const ERRORS_MAX: usize = 10;

impl Observer for Looked {
    fn observe(&mut self, at: Global, event: &Event) {
        match event {
            Event::Requested { kind, target: Some(key), .. } => self.requests.push((*kind, Key::clone(key))),
            Event::Committed { server, key, after, .. } => {
                let (at, key) = (Span(at.0), Key::clone(key));
                self.writes.push(Write { at, server: *server, key, value: after.clone() });
            }
            Event::Logged { level: LogLevel::Error, line: text, .. } | Event::ScriptCrashed { text, .. } => {
                self.failed(text);
            }
            Event::Logged { level: LogLevel::Warning, line, .. } if line.contains(ENDLESS_WAIT) => self.failed(line),
            _ => {}
        }
    }
}

impl Looked {
    fn failed(&mut self, text: &str) {
        let known = self.errors.iter().any(|error| error == text);
        if !known && self.errors.len() < ERRORS_MAX {
            self.errors.push(text.to_owned());
        }
    }
}
