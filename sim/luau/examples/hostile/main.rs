//! Runs hostile scripts, each in a process of its own, and shows what the worst of them cost:
//! `cargo run --release -p dupeproof-luau --example hostile -- [COUNT] [FIRST]`, or one of them with what it logs:
//! `... -- --one NUMBER`. Linux only: it reads `/proc`.

mod grammar;

use std::process::{Command, ExitCode};

use dupeproof_core::Span;
use dupeproof_luau::{Fidelity, Files, LuauSubject, Options};
use dupeproof_sim::id::PlayerId;
use dupeproof_sim::network::Network;
use dupeproof_sim::schedule::PlayerPlan;
use dupeproof_sim::{Action, Contract, Event, Global, Observer, Schedule, ServerPlan, Step};

/// Coprime to the number of scripts, so that any count of them is a fair choice.
const STRIDE: usize = 7_919;

/// What no script may use: milliseconds of CPU time, and MiB.
const LIMITS: (u64, u64) = (1_000, 256);

type Problem = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.first().map(String::as_str) {
        Some("--one") => one(&arguments[1..]).map(|()| true),
        _ => many(&arguments),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::from(2)
        }
    }
}

/// Runs as many as are asked for; whether all stayed within the limits.
fn many(arguments: &[String]) -> Result<bool, Problem> {
    let number = |place: usize, or: usize| arguments.get(place).map_or(Ok(or), |text| text.parse());
    let (count, first) = (number(0, 300)?, number(1, 0)?);
    let mut costs = Vec::new();
    for turn in first..first + count {
        let script = turn * STRIDE % grammar::SCRIPTS;
        let output = Command::new(std::env::current_exe()?).args(["--one", &script.to_string(), "--quiet"]).output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let cost = text.split_once(' ').and_then(|(cpu, rest)| {
            let (memory, outcome) = rest.split_once(' ')?;
            Some((cpu.parse::<u64>().ok()?, memory.parse::<u64>().ok()?, outcome.trim().to_owned()))
        });
        costs.push((cost.unwrap_or((u64::MAX, u64::MAX, format!("{}", output.status))), script));
    }
    costs.sort_by(|one, other| other.cmp(one));
    let over = |cpu: u64, memory: u64| cpu > LIMITS.0 || memory > LIMITS.1;
    let worst = costs.iter().filter(|((cpu, memory, _), _)| over(*cpu, *memory));
    for ((cpu, memory, outcome), script) in costs.iter().take(5).chain(worst.clone()) {
        println!("{cpu:>6} ms {memory:>5} MiB  {script:>6}  {}  {outcome}", grammar::script(*script).0);
    }
    println!("{count} scripts, {} beyond {} ms or {} MiB", worst.count(), LIMITS.0, LIMITS.1);
    Ok(costs.iter().all(|((cpu, memory, _), _)| !over(*cpu, *memory)))
}

/// Runs one for a minute of a server with a player, on both networks, in frames and without.
fn one(arguments: &[String]) -> Result<(), Problem> {
    let number: usize = arguments.first().ok_or("--one NUMBER")?.parse()?;
    let is_quiet = arguments.iter().any(|argument| argument == "--quiet");
    let mut costs = (0, 0);
    let mut outcome = String::new();
    for (network, fidelity) in [(Network::Event, Fidelity::Sixty), (Network::Event, Fidelity::Coarse)] {
        let before = cpu_ms()?;
        let mut lines = Lines(Vec::new());
        run(&grammar::script(number).1, network, fidelity, &mut lines)?;
        costs = (cpu_ms()?.saturating_sub(before).max(costs.0), memory_mib()?);
        if !is_quiet {
            lines.0.iter().for_each(|line| println!("{line}"));
        }
        let crash = lines.0.iter().find(|line| line.starts_with("crashed: "));
        outcome = crash.map_or("ended".to_owned(), |crash| crash.lines().take(2).collect::<Vec<_>>().join(" "));
    }
    println!("{} {} {outcome}", costs.0, costs.1);
    Ok(())
}

fn run(source: &str, network: Network, fidelity: Fidelity, lines: &mut Lines) -> Result<(), Problem> {
    let mut files = Files::new();
    files.add(&["ServerScriptService", "Main"], source);
    let script = Some(vec!["ServerScriptService".into(), "Main".into()]);
    let contract = Contract::none(Span::secs(600), Span::secs(60));
    let subject = LuauSubject::new(&Options { script, fidelity, ..Options::new(files) }, contract)?;
    let command = |at, command| Step { at: Span::secs(at), action: Action::Command { server: 0, command } };
    let player = PlayerId(0);
    let schedule = Schedule {
        seed: 1,
        subject: "luau".into(),
        servers: vec![ServerPlan::default()],
        players: vec![PlayerPlan { items: None }],
        timeline: vec![
            command(1, dupeproof_sim::Command::Join(player)),
            command(40, dupeproof_sim::Command::Leave(player)),
        ],
        length: Span::secs(60),
        ..Schedule::default()
    };
    network.run(&schedule, &subject, lines);
    Ok(())
}

/// What the server has logged, and how it has crashed.
struct Lines(Vec<String>);

impl Observer for Lines {
    fn observe(&mut self, _: Global, event: &Event) {
        match event {
            Event::Logged { line, .. } => self.0.push(line.to_string()),
            Event::ScriptCrashed { text, .. } => self.0.push(format!("crashed: {text}")),
            _ => {}
        }
    }
}

/// CPU time of this process so far, in milliseconds.
fn cpu_ms() -> Result<u64, Problem> {
    // The name of the program, in brackets, may hold anything.
    let text = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |place: usize| fields.get(place).ok_or("no such field")?.parse::<u64>().map_err(Problem::from);
    // A hundredth of a second each.
    Ok((ticks(11)? + ticks(12)?) * 10)
}

/// The most memory that this process has had, in MiB.
fn memory_mib() -> Result<u64, Problem> {
    let text = std::fs::read_to_string("/proc/self/status")?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? / 1_024)
}
