//! Results go to stdout; progress and errors go to stderr. A reader that has gone away is no error.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

use crate::error::CliError;

/// Prints one result and a line end on stdout.
///
/// # Errors
/// When stdout cannot be written, unless its reader has gone.
pub fn data(text: impl Display) -> Result<(), CliError> {
    let mut stdout = io::stdout().lock();
    match writeln!(stdout, "{text}").and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(CliError::new(format!("standard output could not be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// Prints one line for people on stderr. If stderr is closed, nothing is printed.
pub fn say(text: impl Display) {
    drop(writeln!(io::stderr().lock(), "{text}"));
}
