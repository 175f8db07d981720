//! What holds for anything that is drawn: knobs, histograms, files, and whole runs. The same draws every time.

mod endings;
mod failure_files;
mod histograms;
mod knobs;
mod scenario_files;

use proptest::test_runner::{Config, RngSeed};

/// So many cases, shrunk if one fails, and the same always.
fn cases(cases: u32) -> Config {
    Config { failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..Config::with_cases(cases) }
}
