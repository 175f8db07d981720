//! What is printed of what happens in the runs.

use clap::{Args, ValueEnum};
use dupeproof_sim::trace::log::LogFormat;

/// What is printed of what happens in the runs.
#[derive(Clone, Debug, Default, Args)]
pub struct LogArguments {
    /// Print events, such as `info`
    #[arg(long, value_name = "FILTER", env = "DUPEPROOF_LOG", hide_env_values = true)]
    pub log: Option<String>,
    /// human or json
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "human", hide_possible_values = true)]
    pub log_format: LogFormatName,
}

/// A format of the log, as it is called on the command line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormatName {
    /// A line for people
    #[default]
    Human,
    /// A line of JSON: time_s (seconds of simulated time), level, fields, target, span, spans
    Json,
}

impl From<LogFormatName> for LogFormat {
    fn from(name: LogFormatName) -> LogFormat {
        match name {
            LogFormatName::Human => LogFormat::Human,
            LogFormatName::Json => LogFormat::Json,
        }
    }
}
