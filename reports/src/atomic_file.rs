//! A file on its way to its name: whoever looks sees the old file or the new one, whole.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What the name of a file that is not finished begins with.
pub const PREFIX: &str = ".dupeproof-";

/// A file that will stand at a path once it is finished; dropped before, it is gone.
pub struct AtomicFile {
    path: PathBuf,
    file: io::BufWriter<tempfile::NamedTempFile>,
}

impl AtomicFile {
    /// Begins a file, in the directory where it will stand.
    ///
    /// # Errors
    /// When that directory cannot be written to.
    pub fn at(path: &Path) -> io::Result<AtomicFile> {
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX);
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = builder.tempfile_in(directory.unwrap_or(Path::new(".")))?;
        Ok(AtomicFile { path: path.to_owned(), file: io::BufWriter::new(file) })
    }

    /// Takes the place of what stands there.
    ///
    /// # Errors
    /// When the last of it cannot be written, or the place not be taken.
    pub fn replace(self) -> io::Result<()> {
        self.file.into_inner().map_err(io::IntoInnerError::into_error)?.persist(&self.path)?;
        Ok(())
    }

    /// Takes its place if nothing stands there.
    ///
    /// # Errors
    /// As [`AtomicFile::replace`], and [`io::ErrorKind::AlreadyExists`].
    pub fn create(self) -> io::Result<()> {
        self.file.into_inner().map_err(io::IntoInnerError::into_error)?.persist_noclobber(&self.path)?;
        Ok(())
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
