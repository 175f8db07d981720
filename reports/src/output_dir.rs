//! The directory a report is written to: claimed before the search, without touching files that are not ours.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dupeproof_luau::input_file::{self, InputError, RECORD_MAX};
use dupeproof_scenarios::JsonHeader;
use serde::Deserialize;

use crate::atomic_file::{self, AtomicFile};
use crate::checkpoint;
use crate::error::CliError;
use crate::escape;
use crate::failure_files::FailureFiles;
use crate::folder_lock::{FolderLock, Locked};
use crate::page;
use crate::replay::CUT_OFF;
use crate::shard_file;
use crate::summary::{FORMAT, Summary};

const SUMMARY: &str = "summary.json";
const REPORT: &str = "report.html";
const FAILURES: &str = "failures";

/// A directory that holds a report, or is about to.
#[derive(Clone, Debug)]
pub struct OutputDir {
    path: PathBuf,
    /// So that no other process writes into it meanwhile.
    _lock: Arc<FolderLock>,
}

impl OutputDir {
    /// Takes a directory for a new report: one that does not exist yet, is empty, or holds an earlier report.
    ///
    /// # Errors
    /// When it holds other files, or cannot be written to.
    pub fn claim(path: &Path) -> Result<OutputDir, CliError> {
        fs::create_dir_all(path).map_err(|error| unwritable(path, &error))?;
        refuse_strangers(path)?;
        let output_dir = OutputDir::locked(path)?;
        output_dir.refuse_special()?;
        let failures = path.join(FAILURES);
        let failures = if failures.exists() { failures } else { path.to_owned() };
        for directory in [path, &failures] {
            drop(AtomicFile::at(&directory.join(REPORT)).map_err(|error| output_dir.unwritable(&error))?);
        }
        output_dir.refuse_stranger(Path::new(REPORT), page::is_ours)?;
        output_dir.refuse_stranger(Path::new(SUMMARY), is_summary)?;
        output_dir.refuse_stranger(Path::new(checkpoint::NAME), checkpoint::is_ours)?;
        Ok(output_dir)
    }

    /// Takes a directory that is there for this process alone.
    fn locked(path: &Path) -> Result<OutputDir, CliError> {
        let lock = FolderLock::take(path).map_err(|locked| match locked {
            Locked::Error(error) => unwritable(path, &error),
            Locked::By(process) => {
                let process = process.map_or_else(String::new, |id| format!(" (process {id})"));
                CliError::new(format!("another dupeproof{process} is writing to `{}`", escape::path(path)))
                    .hint("wait until it is done, or give another directory with --out")
            }
        })?;
        Ok(OutputDir { path: path.to_owned(), _lock: Arc::new(lock) })
    }

    /// Takes a directory that may hold other things, too: each file is only ever written over one of ours.
    ///
    /// # Errors
    /// When it cannot be written to.
    pub fn shared(path: &Path) -> Result<OutputDir, CliError> {
        fs::create_dir_all(path).map_err(|error| unwritable(path, &error))?;
        let output_dir = OutputDir::locked(path)?;
        drop(AtomicFile::at(&path.join(REPORT)).map_err(|error| output_dir.unwritable(&error))?);
        Ok(output_dir)
    }

