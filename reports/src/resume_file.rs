//! Where an exploration stands, in a file.

use std::io::BufReader;
use std::path::{Path, PathBuf};

use dupeproof_luau::input_file;
use dupeproof_scenarios::prove::{Exploration, Proof};

use crate::atomic_file::AtomicFile;
use crate::error::CliError;
use crate::escape;

/// A file that an exploration is written to, and goes on from.
pub struct ResumeFile {
    path: PathBuf,
}

impl ResumeFile {
    /// At a path, where it may or may not be yet.
    pub fn at(path: &Path) -> ResumeFile {
        ResumeFile { path: path.to_owned() }
    }

    /// Where the exploration stood; `None` if there is no file.
    ///
    /// # Errors
    /// When there is one that is not of this script and this program.
    pub fn load<'a>(&self, proof: &'a Proof) -> Result<Option<Exploration<'a>>, CliError> {
        let refused = |why: String| {
            CliError::new(format!("`{}` cannot be resumed: {why}", escape::path(&self.path)))
                .hint("name another file, or remove it to begin anew")
        };
        let file = match input_file::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.is_missing() => return Ok(None),
            Err(error) => return Err(refused(error.to_string())),
        };
        proof.resume(&mut BufReader::new(file)).map(Some).map_err(|error| refused(error.to_string()))
    }

    /// Writes where it stands.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save(&self, exploration: &Exploration<'_>) -> Result<(), CliError> {
        let save = || {
            let mut file = AtomicFile::at(&self.path)?;
            exploration.save(&mut file)?;
            file.replace()
        };
        save().map_err(|error: std::io::Error| {
            CliError::new(format!("`{}` could not be written: {error}", escape::path(&self.path)))
        })
    }
}
