//! The user's files as scripts see them: a tree of instances, read once, its scripts compiled once.

mod file;
mod folder;
mod install;
mod jsonc;
mod luaurc;
mod meta;
mod model;
mod module;
mod node;
mod node_modules;
mod place;
mod project;
mod property;
mod reader;
mod roots;
mod shape;
mod sourcemap;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use serde_json::{Value as Json, json};

use self::install::Installs;
use self::luaurc::Aliases;
pub(crate) use self::node::Node;
use self::reader::Reader;
use self::roots::{Roots, folder_of, root_of};
use self::shape::Shape;
use crate::input_file::InputError;
use crate::raw::Chunk;
use crate::value::Answer;

/// Why files could not be mounted.
#[derive(Debug, thiserror::Error)]
pub enum MountError {
    /// A file is missing, or may not be read.
    #[error("cannot read `{}`: {problem}", shown(path))]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        problem: InputError,
    },
    /// A file is not what its name says.
    #[error("`{}` is not valid: {problem}", shown(path))]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Why not, and where in the file.
        problem: String,
    },
    /// A folder or file holds far more than any game: it is probably the wrong one.
    #[error("`{}` holds more than {max} {what}; give the folder of the game or the module instead", shown(path))]
    TooMany {
        /// The folder or file.
        path: PathBuf,
        /// The limit.
        max: usize,
        /// Of what.
        what: &'static str,
    },
    /// A path leads out of what the user has named.
    #[error(
        "`{}` leads to `{}`, outside of `{}`: a script could read it. Allow it with `--root {}`, or remove what leads there",
        shown(path),
        shown(leads_to),
        shown(root),
        shown(root_of(leads_to))
    )]
    Outside {
        /// The path, as it was met.
        path: PathBuf,
        /// Where it leads, by links and `..`.
        leads_to: PathBuf,
        /// The folder that may be read.
        root: PathBuf,
    },
    /// A project names a file by where it stands on one machine.
    #[error(
        "`{}`, `{place}.$path`: `{}` is absolute, and reads outside of the project: write it relative to the project file, or \
             allow it with `--root {}`",
        shown(project),
        shown(path),
        shown(root_of(path))
    )]
    Absolute {
        /// The project file.
        project: PathBuf,
        /// Where in it.
        place: String,
        /// The `$path`.
        path: PathBuf,
    },
    /// A folder is in itself.
    #[error(
        "`{}` leads back into itself, by a symbolic link or a `$path`; remove it, or add it to `globIgnorePaths`",
        shown(path)
    )]
    Loop {
        /// The folder or project file.
        path: PathBuf,
    },
    /// Folders are in each other more often than in any game.
    #[error("`{}` has folders in each other more than {max} times; no game is like that", shown(path))]
    TooDeep {
        /// The outermost folder or project file.
        path: PathBuf,
        /// The limit.
        max: usize,
    },
    /// What a project mounts is not there.
    #[error("`{}`, `{place}`: `{path}` is not there: {advice}", shown(project))]
    Missing {
        /// The project file.
        project: PathBuf,
        /// Where in it.
        place: String,
        /// The `$path`.
        path: String,
        /// What brings it.
        advice: String,
    },
    /// The path is not a module.
    #[error(
        "`{}` is no module: a module is a `.luau` or `.lua` file, a folder with an `init.luau`, or a package with a \
             `main` in its `package.json`",
        shown(path)
    )]
    NoModule {
        /// The path, as the user gave it.
        path: PathBuf,
    },
    /// The path is a project, but not one that is a single module.
    #[error(
        "`{}` is a project that is a {class} and no module: give it with --project, and a module by the path of its own file",
        shown(path)
    )]
    NotOne {
        /// The path, as the user gave it.
        path: PathBuf,
        /// What its top is.
        class: String,
    },
    /// The path holds no project.
    #[error(
        "`{}` is no project: a project is a `.project.json` file, a folder with one, or a `sourcemap.json`",
        shown(path)
    )]
    NoProject {
        /// The path, as the user gave it.
        path: PathBuf,
    },
    /// A folder holds several projects, none of which stands for it.
    #[error("`{}` holds several projects and no `default.project.json`: give one of {names}", shown(path))]
    ManyProjects {
        /// The folder.
        path: PathBuf,
        /// Their names.
        names: String,
    },
    /// The module is not in what is mounted.
    #[error(
        "`{module}` is not in the tree; give the path of a file that the project mounts, or its names in the tree, such \
             as `ServerScriptService.Data`"
    )]
    NotMounted {
        /// The module, as the user gave it.
        module: String,
    },
}

