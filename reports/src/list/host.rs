//! `dupeproof list host`: what of Roblox the virtual servers have.

use dupeproof_luau::{Part, State, Survey, survey};

use super::block;
use crate::error::CliError;
use crate::exit::ExitCode;
use crate::output;

/// Prints it.
///
/// # Errors
/// When stdout cannot be written.
pub(super) fn host() -> Result<ExitCode, CliError> {
    output::data(text(&survey()))?;
    Ok(ExitCode::Safe)
}

/// One line for each service, each global, and each class; methods that are missing of what works.
fn text(survey: &Survey) -> String {
    let Survey { services, classes, globals, methods } = survey;
    [
        "works: does what data modules and server scripts need of it\n\
         inert: is there and does nothing; methods return as little as possible, events never fire\n\
         missing: a script that uses it stops with its name; --fake FILE can supply it"
            .to_owned(),
        block("services", services.iter().map(line)),
        block("globals", globals.iter().map(line)),
        block("classes", classes.iter().map(line)),
        block("methods", methods.iter().map(line)),
    ]
    .join("\n\n")
}

fn line(part: &Part) -> (&str, String) {
    let state = match part.state {
        State::Works => "works",
        State::Inert => "inert",
        State::Missing => "missing",
    };
    (&part.name, state.to_owned())
}
