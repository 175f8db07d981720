//! `dupeproof explain`: a failure file in words. What it means for the players, where it was, how real it is, what to change, and
//! the story, a line for each thing that happened.

mod told;

pub use told::Told;

use crate::args::ShownArguments;
use crate::error::CliError;
use crate::exit::ExitCode;
use crate::output;
use crate::shown_again::ShownAgain;

/// Runs the file's schedule again and tells what happens.
///
/// # Errors
/// When the file makes no sense, or its scripts cannot be read or do not start.
pub fn explain(arguments: &ShownArguments) -> Result<ExitCode, CliError> {
    let Some(shown) = ShownAgain::of(arguments)? else { return Ok(ExitCode::Unknown) };
    output::data(Told::of(&shown, &shown.illustration()).text())?;
    Ok(ExitCode::Safe)
}