/// A path in one line, whatever is in its names.
fn shown(path: &Path) -> String {
    path.display().to_string().replace('\n', "\\x0a")
}

impl MountError {
    fn unread(path: &Path, problem: impl Into<InputError>) -> MountError {
        MountError::Read { path: path.into(), problem: problem.into() }
    }

    /// What must not be read, or never ends.
    fn refused(&self) -> Option<&Path> {
        match self {
            MountError::Outside { path, .. } | MountError::Absolute { path, .. } => Some(path),
            MountError::Read { path, problem: InputError::Special(_) | InputError::TooLarge(_) } => Some(path),
            MountError::Loop { path } if project::is_project(path) => Some(path),
            _ => None,
        }
    }

    fn too_many(path: &Path, max: usize, what: &'static str) -> MountError {
        MountError::TooMany { path: path.into(), max, what }
    }
}

/// The user's files and folders, laid out as Rojo would.
#[derive(Clone, Debug, Default)]
pub struct Files {
    top: Node,
    aliases: Aliases,
    installs: Installs,
    /// What may be read beside what is mounted.
    roots: Roots,
    /// Whether the server scripts of the tree run.
    runs: bool,
}

impl Files {
    /// No files.
    pub fn new() -> Files {
        Files::default()
    }

    /// Lets what is mounted from here on lead into this folder, too. Otherwise links, the paths of projects and the `main`
    /// of a package lead only to what is in the folder that is mounted.
    ///
    /// # Errors
    /// It is not there.
    pub fn allow_root(&mut self, folder: &Path) -> Result<(), MountError> {
        self.roots.allow(folder)
    }

    /// Mounts a file, or a folder and all that Rojo knows in it, at a path of names. A folder with a
    /// `default.project.json` is laid out as that says.
    ///
    /// # Errors
    /// A file that cannot be read, or is not what its name says, with its path.
    pub fn mount(&mut self, at: &[&str], path: &Path) -> Result<(), MountError> {
        let mut reader = Reader::strict(self.roots.beside(path)?);
        reader.read_aliases_above(path)?;
        let node = reader.read(path)?.ok_or_else(|| MountError::NoModule { path: path.into() })?;
        self.keep(reader, path);
        self.top.put(at, node);
        Ok(())
    }

    /// Mounts a project: a project file of Rojo, a folder with one, or a `sourcemap.json`. Returns the names of the
    /// module, if the project is a single one.
    ///
    /// # Errors
    /// A file that cannot be read or makes no sense, or a `$path` that is not there and what to install.
    pub fn mount_project(&mut self, path: &Path) -> Result<Option<Vec<String>>, MountError> {
        let file = if path.is_dir() { only_project(path)? } else { path.into() };
        let mut reader = Reader::strict(self.roots.of(folder_of(&file))?);
        reader.read_aliases_above(&file)?;
        let tree = if project::is_project(&file) {
            project::read(&mut reader, &file)?
        } else if sourcemap::is_sourcemap(&mut reader, &file) {
            sourcemap::read(&mut reader, &file)?
        } else {
            reader.text_of(&file)?;
            return Err(MountError::NoProject { path: path.into() });
        };
        self.keep(reader, &file);
        Ok(self.mount_tree(tree, "ReplicatedStorage"))
    }

