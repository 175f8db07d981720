//! The failures that a run keeps in the user's repository: by a name that stays the same, and never over somebody else's.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use dupeproof_luau::input_file::{self, RECORD_MAX};
use dupeproof_scenarios::FailureFile;

use crate::atomic_file::AtomicFile;
use crate::error::CliError;
use crate::escape;
use crate::failure_files::FailureFiles;
use crate::summary::Summary;

/// Keeps a file of each cause that breaks a promise, and returns those that were not there already.
///
/// # Errors
/// When one cannot be written.
pub fn save(folder: &Path, summary: &Summary, failures: &FailureFiles) -> Result<Vec<PathBuf>, CliError> {
    let unwritable = |error: io::Error| {
        CliError::new(format!("`{}` cannot be written to: {error}", escape::path(folder)))
            .hint("give a directory you may write to with --save-failing")
    };
    let mut saved = Vec::new();
    for (_, cause) in summary.causes().filter(|(found, _)| !found.in_contract) {
        fs::create_dir_all(folder).map_err(unwritable)?;
        saved.extend(keep(folder, failures.of(cause)).map_err(unwritable)?);
    }
    Ok(saved)
}

/// Keeps one; `None` if it is there already.
fn keep(folder: &Path, failure: &FailureFile) -> io::Result<Option<PathBuf>> {
    let stem = failure.stem();
    let names = (1..).map(|copy| if copy == 1 { format!("{stem}.json") } else { format!("{stem}-{copy}.json") });
    for path in names.map(|name| folder.join(name)) {
        let mut file = AtomicFile::at(&path)?;
        file.write_all(failure.to_json().as_bytes())?;
        match file.create() {
            Ok(()) => return Ok(Some(path)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
        if is_known(&path, failure) {
            return Ok(None);
        }
    }
    unreachable!("there are numbers enough")
}

/// Whether the file there is about the same.
fn is_known(path: &Path, failure: &FailureFile) -> bool {
    let there = input_file::text(path, RECORD_MAX).ok().and_then(|text| FailureFile::parse(&text).ok());
    there.is_some_and(|there| there.schedule == failure.schedule && there.finding.kind() == failure.finding.kind())
}
