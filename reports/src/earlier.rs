//! Results of an earlier run in the same folder, which `--resume` goes on with.

use std::path::Path;

use serde::de::DeserializeOwned;

use crate::error::CliError;
use crate::escape;
use crate::output_dir::OutputDir;

/// What a file of ours in the folder says; `None` if it is not there, or nobody asked to resume.
///
/// # Errors
/// When it is not from this version.
pub fn results<T: DeserializeOwned>(output_dir: &OutputDir, name: &str, resume: bool) -> Result<Option<T>, CliError> {
    if !resume {
        return Ok(None);
    }
    let Ok(text) = output_dir.text(Path::new(name)) else { return Ok(None) };
    let why = |error: serde_json::Error| refused(output_dir, name, &format!("it is from another version: {error}"));
    serde_json::from_str(&text).map(Some).map_err(why)
}

/// The results are about something else.
pub fn refused(output_dir: &OutputDir, name: &str, why: &str) -> CliError {
    let file = escape::path(&output_dir.path().join(name));
    CliError::new(format!("`{file}` cannot be gone on with: {why}"))
        .hint("leave --resume out to begin anew, or give another directory with --out")
}
