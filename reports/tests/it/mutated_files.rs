//! Files that were right once, changed by chance: each is read, or refused, and nothing falls over.
//!
//! Deterministic. `DUPEPROOF_CASES` sets how many files are tried, and `DUPEPROOF_SEED` which.

use dupeproof_sim::rng::{Seed, Stream};

use crate::terminal::Terminal;

/// A file that is read, and what reads it.
struct Input {
    name: &'static str,
    text: String,
    words: &'static str,
}

const ADAPTER: &str = include_str!("../../../sim/luau/src/adapter/naive.luau");
const SCENARIO: &str = include_str!("../../src/init/scenario.toml");
const SCRIPT: &str = include_str!("../../../scenarios/proofs/rejoin.toml");
const FAILURE: &str = include_str!("../../../scenarios/corpus/naive-lost-update.json");
const PROJECT: &str = r#"{"name": "game", "tree": {"$className": "DataModel",
    "ServerScriptService": {"Server": {"$path": "src/server"}}}}"#;

/// What is put in, beside what is there.
const PIECES: [&[u8]; 24] = [
    b"-1",
    b"0",
    b"1e400",
    b"18446744073709551616",
    b"NaN",
    b"null",
    b"true",
    b"\"\"",
    b"[[[[[[[[",
    b"{\"a\":",
    b"../",
    b"/",
    b"\0",
    b"\xff\xfe",
    b"\x1b[2J",
    b"\n",
    b"=",
    b"&#0;",
    b"</Item>",
    b"while true do end",
    b"error({})",
    b"nil",
    b"$path",
    b"\xf0\x9f\x8e\xb2",
];

fn inputs() -> [Input; 6] {
    [
        Input {
            name: "scenario.toml",
            text: SCENARIO.into(),
            words: "run --subject naive --scenario scenario.toml --cases 1",
        },
        Input { name: "failure.json", text: FAILURE.into(), words: "replay failure.json" },
        Input {
            name: "script.toml",
            text: SCRIPT.into(),
            words: "prove --script script.toml --deviations 0 --seconds 1",
        },
        Input {
            name: "adapter.luau",
            text: ADAPTER.into(),
            words: "run --suite calm --cases 1 --adapter adapter.luau",
        },
        Input {
            name: "game/default.project.json",
            text: PROJECT.into(),
            words: "run --suite calm --cases 1 --project game --module ServerScriptService.Server.Data --adapter data.luau",
        },
        Input {
            name: "game.rbxlx",
            text: super::games::place(super::games::MODULE),
            words: "run --suite calm --cases 1 --place game.rbxlx --module ServerScriptService.Data --adapter data.luau",
        },
    ]
}

#[expect(clippy::disallowed_methods, reason = "what is tried is chosen from outside")]
fn from_environment(name: &str, or: u64) -> u64 {
    std::env::var(name).map_or(or, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

#[test]
fn a_file_that_was_changed_by_chance_is_read_or_refused() {
    let (cases, seed) = (from_environment("DUPEPROOF_CASES", 60), from_environment("DUPEPROOF_SEED", 1));
    let inputs = inputs();
    let mut refused = 0;
    for case in 0..cases {
        let mut chance = Seed(seed).stream("files", u32::try_from(case).expect("fewer than four billion"));
        let input = &inputs[at(&mut chance, inputs.len())];
        let terminal = Terminal::new();
        terminal.write("data.luau", super::games::DATA);
        terminal.write("game/src/server/Data.luau", super::games::MODULE);
        terminal.write(input.name, "");
        let changed = changed(input.text.as_bytes(), &mut chance);
        std::fs::write(terminal.path(input.name), &changed).expect("it can be written");
        let answer =
            terminal.dupeproof(&format!("{} --out out", input.words).replace("failure.json --out out", "failure.json"));
        let said = format!("{}{}", answer.stdout, answer.stderr);
        let shown = || {
            format!(
                "case {case}, {}: exit code {}\n{said}\n{}",
                input.words,
                answer.code,
                String::from_utf8_lossy(&changed)
            )
        };
        assert!((0..=3).contains(&answer.code), "{}", shown());
        assert!(!said.contains("panicked") && !said.contains("internal error"), "{}", shown());
        assert!(answer.code != 2 || said.contains("error: ") || said.contains("Broken: "), "{}", shown());
        refused += u64::from(answer.code == 2);
    }
    assert!(refused * 10 > cases, "{refused} of {cases} files were refused");
}

fn at(chance: &mut Stream, bound: usize) -> usize {
    usize::try_from(chance.below(bound.max(1) as u64)).expect("smaller than a length")
}

/// The same with one to three changes.
fn changed(text: &[u8], chance: &mut Stream) -> Vec<u8> {
    let mut text = text.to_vec();
    for _ in 0..=at(chance, 3) {
        let from = at(chance, text.len());
        let to = (from + at(chance, 40)).min(text.len());
        match chance.below(6) {
            0 => drop(text.drain(from..to)),
            1 => text.truncate(to),
            2 => {
                let again = text[from..to].to_vec();
                text.splice(from..from, again);
            }
            3 if from < text.len() => text[from] ^= 1 << chance.below(8),
            4 => drop(text.splice(from..to, PIECES[at(chance, PIECES.len())].iter().copied())),
            _ => drop(text.splice(from..from, PIECES[at(chance, PIECES.len())].iter().copied())),
        }
    }
    text
}
