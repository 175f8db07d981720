//! A virtual machine that runs no game: it answers questions that only the adapter's code can answer.

use dupeproof_core::{Mono, Now, Span, Unix};
use dupeproof_sim::clock::epoch_unix_micros;
use dupeproof_sim::guest::{LogLevel, Turn};
use dupeproof_sim::id::ServerId;
use dupeproof_sim::schedule::{GamePlan, ServiceProfile, WorldClock};
use dupeproof_sim::subject::Boot;
use dupeproof_sim::update::UpdateRules;
use dupeproof_sim::{Guest, Input, Output};
use serde_json::Value as Json;

use crate::guest::{LuauGuest, Program};
use crate::value::Answer;

/// An adapter and its module, started in a world of their own in which no time passes.
pub(crate) struct Interpreter(LuauGuest);

impl Interpreter {
    /// With these constants.
    ///
    /// # Errors
    /// The scripts' own error.
    pub(crate) fn start(program: &Program, constants: &[(&str, u64)]) -> Result<Interpreter, String> {
        let server = ServerId { slot: 0, life: 0 };
        let constants = constants.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
        let update = UpdateRules::of(&ServiceProfile::default());
        let (job_id, game) = (server.job_id(), GamePlan::default());
        let boot = Boot {
            server,
            job_id,
            constants,
            lease: Span::ZERO,
            game,
            seed: 0,
            update,
            servers: 1,
            removing_at_close: true,
            reads_calls: false,
        };
        let mut guest = LuauGuest::new(program, &boot);
        let mut out = Vec::new();
        guest.handle(&Turn::new(now(), &()), Input::Wake, &mut out);
        let crash = out.iter().find_map(|output| match output {
            Output::Crashed(text) => Some(text.to_string()),
            _ => None,
        });
        // A server without memory cannot say where: the script that ran out of it has been named before.
        let named = out.iter().find_map(|output| match output {
            Output::Log(LogLevel::Error, line) => Some(line.to_string()),
            _ => None,
        });
        match (crash, named) {
            (None, _) => Ok(Interpreter(guest)),
            (Some(crash), Some(named)) if !crash.contains(&*named) => Err(format!("{named}\n{crash}")),
            (Some(crash), _) => Err(crash),
        }
    }

    /// Asks a question; the answer is JSON.
    ///
    /// # Errors
    /// The scripts' own error.
    pub(crate) fn ask(&mut self, question: Vec<Answer>) -> Result<Json, String> {
        self.0.rest();
        self.ask_on(question)
    }

    /// The same, with what is left of the work that the questions since the last [`Interpreter::ask`] may take together.
    ///
    /// # Errors
    /// The scripts' own error.
    pub(crate) fn ask_on(&mut self, question: Vec<Answer>) -> Result<Json, String> {
        self.0.ask(&Turn::new(now(), &()), question)
    }
}

/// Monotonic clocks of real servers are well above zero.
fn now() -> Now {
    Now { mono: Mono(3_600_000_000), unix: Unix(epoch_unix_micros(&WorldClock::default())) }
}
