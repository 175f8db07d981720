//! A file of results that somebody names: written all at once, and over nothing but one of ours.

use std::io::{self, Write};
use std::path::Path;

use dupeproof_luau::input_file::{self, RECORD_MAX};

use crate::atomic_file::AtomicFile;
use crate::error::CliError;
use crate::escape;

/// Writes a file.
///
/// # Errors
/// When it cannot be written, or there is a file that is not ours.
pub fn write(path: &Path, text: &str, is_ours: impl Fn(&str) -> bool) -> Result<(), CliError> {
    let shown = escape::path(path);
    match input_file::text(path, RECORD_MAX) {
        Ok(there) if !is_ours(&there) => {
            return Err(CliError::new(format!("`{shown}` exists and was not written by dupeproof"))
                .hint("move it away, or give another file"));
        }
        Err(error) if !error.is_missing() => {
            return Err(CliError::new(format!("`{shown}` cannot be written: {error}")).hint("give another file"));
        }
        _ => {}
    }
    let write = || {
        let mut file = AtomicFile::at(path)?;
        file.write_all(text.as_bytes())?;
        file.replace()
    };
    write().map_err(|error: io::Error| {
        CliError::new(format!("`{shown}` cannot be written: {error}"))
            .hint("give a file in a directory you may write to")
    })
}
