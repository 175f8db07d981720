//! Finds a module on disk, and what has to be mounted so that it can load what it requires.

use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::file::{name_of, stem};
use super::luaurc::is_repository;
use super::reader::{Reader, canonical};
use super::roots::Roots;
use super::{MountError, Node, folder, jsonc, project};
use crate::input_file;

/// Folders above a module that are mounted at most, where no project says what belongs to it.
const LEVELS_MAX: usize = 6;
/// Projects above a module that are looked at.
const ABOVE_MAX: usize = 32;

/// A module, and the tree that it is in.
pub(super) struct Found {
    /// What is to be mounted: a game, or the folder of the module.
    pub(super) tree: Node,
    /// The names from the tree to the module.
    pub(super) names: Vec<String>,
    /// What was read beside it.
    pub(super) reader: Reader,
    /// The folder of the project, or the folder that is mounted.
    pub(super) folder: PathBuf,
}

/// The file of a module: itself, the `init` of a folder, what a project of one module is made of, or what `main` in a
/// `package.json` names.
pub(super) fn file_of(path: &Path, roots: &Roots) -> Result<PathBuf, MountError> {
    let full = canonical(path)?;
    let roots = roots.beside(&full)?;
    let own_project = if full.is_dir() {
        project::in_folder(&full)
    } else {
        Some(full.clone()).filter(|path| project::is_project(path))
    };
    if let Some(file) = own_project {
        let node = project::read(&mut Reader::lenient(roots.clone()).of_named(&full), &file)?;
        match node.file {
            Some(file) if node.class == "ModuleScript" => return Ok(file),
            _ if init_of(&full).is_none() => return Err(MountError::NotOne { path: path.into(), class: node.class }),
            _ => {}
        }
    }
    let module = if full.is_dir() { package_main(&full, &roots)? } else { full };
    let module = init_of(&module).unwrap_or(module);
    if module.is_dir() || !module.exists() {
        return Err(MountError::NoModule { path: path.into() });
    }
    Ok(module)
}

/// What somebody names who names this: with the `init` of a folder, the folder.
pub(super) fn named_by(path: &Path) -> Result<PathBuf, MountError> {
    let full = canonical(path)?;
    let folder = full.parent().filter(|_| full.is_file() && name_of(&full).starts_with("init."));
    Ok(folder.map_or_else(|| full.clone(), Path::to_path_buf))
}

fn init_of(folder: &Path) -> Option<PathBuf> {
    let files = ["init.luau", "init.lua", "init.server.luau", "init.server.lua"];
    files.iter().map(|init| folder.join(init)).find(|init| init.is_file())
}

/// The file that `main` in a folder's `package.json` names, under either suffix; the folder itself without one.
fn package_main(folder: &Path, roots: &Roots) -> Result<PathBuf, MountError> {
    let package = folder.join("package.json");
    if !package.is_file() {
        return Ok(folder.into());
    }
    let json: Json = jsonc::parse(&package, &Reader::strict(roots.clone()).text_of(&package)?)?;
    let Some(main) = json.get("main").and_then(Json::as_str) else { return Ok(folder.into()) };
    let main = folder.join(main);
    let candidates = [main.clone(), main.with_extension("luau"), main.with_extension("lua")];
    match candidates.into_iter().find(|file| file.exists()) {
        Some(file) => roots.check(&file),
        None => Ok(main),
    }
}

/// The game that a file belongs to: the nearest project above it that mounts the file and is a whole game.
pub(super) fn game_above(file: &Path, given: &Path, roots: &Roots) -> Option<Found> {
    for folder in file.ancestors().skip(1).take(ABOVE_MAX) {
        for project in project::all_in_folder(folder) {
            let mut reader = Reader::lenient(roots.of(folder).ok()?).of_named(given);
            let Ok(tree) = project::read(&mut reader, &project) else { continue };
            if tree.class == "DataModel"
                && let Some(names) = tree.find_file(file)
            {
                return Some(Found { tree, names, reader, folder: folder.into() });
            }
        }
        if is_repository(folder) {
            break;
        }
    }
    None
}

