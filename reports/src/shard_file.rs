//! What a shard of a search counted: written by `run --shard`, and put together by `merge`.

use std::path::{Path, PathBuf};

use dupeproof_luau::input_file::{self, RECORD_MAX};
use dupeproof_scenarios::JsonHeader;
use dupeproof_scenarios::search::Survey;
use serde::{Deserialize, Serialize};

use crate::args::Shard;
use crate::checkpoint::SearchId;
use crate::error::CliError;
use crate::escape;
use crate::output_dir::{OutputDir, has_fields};
use crate::replay::CUT_OFF;
use crate::summary::Cost;

/// The format this version reads and writes.
const FORMAT: u32 = 1;

/// The name of the file.
pub const NAME: &str = "shard.json";

/// What to give instead.
const GIVE: &str = "give the directories that `dupeproof run --shard I/N --out DIR` has written, or a folder of them";

/// What a shard of a search counted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ShardFile {
    format: u32,
    /// Which part.
    pub shard: Shard,
    /// The command that runs all parts as one.
    pub command: String,
    /// Which search it is.
    pub searched: SearchId,
    /// Wall time of this part.
    pub wall_seconds: f64,
    /// CPU time of this part, over all cores.
    pub cpu_seconds: f64,
    /// What was counted.
    pub survey: Survey,
}

impl ShardFile {
    /// Of a shard that has run.
    pub fn new(shard: Shard, command: String, searched: SearchId, cost: Cost, survey: Survey) -> ShardFile {
        let Cost { wall_seconds, cpu_seconds } = cost;
        ShardFile { format: FORMAT, shard, command, searched, wall_seconds, cpu_seconds, survey }
    }

    /// Writes it.
    ///
    /// # Errors
    /// When it cannot be written, or the one there is not ours.
    pub fn save(&self, output_dir: &OutputDir) -> Result<(), CliError> {
        let json = serde_json::to_string(self).expect("a shard is plain data");
        output_dir.write(Path::new(NAME), &format!("{json}\n"), is_ours)
    }

    /// Reads one.
    ///
    /// # Errors
    /// When there is none, or one of another version.
    fn read(path: &Path) -> Result<ShardFile, CliError> {
        let refused = |why: String| {
            CliError::new(format!("`{}` {why}", escape::path(path)))
                .hint("run this shard again, with `dupeproof run --shard`")
        };
        let text = input_file::text(path, RECORD_MAX).map_err(|error| {
            let why = refused(format!("could not be read: {error}"));
            if error.is_missing() { why.hint(GIVE) } else { why }
        })?;
        match JsonHeader::read(&text) {
            Err(error) if error.is_eof() => return Err(refused("is cut off".into()).hint(CUT_OFF)),
            Err(error) => return Err(refused(format!("is no shard: {error}"))),
            Ok(header) if header.number("format") != Some(u64::from(FORMAT)) => {
                return Err(refused(format!("is not of format {FORMAT}, the one this version reads")));
            }
            Ok(_) => {}
        }
        serde_json::from_str(&text).map_err(|error| refused(format!("is no shard: {error}")))
    }

    /// All of some files, folders with one, and folders of such folders.
    ///
    /// # Errors
    /// When there is none in one of them, or one cannot be read.
    pub fn all_in(paths: &[PathBuf]) -> Result<Vec<(PathBuf, ShardFile)>, CliError> {
        let mut all = Vec::new();
        for path in paths {
            let found = found_in(path);
            if found.is_empty() {
                return Err(CliError::new(format!("there is no {NAME} in `{}`", escape::path(path))).hint(GIVE));
            }
            for file in found {
                all.push((file.clone(), ShardFile::read(&file)?));
            }
        }
        Ok(all)
    }
}

/// The files, in the order of their names.
fn found_in(path: &Path) -> Vec<PathBuf> {
    if !path.is_dir() {
        return vec![path.to_owned()];
    }
    let own = path.join(NAME);
    if own.exists() {
        return vec![own];
    }
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    let mut below: Vec<PathBuf> = entries.map(|entry| entry.path().join(NAME)).filter(|file| file.exists()).collect();
    below.sort();
    below
}

/// Whether a text is one of these, of any version.
pub fn is_ours(text: &str) -> bool {
    has_fields(text, &["format", "shard", "command", "searched", "survey"])
}
