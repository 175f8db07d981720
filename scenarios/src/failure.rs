//! A failure, kept: the shrunk schedule and the finding it must reproduce.

pub mod sanity;

use dupeproof_sim::network::Network;
use dupeproof_sim::{Digest, FindingKind, Schedule, Subject};
use serde::{Deserialize, Serialize};

use crate::finding::Finding;
use crate::json_header::JsonHeader;
use crate::suite::Suite;

/// The format this version reads and writes.
pub const FORMAT: u32 = 3;

/// A failure file. JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FailureFile {
    /// [`FORMAT`].
    pub format: u32,
    /// The version of dupeproof that wrote it.
    pub dupeproof: String,
    /// The suite it was found by.
    pub suite: String,
    /// The world it was found in.
    pub world: String,
    /// The promises of that suite in that world: what the subject might not show.
    pub forbidden: Vec<FindingKind>,
    /// The root seed.
    pub seed: u64,
    /// The case of that seed, before shrinking.
    pub case: u64,
    /// The network it was found on.
    pub network: Network,
    /// What it must reproduce.
    pub finding: Finding,
    /// The digest of the shrunk run on that network.
    pub digest: Digest,
    /// The scripts of a subject that is not built in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scripts: Option<Scripts>,
    /// The shrunk schedule.
    pub schedule: Schedule,
}

/// The scripts of a subject that is not built in. Paths are as they were given, so that they can be kept in a
/// repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scripts {
    /// The project that is the game: a project file of Rojo, a folder with one, or a `sourcemap.json`.
    pub project: Option<String>,
    /// The place or model that is the game, as Studio saves it.
    pub place: Option<String>,
    /// The module under test: a file or a folder; or, in a place, its names in the tree.
    pub module: Option<String>,
    /// The name of a built-in adapter, or a file.
    pub adapter: String,
    /// The game's own server script.
    pub game: Option<String>,
    /// A script that supplies what is not simulated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fake: Option<String>,
    /// Folders that may be read beside those of the project or the module.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roots: Vec<String>,
    /// How finely time is cut.
    pub fidelity: String,
}

/// Why a failure file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FailureFileError {
    /// Not JSON of this shape.
    #[error("not a failure file: {path}: {error}")]
    Malformed {
        /// The field that it is about, such as `schedule.timeline[3].at`; `.` is the whole file.
        path: String,
        /// What is wrong with it, with line and column.
        error: serde_json::Error,
    },
    /// JSON, but without a format number this version knows.
    #[error("not a failure file: `format`: it must be {FORMAT}")]
    UnknownFormat,
    /// From an older version.
    #[error("`format`: failure file format {found} is older than {FORMAT}, the one this version reads; search again")]
    Older {
        /// Its format.
        found: u64,
    },
    /// From a newer version.
    #[error(
        "`format`: failure file format {found} is newer than {FORMAT}, the newest this version reads; update dupeproof"
    )]
    Newer {
        /// Its format.
        found: u64,
    },
    /// Readable, but its schedule makes no sense: the field, and what is wrong with it.
    #[error("the schedule makes no sense: {0}")]
    Senseless(String),
}

/// How a finding was come by.
#[derive(Clone, Copy)]
pub(crate) struct FoundBy<'a> {
    pub(crate) suite: &'a Suite,
    pub(crate) subject: &'a dyn Subject,
    pub(crate) network: Network,
    pub(crate) seed: u64,
    pub(crate) case: u64,
}

impl FailureFile {
    /// Of a schedule that shows a finding, with the digest of its run. Of a subject with scripts, whoever knows them adds them.
    pub(crate) fn found(by: FoundBy<'_>, schedule: Schedule, finding: Finding, digest: Digest) -> FailureFile {
        let FoundBy { suite, subject, network, seed, case } = by;
        FailureFile {
            format: FORMAT,
            dupeproof: env!("CARGO_PKG_VERSION").to_owned(),
            suite: suite.name.clone(),
            world: suite.world.name.clone(),
            forbidden: suite.forbidden(subject),
            seed,
            case,
            network,
            finding,
            digest,
            scripts: None,
            schedule,
        }
    }

    /// Reads one. Which format it is stands before everything else: a newer one may look like anything.
    ///
    /// # Errors
    /// When it is no failure file, of another format, or its schedule makes no sense; with the field that it is about.
    pub fn parse(text: &str) -> Result<FailureFile, FailureFileError> {
        if let Ok(header) = JsonHeader::read(text) {
            check_format(&header)?;
        }
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let file: FailureFile = serde_path_to_error::deserialize(&mut deserializer)
            .map_err(|error| FailureFileError::malformed(&error.path().to_string(), error.into_inner()))?;
        deserializer.end().map_err(|error| FailureFileError::malformed(".", error))?;
        sanity::check(&file.schedule).map_err(FailureFileError::Senseless)?;
        sanity::check_finding(&file.finding, &file.schedule).map_err(FailureFileError::Senseless)?;
        Ok(file)
    }

    /// What a file of it is called where failures are kept, without an extension: the kind, and a hash of what shows it, the same
    /// whenever it is found.
    pub fn stem(&self) -> String {
        let schedule = serde_json::to_string(&self.schedule).expect("a schedule is plain data");
        let hash = Digest::of_text(&format!("{:?} {:?} {schedule}", self.network, self.scripts));
        format!("{}-{hash}", self.finding.kind().name())
    }

    /// Writes one, for people to read too. Ends with a newline.
    pub fn to_json(&self) -> String {
        let mut json = serde_json::to_string_pretty(self).expect("a failure file has string keys only");
        json.push('\n');
        json
    }
}

impl FailureFileError {
    /// A file that ends within a name has a question mark for it.
    fn malformed(path: &str, error: serde_json::Error) -> FailureFileError {
        let known = path.trim_end_matches('?').trim_end_matches('.');
        FailureFileError::Malformed { path: if known.is_empty() { ".".into() } else { known.into() }, error }
    }
}

fn check_format(header: &JsonHeader) -> Result<(), FailureFileError> {
    match header.number("format") {
        Some(found) if found > u64::from(FORMAT) => Err(FailureFileError::Newer { found }),
        Some(found) if found == u64::from(FORMAT) => Ok(()),
        Some(found) if found > 0 => Err(FailureFileError::Older { found }),
        _ => Err(FailureFileError::UnknownFormat),
    }
}
