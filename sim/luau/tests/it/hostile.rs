//! Scripts of the grammar of hostile scripts: each ends, by what is counted. The example `hostile` runs many more of them
//! and measures what they cost.

#[path = "../../examples/hostile/grammar.rs"]
mod grammar;

use dupeproof_luau::{Fidelity, Limits, Options};
use dupeproof_sim::network::Network;

use crate::common::{run, schedule, script};

/// How many are tried, and how far apart they are in the grammar.
const COUNT: usize = 40;
const STRIDE: usize = 7_919;

#[test]
fn every_hostile_script_ends_by_what_is_counted() {
    let limits = Limits {
        thread_work: 2_000_000,
        server_work: 4_000_000,
        regained_work: 50_000,
        memory: 5 << 20,
        ..Limits::default()
    };
    let (mut late, mut large) = (0, 0);
    for turn in 0..COUNT {
        let (shown, source) = grammar::script(turn * STRIDE % grammar::SCRIPTS);
        let fidelity = if turn % 2 == 0 { Fidelity::Coarse } else { Fidelity::Sixty };
        let network = if turn % 10 == 0 { Network::Turmoil } else { Network::Event };
        let options = Options { limits, fidelity, ..script(&source) };
        let (lines, _) = run(&options, &schedule(10), network);
        let crashes: Vec<_> = lines.iter().filter(|line| line.starts_with("crashed: ")).collect();
        late += usize::from(crashes.iter().any(|crash| crash.contains("Script timeout")));
        large += usize::from(crashes.iter().any(|crash| crash.contains("not enough memory")));
        for crash in crashes {
            assert!(crash.contains("ServerScriptService/Main:"), "{shown}: where? {crash}");
            assert!(!crash.contains("clock"), "{shown}: not counted: {crash}");
        }
    }
    assert!(late >= 10 && large >= 2, "{late} ran too long, {large} used too much memory");
}