    /// Mounts a place or a model as Studio saves it: `.rbxl`, `.rbxlx`, `.rbxm` or `.rbxmx`. A model that is no service
    /// goes into ServerScriptService. Returns the names of the module, if the model is a single one.
    ///
    /// # Errors
    /// The file cannot be read, or is not complete.
    pub fn mount_place(&mut self, path: &Path) -> Result<Option<Vec<String>>, MountError> {
        let mut reader = Reader::strict(self.roots.beside(path)?);
        let tops = place::read(&mut reader, path)?;
        self.keep(reader, path);
        const LOOSE: &str = "ServerScriptService";
        if let [_] = tops[..] {
            return Ok(tops.into_iter().find_map(|top| self.mount_tree(top, LOOSE)));
        }
        let has_place = |top: &Node| top.class == "DataModel" || property::is_service(&top.class);
        let (placed, loose): (Vec<Node>, Vec<Node>) = tops.into_iter().partition(has_place);
        for top in placed {
            self.mount_tree(top, LOOSE);
        }
        if !loose.is_empty() {
            self.top.put(&[LOOSE], Node { children: loose, ..Node::folder(LOOSE) });
        }
        Ok(None)
    }

    /// Mounts a module with what it needs, and says under which names a script finds it.
    ///
    /// A package is found by the `main` of its `package.json`, or by a project file. A module of a game is mounted with
    /// the whole project. What lies in a `node_modules` folder is mounted with all packages of its scope and with the
    /// runtime of roblox-ts, any other module with what stands beside and above it.
    ///
    /// # Errors
    /// A file that cannot be read, or a path that is not a module.
    pub fn mount_module(&mut self, path: &Path) -> Result<Vec<String>, MountError> {
        let given = module::named_by(path)?;
        let file = module::file_of(path, &self.roots)?;
        if let Some(packages) = node_modules::above(&file) {
            return self.mount_package(&packages, &file, &given);
        }
        if let Some(found) = module::game_above(&file, &given, &self.roots) {
            return self.mount_game(found);
        }
        let found = module::beside(&file, &given, &self.roots)?;
        let mut reader = found.reader;
        reader.read_aliases_above(&file)?;
        self.keep(reader, &found.folder);
        let mut names = vec!["ReplicatedStorage".to_owned()];
        if found.tree.source.is_some() {
            names.push(found.tree.name.clone());
        }
        let at: Vec<&str> = names.iter().map(String::as_str).collect();
        // The folder that holds everything has a name that differs from one checkout to the next.
        self.top.put(&at, found.tree);
        Ok([names, found.names].concat())
    }

