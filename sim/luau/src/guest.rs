//! A virtual server that runs Luau.

use std::iter;
use std::sync::Arc;

use dupeproof_core::Mono;
use dupeproof_sim::Place;
use dupeproof_sim::guest::Turn;
use dupeproof_sim::id::ServerId;
use dupeproof_sim::record_layout::RecordLayout;
use dupeproof_sim::schedule::TransformError;
use dupeproof_sim::subject::Boot;
use dupeproof_sim::value::ScriptValue;
use dupeproof_sim::{Guest, Input, Output};
use serde_json::{Value as Json, json};

use crate::capture::Starts;
use crate::fidelity::Fidelity;
use crate::host::{Memory, Session};
use crate::prelude::Prelude;
use crate::raw::{self, Chunk, Limits, State};
use crate::start::Start;
use crate::tree::Tree;
use crate::value::Answer;

/// What all servers of one subject share.
#[derive(Clone)]
pub(crate) struct Program {
    pub(crate) prelude: Arc<Prelude>,
    pub(crate) start: Arc<Start>,
    pub(crate) tree: Arc<Tree>,
    /// What the user supplies in place of what is not there.
    pub(crate) fakes: Option<Arc<Chunk>>,
    /// Where the sessions that the game starts are noted, if somebody wants to know them.
    pub(crate) starts: Option<Starts>,
    pub(crate) fidelity: Fidelity,
    pub(crate) limits: Limits,
    /// Where in a record the data and the lock are.
    pub(crate) layout: RecordLayout,
    /// The keys of the records that hold the players' locks, and where in them; `None` without an adapter.
    pub(crate) lock: Option<(Place, RecordLayout)>,
    /// The argument of `boot`: paths in the tree, and the user's settings.
    pub(crate) config: Json,
}

/// One life of one server.
pub struct LuauGuest {
    life: Life,
    memory: Memory,
}

enum Life {
    /// Not yet woken.
    Unborn(Box<(Program, Boot)>),
    /// Its scripts run.
    Running(State),
    /// They cannot go on.
    Crashed,
}

/// The server that begins a run.
const FIRST: ServerId = ServerId { slot: 0, life: 0 };

impl LuauGuest {
    pub(crate) fn new(program: &Program, boot: &Boot) -> LuauGuest {
        let memory = Memory::new(program, boot);
        LuauGuest { life: Life::Unborn(Box::new((program.clone(), boot.clone()))), memory }
    }

    /// The first wake: builds the virtual machine and boots it.
    fn begin(
        &mut self,
        program: &Program,
        boot: &Boot,
        turn: &Turn<'_>,
        out: &mut Vec<Output>,
    ) -> Result<ScriptValue, String> {
        if boot.server == FIRST {
            raw::begin_run();
        }
        let mut state = program.start.state(program, boot, turn)?;
        state.seed(small_seed(boot.seed));
        let mut session = Session::new(&mut self.memory, turn, out);
        let config = Answer::Json(Arc::new(config(program, boot)));
        let result = dispatch(&mut state, &mut session, vec!["boot".into(), config]);
        self.life = Life::Running(state);
        result
    }

    /// As if it had done nothing for long: it may do as much as ever.
    pub(crate) fn rest(&mut self) {
        if let Life::Running(state) = &mut self.life {
            state.rest();
        }
    }

    /// Asks for something that is not an input; the answer is JSON.
    pub(crate) fn ask(&mut self, turn: &Turn<'_>, question: Vec<Answer>) -> Result<Json, String> {
        let Life::Running(state) = &mut self.life else { return Err("the server does not run".into()) };
        let mut out = Vec::new();
        let mut session = Session::new(&mut self.memory, turn, &mut out);
        match dispatch(state, &mut session, question)? {
            ScriptValue::String(text) => serde_json::from_slice(&text).map_err(|problem| problem.to_string()),
            other => Err(format!("the prelude answered {other:?}")),
        }
    }

    /// The bytes that its scripts use now.
    pub fn memory(&self) -> usize {
        match &self.life {
            Life::Running(state) => state.memory(),
            Life::Unborn(_) | Life::Crashed => 0,
        }
    }
}

impl Guest for LuauGuest {
    fn handle(&mut self, turn: &Turn<'_>, input: Input, out: &mut Vec<Output>) -> Option<Mono> {
        let result = match std::mem::replace(&mut self.life, Life::Crashed) {
            Life::Crashed => return None,
            Life::Unborn(start) => self.begin(&start.0, &start.1, turn, out),
            Life::Running(mut state) => {
                let arguments = self.memory.arguments(input, turn.now);
                let mut session = Session::new(&mut self.memory, turn, out);
                let result = dispatch(&mut state, &mut session, arguments);
                self.life = Life::Running(state);
                result
            }
        };
        match result {
            Ok(ScriptValue::Number(wake)) => wake_at(wake, turn.now.mono),
            Ok(_) => None,
            Err(text) => {
                // A crash is sudden: what this input set off was never sent.
                out.retain(|output| matches!(output, Output::Log(..) | Output::Crashed(_)));
                out.push(Output::Crashed(format!("server: {text}").into()));
                self.life = Life::Crashed;
                None
            }
        }
    }
}

/// Passes an input and its time to the prelude.
fn dispatch(state: &mut State, session: &mut Session<'_, '_>, input: Vec<Answer>) -> Result<ScriptValue, String> {
    let moment = session.begun();
    if input.is_empty() {
        // Nearly all inputs are plain wakes: they allocate nothing.
        return state.dispatch(session, &[moment]);
    }
    let arguments: Vec<Answer> = iter::once(moment).chain(input).collect();
    state.dispatch(session, &arguments)
}

/// The nearest microsecond, but later than now: a wake that is due already would loop for ever.
fn wake_at(seconds: f64, now: Mono) -> Option<Mono> {
    if !seconds.is_finite() {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds since the server's start")]
    let micros = (seconds.max(0.0) * 1e6).round() as u64;
    Some(Mono(micros.max(now.0 + 1)))
}

/// Luau's generator is seeded with 32 bits.
fn small_seed(seed: u64) -> i32 {
    let [a, b, c, d, ..] = seed.to_le_bytes();
    i32::from_le_bytes([a, b, c, d])
}

/// The argument of `boot`: the program's configuration and what is this server's own.
fn config(program: &Program, boot: &Boot) -> Json {
    let mut config = program.config.clone();
    let seconds = |span: dupeproof_core::Span| span.as_secs_f64();
    let transform_error = match boot.update.transform_error {
        TransformError::Raises => "raises",
        TransformError::ReturnsNil => "returns_nil",
    };
    for (name, value) in [
        ("transform_error", json!(transform_error)),
        ("memory_retries", json!(boot.update.memory_retries)),
        ("job_id", json!(boot.job_id)),
        ("removing_at_close", json!(boot.removing_at_close)),
        ("frame", json!(seconds(program.fidelity.frame()))),
        ("heartbeat", json!(seconds(program.fidelity.heartbeat()))),
        ("seed", json!(small_seed(boot.seed))),
        ("constants", json!(boot.constants)),
    ] {
        config[name] = value;
    }
    config
}
