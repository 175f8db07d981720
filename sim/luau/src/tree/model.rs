//! `.model.json` files: instances written by hand (rojo.space, "JSON Models").

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value as Json;

use super::reader::{Reader, canonical};
use super::{MountError, Node, jsonc, meta};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Model {
    #[serde(alias = "Name")]
    name: Option<String>,
    #[serde(alias = "ClassName")]
    class_name: String,
    #[serde(default, alias = "Children")]
    children: Vec<Model>,
    #[serde(default, alias = "Properties")]
    properties: BTreeMap<String, Json>,
    #[serde(default, alias = "Attributes")]
    attributes: BTreeMap<String, Json>,
}

/// Reads a model; `None` for an empty file. The name of the file is that of the model.
pub(super) fn read(reader: &mut Reader, path: &Path, name: &str) -> Result<Option<Node>, MountError> {
    let text = reader.text_of(path)?;
    if text.trim().is_empty() {
        return Ok(None);
    }
    let model: Model = jsonc::parse(path, &text)?;
    let mut node = instance(model).map_err(|problem| MountError::Invalid { path: path.into(), problem })?;
    node.name = name.into();
    node.file = canonical(path).ok();
    reader.count_instances(path, node.count())?;
    Ok(Some(node))
}

fn instance(model: Model) -> Result<Node, String> {
    let name = model.name.unwrap_or_else(|| model.class_name.clone());
    let mut node = Node::of_class(&name, &model.class_name);
    meta::set_all(&mut node, &model.properties, &model.attributes)
        .map_err(|(place, problem)| format!("`{name}`, `{place}`: {problem}"))?;
    node.children = model.children.into_iter().map(instance).collect::<Result<_, _>>()?;
    Ok(node)
}
