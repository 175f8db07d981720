//! Results go to stdout; progress and errors go to stderr. A reader that has gone away is no error. Whatever is printed was
//! written by others in part, so it is escaped here, and nowhere else.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;

use crate::error::CliError;
use crate::escape;

/// Whether only verdicts and errors are printed. It is one for the process, as its streams are.
static QUIET: AtomicBool = AtomicBool::new(false);

/// From here on, only verdicts and errors are printed.
pub fn be_quiet() {
    QUIET.store(true, Ordering::Relaxed);
}

/// Whether only verdicts and errors are printed.
pub fn is_quiet() -> bool {
    QUIET.load(Ordering::Relaxed)
}

/// Prints one result and a line end on stdout.
///
/// # Errors
/// When stdout cannot be written, unless its reader has gone.
pub fn data(text: impl Display) -> Result<(), CliError> {
    print(&escape::text(&text.to_string()))
}

/// Prints one result on stdout, as JSON in one line.
///
/// # Errors
/// As [`data`].
pub fn json(value: &impl Serialize) -> Result<(), CliError> {
    let text = serde_json::to_string(value).expect("results are plain data");
    print(&escape::json(&text))
}

fn print(text: &str) -> Result<(), CliError> {
    let mut stdout = io::stdout().lock();
    match writeln!(stdout, "{text}").and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(unwritten(&error)),
        _ => Ok(()),
    }
}

/// Standard output does not take what is printed.
pub fn unwritten(error: &io::Error) -> CliError {
    CliError::new(format!("standard output could not be written: {error}"))
        .hint("make room on the disk, raise `ulimit -f`, or send it elsewhere")
}

/// Prints one line for people on stderr. If stderr is closed, nothing is printed.
pub fn say(text: impl Display) {
    drop(writeln!(io::stderr().lock(), "{}", escape::text(&text.to_string())));
}

/// Prints one line for people on stderr that is neither a result nor an error, unless only those are printed.
pub fn note(text: impl Display) {
    if !is_quiet() {
        say(text);
    }
}

/// Stderr for a log whose lines are written one by one.
pub struct Log {
    /// How what is in the lines is escaped.
    pub escape: fn(&str) -> std::borrow::Cow<'_, str>,
}

impl Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        io::stderr().lock().write_all((self.escape)(&text).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
