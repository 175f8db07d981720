//! One instance of the tree: a folder, a script, or whatever else a project or place holds.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value as Json;

use super::property;

/// An instance, and its children.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) name: String,
    /// Its class, as Roblox names it: `Folder`, `ModuleScript` and so on.
    pub(crate) class: String,
    pub(crate) source: Option<Arc<str>>,
    /// The value of a module that is a data file.
    pub(crate) value: Option<Json>,
    /// Its other properties, as [`property`] encodes them.
    pub(crate) properties: BTreeMap<String, Json>,
    /// Its attributes, encoded the same way.
    pub(crate) attributes: BTreeMap<String, Json>,
    /// Its tags, for `CollectionService`.
    pub(crate) tags: Vec<String>,
    /// By which the values of other nodes mean it, if any do.
    pub(crate) id: Option<String>,
    /// The file or folder that it was read from, without symlinks.
    pub(crate) file: Option<PathBuf>,
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
        Node::of_class(name, "Folder")
    }

    /// An instance of any class, with nothing in it.
    pub(crate) fn of_class(name: &str, class: &str) -> Node {
        Node {
            name: name.into(),
            class: class.into(),
            source: None,
            value: None,
            properties: BTreeMap::new(),
            attributes: BTreeMap::new(),
            tags: Vec::new(),
            id: None,
            file: None,
            children: Vec::new(),
        }
    }

    /// A script.
    pub(crate) fn script(name: &str, class: &str, source: &str) -> Node {
        Node { source: Some(source.into()), ..Node::of_class(name, class) }
    }

    /// A module that cannot be read: it says why when it is required.
    pub(crate) fn unreadable(name: &str, problem: &str) -> Node {
        let mut level = String::new();
        while problem.contains(&format!("]{level}]")) {
            level.push('=');
        }
        Node::script(name, "ModuleScript", &format!("error([{level}[{problem}]{level}], 0)"))
    }

    /// Whether scripts can `require` it.
    pub(crate) fn is_module(&self) -> bool {
        self.class == "ModuleScript"
    }

    /// Puts a node at a path of names (the last is its own), making folders on the way. What is there already under
    /// these names is merged with it.
    pub(crate) fn put(&mut self, at: &[&str], node: Node) {
        let Some((name, rest)) = at.split_first() else { return self.merge(node) };
        let place = self.children.iter().position(|child| child.name == *name).unwrap_or_else(|| {
            self.children.push(Node::folder(name));
            self.children.len() - 1
        });
        self.children[place].put(rest, node);
    }

    /// Puts nodes right below this one, each at its name.
    pub(crate) fn put_all(&mut self, nodes: Vec<Node>) {
        let names = self.children.iter().enumerate().map(|(place, own)| (own.name.clone(), place));
        // Of several with one name, the first.
        let mut there: BTreeMap<String, usize> = names.rev().collect();
        for node in nodes {
            let place = *there.entry(node.name.clone()).or_insert_with(|| {
                self.children.push(Node::folder(&node.name));
                self.children.len() - 1
            });
            self.children[place].merge(node);
        }
    }

    fn merge(&mut self, mut node: Node) {
        self.source = node.source.or(self.source.take());
        self.value = node.value.or(self.value.take());
        self.file = node.file.or(self.file.take());
        self.id = node.id.or(self.id.take());
        self.properties.append(&mut node.properties);
        self.attributes.append(&mut node.attributes);
        self.tags.append(&mut node.tags);
        if node.class != "Folder" {
            self.class = node.class;
        }
        // By name: there may be thousands.
        let mut there: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, own) in self.children.iter().enumerate().filter(|_| !node.children.is_empty()) {
            there.entry(own.name.clone()).or_default().push(place);
        }
        for child in node.children {
            let mut places = there.get(&child.name).into_iter().flatten().copied();
            match places.find(|place| self.children[*place].is_place_of(&child)) {
                Some(place) => self.children[place].merge(child),
                None => self.children.push(child),
            }
        }
    }

    /// Whether `other`, of the same name, is mounted onto this one and not beside it.
    fn is_place_of(&self, other: &Node) -> bool {
        self.class == "Folder" && self.source.is_none() || property::is_service(&other.class)
    }

    /// The node at a path of names.
    pub(crate) fn find(&self, names: &[String]) -> Option<&Node> {
        names.iter().try_fold(self, |node, name| node.children.iter().find(|child| child.name == *name))
    }

    /// The names that lead to what was read from this file, the first of them in order of the tree.
    pub(crate) fn find_file(&self, file: &Path) -> Option<Vec<String>> {
        if self.file.as_deref() == Some(file) && (self.source.is_some() || self.value.is_some()) {
            return Some(Vec::new());
        }
        self.children.iter().find_map(|child| {
            let mut names = child.find_file(file)?;
            names.insert(0, child.name.clone());
            Some(names)
        })
    }

    /// Whether it, or something below it, was read from this file or folder.
    pub(crate) fn holds(&self, file: &Path) -> bool {
        self.file.as_deref() == Some(file) || self.children.iter().any(|child| child.holds(file))
    }

    /// Looks at everything below it; `names` lead to it.
    pub(crate) fn visit(&self, names: &mut Vec<String>, look: &mut dyn FnMut(&Node, &[String])) {
        for child in &self.children {
            names.push(child.name.clone());
            look(child, names);
            child.visit(names, look);
            names.pop();
        }
    }

    /// How many instances this is, with all below it.
    pub(crate) fn count(&self) -> usize {
        1 + self.children.iter().map(Node::count).sum::<usize>()
    }
}
