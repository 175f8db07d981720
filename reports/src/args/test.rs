//! The arguments of `test`.

use std::path::PathBuf;

use clap::Args;

use super::{LogArguments, LoudnessArguments, MachineArguments, ThreadsArguments};

/// What `test` is told.
#[derive(Clone, Debug, Args)]
pub struct TestArguments {
    /// The file that says what is tested; its paths are relative to its folder
    #[arg(value_name = "FILE", default_value = "dupeproof.toml")]
    pub file: PathBuf,
    /// Run only tests whose name contains this
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
    /// Print the names of the tests, and run none
    #[arg(long)]
    pub list: bool,
    /// What machines are told.
    #[command(flatten)]
    pub machine: MachineArguments,
    /// Where to write a report of each search, in a folder of its name
    #[arg(long, value_name = "DIR", default_value = "dupeproof-test")]
    pub out: PathBuf,
    /// The threads.
    #[command(flatten)]
    pub threads: ThreadsArguments,
    /// How much is said.
    #[command(flatten)]
    pub loudness: LoudnessArguments,
    /// What is printed of each case.
    #[command(flatten)]
    pub log: LogArguments,
}
