//! The folders that may be read. What a project, a link or a setting names outside of them is refused: a script could read
//! it.

use std::path::{Path, PathBuf};

use super::MountError;
use super::reader::canonical;

/// The folders that may be read, all without symlinks.
#[derive(Clone, Debug, Default)]
pub(super) struct Roots {
    /// Those that the user has allowed.
    allowed: Vec<PathBuf>,
    /// That of the project, or of the module and what is beside it.
    own: PathBuf,
    /// A folder in it that is all the user has named: what is in there leads nowhere else.
    named: Option<PathBuf>,
}

impl Roots {
    /// Allows a folder, whatever is read.
    pub(super) fn allow(&mut self, folder: &Path) -> Result<(), MountError> {
        self.allowed.push(canonical(folder)?);
        Ok(())
    }

    /// The same, and the folder of what is read.
    pub(super) fn of(&self, folder: &Path) -> Result<Roots, MountError> {
        Ok(Roots { allowed: self.allowed.clone(), own: canonical(folder)?, named: None })
    }

    /// The same, and a folder that is named, or what stands beside a file that is: wherever a link of that name leads.
    pub(super) fn beside(&self, path: &Path) -> Result<Roots, MountError> {
        let full = canonical(path)?;
        if full.is_dir() { self.of(&full) } else { self.of(folder_of(&full)) }
    }

    /// The same, where only a module in the folder was named, and nothing says that the rest belongs to it.
    pub(super) fn of_module(self, module: &Path) -> Roots {
        Roots { named: Some(module.into()), ..self }
    }

    /// A path without symlinks.
    ///
    /// # Errors
    /// Nothing is there, or it leads outside of the folders that may be read.
    pub(super) fn check(&self, path: &Path) -> Result<PathBuf, MountError> {
        let full = canonical(path)?;
        let root = self.named.as_ref().filter(|named| named.is_dir() && path.starts_with(named)).unwrap_or(&self.own);
        if full.starts_with(root) || self.is_allowed(&full) {
            return Ok(full);
        }
        Err(MountError::Outside { path: path.into(), leads_to: full, root: root.clone() })
    }

    /// Whether the user has allowed a path.
    pub(super) fn allows(&self, path: &Path) -> bool {
        canonical(path).is_ok_and(|full| self.is_allowed(&full))
    }

    fn is_allowed(&self, full: &Path) -> bool {
        self.allowed.iter().any(|root| full.starts_with(root))
    }
}

/// The folder to allow if this is to be read.
pub(super) fn root_of(path: &Path) -> &Path {
    if path.is_dir() { path } else { folder_of(path) }
}

/// The folder that a file stands in.
pub(super) fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
