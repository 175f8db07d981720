//! Rojo's project files: which folders are mounted where (rojo.space, "Project Format").

use std::fs;
use std::path::Path;

use serde_json::{Map, Value as Json};

use super::folder::{name_of, parse, read_some};
use super::{MountError, Node};

/// The tree that a project file describes.
pub(super) fn read(path: &Path, left: &mut usize) -> Result<Node, MountError> {
    let text = fs::read_to_string(path).map_err(|problem| MountError::Read { path: path.into(), problem })?;
    let project: Map<String, Json> = parse(path, &text)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let invalid = |problem: &str| MountError::Invalid { path: path.into(), problem: problem.into() };
    let tree = project.get("tree").and_then(Json::as_object).ok_or_else(|| invalid("it has no `tree`"))?;
    let mut node = instance(folder, tree, left)?;
    node.name = project.get("name").and_then(Json::as_str).map_or_else(|| name_of(folder), str::to_owned);
    Ok(node)
}

/// `$path` is read, every field without a `$` is a child.
fn instance(folder: &Path, fields: &Map<String, Json>, left: &mut usize) -> Result<Node, MountError> {
    let mut node = Node::default();
    let path = fields.get("$path").and_then(|path| path.as_str().or_else(|| path.get("optional")?.as_str()));
    if let Some(path) = path {
        let path = folder.join(path);
        let optional = fields.get("$path").is_some_and(Json::is_object);
        if (!optional || path.exists())
            && let Some(mounted) = read_some(&path, left)?
        {
            node = mounted;
        }
    }
    for (name, child) in fields.iter().filter(|(name, _)| !name.starts_with('$')) {
        if let Some(child) = child.as_object() {
            let child = instance(folder, child, left)?;
            node.put(&[name], child);
        }
    }
    Ok(node)
}
