//! Prints what Luau's library makes of odd numbers: the same in every build, which comparing the output shows.
//! `cargo run -p dupeproof-luau --example odd_numbers`, and the same with `--release`.

mod calls;

use dupeproof_core::Span;
use dupeproof_luau::{Files, LuauSubject, Options};
use dupeproof_sim::network::Network;
use dupeproof_sim::{Contract, Event, Global, Observer, Schedule, ServerPlan};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut files = Files::new();
    files.add(&["ServerScriptService", "Main"], &calls::script());
    let script = Some(vec!["ServerScriptService".into(), "Main".into()]);
    let contract = Contract::none(Span::secs(600), Span::secs(60));
    let subject = LuauSubject::new(&Options { script, ..Options::new(files) }, contract)?;
    let schedule = Schedule {
        subject: "luau".into(),
        servers: vec![ServerPlan::default()],
        length: Span::secs(120),
        ..Schedule::default()
    };
    let mut lines = Lines(0);
    Network::Event.run(&schedule, &subject, &mut lines);
    if lines.0 == calls::COUNT { Ok(()) } else { Err(format!("{} lines of {}", lines.0, calls::COUNT).into()) }
}

/// How many lines the first server has printed.
struct Lines(usize);

impl Observer for Lines {
    fn observe(&mut self, _: Global, event: &Event) {
        let line = match event {
            Event::Logged { server, line, .. } if server.slot == 0 => line,
            Event::ScriptCrashed { server, text, .. } if server.slot == 0 => text,
            _ => return,
        };
        println!("{line}");
        self.0 += 1;
    }
}
