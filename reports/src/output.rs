//! Data on stdout, talk on stderr; a reader that has gone away is no error.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

use crate::error::CliError;

/// One piece of data and a line end, on stdout.
///
/// # Errors
/// When stdout cannot take it, for another reason than that its reader has gone.
pub fn data(text: impl Display) -> Result<(), CliError> {
    let mut stdout = io::stdout().lock();
    match writeln!(stdout, "{text}").and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(CliError::new(format!("standard output could not be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// One line for people, on stderr. Nobody left to tell is nobody left to tell.
pub fn say(text: impl Display) {
    drop(writeln!(io::stderr().lock(), "{text}"));
}
