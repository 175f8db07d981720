//! The user's files as scripts see them: folders and scripts, read once, compiled once.

mod folder;
mod node;
mod project;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use serde_json::{Value as Json, json};

pub(crate) use self::node::Node;
use crate::raw::Chunk;
use crate::value::Answer;

/// Why files could not be mounted.
#[derive(Debug, thiserror::Error)]
pub enum MountError {
    /// A file is missing, or may not be read.
    #[error("cannot read `{}`: {problem}; give the path of a Luau file, or of a folder that holds some", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        problem: std::io::Error,
    },
    /// A file is not what its name says.
    #[error("`{}` is not valid: {problem}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Why not.
        problem: String,
    },
    /// A folder holds far more scripts than any game: it is probably the wrong one.
    #[error("`{}` holds more than {max} scripts; give the folder of the module instead", path.display())]
    TooMany {
        /// The folder.
        path: PathBuf,
        /// The limit.
        max: usize,
    },
    /// The path is not a module.
    #[error("`{}` is no module: a module is a `.luau` or `.lua` file, a folder with an `init.luau`, or a package with a \
             `main` in its `package.json`", path.display())]
    NoModule {
        /// The path, as the user gave it.
        path: PathBuf,
    },
}

/// The user's files and folders, laid out as Rojo would.
#[derive(Debug, Default)]
pub struct Files {
    top: Node,
}

impl Files {
    /// No files.
    pub fn new() -> Files {
        Files::default()
    }

    /// Mounts a file, or a folder and all scripts in it, at a path of names, as Rojo would lay it out. A folder with a
    /// `default.project.json` is laid out as that says.
    ///
    /// # Errors
    /// A file that cannot be read, with its path.
    pub fn mount(&mut self, at: &[&str], path: &Path) -> Result<(), MountError> {
        let node = folder::read(path)?;
        self.top.put(at, node);
        Ok(())
    }

    /// Mounts a module with what stands beside it, and says under which names a script finds it.
    ///
    /// A package is found by the `main` of its `package.json`. What lies in a `node_modules` folder is mounted with all
    /// packages of its scope and with the runtime of roblox-ts, a file with all of its folder, a folder alone.
    ///
    /// # Errors
    /// A file that cannot be read, or a path that is not a module.
    pub fn mount_module(&mut self, path: &Path) -> Result<Vec<String>, MountError> {
        let (root, module) = folder::locate(path)?;
        let above: Vec<String> = root.above;
        let names: Vec<&str> = above.iter().map(String::as_str).collect();
        self.mount(&names, &root.path)?;
        if let Some(runtime) = &root.runtime {
            self.mount(&["include"], runtime)?;
        }
        let names = above.into_iter().chain(module).collect();
        Ok(names)
    }

    /// Adds one script from its source.
    pub fn add(&mut self, at: &[&str], source: &str) {
        let name = at.last().copied().unwrap_or_default();
        self.top.put(at, Node::script(name, "ModuleScript", source));
    }

    /// Whether there is a file or folder at this path.
    pub fn contains(&self, names: &[String]) -> bool {
        self.top.find(names).is_some()
    }
}

/// A script, compiled when it is first loaded.
#[derive(Debug)]
struct Script {
    source: Arc<str>,
    chunk: OnceLock<Arc<Chunk>>,
}

/// All files that the scripts of one subject can see. Shared by its servers.
#[derive(Debug)]
pub(crate) struct Tree {
    shape: Arc<Json>,
    /// By path.
    scripts: BTreeMap<String, Script>,
}

/// Where the adapter is among the scripts; nothing mounted has such a path.
const ADAPTER: &str = "@adapter";

impl Tree {
    /// A tree of these files, and of an adapter (its name and source).
    pub(crate) fn new(files: &Files, adapter: Option<(&str, &str)>) -> Tree {
        let mut scripts = BTreeMap::new();
        let shape = shape(&files.top, "", &mut scripts);
        if let Some((name, source)) = adapter {
            let chunk = OnceLock::from(Arc::new(Chunk::compile(&format!("{name} (adapter)"), source)));
            scripts.insert(ADAPTER.into(), Script { source: source.into(), chunk });
        }
        Tree { shape: Arc::new(shape), scripts }
    }

    /// For scripts: nested tables with `name`, `class`, `path`, `aliases`, `value` and `children`.
    pub(crate) fn answer(&self) -> Answer {
        Answer::Json(self.shape.clone())
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

/// A node without its source, and the source among the others by its path.
fn shape(node: &Node, above: &str, scripts: &mut BTreeMap<String, Script>) -> Json {
    let mut shape = json!({ "name": node.name, "class": node.class });
    let path = if above.is_empty() { node.name.clone() } else { format!("{above}/{}", node.name) };
    if let Some(source) = &node.source {
        scripts.insert(path.clone(), Script { source: source.clone(), chunk: OnceLock::new() });
        shape["path"] = path.clone().into();
    }
    if !node.aliases.is_empty() {
        shape["aliases"] = json!(node.aliases);
    }
    if let Some(value) = &node.value {
        shape["value"] = value.clone();
    }
    if !node.children.is_empty() {
        shape["children"] = node.children.iter().map(|child| self::shape(child, &path, scripts)).collect();
    }
    shape
}