    /// Opens a directory with an earlier report.
    ///
    /// # Errors
    /// When there is none in it, or one of a newer version.
    pub fn open(path: &Path) -> Result<(OutputDir, Summary), CliError> {
        let file = path.join(SUMMARY);
        let text = input_file::text(&file, RECORD_MAX).map_err(|error| {
            CliError::new(format!("`{}` could not be read: {error}", escape::path(&file)))
                .hint("give a directory that `dupeproof run` has written, such as dupeproof-out")
        })?;
        if JsonHeader::read(&text).is_err_and(|error| error.is_eof()) {
            return Err(CliError::new(format!("`{}` is cut off", escape::path(&file))).hint(CUT_OFF));
        }
        let summary = parse_summary(&text).map_err(|why| {
            CliError::new(format!("`{}` {why}", escape::path(&file))).hint("`dupeproof run` writes a new one")
        })?;
        Ok((OutputDir::locked(path)?, summary))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the HTML report is.
    pub fn report(&self) -> PathBuf {
        self.path.join(REPORT)
    }

    /// Writes the summary and the failure files, and removes those of the run before. The summary comes first: it
    /// marks the directory as ours.
    ///
    /// # Errors
    /// When a file cannot be written or removed, or one of that name is not ours.
    pub fn store(&self, summary: &Summary, failures: &FailureFiles) -> Result<(), CliError> {
        let mut stale = self.listed_failures();
        self.store_summary(summary)?;
        let directory = self.path.join(FAILURES);
        fs::create_dir_all(&directory).map_err(|error| self.unwritable(&error))?;
        for (name, failure) in failures.iter() {
            self.write(Path::new(name), &failure.to_json(), is_failure)?;
            stale.remove(Path::new(name));
        }
        for name in stale {
            fs::remove_file(self.path.join(name)).map_err(|error| self.unwritable(&error))?;
        }
        Ok(())
    }

    /// Writes the summary, of which more may be known by now.
    ///
    /// # Errors
    /// When it cannot be written, or the one there is not ours.
    pub fn store_summary(&self, summary: &Summary) -> Result<(), CliError> {
        let text = serde_json::to_string_pretty(summary).expect("a summary is plain data");
        self.write(Path::new(SUMMARY), &format!("{text}\n"), is_summary)
    }

    /// Writes a failure file as soon as it is known, under the name that it will have in the summary.
    ///
    /// # Errors
    /// As [`OutputDir::store`].
    pub fn store_early(&self, failures: &FailureFiles) -> Result<(), CliError> {
        fs::create_dir_all(self.path.join(FAILURES)).map_err(|error| self.unwritable(&error))?;
        failures.iter().try_for_each(|(name, failure)| self.write(Path::new(name), &failure.to_json(), is_failure))
    }

    /// Removes the checkpoint, if there is one of ours.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn remove_checkpoint(&self) -> Result<(), CliError> {
        let name = Path::new(checkpoint::NAME);
        if !self.text(name).is_ok_and(|text| checkpoint::is_ours(&text)) {
            return Ok(());
        }
        fs::remove_file(self.path.join(name)).map_err(|error| self.unwritable(&error))
    }

    /// The failure files that the summary or the checkpoint there names, as far as they are there, are ours, and stand where
    /// we put such files.
    fn listed_failures(&self) -> BTreeSet<PathBuf> {
        let text = self.text(Path::new(SUMMARY)).unwrap_or_default();
        let listed: Listed = serde_json::from_str(&text).unwrap_or_default();
        let causes = listed.findings.into_iter().flat_map(|found| found.causes);
        let kinds = listed.comparison.into_iter().flat_map(|comparison| comparison.kinds);
        let early = checkpoint::failures_in(&self.text(Path::new(checkpoint::NAME)).unwrap_or_default());
        let names = causes.chain(kinds).filter_map(|found| found.file).chain(early).map(PathBuf::from);
        let ours = |name: &PathBuf| self.text(name).is_ok_and(|text| is_failure(&text));
        names.filter(|name| is_own_place(name)).filter(ours).collect()
    }

    /// Keeps a failure file of this name. A file of that name with another text stays, and this one gets a number.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn keep_failure(&self, stem: &str, text: &str) -> Result<PathBuf, CliError> {
        let directory = self.path.join(FAILURES);
        fs::create_dir_all(&directory).map_err(|error| self.unwritable(&error))?;
        let names = (1..).map(|copy| if copy == 1 { format!("{stem}.json") } else { format!("{stem}-{copy}.json") });
        for path in names.map(|name| directory.join(name)) {
            let file = AtomicFile::at(&path).and_then(|mut file| file.write_all(text.as_bytes()).map(|()| file));
            match file.and_then(AtomicFile::create) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(self.unwritable(&error)),
                Ok(()) => return Ok(path),
            }
            if input_file::text(&path, RECORD_MAX).is_ok_and(|there| there == text) {
                return Ok(path);
            }
        }
        unreachable!("there are numbers enough")
    }

    /// Writes the HTML report.
    ///
    /// # Errors
    /// When it cannot be written, or the one there is not ours.
    pub fn store_page(&self, html: &str) -> Result<(), CliError> {
        self.write(Path::new(REPORT), html, page::is_ours)
    }

    /// Writes a file, unless there is one of that name that is not ours.
    pub(crate) fn write(&self, name: &Path, text: &str, is_ours: fn(&str) -> bool) -> Result<(), CliError> {
        self.refuse_stranger(name, is_ours)?;
        let path = self.path.join(name);
        // In JSON it is escaped already, and must come back as it was.
        let is_json = name.extension().is_some_and(|extension| extension == "json");
        let text = if is_json { Cow::Borrowed(text) } else { escape::text(text) };
        let atomic_file = AtomicFile::at(&path).and_then(|mut file| file.write_all(text.as_bytes()).map(|()| file));
        atomic_file.and_then(AtomicFile::replace).map_err(|error| self.unwritable(&error))
    }

    /// Refuses to go on where there is a file of this name that is not ours.
    pub(crate) fn refuse_stranger(&self, name: &Path, is_ours: fn(&str) -> bool) -> Result<(), CliError> {
        let path = self.path.join(name);
        atomic_file::refuse_special(&path).map_err(|error| self.unwritable(&error))?;
        let taken = match self.text(name) {
            Ok(there) => !is_ours(&there),
            Err(error) => !error.is_missing(),
        };
        if taken {
            return Err(CliError::new(format!("`{}` exists and was not written by dupeproof", escape::path(&path)))
                .hint("move it away, or give another directory with --out"));
        }
        Ok(())
    }

    /// What is in a file, if it is one that could be ours.
    pub(crate) fn text(&self, name: &Path) -> Result<String, InputError> {
        input_file::text(&self.path.join(name), RECORD_MAX)
    }

    /// Refuses to go on where failure files could not be written: `failures` is no folder, or holds what is no file.
    fn refuse_special(&self) -> Result<(), CliError> {
        let failures = self.path.join(FAILURES);
        let Ok(there) = failures.symlink_metadata() else { return Ok(()) };
        let refused = |path: &Path, kind: fs::FileType| {
            CliError::new(format!("`{}` is {}, which is never replaced", escape::path(path), input_file::name_of(kind)))
                .hint("move it away, or give another directory with --out")
        };
        if !there.is_dir() {
            return Err(refused(&failures, there.file_type()));
        }
        for entry in fs::read_dir(&failures).map_err(|error| self.unwritable(&error))?.flatten() {
            match entry.file_type() {
                Ok(kind) if !kind.is_file() && !kind.is_dir() => return Err(refused(&entry.path(), kind)),
                _ => {}
            }
        }
        Ok(())
    }

    fn unwritable(&self, error: &io::Error) -> CliError {
        unwritable(&self.path, error)
    }
}