/// The folder of a module with what stands beside and above it, as far as the module reaches.
pub(super) fn beside(file: &Path, given: &Path, given_roots: &Roots) -> Result<Found, MountError> {
    let own = folder_of(file, given_roots);
    let mut roots: Vec<&Path> = own.ancestors().skip(1).take(reach(&own).clamp(1, LEVELS_MAX)).collect();
    let top = own.ancestors().position(is_repository);
    roots.truncate(top.unwrap_or(usize::MAX));
    roots.retain(|root| root.parent().is_some());
    roots.reverse();
    for root in roots {
        let mut reader = Reader::lenient(given_roots.of(root)?.of_module(given)).of_named(given);
        reader.plain = true;
        // A folder far above may be anybody's: then the one below it has to do.
        if let Ok(tree) = folder::read_plain(&mut reader, root)
            && let Some(names) = tree.find_file(file)
        {
            return Ok(Found { tree, names, reader, folder: root.into() });
        }
    }
    let mut reader = Reader::lenient(given_roots.beside(&own)?).of_named(given);
    let node = reader.read(&own)?.ok_or_else(|| MountError::NoModule { path: file.into() })?;
    let name = node.name.clone();
    let names = node.find_file(file).ok_or_else(|| MountError::NoModule { path: file.into() })?;
    let tree = Node { children: vec![node], ..Node::folder("") };
    Ok(Found { tree, names: [vec![name], names].concat(), reader, folder: own })
}

/// What a module is on disk, with all that belongs to it: its file, its folder, or the folder of a project that is just
/// this module.
fn folder_of(file: &Path, roots: &Roots) -> PathBuf {
    for folder in file.ancestors().skip(1).take(ABOVE_MAX) {
        let read = |file: PathBuf| project::read(&mut Reader::lenient(roots.of(folder).ok()?), &file).ok();
        let project = project::in_folder(folder).and_then(read);
        if project.is_some_and(|node| node.class != "DataModel" && node.find_file(file).is_some()) {
            return folder.into();
        }
        if is_repository(folder) {
            break;
        }
    }
    if name_of(file).starts_with("init.") { file.parent().unwrap_or(file).into() } else { file.into() }
}

/// How many folders above a module its scripts look into: `script.Parent.Parent` in the module itself is two.
fn reach(own: &Path) -> usize {
    let mut most = 1;
    let mut open = vec![(own.to_path_buf(), 0)];
    while let Some((path, depth)) = open.pop() {
        // What a link leads to is none of the module's own.
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() && depth <= LEVELS_MAX {
            let entries = folder::entries(&path).unwrap_or_default().into_iter();
            open.extend(entries.map(|entry| {
                let is_init = name_of(&entry).starts_with("init.");
                (entry, if is_init { depth } else { depth + 1 })
            }));
        } else if stem(&name_of(&path)) != name_of(&path)
            && let Ok(text) = input_file::source(&path)
        {
            most = most.max(climbs(&text).saturating_sub(depth));
        }
    }
    most
}

/// The longest way up that a script takes: `script.Parent.Parent` or `"../../x"`.
fn climbs(source: &str) -> usize {
    let parents = source.match_indices("script.Parent").map(|(place, _)| {
        let rest = &source[place + "script".len()..];
        (0..).take_while(|count| rest[count * ".Parent".len()..].starts_with(".Parent")).count()
    });
    let paths = source.match_indices(['"', '\'']).map(|(place, _)| {
        let rest = &source[place + 1..];
        let count = (0..).take_while(|count| rest[count * 3..].starts_with("../")).count();
        if count > 0 { count + 1 } else { 0 }
    });
    parents.chain(paths).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_way_up_is_found() {
        assert_eq!(climbs("require(script.Parent.Parent.Inner) -- script.Parent"), 2);
        assert_eq!(climbs("require('../../x'), require(\"./y\")"), 3);
        assert_eq!(climbs("script.Parental"), 1, "which does no harm");
        assert_eq!(climbs("return script"), 0);
    }
}
