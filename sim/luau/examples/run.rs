//! Runs a Luau server script on one or more simulated servers and shows what it logs:
//! `cargo run -p dupeproof-luau --example run -- SCRIPT [SECONDS]`; or a module through an adapter, with one player who
//! joins, plays, and moves from one server to another: `... -- MODULE ADAPTER [SECONDS]`.

use std::path::Path;
use std::process::ExitCode;

use dupeproof_core::Span;
use dupeproof_luau::{Files, LuauSubject, Options};
use dupeproof_sim::id::PlayerId;
use dupeproof_sim::network::Network;
use dupeproof_sim::schedule::PlayerPlan;
use dupeproof_sim::{Action, Command, Contract, Event, Schedule, ServerPlan, Step};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &[String]) -> Result<(), Box<dyn std::error::Error>> {
    let usage = "SCRIPT [SECONDS], or MODULE ADAPTER [SECONDS]";
    let (file, rest) = arguments.split_first().ok_or(usage)?;
    let seconds = rest.iter().find_map(|argument| argument.parse().ok()).unwrap_or(60);
    let adapter = rest.first().filter(|argument| argument.parse::<u64>().is_err());
    let options = match adapter {
        Some(adapter) => Options::module(Path::new(file), adapter)?,
        None => script(Path::new(file))?,
    };
    let contract = Contract::none(Span::secs(600), Span::secs(60));
    let subject = LuauSubject::new(&options, contract)?;
    let mut show = Show;
    let end = Network::Event.run(&schedule(seconds, adapter.is_some()), &subject, &mut show);
    println!("{:>12.6}  {} events, digest {}", end.at.since(Default::default()).as_secs_f64(), end.events, end.digest);
    Ok(())
}

/// A file, as a script of ServerScriptService.
fn script(file: &Path) -> Result<Options, Box<dyn std::error::Error>> {
    let mut files = Files::new();
    files.mount(&["ServerScriptService", "Main"], file)?;
    let script = vec!["ServerScriptService".to_owned(), "Main".to_owned()];
    Ok(Options { script: Some(script), ..Options::new(files) })
}

fn schedule(seconds: u64, with_adapter: bool) -> Schedule {
    let command = |at, server, command| Step { at: Span::secs(at), action: Action::Command { server, command } };
    let player = PlayerId(0);
    let mut timeline = vec![
        command(1, 0, Command::Join(player)),
        command(10, 0, Command::Edit(player)),
        command(20, 1, Command::Join(player)),
        command(45, 1, Command::Leave(player)),
    ];
    if !with_adapter {
        timeline.truncate(1);
    }
    Schedule {
        seed: 1,
        subject: "luau".into(),
        servers: vec![ServerPlan::default(); if with_adapter { 2 } else { 1 }],
        players: vec![PlayerPlan { items: with_adapter.then_some(2) }],
        timeline,
        length: Span::secs(seconds),
        ..Schedule::default()
    }
}

/// Prints the events that scripts cause: logs, crashes, sessions.
struct Show;

impl dupeproof_sim::Observer for Show {
    fn observe(&mut self, at: dupeproof_sim::Global, event: &Event) {
        let at = at.since(Default::default()).as_secs_f64();
        match event {
            Event::Logged { server, line, .. } => println!("{at:>12.6}  {}.{}  {line}", server.slot, server.life),
            other => println!("{at:>12.6}  {other:?}"),
        }
    }
}
