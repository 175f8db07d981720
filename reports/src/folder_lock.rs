//! That one process at a time writes into a folder: a lock that dies with its process.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use crate::atomic_file;

/// It begins as unfinished files do, which nobody takes for a stranger's.
const NAME: &str = ".dupeproof-lock";

/// More digits than a process id has.
const ID_MAX: u64 = 20;

/// A lock on a folder. Dropping it removes its file.
#[derive(Debug)]
pub struct FolderLock {
    path: PathBuf,
    /// `None` where the file system has no locks.
    file: Option<File>,
}

/// Why a folder is not locked.
#[derive(Debug)]
pub enum Locked {
    /// By another process, with its id if that is known.
    By(Option<String>),
    /// The lock's file cannot be made.
    Error(io::Error),
}

impl FolderLock {
    /// Locks a folder.
    ///
    /// # Errors
    /// Another process has locked it, or its file cannot be made.
    pub fn take(folder: &Path) -> Result<FolderLock, Locked> {
        let path = folder.join(NAME);
        loop {
            let mut file = open(&path).map_err(Locked::Error)?;
            match file.try_lock() {
                // Its owner has removed it in between: the name is somebody else's, or nobody's.
                Ok(()) if !is_at(&file, &path) => {}
                Ok(()) => {
                    let id = std::process::id().to_string();
                    let written = file.set_len(0).and_then(|()| file.write_all(id.as_bytes()));
                    // The lock holds without it, too.
                    drop(written);
                    return Ok(FolderLock { path, file: Some(file) });
                }
                Err(TryLockError::WouldBlock) => return Err(Locked::By(id_in(&mut file))),
                Err(TryLockError::Error(_)) => return Ok(FolderLock { path, file: None }),
            }
        }
    }
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        // While it is still locked; elsewhere, an open file cannot be removed safely, and one that is left does no harm.
        if cfg!(unix) && self.file.is_some() {
            drop(fs::remove_file(&self.path));
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    atomic_file::refuse_special(path)?;
    File::options().read(true).write(true).create(true).truncate(false).open(path)
}

fn id_in(file: &mut File) -> Option<String> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(ID_MAX).read_to_string(&mut text).ok()?;
    Some(text).filter(|text| !text.is_empty() && text.bytes().all(|letter| letter.is_ascii_digit()))
}

/// Whether this is the file of that name.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let key = |metadata: &fs::Metadata| (metadata.dev(), metadata.ino());
    matches!((file.metadata(), path.symlink_metadata()), (Ok(own), Ok(there)) if key(&own) == key(&there))
}

#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::{FolderLock, Locked, NAME};

    #[test]
    fn a_folder_is_locked_once_until_the_lock_is_dropped_and_nothing_of_it_stays() {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let lock = FolderLock::take(folder.path()).expect("nobody has it");
        let own = std::process::id().to_string();
        assert!(matches!(FolderLock::take(folder.path()), Err(Locked::By(Some(id))) if id == own));
        drop(lock);
        assert!(!folder.path().join(NAME).exists() || cfg!(not(unix)));
        assert!(FolderLock::take(folder.path()).is_ok());
    }

    #[test]
    fn what_a_killed_process_left_locks_nothing() {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        std::fs::write(folder.path().join(NAME), "4194304").expect("it can be written");
        assert!(FolderLock::take(folder.path()).is_ok());
    }
}
