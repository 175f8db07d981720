//! One folder or script.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;

/// A folder or script, and its children.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) name: String,
    /// Its class, as Roblox names it: `Folder`, `ModuleScript` and so on.
    pub(crate) class: String,
    pub(crate) source: Option<Arc<str>>,
    /// The aliases of a `.luaurc`.
    pub(crate) aliases: BTreeMap<String, String>,
    /// The value of a module that is a JSON file.
    pub(crate) value: Option<Json>,
    pub(crate) children: Vec<Node>,
}

impl Default for Node {
    fn default() -> Node {
        Node::folder("")
    }
}

impl Node {
    /// An empty folder.
    pub(crate) fn folder(name: &str) -> Node {
        Node {
            name: name.into(),
            class: "Folder".into(),
            source: None,
            aliases: BTreeMap::new(),
            value: None,
            children: Vec::new(),
        }
    }

    /// A script.
    pub(crate) fn script(name: &str, class: &str, source: &str) -> Node {
        Node { class: class.into(), source: Some(source.into()), ..Node::folder(name) }
    }

    /// Puts a node at a path of names (the last is its own), making folders on the way. A node that is there
    /// already keeps its children.
    pub(crate) fn put(&mut self, at: &[&str], mut node: Node) {
        let Some((name, rest)) = at.split_first() else {
            self.aliases.append(&mut node.aliases);
            self.source = node.source.or(self.source.take());
            self.value = node.value.or(self.value.take());
            if node.class != "Folder" {
                self.class = node.class;
            }
            for child in node.children {
                let name = child.name.clone();
                self.put(&[&name], child);
            }
            return;
        };
        let place = self.children.iter().position(|child| child.name == *name).unwrap_or_else(|| {
            self.children.push(Node::folder(name));
            self.children.len() - 1
        });
        self.children[place].put(rest, node);
    }

    /// The node at a path of names.
    pub(crate) fn find(&self, names: &[String]) -> Option<&Node> {
        names.iter().try_fold(self, |node, name| node.children.iter().find(|child| child.name == *name))
    }
}
