//! The functions of the table `host`, which the prelude builds a Roblox server from.
//!
//! `host.load`, `host.resume` and `host.object` are the virtual machine's own (`raw::calls`).

mod arguments;
mod event;
mod functions;
mod input;
mod json;
mod kept;
mod locks;
mod log;
mod memory;
mod reflection;
mod request;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use dupeproof_core::{Now, Stored};
use dupeproof_sim::guest::{LogLevel, Turn};
use dupeproof_sim::id::RequestId;
use dupeproof_sim::rng::{Seed, Stream};
use dupeproof_sim::schedule::Latency;
use dupeproof_sim::subject::Boot;
use dupeproof_sim::value::ScriptValue;
use dupeproof_sim::{Input, Output};

use self::arguments::Arguments;
use self::kept::Kept;
pub(crate) use self::kept::room_of_json;
use self::locks::Locks;
use self::log::Log;
use crate::capture::Starts;
use crate::guest::Program;
use crate::guid::Guids;
use crate::prelude::Prelude;
use crate::raw::{Chunk, Host, Origin, Use};
use crate::tree::Tree;
use crate::value::Answer;

/// A function of the host. It returns its results, or the message of the error that is raised in the script.
type Function = fn(&mut Session<'_, '_>, Arguments<'_>) -> Answers;

type Answers = Result<Vec<Answer>, String>;

/// By number, as scripts call them, with the work of a call: its own, and how often that of copying its arguments.
const FUNCTIONS: [(&str, Function, [u64; 2]); 26] = [
    ("now", functions::now, [20, 1]),
    ("address", functions::address, [100, 1]),
    ("memory_address", memory::address, [100, 1]),
    ("request", functions::request, [1_000, 3]),
    ("cancelled", functions::cancelled, [20, 1]),
    ("budget", functions::budget, [100, 1]),
    ("encode", functions::encode, [100, 3]),
    ("decode", functions::decode, [100, 24]),
    ("guid", functions::guid, [100, 1]),
    ("pause", functions::pause, [20, 1]),
    ("stamp", functions::stamp, [20, 1]),
    ("emit", functions::emit, [50, 1]),
    ("log", functions::log, [50, 2]),
    ("found", functions::found, [50, 2]),
    ("crash", functions::crash, [50, 2]),
    ("closed", functions::closed, [100, 1]),
    ("tree", functions::tree, [20, 1]),
    ("aliased", functions::aliased, [100, 1]),
    ("installs", functions::installs, [100, 1]),
    ("part", functions::part, [100, 1]),
    ("brick_color", reflection::brick_color, [100, 1]),
    ("class", reflection::class, [20, 1]),
    ("classes", reflection::classes, [100, 1]),
    ("member", reflection::member, [100, 1]),
    ("enum_items", reflection::enum_items, [20, 1]),
    ("enums", reflection::enums, [20, 1]),
];

/// The names of the functions, by number.
pub(crate) fn names() -> Vec<&'static str> {
    FUNCTIONS.iter().map(|(name, ..)| *name).collect()
}

/// What a server's host remembers between inputs.
pub(crate) struct Memory {
    prelude: Arc<Prelude>,
    tree: Arc<Tree>,
    fakes: Option<Arc<Chunk>>,
    starts: Option<Starts>,
    guids: Guids,
    /// How long `UpdateAsync` waits after a conflict, and the draws for it.
    conflict_delay: Latency,
    pauses: Stream,
    /// Slot and life, above the numbers of stamps.
    life: u64,
    stamps: u64,
    requests: u32,
    /// What of the script's memory has gone to the services.
    kept: Kept,
    log: Log,
    /// The values of conditional writes that are not answered yet: scripts get them back as copies.
    writes: BTreeMap<RequestId, Stored>,
    /// The locks that this server has seen: modules do not report how a session acquired its lock.
    locks: Locks,
    /// The latest moment that scripts have read from the clocks.
    coverage: Now,
    /// Where in the scripts each request came from; `None` if nobody reads it.
    callers: Option<BTreeMap<RequestId, Arc<str>>>,
}

