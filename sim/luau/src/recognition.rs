//! Which data module a tree holds, by what the module does.

use crate::contract::{ADAPTERS, BuiltIn};
use crate::tree::{Files, Node};

/// A data module in a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataModule {
    /// The adapter for it.
    pub adapter: &'static str,
    /// Its names in the tree.
    pub names: Vec<String>,
}

impl DataModule {
    /// For people: `ServerStorage.ProfileStore`.
    pub fn path(&self) -> String {
        self.names.join(".")
    }
}

impl Files {
    /// The data modules in the tree, in order of the tree.
    pub fn data_modules(&self) -> Vec<DataModule> {
        let mut found = Vec::new();
        self.visit(&mut |node, names| {
            let adapter = ADAPTERS.iter().find(|adapter| is_module(adapter, node));
            if let Some(adapter) = adapter {
                found.push(DataModule { adapter: adapter.name, names: names.to_vec() });
            }
        });
        found
    }

    /// The adapter for one module of the tree.
    pub fn adapter_for(&self, names: &[String]) -> Option<&'static str> {
        let mut found = None;
        self.visit(&mut |node, at| {
            if at == names {
                found = ADAPTERS.iter().find(|adapter| is_module(adapter, node)).map(|adapter| adapter.name);
            }
        });
        found
    }

    /// The scripts that name DataStoreService, in order of the tree.
    pub fn callers(&self) -> Vec<String> {
        let mut callers = Vec::new();
        self.visit(&mut |node, names| {
            if node.source.as_ref().is_some_and(|source| source.contains("DataStoreService")) {
                callers.push(names.join("."));
            }
        });
        callers
    }
}

/// Whether a node is the module of this adapter: its own source has the marks of what it offers, and it or a module in it
/// those of how it works, which no script that only uses it has.
fn is_module(adapter: &BuiltIn, node: &Node) -> bool {
    let Some(source) = node.source.as_ref().filter(|_| node.is_module()) else { return false };
    !adapter.offers.is_empty()
        && adapter.offers.iter().all(|mark| source.contains(mark))
        && adapter.works.iter().all(|mark| has(node, mark))
}

/// Whether the source of a node, or of one in it, has this text.
fn has(node: &Node, mark: &str) -> bool {
    node.source.as_ref().is_some_and(|source| source.contains(mark))
        || node.children.iter().any(|child| has(child, mark))
}
