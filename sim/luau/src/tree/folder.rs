//! Files and folders on disk, as Rojo lays them out (rojo.space, "Sync Details").

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;
use serde_json::Value as Json;

use super::{MountError, Node, project};

/// More scripts than any game has.
const SCRIPTS_MAX: usize = 20_000;

/// What to mount for a module.
pub(super) struct Root {
    /// The file or folder.
    pub(super) path: PathBuf,
    /// The path of names in the tree.
    pub(super) above: Vec<String>,
    /// The folder of `RuntimeLib` and `Promise`, which packages compiled by roblox-ts need at run time.
    pub(super) runtime: Option<PathBuf>,
}

/// Reads a file or a folder.
pub(super) fn read(path: &Path) -> Result<Node, MountError> {
    let mut left = SCRIPTS_MAX;
    read_some(path, &mut left)?.ok_or_else(|| MountError::NoModule { path: path.into() })
}

/// What `path` is in the tree; `None` for what Rojo does not sync.
pub(super) fn read_some(path: &Path, left: &mut usize) -> Result<Option<Node>, MountError> {
    let metadata = fs::metadata(path).map_err(|problem| MountError::Read { path: path.into(), problem })?;
    if !metadata.is_dir() {
        return read_file(path, left);
    }
    let project = path.join("default.project.json");
    if project.is_file() {
        return project::read(&project, left).map(Some);
    }
    let mut folder = Node::folder(&name_of(path));
    for file in entries(path)? {
        let hidden = file.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if file.file_name() == Some(OsStr::new(".luaurc")) {
            folder.aliases = aliases(&file)?;
        } else if !hidden && let Some(node) = read_some(&file, left)? {
            if node.name == "init" && node.source.is_some() {
                (folder.class, folder.source) = (node.class, node.source);
            } else if node.source.is_some() || node.value.is_some() || !node.children.is_empty() {
                folder.children.push(node);
            }
        }
    }
    Ok(Some(folder))
}

fn read_file(path: &Path, left: &mut usize) -> Result<Option<Node>, MountError> {
    let text = || fs::read_to_string(path).map_err(|problem| MountError::Read { path: path.into(), problem });
    let file = name_of(path);
    let script = file.strip_suffix(".luau").or_else(|| file.strip_suffix(".lua"));
    if let Some(name) = script {
        *left =
            left.checked_sub(1).ok_or_else(|| MountError::TooMany { path: parent(path).into(), max: SCRIPTS_MAX })?;
        let (name, class) = match name.rsplit_once('.') {
            Some((name, "server")) => (name, "Script"),
            Some((name, "client")) => (name, "LocalScript"),
            _ => (name, "ModuleScript"),
        };
        return Ok(Some(Node::script(name, class, &text()?)));
    }
    // Settings of tools are no modules of the game.
    let is_setting = |name: &str| name.contains('.') || matches!(name, "package" | "package-lock" | "tsconfig");
    match file.strip_suffix(".json") {
        Some(name) if !is_setting(name) => {
            let value = parse(path, &text()?)?;
            Ok(Some(Node { class: "ModuleScript".into(), value: Some(value), ..Node::folder(name) }))
        }
        _ => Ok(None),
    }
}

/// The entries of a folder, sorted by name.
fn entries(path: &Path) -> Result<Vec<PathBuf>, MountError> {
    let problem = |problem| MountError::Read { path: path.into(), problem };
    let mut entries = Vec::new();
    for entry in fs::read_dir(path).map_err(problem)? {
        entries.push(entry.map_err(problem)?.path());
    }
    entries.sort();
    Ok(entries)
}

/// Parsed JSON.
pub(super) fn parse<T: for<'de> Deserialize<'de>>(path: &Path, text: &str) -> Result<T, MountError> {
    serde_json::from_str(text)
        .map_err(|problem| MountError::Invalid { path: path.into(), problem: problem.to_string() })
}

fn aliases(path: &Path) -> Result<BTreeMap<String, String>, MountError> {
    #[derive(Deserialize)]
    struct Settings {
        #[serde(default)]
        aliases: BTreeMap<String, String>,
    }
    let text = fs::read_to_string(path).map_err(|problem| MountError::Read { path: path.into(), problem })?;
    parse::<Settings>(path, &text).map(|settings| settings.aliases)
}

/// What to mount for a module, and the names under it at which the module is.
pub(super) fn locate(path: &Path) -> Result<(Root, Vec<String>), MountError> {
    let full = fs::canonicalize(path).map_err(|problem| MountError::Read { path: path.into(), problem })?;
    let module = if full.is_dir() { package_main(&full)? } else { full };
    let module = match name_of(&module).as_str() {
        "init.luau" | "init.lua" => parent(&module).to_owned(),
        _ => module,
    };
    let is_module = module.is_file() || ["init.luau", "init.lua"].iter().any(|init| module.join(init).is_file());
    if !is_module {
        return Err(MountError::NoModule { path: path.into() });
    }
    let root = root_of(&module);
    let inside = module.strip_prefix(&root.path).map(names).unwrap_or_default();
    Ok((root, inside))
}

/// Within `node_modules`, the scope of packages; else a file's folder, or a folder itself.
fn root_of(module: &Path) -> Root {
    let own = |path: &Path| Root { path: path.into(), above: vec![stem(&name_of(path)).into()], runtime: None };
    let packages = module.ancestors().find(|above| name_of(above) == "node_modules");
    match packages.and_then(|packages| module.strip_prefix(packages).ok().map(|inside| (packages, inside))) {
        Some((packages, inside)) => {
            let first = inside.components().next().map(|first| first.as_os_str().to_string_lossy().into_owned());
            let first = first.unwrap_or_default();
            let runtime = runtime_of(packages);
            Root { path: packages.join(&first), above: vec!["node_modules".into(), first], runtime }
        }
        None if module.is_file() => own(parent(module)),
        None => own(module),
    }
}

/// Where a project that uses roblox-ts has its runtime: copied into `include` by the compiler, or as it is in the
/// compiler's package.
fn runtime_of(packages: &Path) -> Option<PathBuf> {
    let candidates = [parent(packages).join("include"), packages.join("roblox-ts").join("include")];
    candidates
        .into_iter()
        .find(|folder| ["RuntimeLib.lua", "RuntimeLib.luau"].iter().any(|file| folder.join(file).is_file()))
}

/// The file that `main` in a folder's `package.json` names, under either suffix; the folder itself without one.
fn package_main(folder: &Path) -> Result<PathBuf, MountError> {
    let package = folder.join("package.json");
    if !package.is_file() {
        return Ok(folder.into());
    }
    let text = fs::read_to_string(&package).map_err(|problem| MountError::Read { path: package.clone(), problem })?;
    let json: Json = parse(&package, &text)?;
    let Some(main) = json.get("main").and_then(Json::as_str) else { return Ok(folder.into()) };
    let main = folder.join(main);
    let candidates = [main.clone(), main.with_extension("luau"), main.with_extension("lua")];
    Ok(candidates.into_iter().find(|file| file.exists()).unwrap_or(main))
}

/// The names of scripts at a path.
fn names(path: &Path) -> Vec<String> {
    let names = path.components().filter(|part| matches!(part, Component::Normal(_)));
    names.map(|part| stem(&part.as_os_str().to_string_lossy()).to_owned()).collect()
}

fn stem(name: &str) -> &str {
    let name = name.strip_suffix(".luau").or_else(|| name.strip_suffix(".lua")).unwrap_or(name);
    name.strip_suffix(".server").or_else(|| name.strip_suffix(".client")).unwrap_or(name)
}

fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("."))
}

/// The last part of a path.
pub(super) fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
