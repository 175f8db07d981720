//! Reads files and folders into nodes, under the rules of the project that they belong to.

use std::fs;
use std::path::{Path, PathBuf};

use globset::{Glob, GlobMatcher};

use super::file::{self, Kind};
use super::luaurc::Aliases;
use super::{MountError, Node, folder};

/// More scripts than any game has.
const SCRIPTS_MAX: usize = 20_000;
/// More instances than any game has.
const INSTANCES_MAX: usize = 1_000_000;
/// More folders in each other than any game has.
const DEPTH_MAX: usize = 64;

/// What reading depends on, and what it leaves beside the nodes.
pub(super) struct Reader {
    scripts_left: usize,
    instances_left: usize,
    /// A file that cannot be read becomes a module that says so, as nobody may need it.
    pub(super) lenient: bool,
    /// No project says what belongs to the game: what tools leave beside it does not.
    pub(super) plain: bool,
    /// The rules of the project that is being read.
    pub(super) rules: Rules,
    /// The folders and project files that are being read, outermost first.
    open: Vec<PathBuf>,
    /// The aliases of all folders that were read.
    pub(super) aliases: Aliases,
}

/// What a project says of all files below it.
#[derive(Clone, Default)]
pub(super) struct Rules {
    /// Paths that are left out.
    pub(super) ignored: Vec<Pattern>,
    /// What files are, in place of what Rojo takes them for.
    pub(super) kinds: Vec<KindRule>,
    /// Scripts say by their `RunContext` where they run, and not by their class.
    pub(super) by_run_context: bool,
}

/// A glob, relative to the folder of its project.
#[derive(Clone)]
pub(super) struct Pattern {
    base: PathBuf,
    glob: GlobMatcher,
}

impl Pattern {
    /// # Errors
    /// The text is no glob: why.
    pub(super) fn new(base: &Path, text: &str) -> Result<Pattern, String> {
        let glob = Glob::new(text).map_err(|problem| problem.to_string())?;
        Ok(Pattern { base: base.into(), glob: glob.compile_matcher() })
    }

    pub(super) fn matches(&self, path: &Path) -> bool {
        path.strip_prefix(&self.base).is_ok_and(|path| self.glob.is_match(path))
    }
}

/// A rule of `syncRules`.
#[derive(Clone)]
pub(super) struct KindRule {
    pub(super) pattern: Pattern,
    pub(super) except: Option<Pattern>,
    pub(super) kind: Kind,
    /// What the name of the file has beside that of the instance.
    pub(super) suffix: Option<String>,
}

impl Reader {
    /// Every file must be as its name says.
    pub(super) fn strict() -> Reader {
        Reader {
            scripts_left: SCRIPTS_MAX,
            instances_left: INSTANCES_MAX,
            lenient: false,
            plain: false,
            rules: Rules::default(),
            open: Vec::new(),
            aliases: Aliases::default(),
        }
    }

    /// A file may be anything until a script needs it.
    pub(super) fn lenient() -> Reader {
        Reader { lenient: true, ..Reader::strict() }
    }

    /// What `path` is in the tree; `None` for what Rojo does not sync.
    pub(super) fn read(&mut self, path: &Path) -> Result<Option<Node>, MountError> {
        let metadata = fs::metadata(path).map_err(|problem| MountError::Read { path: path.into(), problem })?;
        if metadata.is_dir() { folder::read(self, path) } else { file::read(self, path) }
    }

    /// The same, of what is in a folder.
    pub(super) fn read_child(&mut self, path: &Path) -> Result<Option<Node>, MountError> {
        match self.read(path) {
            Err(MountError::Loop { .. }) if self.lenient => Ok(None),
            Err(problem @ MountError::TooMany { .. }) => Err(problem),
            Err(problem) if self.lenient => {
                Ok(Some(Node::unreadable(file::stem(&file::name_of(path)), &problem.to_string())))
            }
            read => read,
        }
    }

    /// Reads something that may hold other things, which are read by `inner`.
    ///
    /// # Errors
    /// It is in itself, by way of symlinks or `$path`.
    pub(super) fn within<T>(
        &mut self,
        path: &Path,
        inner: impl FnOnce(&mut Reader) -> Result<T, MountError>,
    ) -> Result<T, MountError> {
        if self.is_open(path) || self.open.len() >= DEPTH_MAX {
            return Err(MountError::Loop { path: path.into() });
        }
        self.open.push(path.into());
        let result = inner(self);
        self.open.pop();
        result
    }

    /// Whether this file or folder is being read.
    pub(super) fn is_open(&self, path: &Path) -> bool {
        self.open.iter().any(|open| open == path)
    }

    pub(super) fn is_ignored(&self, path: &Path) -> bool {
        self.rules.ignored.iter().any(|pattern| pattern.matches(path))
    }

    /// One more script.
    ///
    /// # Errors
    /// There are too many: this is probably not the folder of a game.
    pub(super) fn count_script(&mut self, path: &Path) -> Result<(), MountError> {
        let folder = path.parent().unwrap_or(Path::new("."));
        self.scripts_left =
            self.scripts_left.checked_sub(1).ok_or_else(|| MountError::too_many(folder, SCRIPTS_MAX, "scripts"))?;
        Ok(())
    }

    /// So many more instances.
    ///
    /// # Errors
    /// There are too many for a virtual server.
    pub(super) fn count_instances(&mut self, path: &Path, number: usize) -> Result<(), MountError> {
        self.instances_left = self
            .instances_left
            .checked_sub(number)
            .ok_or_else(|| MountError::too_many(path, INSTANCES_MAX, "instances"))?;
        Ok(())
    }
}

/// The text of a file, with line ends as scripts see them.
pub(super) fn text_of(path: &Path) -> Result<String, MountError> {
    let bytes = bytes_of(path)?;
    let text = String::from_utf8(bytes).map_err(|problem| MountError::Invalid {
        path: path.into(),
        problem: format!("it is no UTF-8 text: {problem}"),
    })?;
    Ok(if text.contains('\r') { text.replace("\r\n", "\n") } else { text })
}

/// The bytes of a file.
pub(super) fn bytes_of(path: &Path) -> Result<Vec<u8>, MountError> {
    fs::read(path).map_err(|problem| MountError::Read { path: path.into(), problem })
}

/// A path without symlinks, `.` and `..`.
pub(super) fn canonical(path: &Path) -> Result<PathBuf, MountError> {
    fs::canonicalize(path).map_err(|problem| MountError::Read { path: path.into(), problem })
}
