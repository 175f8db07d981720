//! `dupeproof completions`: what completes the command line in a shell.

use clap::CommandFactory;

use crate::args::{Arguments, CompletionsArguments};
use crate::error::CliError;
use crate::exit::ExitCode;
use crate::output;

/// Prints it.
///
/// # Errors
/// When stdout cannot be written.
pub fn completions(arguments: CompletionsArguments) -> Result<ExitCode, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "dupeproof", &mut script);
    output::data(String::from_utf8_lossy(&script).trim_end())?;
    Ok(ExitCode::Safe)
}
