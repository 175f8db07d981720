//! `sourcemap.json`, as `rojo sourcemap` writes it: the tree of a project, with the files that it is made of.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::file::{self, name_of};
use super::reader::Reader;
use super::roots::folder_of;
use super::{MountError, Node, jsonc};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    name: String,
    class_name: String,
    #[serde(default)]
    file_paths: Vec<PathBuf>,
    #[serde(default)]
    children: Vec<Entry>,
}

/// The tree of a sourcemap.
pub(super) fn read(reader: &mut Reader, path: &Path) -> Result<Node, MountError> {
    let top: Entry = jsonc::parse(path, &reader.text_of(path)?)?;
    node(reader, folder_of(path), top)
}

/// Whether a JSON file is a sourcemap and not a project.
pub(super) fn is_sourcemap(reader: &mut Reader, path: &Path) -> bool {
    reader.text_of(path).ok().and_then(|text| jsonc::parse::<Entry>(path, &text).ok()).is_some()
}

fn node(reader: &mut Reader, folder: &Path, entry: Entry) -> Result<Node, MountError> {
    let is_script = |path: &&PathBuf| matches!(path.extension().and_then(|end| end.to_str()), Some("lua" | "luau"));
    let is_data = |path: &&PathBuf| !name_of(path).contains(".project.json") && !name_of(path).contains(".meta.json");
    let files = &entry.file_paths;
    let main = files.iter().find(is_script).or_else(|| files.iter().find(is_data)).map(|path| folder.join(path));
    let read = match &main {
        Some(path) if path.is_file() => file::read(reader, path)?,
        Some(path) if !path.exists() => return Err(gone(path)),
        _ => None,
    };
    let mut node = match read {
        Some(read) => Node { name: entry.name, class: entry.class_name, ..read },
        None => Node::of_class(&entry.name, &entry.class_name),
    };
    let children = entry.children.into_iter().map(|child| self::node(reader, folder, child));
    node.children.extend(children.collect::<Result<Vec<_>, _>>()?);
    Ok(node)
}

fn gone(path: &Path) -> MountError {
    let problem = std::io::Error::other("the sourcemap names it, and it is not there; write the sourcemap again");
    MountError::unread(path, problem)
}