fn unwritable(path: &Path, error: &io::Error) -> CliError {
    let hint = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "make room, or give a directory on another disk with --out; what is there is not complete"
        }
        io::ErrorKind::FileTooLarge => "raise the limit on the size of files with `ulimit -f`",
        _ => "give a directory you may write to with --out",
    };
    CliError::new(format!("`{}` cannot be written to: {error}", escape::path(path))).hint(hint)
}

/// Refuses a directory that holds other files, and nothing of ours.
fn refuse_strangers(path: &Path) -> Result<(), CliError> {
    let entries = fs::read_dir(path).map_err(|error| unwritable(path, &error))?;
    let strangers =
        entries.flatten().any(|entry| !entry.file_name().to_string_lossy().starts_with(atomic_file::PREFIX));
    let text = |name: &str| input_file::text(&path.join(name), RECORD_MAX).unwrap_or_default();
    let ours = || {
        is_summary(&text(SUMMARY))
            || checkpoint::is_ours(&text(checkpoint::NAME))
            || shard_file::is_ours(&text(shard_file::NAME))
    };
    if strangers && !ours() {
        return Err(CliError::new(format!(
            "`{}` is not empty and holds no earlier dupeproof report",
            escape::path(path)
        ))
        .hint("give a new or empty directory with --out; nothing was overwritten"));
    }
    Ok(())
}

/// The names of files in a summary.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Listed {
    findings: Vec<ListedFinding>,
    comparison: Option<ListedComparison>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ListedFinding {
    causes: Vec<ListedFile>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ListedComparison {
    kinds: Vec<ListedFile>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ListedFile {
    file: Option<String>,
}

/// Whether a failure file of ours may have this name: a summary comes from anywhere.
pub(crate) fn is_own_place(name: &Path) -> bool {
    name.parent() == Some(Path::new(FAILURES)) && name.extension().is_some_and(|extension| extension == "json")
}

fn parse_summary(text: &str) -> Result<Summary, String> {
    let header = JsonHeader::read(text).map_err(|error| format!("is not a summary: {error}"))?;
    match header.number("format") {
        Some(format) if format > u64::from(FORMAT) => {
            Err(format!("has format {format}, newer than {FORMAT}, the newest this version reads"))
        }
        Some(format) if format > 0 && format < u64::from(FORMAT) => {
            Err(format!("has format {format}, older than {FORMAT}, the one this version reads"))
        }
        // From the text again: the counters have an order.
        _ => serde_json::from_str(text).map_err(|error| format!("is not a summary: {error}")),
    }
}

/// Also true of a newer version's, which is ours too.
fn is_summary(text: &str) -> bool {
    has_fields(text, &["format", "version", "suite", "subject", "digest", "schedules"])
}

/// Whether a text is a failure file of a search, of any version.
pub(crate) fn is_failure(text: &str) -> bool {
    has_fields(text, &["format", "dupeproof", "finding", "schedule"])
}

/// Whether a text is a JSON object with all of these fields.
pub(crate) fn has_fields(text: &str, fields: &[&str]) -> bool {
    JsonHeader::read(text).is_ok_and(|header| fields.iter().all(|field| header.has(field)))
}