    /// Mounts a server script with the project that it belongs to, or alone.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn mount_script(&mut self, path: &Path) -> Result<Vec<String>, MountError> {
        let given = module::named_by(path)?;
        let file = module::file_of(path, &self.roots).ok();
        if let Some(found) = file.and_then(|file| module::game_above(&file, &given, &self.roots)) {
            return self.mount_game(found);
        }
        let place = ["ServerScriptService", "Main"];
        self.mount(&place, path)?;
        Ok(place.map(str::to_owned).to_vec())
    }

    /// Adds one script from its source.
    pub fn add(&mut self, at: &[&str], source: &str) {
        let name = at.last().copied().unwrap_or_default();
        self.top.put(at, Node::script(name, "ModuleScript", source));
    }

    /// Lets the server scripts of the tree run, as they do on a server of Roblox: a `Script` that is enabled and is in
    /// ServerScriptService or Workspace, or has the `RunContext` Server.
    pub fn run_scripts(&mut self) {
        self.runs = true;
    }

    /// Whether the server scripts of the tree run.
    pub fn scripts_run(&self) -> bool {
        self.runs
    }

    /// Whether there is a server script that can run.
    pub fn has_server_scripts(&self) -> bool {
        let mut found = false;
        self.visit(&mut |node, names| found |= shape::starts(node, names.first().map_or("", String::as_str)));
        found
    }

    /// Looks at each node and its names, in order of the tree.
    pub(crate) fn visit(&self, look: &mut dyn FnMut(&Node, &[String])) {
        self.top.visit(&mut Vec::new(), look);
    }

    /// The file of a script, by its path in the tree as tracebacks show it (`ServerScriptService/Data`), without symlinks; `None`
    /// if there is none, or it is part of a place.
    pub fn file_of(&self, script: &str) -> Option<&Path> {
        let names: Vec<String> = script.split('/').map(str::to_owned).collect();
        let node = self.top.find(&names).filter(|node| node.source.is_some())?;
        node.file.as_deref().filter(|file| file.is_file() && file.extension().is_some_and(is_source))
    }

    /// Whether there is a file or folder at this path.
    pub fn contains(&self, names: &[String]) -> bool {
        self.top.find(names).is_some()
    }

    /// The names of a script that is mounted, by the path of its file or by its names in the tree (with dots or slashes).
    ///
    /// # Errors
    /// It is not there, or not in what is mounted.
    pub fn find(&self, script: &str) -> Result<Vec<String>, MountError> {
        if Path::new(script).exists() {
            let file = module::file_of(Path::new(script), &self.roots)?;
            return self.top.find_file(&file).ok_or_else(|| MountError::NotMounted { module: script.into() });
        }
        let names: Vec<String> = script.split(['.', '/']).map(str::to_owned).filter(|name| name != "game").collect();
        let found = self.top.find(&names).is_some_and(|node| node.source.is_some() || node.value.is_some());
        if found { Ok(names) } else { Err(MountError::NotMounted { module: script.into() }) }
    }

    /// Mounts a whole game, with the names of a script in it.
    fn mount_game(&mut self, found: module::Found) -> Result<Vec<String>, MountError> {
        let mut reader = found.reader;
        reader.read_aliases_above(&found.folder)?;
        self.keep(reader, &found.folder);
        self.mount_tree(found.tree, "ReplicatedStorage");
        Ok(found.names)
    }

    /// Mounts the packages of one scope, and the runtime that they need.
    fn mount_package(&mut self, packages: &Path, file: &Path, given: &Path) -> Result<Vec<String>, MountError> {
        let scope = node_modules::scope(packages, file);
        // A package manager links packages to where it keeps all of them.
        let roots = self.roots.of(&node_modules::outermost(file).unwrap_or(packages.into()))?;
        let mut reader = Reader::lenient(roots).of_named(given);
        let node = reader.read(&packages.join(&scope))?.ok_or_else(|| MountError::NoModule { path: file.into() })?;
        let inside = node.find_file(file).ok_or_else(|| MountError::NoModule { path: file.into() })?;
        reader.read_aliases_above(packages)?;
        self.keep(reader, packages);
        self.top.put(&["node_modules", &scope], node);
        if let Some(runtime) = node_modules::runtime(packages) {
            self.mount(&["include"], &runtime)?;
        }
        Ok([vec!["node_modules".to_owned(), scope], inside].concat())
    }

    fn mount_tree(&mut self, tree: Node, container: &str) -> Option<Vec<String>> {
        if tree.class == "DataModel" {
            let named = |child: Node| {
                let name = if property::is_service(&child.class) { child.class.clone() } else { child.name.clone() };
                Node { name, ..child }
            };
            self.top.put_all(tree.children.into_iter().map(named).collect());
            return None;
        }
        if property::is_service(&tree.class) {
            let name = tree.class.clone();
            self.top.put(&[&name], Node { name: name.clone(), ..tree });
            return None;
        }
        let is_module = tree.is_module();
        let names = vec![container.to_owned(), tree.name.clone()];
        // Beside what is there, even under the same name.
        self.top.put(&[container], Node { children: vec![tree], ..Node::folder(container) });
        is_module.then_some(names)
    }

    /// Mounts what aliases name in folders that are allowed apart from what is mounted.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn mount_aliases(&mut self) -> Result<(), MountError> {
        let targets: Vec<PathBuf> = self.aliases.targets().map(Path::to_path_buf).collect();
        for (number, target) in targets.into_iter().enumerate() {
            if self.roots.allows(&target) && !self.top.holds(&target) {
                let node = Reader::strict(self.roots.beside(&target)?).read(&target)?;
                node.into_iter().for_each(|node| self.top.put(&["ReplicatedStorage", &format!("@{number}")], node));
            }
        }
        Ok(())
    }

    fn keep(&mut self, reader: Reader, path: &Path) {
        self.aliases.extend(reader.aliases);
        self.installs.extend(install::installs(if path.is_dir() { path } else { path.parent().unwrap_or(path) }));
    }
}

