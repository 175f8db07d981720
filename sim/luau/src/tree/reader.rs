//! Reads files and folders into nodes, under the rules of the project that they belong to.

use std::fs;
use std::path::{Path, PathBuf};

use globset::{Glob, GlobMatcher};

use super::file::{self, Kind};
use super::luaurc::{self, Aliases, is_repository};
use super::roots::{Roots, folder_of};
use super::{MountError, Node, folder, project};
use crate::input_file::{self, InputError, PLACE_MAX, SOURCE_MAX, TEXT_MAX};

/// More scripts than any game has.
const SCRIPTS_MAX: usize = 20_000;
/// More instances than any game has.
pub(super) const INSTANCES_MAX: usize = 1_000_000;
/// More MiB of scripts and data than any game has.
const MIB_MAX: u32 = 1 << 10;
/// More folders in each other than any game has.
const DEPTH_MAX: usize = 64;

/// What reading depends on, and what it leaves beside the nodes.
pub(super) struct Reader {
    scripts_left: usize,
    instances_left: usize,
    bytes_left: u64,
    roots: Roots,
    /// What the user has named.
    named: Option<PathBuf>,
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
    pub(super) fn strict(roots: Roots) -> Reader {
        Reader {
            scripts_left: SCRIPTS_MAX,
            instances_left: INSTANCES_MAX,
            bytes_left: u64::from(MIB_MAX) << 20,
            roots,
            named: None,
            lenient: false,
            plain: false,
            rules: Rules::default(),
            open: Vec::new(),
            aliases: Aliases::default(),
        }
    }

    /// A file may be anything until a script needs it.
    pub(super) fn lenient(roots: Roots) -> Reader {
        Reader { lenient: true, ..Reader::strict(roots) }
    }

    /// Of what the user has named: in it, what must not be read is an error, even if nobody may need it.
    pub(super) fn of_named(self, path: &Path) -> Reader {
        Reader { named: Some(path.into()), ..self }
    }

    /// What `path` is in the tree; `None` for what Rojo does not sync.
    pub(super) fn read(&mut self, path: &Path) -> Result<Option<Node>, MountError> {
        self.roots.check(path)?;
        let kind = fs::metadata(path).map_err(|problem| MountError::unread(path, problem))?.file_type();
        if input_file::is_device(kind) {
            return Err(MountError::unread(path, InputError::Special(input_file::name_of(kind))));
        }
        if kind.is_dir() { folder::read(self, path) } else { file::read(self, path) }
    }

    /// The same, of what is in a folder.
    pub(super) fn read_child(&mut self, path: &Path) -> Result<Option<Node>, MountError> {
        match self.read(path) {
            Err(problem) if problem.refused().is_some_and(|path| self.is_named(path)) => Err(problem),
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
        if self.is_open(path) {
            return Err(MountError::Loop { path: path.into() });
        }
        if let Some(outermost) = self.open.first().filter(|_| self.open.len() >= DEPTH_MAX) {
            return Err(MountError::TooDeep { path: outermost.clone(), max: DEPTH_MAX });
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

    /// Whether the user has named this, or the folder that it is in.
    fn is_named(&self, path: &Path) -> bool {
        self.named.as_ref().is_some_and(|named| path.starts_with(named))
    }

    /// Whether the user has allowed this path apart from what is read.
    pub(super) fn allows(&self, path: &Path) -> bool {
        self.roots.allows(path)
    }

    /// The project file that is being read, without those around it.
    pub(super) fn innermost_project(&self) -> Option<&PathBuf> {
        self.open.iter().rev().find(|open| project::is_project(open))
    }

    pub(super) fn is_ignored(&self, path: &Path) -> bool {
        self.rules.ignored.iter().any(|pattern| pattern.matches(path))
    }

    /// The text of a file, with line ends as scripts see them.
    pub(super) fn text_of(&mut self, path: &Path) -> Result<String, MountError> {
        self.text_up_to(path, TEXT_MAX)
    }

    /// The same of a script.
    pub(super) fn source_of(&mut self, path: &Path) -> Result<String, MountError> {
        self.text_up_to(path, SOURCE_MAX as u64)
    }

    fn text_up_to(&mut self, path: &Path, max: u64) -> Result<String, MountError> {
        let bytes = self.read_bytes(path, max)?;
        let text = String::from_utf8(bytes).map_err(|problem| MountError::unread(path, problem))?;
        Ok(with_plain_ends(text))
    }

    /// The bytes of a place or a model.
    pub(super) fn place_of(&mut self, path: &Path) -> Result<Vec<u8>, MountError> {
        self.read_bytes(path, PLACE_MAX)
    }

    /// Every file of a tree is read here: under the folders that may be read, and not more than a game has.
    fn read_bytes(&mut self, path: &Path, max: u64) -> Result<Vec<u8>, MountError> {
        self.roots.check(path)?;
        let bytes = input_file::bytes(path, max).map_err(|problem| MountError::unread(path, problem))?;
        let left = self.bytes_left.checked_sub(bytes.len() as u64);
        self.bytes_left =
            left.ok_or_else(|| MountError::too_many(folder_of(path), MIB_MAX as usize, "MiB of files"))?;
        Ok(bytes)
    }

    /// Reads the `.luaurc` of a folder, if it has one.
    pub(super) fn read_aliases(&mut self, folder: &Path) -> Result<(), MountError> {
        let path = folder.join(luaurc::NAME);
        if path.is_file() {
            let text = self.text_of(&path)?;
            self.aliases.add(folder, &path, &text)?;
        }
        Ok(())
    }

    /// Reads those of a folder and of all folders above it, or of those above a file, up to that of the repository. They
    /// may stand above what is read, since scripts see of them nothing but names; as long as they are files of their folder.
    pub(super) fn read_aliases_above(&mut self, path: &Path) -> Result<(), MountError> {
        let full = canonical(path)?;
        for folder in full.ancestors().skip(usize::from(!full.is_dir())) {
            let mut reader = Reader::strict(self.roots.of(folder)?);
            reader.read_aliases(folder)?;
            self.aliases.extend(reader.aliases);
            if is_repository(folder) {
                break;
            }
        }
        Ok(())
    }

    /// One more script.
    ///
    /// # Errors
    /// There are too many: this is probably not the folder of a game.
    pub(super) fn count_script(&mut self, path: &Path) -> Result<(), MountError> {
        self.scripts_left = self
            .scripts_left
            .checked_sub(1)
            .ok_or_else(|| MountError::too_many(folder_of(path), SCRIPTS_MAX, "scripts"))?;
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

/// A text with line ends as scripts see them.
fn with_plain_ends(text: String) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n") } else { text }
}

/// A path without symlinks, `.` and `..`.
pub(super) fn canonical(path: &Path) -> Result<PathBuf, MountError> {
    fs::canonicalize(path).map_err(|problem| MountError::unread(path, problem))
}
