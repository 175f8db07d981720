//! Also run under a memory checker: `tests/valgrind.sh`.

#[cfg(not(feature = "system-memory"))]
mod images;
mod limits;
mod patterns;
mod runs;
mod threads;
mod values;

use std::sync::Arc;

use dupeproof_sim::value::ScriptValue;

use super::{Chunk, Host, Limits, State, Use};
use crate::value::Answer;

/// A host that gives back what it is given.
#[derive(Default)]
struct Echo {
    given: Vec<ScriptValue>,
    gives: Vec<Answer>,
    crashes: Vec<String>,
    moment: u64,
    scripts: Vec<(&'static str, &'static str)>,
    /// Each answer is longer than the one before.
    grows: bool,
}

const FUNCTIONS: [&str; 3] = ["echo", "fail", "panic"];

impl Host for Echo {
    fn moment(&self) -> u64 {
        self.moment
    }

    fn work(&self, _: usize, copying: u64) -> u64 {
        copying
    }

    fn call(&mut self, number: usize, arguments: &[ScriptValue], used: Use) -> Result<Vec<Answer>, String> {
        assert!(used.steps > 0, "scripts run between calls");
        match FUNCTIONS[number] {
            "echo" => {
                self.given = arguments.to_vec();
                let gives = self.gives.clone();
                if self.grows {
                    self.gives.push("more".into());
                }
                Ok(gives)
            }
            "fail" => Err("refused".into()),
            _ => panic!("on purpose"),
        }
    }

    fn chunk(&mut self, path: &str) -> Result<Arc<Chunk>, String> {
        let script = self.scripts.iter().find(|(name, _)| *name == path);
        script.map(|(name, source)| Arc::new(Chunk::compile(name, source))).ok_or_else(|| format!("no `{path}`"))
    }

    fn fakes(&mut self) -> Option<Arc<Chunk>> {
        None
    }

    fn adapter(&mut self) -> Option<Arc<Chunk>> {
        None
    }

    fn crashed(&mut self, text: &str) {
        self.crashes.push(text.into());
    }
}

/// Small enough to be hit soon.
const LIMITS: Limits = Limits {
    thread_work: 5_000_000,
    server_work: 50_000_000,
    regained_work: 100_000,
    memory: 16 << 20,
    explained_ns: 100,
    unexplained_ms: 800,
};

/// A machine whose dispatch function runs this, with `host` and `...` at hand.
fn machine(body: &str, host: &mut Echo) -> State {
    let source = format!("local host = ...\nreturn function(...)\n{body}\nend");
    State::new(LIMITS, &FUNCTIONS, &Chunk::compile("test", &source), host).expect("it starts")
}

/// What this returns.
fn run(body: &str) -> Result<ScriptValue, String> {
    let mut host = Echo::default();
    machine(body, &mut host).dispatch(&mut host, &[])
}

fn text(result: Result<ScriptValue, String>) -> String {
    match result {
        Ok(ScriptValue::String(bytes)) => String::from_utf8(bytes).expect("text"),
        other => panic!("not a string: {other:?}"),
    }
}
