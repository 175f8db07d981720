//! Failure files that are kept: each is run again, and told in one line.

use std::fs;
use std::path::{Path, PathBuf};

use dupeproof_luau::input_file::{self, RECORD_MAX};
use dupeproof_scenarios::failure::Scripts;
use dupeproof_scenarios::guard::{Ended, guarded};
use dupeproof_scenarios::standing::{CameAbout, Standing};
use dupeproof_scenarios::{run_case, stop};
use dupeproof_sim::network::Network;

use crate::by_name::{self, Available};
use crate::calls;
use crate::error::CliError;
use crate::escape;
use crate::exit::ExitCode;
use crate::format;
use crate::internal;
use crate::location::Location;
use crate::output;
use crate::output_dir;
use crate::picture::recording::Recording;
use crate::proof_file::{self, ProofFile};
use crate::prove;
use crate::replay;
use crate::signals;
use crate::step_at_fault;

/// Failure files, and what runs them.
pub struct Corpus {
    /// The scripts that take the place of those that the files name.
    own: Option<Scripts>,
    /// The network that takes the place of theirs.
    network: Option<Network>,
    /// What was read for the files so far.
    loaded: Vec<(Option<Scripts>, Result<Available, CliError>)>,
}

/// A file that was run again.
pub struct Again {
    /// What became of its finding.
    pub standing: Standing,
    /// The line of the user's scripts that did it, if it is known.
    pub location: Option<Location>,
}

/// All failure files at these paths, in order; of a folder, those in it and below it, by name.
///
/// # Errors
/// When a path cannot be read, or a folder has none.
pub fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, CliError> {
    let mut files = Vec::new();
    for path in paths {
        let before = files.len();
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        add_folder(path, &mut files)?;
        if files.len() == before {
            return Err(CliError::new(format!("`{}` holds no failure file", escape::path(path)))
                .hint("`dupeproof run --save-failing DIR` keeps what it finds"));
        }
    }
    Ok(files)
}

fn add_folder(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), CliError> {
    let unread = |error: std::io::Error| {
        CliError::new(format!("`{}` could not be read: {error}", escape::path(folder)))
            .hint("give a folder of failure files")
    };
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(unread)? {
        let entry = entry.map_err(unread)?;
        entries.push((entry.path(), entry.file_type().map_err(unread)?));
    }
    entries.sort_by(|one, other| one.0.cmp(&other.0));
    for (path, kind) in entries {
        let is_json = path.extension().is_some_and(|extension| extension == "json");
        if kind.is_dir() {
            add_folder(&path, files)?;
        } else if kind.is_file() && is_json && is_failure_file(&path) {
            files.push(path);
        }
    }
    Ok(())
}

fn is_failure_file(path: &Path) -> bool {
    input_file::text(path, RECORD_MAX).is_ok_and(|text| output_dir::is_failure(&text) || proof_file::is_ours(&text))
}

impl Corpus {
    /// With scripts and a network that take the place of those of the files, if they are given.
    pub fn new(own: Option<Scripts>, network: Option<Network>) -> Corpus {
        Corpus { own, network, loaded: Vec::new() }
    }

    /// Runs each file, prints a line for each, and how many there are of a kind.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub fn replay(&mut self, files: &[PathBuf]) -> Result<ExitCode, CliError> {
        signals::watch();
        let mut counts = [0_u64; 4];
        for file in files {
            if stop::is_asked() {
                break;
            }
            let shown = escape::path(file);
            let (place, line) = match self.again(file).map(|again| again.standing) {
                Ok(standing @ Standing::StillThere) => (0, format!("{:<12} {shown}", standing.name())),
                Ok(standing @ Standing::Fixed) => (FIXED, format!("{:<12} {shown}", standing.name())),
                Ok(Standing::Changed(why)) => (2, format!("{:<12} {shown}: {why}", "changed")),
                Err(error) => (3, format!("{:<12} {shown}: {}", "error", error.what())),
            };
            counts[place] += 1;
            if place != FIXED || !output::is_quiet() {
                output::data(line)?;
            }
        }
        output::data(total(files.len() as u64, counts))?;
        Ok(match counts {
            [1..=u64::MAX, ..] => ExitCode::Unsafe,
            [_, _, _, 1..=u64::MAX] => ExitCode::Usage,
            [_, _, 1..=u64::MAX, _] => ExitCode::Unknown,
            _ if stop::is_asked() => ExitCode::Stopped,
            _ => ExitCode::Safe,
        })
    }

    /// Runs one file again.
    ///
    /// # Errors
    /// When it cannot be read, or this program makes a mistake.
    pub fn again(&mut self, path: &Path) -> Result<Again, CliError> {
        let of = |standing| Again { standing, location: None };
        if let Some(file) = ProofFile::read(path)? {
            return Ok(of(prove::standing(&file)));
        }
        let file = replay::read(path)?;
        let network = self.network.unwrap_or(file.network);
        let available = match self.available(file.scripts.as_ref()) {
            Ok(available) => available,
            Err(error) => return Ok(of(Standing::Changed(error.what().to_owned()))),
        };
        let subject = match by_name::subject_of(&available.subjects, &file.schedule) {
            Ok(subject) => subject,
            Err(error) => return Ok(of(Standing::Changed(error.what().to_owned()))),
        };
        let (mut recording, mut came_about) = (Recording::of(subject), CameAbout::default());
        let ran = guarded(|| run_case(&file.schedule, subject, network, &mut (&mut recording, &mut came_about)));
        match ran {
            Ok(result) => Ok(Again {
                standing: Standing::of(&file, subject, &result, came_about),
                location: result.first(file.finding.kind()).and_then(|finding| {
                    let step = step_at_fault::of(&recording.events, finding);
                    let calls = step_at_fault::calls_of(step.as_ref(), &recording.events, finding);
                    Location::of_calls(&calls::listed(calls.as_deref()), available.loaded.as_ref()?)
                }),
            }),
            Err(Ended::Internal(error)) => Err(CliError::new(internal::one("in this file", &error))),
            Err(Ended::Refused(refusal)) => refusal.raise(),
        }
    }

    /// The subjects with the scripts of a file, or those that take their place, which are read once.
    fn available(&mut self, kept: Option<&Scripts>) -> &Result<Available, CliError> {
        let scripts = self.own.as_ref().or(kept).cloned();
        let known = self.loaded.iter().position(|(other, _)| *other == scripts);
        let place = known.unwrap_or_else(|| {
            let available = by_name::available_instead(self.own.as_ref(), kept);
            self.loaded.push((scripts, available));
            self.loaded.len() - 1
        });
        &self.loaded[place].1
    }
}

/// Where those that are fixed are counted.
const FIXED: usize = 1;

/// `3 files: 1 still there, 2 fixed`.
fn total(files: u64, counts: [u64; 4]) -> String {
    let names = ["still there", "fixed", "changed", "could not be read"];
    let told = counts.iter().zip(names).filter(|(count, _)| **count > 0);
    let told: Vec<String> = told.map(|(count, name)| format!("{} {name}", format::count(*count))).collect();
    let missing = files - counts.iter().sum::<u64>();
    let stopped =
        if missing > 0 { format!("; stopped before the last {}", format::count(missing)) } else { String::new() };
    format!("{}: {}{stopped}", format::counted(files, "file"), told.join(", "))
}
