//! The one way in which a file that somebody names, or that lies in a folder that somebody names, is read: whole, if it is
//! a regular file and not too large. Nothing else is opened: a FIFO would never answer, and a device never end.

use std::fs::{File, FileType, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

/// At most so many bytes of a script or an adapter, wherever it comes from. Studio saves up to 200,000 characters of a
/// script; compiling takes about 70 times as much memory as the text has.
pub const SOURCE_MAX: usize = 1 << 20;
/// At most so many bytes of any other text that somebody writes: a project, a scenario, data.
pub const TEXT_MAX: u64 = 16 << 20;
/// At most so many bytes of a failure file or a summary; the longest timeline that is allowed takes half of it.
pub const RECORD_MAX: u64 = 64 << 20;
/// At most so many bytes of a place or a model. Studio refuses to publish places above 100 MiB, and XML takes more.
pub const PLACE_MAX: u64 = 512 << 20;

/// Why a file is not read.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// The system does not let it be read.
    #[error(transparent)]
    System(#[from] io::Error),
    /// It is no regular file.
    #[error("it is {0}, and only regular files are read")]
    Special(&'static str),
    /// It is larger than anything of its kind.
    #[error("it has more than {} MiB, the most that is read", .0 >> 20)]
    TooLarge(u64),
    /// It is not UTF-8.
    #[error("it is no UTF-8 text: {0}")]
    NotText(#[from] std::string::FromUtf8Error),
}

impl InputError {
    /// Whether there is nothing at the path.
    pub fn is_missing(&self) -> bool {
        matches!(self, InputError::System(error) if error.kind() == io::ErrorKind::NotFound)
    }
}

/// The text of a regular file of at most `max` bytes.
///
/// # Errors
/// It cannot be read, is no regular file, is too large, or is no text.
pub fn text(path: &Path, max: u64) -> Result<String, InputError> {
    Ok(String::from_utf8(bytes(path, max)?)?)
}

/// The text of a script.
///
/// # Errors
/// As for [`text()`], with [`SOURCE_MAX`].
pub fn source(path: &Path) -> Result<String, InputError> {
    text(path, SOURCE_MAX as u64)
}

/// The bytes of a regular file of at most `max` bytes.
///
/// # Errors
/// It cannot be read, is no regular file, or is too large.
pub fn bytes(path: &Path, max: u64) -> Result<Vec<u8>, InputError> {
    let file = open(path)?;
    let mut bytes = Vec::new();
    // Some files of the system say that they are empty, and are not.
    file.take(max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max {
        return Err(InputError::TooLarge(max));
    }
    Ok(bytes)
}

/// Opens a regular file for reading.
///
/// # Errors
/// It cannot be read, or is no regular file.
pub fn open(path: &Path) -> Result<File, InputError> {
    // Before it is opened: opening a device may do something.
    refuse_special(std::fs::metadata(path)?.file_type())?;
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    let file = options.open(path)?;
    // Once more: it may have been replaced meanwhile.
    refuse_special(file.metadata()?.file_type())?;
    Ok(file)
}

fn refuse_special(kind: FileType) -> Result<(), InputError> {
    if kind.is_file() { Ok(()) } else { Err(InputError::Special(name_of(kind))) }
}

/// What something is that is no regular file.
pub fn name_of(kind: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        if kind.is_fifo() {
            return "a FIFO";
        }
        if kind.is_socket() {
            return "a socket";
        }
        if is_device(kind) {
            return "a device";
        }
    }
    if kind.is_symlink() {
        "a symbolic link"
    } else if kind.is_dir() {
        "a folder"
    } else {
        "no regular file"
    }
}

/// Whether it is a device.
pub(crate) fn is_device(kind: FileType) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        kind.is_char_device() || kind.is_block_device()
    }
    #[cfg(not(unix))]
    {
        let _ = kind;
        false
    }
}
