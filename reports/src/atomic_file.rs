//! A file that appears under its name all at once: readers see the old file or the new one, whole.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use dupeproof_luau::input_file;

/// The prefix of an unfinished file's name.
pub const PREFIX: &str = ".dupeproof-";

/// A file that appears at its path once it is finished; if it is dropped before, it is deleted.
pub struct AtomicFile {
    path: PathBuf,
    file: io::BufWriter<tempfile::NamedTempFile>,
}

impl AtomicFile {
    /// Begins a file in the directory of its path.
    ///
    /// # Errors
    /// When that directory cannot be written to, or something other than a regular file is at the path.
    pub fn at(path: &Path) -> io::Result<AtomicFile> {
        refuse_special(path)?;
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX);
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = builder.tempfile_in(directory.unwrap_or(Path::new(".")))?;
        Ok(AtomicFile { path: path.to_owned(), file: io::BufWriter::new(file) })
    }

    /// Finishes it, and replaces what is at the path.
    ///
    /// # Errors
    /// When the rest of it cannot be written, or the path cannot be replaced.
    pub fn replace(self) -> io::Result<()> {
        refuse_special(&self.path)?;
        self.file.into_inner().map_err(io::IntoInnerError::into_error)?.persist(&self.path)?;
        Ok(())
    }

    /// Finishes it, if nothing is at the path.
    ///
    /// # Errors
    /// As [`AtomicFile::replace`], and [`io::ErrorKind::AlreadyExists`].
    pub fn create(self) -> io::Result<()> {
        self.file.into_inner().map_err(io::IntoInnerError::into_error)?.persist_noclobber(&self.path)?;
        Ok(())
    }
}

/// A device, a FIFO or a link is never replaced, nor written through.
///
/// # Errors
/// There is one at the path.
pub fn refuse_special(path: &Path) -> io::Result<()> {
    match path.symlink_metadata() {
        Ok(there) if !there.is_file() => {
            let what = input_file::name_of(there.file_type());
            Err(io::Error::other(format!("there is {what} of this name, and only regular files are replaced")))
        }
        _ => Ok(()),
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
