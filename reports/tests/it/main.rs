//! What a person at the terminal, and a reader of the report, can hold on to.

mod bad_input;
mod bakeoffs;
mod calm_runs;
mod crates;
mod dependencies;
mod documents;
mod fault_reference;
mod games;
mod init;
mod logs;
mod pages;
mod pictures;
mod proofs;
mod replays;
mod runs;
mod scripts;
mod stage;
mod stories;
mod terminal;
mod wording;
mod words;
