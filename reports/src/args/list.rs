//! The arguments of `list`.

use clap::{Args, ValueEnum};

/// What is listed.
#[derive(Clone, Copy, Debug, Args)]
pub struct ListArguments {
    /// List only this [default: every name]
    #[arg(value_name = "TOPIC", value_enum)]
    pub what: Option<Listed>,
    /// Print it as JSON
    #[arg(long)]
    pub json: bool,
}

/// The topics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Listed {
    /// Suites, for --suite
    Suites,
    /// Worlds, for --world
    Worlds,
    /// Built-in subjects, for --subject
    Subjects,
    /// Adapters, for --adapter
    Adapters,
    /// Scripts of `prove`
    Scripts,
    /// Short scripts of `prove`, for a module, a game or --subject
    ShortScripts,
    /// Fields of a scenario file
    Fields,
    /// Faults, for `odds`, with what is known of them
    Faults,
    /// Words for what is known
    Evidence,
    /// Words for --believe
    Beliefs,
    /// Causes that are not called like a fault
    Causes,
    /// Patterns made of several faults, for `odds`
    Patterns,
    /// Fields of `topology`
    Topology,
    /// Rates of `workload`
    Workload,
    /// Fields of `knobs`, with range and default
    Knobs,
    /// Fields of `constants`, with range and default
    Constants,
    /// Fields of `bounds`
    Bounds,
    /// Probes, for must_see
    Probes,
    /// Findings, for never and allows, worst first
    Findings,
    /// What the fields of --json mean, by command
    Json,
    /// Services, classes and globals of Roblox: whether each works, is inert or is missing
    Host,
    /// Functions and fields of an adapter: when each is called, and what it may do
    Contract,
    /// The JSON Schema of what `run --json` prints and summary.json holds
    Schema,
}
