//! Why a command failed, and what to do about it.

use std::fmt;

/// An error for the person at the terminal: what is wrong, then what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CliError {
    what: String,
    hint: Option<String>,
}

impl CliError {
    /// Names the thing that is wrong; lower case, no full stop.
    pub fn new(what: impl Into<String>) -> CliError {
        CliError { what: what.into(), hint: None }
    }

    /// What is wrong, without what to do about it.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// Says which field of a file it is about.
    #[must_use]
    pub fn of_field(self, path: &str) -> CliError {
        CliError { what: format!("{path}: {}", self.what), ..self }
    }

    /// Says what to do next; lower case, no full stop.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> CliError {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "error: {}", self.what)?;
        match &self.hint {
            Some(hint) => write!(formatter, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for CliError {}
