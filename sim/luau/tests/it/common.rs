use std::path::{Path, PathBuf};

use dupeproof_core::Span;
use dupeproof_luau::{Files, LuauSubject, Options};
use dupeproof_sim::id::PlayerId;
use dupeproof_sim::network::{Network, RunEnd};
use dupeproof_sim::schedule::PlayerPlan;
use dupeproof_sim::{Action, Command, Contract, Event, FindingKind, Global, Observer, Schedule, ServerPlan, Step};

/// A file among the fixtures.
pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// What these modules promise in the tests that judge them.
pub(crate) fn contract(never: &'static [FindingKind]) -> Contract {
    Contract { never, start_bound: Span::secs(600), drain_bound: Span::secs(60), auto_save: None }
}

/// The module that locks and never takes over, through its adapter.
pub(crate) fn fenced() -> Options {
    let adapter = fixture("fenced_adapter.luau");
    Options::module(&fixture("fenced.luau"), &adapter.to_string_lossy()).unwrap_or_else(|problem| panic!("{problem}"))
}

/// A server script, written here, run as it is.
pub(crate) fn script(source: &str) -> Options {
    let mut files = Files::new();
    files.add(&["ServerScriptService", "Main"], source);
    Options { script: Some(vec!["ServerScriptService".into(), "Main".into()]), ..Options::new(files) }
}

/// One server for so many seconds; a player comes in second 1.
pub(crate) fn schedule(seconds: u64) -> Schedule {
    let join = Action::Command { server: 0, command: Command::Join(PlayerId(0)) };
    Schedule {
        seed: 1,
        subject: "luau".into(),
        servers: vec![ServerPlan::default()],
        players: vec![PlayerPlan { items: None }],
        timeline: vec![Step { at: Span::secs(1), action: join }],
        length: Span::secs(seconds),
        ..Schedule::default()
    }
}

/// What the first server has logged, and how any has crashed.
#[derive(Default)]
pub(crate) struct Lines(pub(crate) Vec<String>);

impl Observer for Lines {
    fn observe(&mut self, _: Global, event: &Event) {
        if let Event::Logged { server, line, .. } = event
            && (server.slot, server.life) == (0, 0)
        {
            self.0.push(line.to_string());
        } else if let Event::ScriptCrashed { text, .. } = event {
            self.0.push(format!("crashed: {text}"));
        }
    }
}

/// Runs it.
pub(crate) fn run(options: &Options, schedule: &Schedule, network: Network) -> (Vec<String>, RunEnd) {
    let subject = LuauSubject::new(options, contract(&[])).unwrap_or_else(|problem| panic!("{problem}"));
    let mut lines = Lines::default();
    let end = network.run(schedule, &subject, &mut lines);
    (lines.0, end)
}