/// The project file of a folder.
fn only_project(folder: &Path) -> Result<PathBuf, MountError> {
    let mut projects = project::all_in_folder(folder);
    if projects.len() > 1 && project::in_folder(folder).is_none() {
        let names: Vec<_> = projects.iter().map(|path| format!("`{}`", path.display())).collect();
        return Err(MountError::ManyProjects { path: folder.into(), names: names.join(", ") });
    }
    projects.truncate(1);
    projects.pop().ok_or_else(|| MountError::NoProject { path: folder.into() })
}

/// A script, compiled when it is first loaded.
#[derive(Debug)]
struct Script {
    source: Arc<str>,
    chunk: OnceLock<Arc<Chunk>>,
    /// Where it was read from.
    file: Option<PathBuf>,
}

/// All files that the scripts of one subject can see. Shared by its servers.
#[derive(Debug)]
pub(crate) struct Tree {
    parts: Vec<Arc<Json>>,
    /// By path.
    scripts: BTreeMap<String, Script>,
    files: BTreeMap<PathBuf, Vec<String>>,
    aliases: Aliases,
    installs: Arc<Json>,
}

fn is_source(extension: &OsStr) -> bool {
    extension == "luau" || extension == "lua"
}

/// Where the adapter is among the scripts; nothing mounted has such a path.
const ADAPTER: &str = "@adapter";

impl Tree {
    /// A tree of these files, and of an adapter (its name and source).
    pub(crate) fn new(files: &Files, adapter: Option<(&str, &str)>) -> Tree {
        let Shape { parts, mut scripts, files: places, .. } = Shape::of(&files.top, files.runs);
        if let Some((name, source)) = adapter {
            let chunk = OnceLock::from(Arc::new(Chunk::compile(&format!("{name} (adapter)"), source)));
            scripts.insert(ADAPTER.into(), Script { source: source.into(), chunk, file: None });
        }
        let installs = Arc::new(json!(files.installs));
        Tree { parts, scripts, files: places, aliases: files.aliases.clone(), installs }
    }

    /// A part of the tree, for scripts; 0 is its top.
    pub(crate) fn part(&self, number: usize) -> Option<Answer> {
        self.parts.get(number).cloned().map(Answer::Json)
    }

    /// For scripts: the commands that bring folders of packages, by their names.
    pub(crate) fn installs(&self) -> Answer {
        Answer::Json(self.installs.clone())
    }

    /// The names that `@alias/rest` stands for in a script.
    ///
    /// # Errors
    /// No `.luaurc` has the alias, or it leads nowhere: the message for the script.
    pub(crate) fn aliased(&self, path: &str, alias: &str, rest: &str) -> Result<&[String], String> {
        let file = self.scripts.get(path).and_then(|script| script.file.as_deref());
        let target = file.and_then(|file| self.aliases.target(file, alias));
        let target = target.ok_or_else(|| format!("no .luaurc has an alias \"{alias}\""))?;
        let wanted = luaurc::normal(&target.join(rest));
        self.files.get(&wanted).map(Vec::as_slice).ok_or_else(|| {
            let shown = if rest.is_empty() { format!("@{alias}") } else { rest.to_owned() };
            format!("there is no \"{shown}\" among the mounted files where the alias \"{alias}\" of a .luaurc leads; --root lets it \
                     lead out of the folder that is mounted")
        })
    }

    /// The compiled script at a path.
    pub(crate) fn chunk(&self, path: &str) -> Option<Arc<Chunk>> {
        let script = self.scripts.get(path)?;
        Some(script.chunk.get_or_init(|| Arc::new(Chunk::compile(path, &script.source))).clone())
    }

    /// The compiled adapter.
    pub(crate) fn adapter(&self) -> Option<Arc<Chunk>> {
        self.chunk(ADAPTER)
    }
}
