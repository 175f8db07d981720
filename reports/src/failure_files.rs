//! The failure files of a report, each by the name under which the summary knows it.

use std::collections::BTreeMap;
use std::path::Path;

use dupeproof_scenarios::FailureFile;

use crate::args::network_name;
use crate::error::CliError;
use crate::escape;
use crate::output_dir::{OutputDir, is_own_place};
use crate::replay;
use crate::summary::{FoundCause, Summary};

/// Failure files by their paths in the report's directory.
#[derive(Clone, Debug, Default)]
pub struct FailureFiles(BTreeMap<String, FailureFile>);

impl FailureFiles {
    /// Reads those that a summary names.
    ///
    /// # Errors
    /// When one is missing or makes no sense.
    pub fn read(output_dir: &OutputDir, summary: &Summary) -> Result<FailureFiles, CliError> {
        let read = |file: &String| {
            let path = output_dir.path().join(file);
            if !is_own_place(Path::new(file)) {
                let named =
                    format!("the summary names `{file}`, which is no file of `{}`", escape::path(output_dir.path()));
                return Err(CliError::new(named).hint("give a directory that `dupeproof run` has written"));
            }
            if !path.exists() {
                return Err(incomplete(&path, summary));
            }
            Ok((file.clone(), replay::read(&path)?))
        };
        summary.causes().map(|(_, cause)| read(&cause.file)).collect::<Result<_, _>>().map(FailureFiles)
    }

    /// Keeps one, and gives it a name that no other has: two causes may come from the same case.
    pub fn keep(&mut self, failure: FailureFile) -> String {
        let FailureFile { suite, seed, case, .. } = &failure;
        let (kind, subject) = (failure.finding.kind().name(), &failure.schedule.subject);
        let stem = format!("failures/{kind}-{suite}-{subject}-{}-{seed}-{case}", network_name(failure.network));
        let names = (1..).map(|copy| if copy == 1 { format!("{stem}.json") } else { format!("{stem}-{copy}.json") });
        let name = names.into_iter().find(|name| !self.0.contains_key(name)).expect("there are numbers enough");
        self.0.insert(name.clone(), failure);
        name
    }

    /// The shrunk schedule of a cause.
    ///
    /// # Panics
    /// If it is a cause of another summary.
    pub fn of(&self, cause: &FoundCause) -> &FailureFile {
        &self.0[&cause.file]
    }

    /// All, in order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &FailureFile)> {
        self.0.iter().map(|(name, failure)| (name.as_str(), failure))
    }
}

/// The summary names a file that is not there.
fn incomplete(path: &Path, summary: &Summary) -> CliError {
    let why = "it is not there, though the summary names it: the report was not written to the end, for instance because the \
               disk was full, or the file was removed";
    CliError::new(format!("`{}` could not be read: {why}", escape::path(path)))
        .hint(format!("make room, and run again: {}", summary.again()))
}
