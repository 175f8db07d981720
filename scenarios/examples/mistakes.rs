//! Which deliberate mistake of the core an exploration finds, in which script, with how many deviations at least: the
//! table in `scenarios/proofs/MISTAKES.md`.
//!
//! `cargo run --release -p dupeproof-scenarios --example mistakes [-- DEVIATIONS SECONDS [MISTAKE...]]` tries up to so many
//! deviations (1), and no longer than so many seconds for each script (10).

use std::time::{Duration, Instant};

use dupeproof_core::{Config, Sabotage};
use dupeproof_scenarios::prove::{Explored, Proof, Script};

/// The binary's allocator, so that figures are the same.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |index: usize| arguments.get(index).map(String::as_str);
    let deviations: u8 = argument(0).unwrap_or("1").parse().expect("a number of deviations");
    let seconds: u64 = argument(1).unwrap_or("10").parse().expect("a number of seconds");
    let wanted = arguments.get(2..).unwrap_or_default();
    println!("| mistake | script | deviations | transitions | seconds | what is broken |");
    println!("|---|---|---|---|---|---|");
    for mistake in Sabotage::ALL {
        let name = format!("{mistake:?}");
        if wanted.is_empty() || wanted.contains(&name) {
            println!("| {name} | {} |", first_find(*mistake, deviations, Duration::from_secs(seconds)));
        }
    }
}

/// The rest of the row: the fewest deviations, and the first script that finds it with so many.
fn first_find(mistake: Sabotage, deviations: u8, limit: Duration) -> String {
    let mut stopped = Vec::new();
    for deviations in 0..=deviations {
        for script in Script::built_in() {
            let name = script.name.clone();
            let (explored, took) = explore(script, mistake, deviations, limit);
            if let Some(found) = explored.counterexample {
                let (transitions, took) = (explored.transitions, took.as_secs_f64());
                return format!("{name} | {deviations} | {transitions} | {took:.1} | {}", found.violation);
            }
            if !explored.complete {
                stopped.push(format!("{name} with {deviations}"));
            }
        }
    }
    match &stopped[..] {
        [] => format!("none | more than {deviations} | | |"),
        stopped => format!("none | | | | not finished: {}", stopped.join(", ")),
    }
}

#[expect(clippy::disallowed_methods, reason = "a limit for people who wait; what is found does not depend on it")]
fn explore(script: Script, mistake: Sabotage, deviations: u8, limit: Duration) -> (Explored, Duration) {
    let proof = Proof::new(script, Config { sabotage: Some(mistake), ..Config::default() });
    let began = Instant::now();
    let explored = proof.explore(deviations, &mut |_| began.elapsed() < limit);
    (explored, began.elapsed())
}
