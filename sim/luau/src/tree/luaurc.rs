//! `.luaurc` files: names for folders, in `require("@name/path")` (luau.org, "require by string").

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;

use super::reader::canonical;
use super::{MountError, jsonc};

/// The name of such a file.
pub(super) const NAME: &str = ".luaurc";

/// More than any project has: each takes time in each run.
const ALIASES_MAX: usize = 1_000;

/// The aliases of folders.
#[derive(Clone, Debug, Default)]
pub(super) struct Aliases(BTreeMap<PathBuf, BTreeMap<String, PathBuf>>);

#[derive(Deserialize)]
struct Luaurc {
    #[serde(default)]
    aliases: BTreeMap<String, String>,
}

impl Aliases {
    /// Takes in what the `.luaurc` of a folder says.
    pub(super) fn add(&mut self, folder: &Path, path: &Path, text: &str) -> Result<(), MountError> {
        let folder = canonical(folder)?;
        let settings: Luaurc = jsonc::parse(path, text)?;
        if settings.aliases.len() > ALIASES_MAX {
            return Err(MountError::too_many(path, ALIASES_MAX, "aliases"));
        }
        let targets = settings.aliases.into_iter();
        // Names of aliases are the same in upper and lower case.
        let targets = targets.map(|(name, target)| (name.to_lowercase(), normal(&folder.join(target))));
        self.0.insert(folder.clone(), targets.collect());
        Ok(())
    }

    /// What they mean, in order of folder and name.
    pub(super) fn targets(&self) -> impl Iterator<Item = &Path> {
        self.0.values().flat_map(BTreeMap::values).map(PathBuf::as_path)
    }

    /// Takes those of another reading in.
    pub(super) fn extend(&mut self, other: Aliases) {
        self.0.extend(other.0);
    }

    /// What an alias means in a file: the nearest folder that has it counts.
    pub(super) fn target(&self, file: &Path, alias: &str) -> Option<&Path> {
        let alias = alias.to_lowercase();
        file.ancestors().find_map(|folder| self.0.get(folder)?.get(&alias)).map(PathBuf::as_path)
    }
}

/// Whether this folder is the top of a repository.
pub(super) fn is_repository(folder: &Path) -> bool {
    folder.join(".git").exists()
}

/// A path without `.` and `..`, whether there is anything at it or not.
pub(super) fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            part => normal.push(part),
        }
    }
    normal
}
