//! The scenario files beside this one as tests: what `tests/dupes.rs` of your own crate would be.
//!
//! `cargo test -p dupeproof-scenarios --example scenario_files` runs them, `-- --list` names them.

use std::process::ExitCode;

use dupeproof_scenarios::harness::Harness;
use dupeproof_scenarios::subjects::Subjects;

fn main() -> ExitCode {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/scenario_files");
    Harness::new(Subjects::default(), "core").scenarios(folder).cases(300).main()
}
