//! What machines are told of results.

use std::path::PathBuf;

use clap::Args;
use clap::builder::FalseyValueParser;

/// What machines are told.
#[derive(Clone, Debug, Default, Args)]
pub struct MachineArguments {
    /// Write results as JUnit XML, too
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Write findings as SARIF 2.1.0, too
    #[arg(long, value_name = "FILE")]
    pub sarif: Option<PathBuf>,
    /// Add a summary there
    #[arg(long, value_name = "FILE", env = "GITHUB_STEP_SUMMARY", hide_env_values = true)]
    pub markdown: Option<PathBuf>,
    /// Print annotations on stderr
    #[arg(long, env = "GITHUB_ACTIONS", hide_env_values = true, value_parser = FalseyValueParser::new())]
    pub annotations: bool,
}
