//! What a person at the terminal, and a reader of the report, can hold on to.

mod bad_input;
mod bakeoffs;
#[cfg(unix)]
mod book;
#[cfg(unix)]
mod browser;
#[cfg(unix)]
mod browsing;
mod calm_runs;
mod catalogue;
mod compares;
mod corpora;
mod crates;
mod dependencies;
mod documents;
mod explains;
mod fault_reference;
#[cfg(unix)]
mod files;
mod finding_reference;
mod games;
mod hostile_text;
mod init;
#[cfg(debug_assertions)]
mod internal_errors;
mod logs;
mod machines;
mod manuals;
#[cfg(unix)]
mod many_machines;
mod measure_reference;
mod mutated_files;
mod pages;
mod pictures;
mod proofs;
mod quiet;
mod releases;
mod replays;
mod runs;
mod schema;
mod scripts;
mod shards;
#[cfg(unix)]
mod signals;
mod stage;
mod step_at_fault;
mod stories;
mod sweeps;
#[cfg(target_os = "linux")]
mod system_limits;
mod terminal;
mod watches;
mod widths;
mod wording;
mod words;
