//! From where a file of tests is looked at: what is told is to be found, and carried out, from there.

use std::path::{Path, PathBuf};

use crate::error::CliError;
use crate::escape;
use crate::format;

/// The folder in which the command was given, while the process is in that of the file.
pub(super) struct Standpoint {
    /// The first, absolute.
    here: PathBuf,
    /// The second, as it was given; `None` if it is the same.
    folder: Option<PathBuf>,
}

impl Standpoint {
    /// Goes to the folder of a file: its paths, and those in failure files, are seen from there.
    ///
    /// # Errors
    /// When it cannot be entered.
    pub(super) fn enter(file: &Path) -> Result<Standpoint, CliError> {
        let here = absolute(Path::new("."));
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty() && absolute(folder) != here);
        if let Some(folder) = folder {
            std::env::set_current_dir(folder)
                .map_err(|error| CliError::new(format!("`{}` cannot be entered: {error}", escape::path(folder))))?;
        }
        Ok(Standpoint { folder: folder.map(Path::to_owned), here })
    }

    /// A path that was given here, as seen from the folder of the file.
    pub(super) fn inside(&self, path: &Path) -> PathBuf {
        match self.folder {
            None => path.strip_prefix(&self.here).unwrap_or(path).to_owned(),
            Some(_) => self.here.join(path),
        }
    }

    /// A path that is seen from the folder of the file, as seen from here.
    pub(super) fn outside(&self, path: &str) -> String {
        let path = self.folder.as_ref().map_or_else(|| PathBuf::from(path), |folder| folder.join(path));
        path.strip_prefix(&self.here).unwrap_or(&path).display().to_string()
    }

    /// A command that is carried out in the folder of the file, to be given here.
    pub(super) fn command(&self, command: &str) -> String {
        match &self.folder {
            None => command.to_owned(),
            Some(folder) => format!("cd {} && {command}", format::quoted(&folder.display().to_string())),
        }
    }
}

fn absolute(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_here_is_told_as_seen_from_here() {
        let same = Standpoint { here: "/home/me".into(), folder: None };
        assert_eq!(same.inside(Path::new("/home/me/out")), Path::new("out"));
        assert_eq!(same.inside(Path::new("/tmp/out")), Path::new("/tmp/out"));
        assert_eq!((same.outside("src/a.luau"), same.command("dupeproof")), ("src/a.luau".into(), "dupeproof".into()));
        let other = Standpoint { here: "/home/me".into(), folder: Some("game".into()) };
        assert_eq!(other.inside(Path::new("out")), Path::new("/home/me/out"));
        assert_eq!([other.outside("src/a.luau"), other.outside("/home/me/b")], ["game/src/a.luau", "b"]);
        assert_eq!(other.command("dupeproof replay a"), "cd game && dupeproof replay a");
    }
}
