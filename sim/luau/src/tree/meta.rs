//! `.meta.json` files: what a file or folder cannot say of its instance (rojo.space, "Meta Files").

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value as Json;

use super::reader::Reader;
use super::{MountError, Node, jsonc, property};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    class_name: Option<String>,
    #[serde(default)]
    properties: BTreeMap<String, Json>,
    #[serde(default)]
    attributes: BTreeMap<String, Json>,
}

/// Gives a node what a meta file says, if there is one. `ignoreUnknownInstances` and `id` are for live sync.
pub(super) fn apply(reader: &mut Reader, node: &mut Node, path: &Path) -> Result<(), MountError> {
    if !path.is_file() {
        return Ok(());
    }
    let meta: Meta = jsonc::parse(path, &reader.text_of(path)?)?;
    let invalid = |problem: String| MountError::Invalid { path: path.into(), problem };
    if let Some(class) = meta.class_name {
        if node.class != "Folder" {
            return Err(invalid(format!("`className`: `{}` is a {} already", node.name, node.class)));
        }
        node.class = class;
    }
    set_all(node, &meta.properties, &meta.attributes)
        .map_err(|(place, problem)| invalid(format!("`{place}`: {problem}")))
}

/// Sets properties and attributes.
///
/// # Errors
/// One of them makes no sense: its place, and why.
pub(super) fn set_all(
    node: &mut Node,
    properties: &BTreeMap<String, Json>,
    attributes: &BTreeMap<String, Json>,
) -> Result<(), (String, String)> {
    for (name, value) in properties {
        property::apply(node, name, value).map_err(|problem| (format!("properties.{name}"), problem))?;
    }
    for (name, value) in attributes {
        property::apply_attribute(node, name, value).map_err(|problem| (format!("attributes.{name}"), problem))?;
    }
    Ok(())
}
