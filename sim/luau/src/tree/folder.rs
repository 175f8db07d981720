//! A folder on disk, as Rojo lays it out (rojo.space, "Sync Details").

use std::fs;
use std::path::{Path, PathBuf};

use super::file::{self, name_of};
use super::reader::{Reader, canonical};
use super::{MountError, Node, meta, project};

/// The files that a folder can be, in Rojo's order.
const INIT: [(&str, &str); 9] = [
    ("init.luau", ".luau"),
    ("init.lua", ".lua"),
    ("init.server.luau", ".server.luau"),
    ("init.server.lua", ".server.lua"),
    ("init.client.luau", ".client.luau"),
    ("init.client.lua", ".client.lua"),
    ("init.plugin.luau", ".plugin.luau"),
    ("init.plugin.lua", ".plugin.lua"),
    ("init.csv", ".csv"),
];

/// What tools and version control leave beside a game, where no project says what belongs to it.
const NOT_OF_A_GAME: [&str; 4] = ["node_modules", "target", "dupeproof-out", "dupeproof-bakeoff"];

/// Reads a folder and all that is in it.
pub(super) fn read(reader: &mut Reader, path: &Path) -> Result<Option<Node>, MountError> {
    match project::in_folder(path) {
        // A project may mount its own folder; one that another one leads back to is a ring.
        Some(project) if reader.innermost_project() != Some(&canonical(&project)?) => {
            project::read_nested(reader, &project)
        }
        _ => read_plain(reader, path).map(Some),
    }
}

/// The same, whatever project stands in the folder.
pub(super) fn read_plain(reader: &mut Reader, path: &Path) -> Result<Node, MountError> {
    let full = canonical(path)?;
    if reader.is_open(&full) {
        return Err(MountError::Loop { path: path.into() });
    }
    let node = reader.within(&full, |reader| read_entries(reader, path))?;
    Ok(Node { file: node.file.or(Some(full)), ..node })
}

fn read_entries(reader: &mut Reader, path: &Path) -> Result<Node, MountError> {
    let name = name_of(path);
    let mut children = Vec::new();
    let mut init: Option<usize> = None;
    reader.read_aliases(path)?;
    for entry in entries(path)? {
        let file = name_of(&entry);
        if let Some(place) = INIT.iter().position(|(init, _)| *init == file) {
            init = Some(init.map_or(place, |best| best.min(place)));
        } else if belongs(reader, &entry, &file) {
            children.extend(reader.read_child(&entry)?);
        }
    }
    let mut node = match init {
        Some(place) => {
            let (file, suffix) = INIT[place];
            file::read_as(reader, &path.join(file), file::kind_of_suffix(suffix), &name)?.unwrap_or_default()
        }
        None => Node::folder(&name),
    };
    node.children = children;
    reader.count_instances(path, 1)?;
    for meta in ["init.meta.json", "init.meta.jsonc"] {
        meta::apply(reader, &mut node, &path.join(meta))?;
    }
    Ok(node)
}

/// Whether an entry of a folder is one of the game.
fn belongs(reader: &Reader, path: &Path, name: &str) -> bool {
    let is_meta = name.ends_with(".meta.json") || name.ends_with(".meta.jsonc");
    let is_open_project = name.contains(".project.json") && canonical(path).is_ok_and(|path| reader.is_open(&path));
    let is_of_a_tool =
        name == ".git" || reader.plain && (name.starts_with('.') && name != ".pesde" || NOT_OF_A_GAME.contains(&name));
    !(is_meta || is_open_project || is_of_a_tool || reader.is_ignored(path))
}

/// The entries of a folder, sorted by name.
pub(super) fn entries(path: &Path) -> Result<Vec<PathBuf>, MountError> {
    let problem = |problem| MountError::unread(path, problem);
    let mut entries = Vec::new();
    for entry in fs::read_dir(path).map_err(problem)? {
        entries.push(entry.map_err(problem)?.path());
    }
    entries.sort();
    Ok(entries)
}
