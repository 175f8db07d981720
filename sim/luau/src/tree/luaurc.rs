//! `.luaurc` files: names for folders, in `require("@name/path")` (luau.org, "require by string").

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;

use super::reader::{canonical, text_of};
use super::{MountError, jsonc};

/// The aliases of folders.
#[derive(Clone, Debug, Default)]
pub(super) struct Aliases(BTreeMap<PathBuf, BTreeMap<String, PathBuf>>);

#[derive(Deserialize)]
struct Luaurc {
    #[serde(default)]
    aliases: BTreeMap<String, String>,
}

impl Aliases {
    /// Reads the `.luaurc` of a folder, if it has one.
    pub(super) fn read(&mut self, folder: &Path) -> Result<(), MountError> {
        let path = folder.join(".luaurc");
        if !path.is_file() {
            return Ok(());
        }
        let folder = canonical(folder)?;
        let settings: Luaurc = jsonc::parse(&path, &text_of(&path)?)?;
        let targets = settings.aliases.into_iter();
        // Names of aliases are the same in upper and lower case.
        let targets = targets.map(|(name, target)| (name.to_lowercase(), normal(&folder.join(target))));
        self.0.insert(folder.clone(), targets.collect());
        Ok(())
    }

    /// Reads those of a folder and of all folders above it, or of those above a file, up to that of the repository.
    pub(super) fn read_above(&mut self, path: &Path) -> Result<(), MountError> {
        let full = canonical(path)?;
        for folder in full.ancestors().skip(usize::from(!full.is_dir())) {
            self.read(folder)?;
            if is_repository(folder) {
                break;
            }
        }
        Ok(())
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