impl Memory {
    /// The memory of a server that starts.
    pub(crate) fn new(program: &Program, boot: &Boot) -> Memory {
        let &Boot { server, seed, update, .. } = boot;
        // Stamps stay below 2^53: slots are below 2^13 and lives below 2^8 (`scenarios` holds both).
        let life = u64::from(server.slot) << 40 | u64::from(server.life) << 32;
        Memory {
            prelude: program.prelude.clone(),
            tree: program.tree.clone(),
            fakes: program.fakes.clone(),
            starts: program.starts.clone(),
            guids: Guids::new(seed),
            conflict_delay: update.conflict_delay,
            pauses: Seed(seed).stream("pauses", 0),
            life,
            stamps: 0,
            requests: 0,
            kept: Kept::new(program.limits.memory),
            log: Log::default(),
            writes: BTreeMap::new(),
            locks: Locks::new(program.lock.clone()),
            coverage: Now::default(),
            callers: boot.reads_calls.then(BTreeMap::new),
        }
    }
}

impl Memory {
    /// The arguments of the dispatch function for an input, without its time.
    pub(crate) fn arguments(&mut self, input: Input, now: Now) -> Vec<Answer> {
        let written = match &input {
            Input::Response(id, _) => {
                self.kept.answered(*id);
                self.writes.remove(id)
            }
            _ => None,
        };
        self.locks.came(&input, written.as_ref());
        input::arguments(input, now, written)
    }
}

/// The host during one input.
pub(crate) struct Session<'a, 't> {
    pub(crate) memory: &'a mut Memory,
    pub(crate) turn: &'a Turn<'t>,
    pub(crate) out: &'a mut Vec<Output>,
    /// Of the call that is being made.
    used: Use,
    /// Where it comes from, if somebody reads that.
    origin: Origin,
}

impl<'a, 't> Session<'a, 't> {
    pub(crate) fn new(memory: &'a mut Memory, turn: &'a Turn<'t>, out: &'a mut Vec<Output>) -> Session<'a, 't> {
        Session { memory, turn, out, used: Use::default(), origin: Origin::default() }
    }

    /// The time of the input: the first argument of the dispatch function.
    pub(crate) fn begun(&mut self) -> Answer {
        Answer::Number(functions::moment(self))
    }

    /// Where the call that is being made comes from; `None` if no script of the user's makes it, or nobody reads it.
    fn calls(&mut self) -> Option<Arc<str>> {
        let calls = std::mem::take(&mut self.origin.calls);
        (!calls.is_empty()).then(|| calls.into())
    }

    /// A line for the person who reads the trace.
    fn say(&mut self, level: LogLevel, text: &[u8]) {
        if let Some(line) = self.memory.log.line(level.prefix(), text) {
            self.out.push(Output::Log(level, line.into()));
        }
    }
}

impl Host for Session<'_, '_> {
    fn moment(&self) -> u64 {
        self.turn.now.mono.0
    }

    fn work(&self, number: usize, copying: u64) -> u64 {
        FUNCTIONS.get(number).map_or(0, |(_, _, [own, times])| own + times * copying)
    }

    fn reads_calls(&self) -> bool {
        self.memory.callers.is_some()
    }

    fn wants_calls(&self, number: usize) -> bool {
        self.reads_calls()
            && FUNCTIONS.get(number).is_some_and(|(name, ..)| ["request", "cancelled", "emit"].contains(name))
    }

    fn called_from(&mut self, origin: Origin) {
        self.origin = origin;
    }

    fn call(&mut self, number: usize, arguments: &[ScriptValue], used: Use) -> Result<Vec<Answer>, String> {
        self.used = used;
        let (name, function, _) = FUNCTIONS.get(number).ok_or("host: there is no such function")?;
        function(self, Arguments::new(name, arguments))
    }

    fn chunk(&mut self, path: &str) -> Result<Arc<Chunk>, String> {
        self.memory.tree.chunk(path).ok_or_else(|| format!("there is no script at `{path}`"))
    }

    fn adapter(&mut self) -> Option<Arc<Chunk>> {
        self.memory.tree.adapter()
    }

    fn fakes(&mut self) -> Option<Arc<Chunk>> {
        self.memory.fakes.clone()
    }

    fn crashed(&mut self, text: &str) {
        self.out.push(Output::Crashed(log::cut(text.as_bytes()).into()));
    }
}
