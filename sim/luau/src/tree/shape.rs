//! The tree as virtual servers build it, and its scripts.
//!
//! A server makes what its scripts can see when it starts. Large parts that nothing starts in, such as a map, are made
//! when a script first looks into them: they are parts of their own, known by number.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use serde_json::{Map, Value as Json, json};

use super::file::{RUN_CONTEXT_SERVER, name_of, stem};
use super::{Node, Script, property};

/// Fewer instances than this are made at once.
const PART_MIN: usize = 24;

/// Where a script runs that says nothing of it.
const RUNS_IN: [&str; 2] = ["ServerScriptService", "Workspace"];

/// A folder of packages, as package managers name it; the engine has a service of that name that no script uses.
const PACKAGES: &str = "Packages";

/// What Nevermore calls it (quenty.github.io, "Loader").
const LOADER: &str = "loader";

#[derive(Default)]
pub(super) struct Shape {
    /// The first is the top of the tree.
    pub(super) parts: Vec<Arc<Json>>,
    /// By path.
    pub(super) scripts: BTreeMap<String, Script>,
    /// The names that lead to what was read from a file or folder, by its path with and without its suffix.
    pub(super) files: BTreeMap<PathBuf, Vec<String>>,
    /// Whether the server scripts of the tree run.
    runs: bool,
}

impl Shape {
    /// The shape of a tree whose server scripts run by themselves, or not.
    pub(super) fn of(top: &Node, runs: bool) -> Shape {
        let mut shape = Shape { parts: vec![Arc::default()], runs, ..Shape::default() };
        let mut children = Vec::new();
        for node in &top.children {
            let service = Some(&node.class).filter(|class| property::is_service(class));
            let named = Some(&node.name).filter(|name| node.class == "Folder" && *name != PACKAGES);
            let service = service.or(named.filter(|name| property::is_service(name)));
            let here = Place { service: service.map_or("", String::as_str), path: String::new(), names: Vec::new() };
            let mut child = shape.node(node, &here, &node.name);
            if let Some(service) = service {
                child.insert("service".into(), service.clone().into());
            }
            children.push(Json::Object(child));
        }
        shape.parts[0] = Arc::new(json!({ "children": children }));
        shape
    }

    /// Tables with `name`, `class`, `path` (of a script), `start` (it runs by itself), `value`, `properties`,
    /// `attributes`, `tags`, `id`, `loader` (a module that loads others by name), and `children` or `part`.
    fn node(&mut self, node: &Node, above: &Place<'_>, unique: &str) -> Map<String, Json> {
        let mut shape = Map::new();
        let here = above.child(&node.name, unique);
        shape.insert("name".into(), node.name.clone().into());
        shape.insert("class".into(), node.class.clone().into());
        if let Some(source) = &node.source {
            let script = Script { source: source.clone(), chunk: OnceLock::new(), file: node.file.clone() };
            self.scripts.insert(here.path.clone(), script);
            shape.insert("path".into(), here.path.clone().into());
            if self.runs && starts(node, here.service) {
                shape.insert("start".into(), true.into());
            }
        }
        if let Some(file) = &node.file {
            self.remember(file, &here.names);
        }
        let rest = [
            ("value", node.value.clone()),
            ("properties", (!node.properties.is_empty()).then(|| json!(node.properties))),
            ("attributes", (!node.attributes.is_empty()).then(|| json!(node.attributes))),
            ("tags", (!node.tags.is_empty()).then(|| json!(node.tags))),
            ("id", node.id.clone().map(Json::from)),
        ];
        shape.extend(rest.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
        if !node.children.is_empty() {
            self.children(node, &here, &mut shape);
        }
        shape
    }

    fn children(&mut self, node: &Node, here: &Place<'_>, shape: &mut Map<String, Json>) {
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        let mut children = Vec::new();
        for child in &node.children {
            let same = seen.entry(&child.name).or_default();
            *same += 1;
            let unique = if *same == 1 { child.name.clone() } else { format!("{}#{same}", child.name) };
            children.push(Json::Object(self.node(child, here, &unique)));
        }
        if !self.runs && lacks_loader(node) {
            children.push(json!({ "name": LOADER, "class": "ModuleScript", "loader": true }));
        }
        let is_top = here.names.len() == 1;
        if !is_top && node.count() > PART_MIN && !must_be_there(node, self.runs, here.service) {
            shape.insert("part".into(), self.parts.len().into());
            self.parts.push(Arc::new(json!({ "children": children })));
        } else {
            shape.insert("children".into(), children.into());
        }
    }

    /// Aliases of a `.luaurc` lead to files.
    fn remember(&mut self, file: &Path, names: &[String]) {
        let name = name_of(file);
        let short = file.with_file_name(stem(&name));
        let folder = file.parent().filter(|_| name.starts_with("init."));
        for path in [Some(file), Some(&*short), folder].into_iter().flatten() {
            self.files.entry(path.into()).or_insert_with(|| names.to_vec());
        }
    }
}

/// Where in the tree a node is.
struct Place<'a> {
    service: &'a str,
    /// Unique: two instances of one name have different paths.
    path: String,
    names: Vec<String>,
}

impl Place<'_> {
    fn child(&self, name: &str, unique: &str) -> Self {
        let path = if self.path.is_empty() { unique.to_owned() } else { format!("{}/{unique}", self.path) };
        let mut names = self.names.clone();
        names.push(name.to_owned());
        Place { service: self.service, path, names }
    }
}

/// Whether scripts right below a node get other modules from a loader that a script of the game sets up when it starts, and
/// no such script runs here.
fn lacks_loader(node: &Node) -> bool {
    let asks = |child: &Node| child.source.as_ref().is_some_and(|source| source.contains("script.Parent.loader"));
    node.children.iter().any(asks) && !node.children.iter().any(|child| child.name == LOADER)
}

/// Whether a script runs by itself when the server starts.
pub(super) fn starts(node: &Node, service: &str) -> bool {
    let context = node.properties.get("RunContext").and_then(|context| context["arguments"][1].as_u64());
    node.class == "Script"
        && node.properties.get("Enabled") != Some(&Json::Bool(false))
        && match context {
            None | Some(0) => RUNS_IN.contains(&service),
            Some(context) => context == u64::from(RUN_CONTEXT_SERVER),
        }
}

/// Whether something below a node is looked for from the first moment on: a script that runs, what has a tag, or what an
/// ObjectValue means.
fn must_be_there(node: &Node, runs: bool, service: &str) -> bool {
    !node.tags.is_empty()
        || node.id.is_some()
        || runs && node.source.is_some() && starts(node, service)
        || node.children.iter().any(|child| must_be_there(child, runs, service))
}
