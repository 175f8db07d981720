//! The Roblox server that scripts see: written in Luau, part of the binary.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use crate::raw::{Chunk, OWN};

/// The scripts of the prelude.
const PARTS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/prelude.rs"));

/// Which script of the prelude defines what objects of a class do, in the order of the classes' names.
const DEFINITIONS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/definitions.rs"));

/// The adapters that come with the program.
const ADAPTERS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/adapter.rs"));

/// The script that makes the dispatch function.
const ENTRY: &str = "main";

/// The prelude's scripts, compiled once for all virtual machines.
pub(crate) struct Prelude(BTreeMap<&'static str, Arc<Chunk>>);

impl Prelude {
    /// The prelude that is built into the program.
    pub(crate) fn built_in() -> Arc<Prelude> {
        static BUILT_IN: LazyLock<Arc<Prelude>> = LazyLock::new(|| {
            let compiled = |(name, source): &(&'static str, &str)| {
                (*name, Arc::new(Chunk::compile(&format!("{OWN}{name}.luau"), source)))
            };
            Arc::new(Prelude(PARTS.iter().map(compiled).collect()))
        });
        BUILT_IN.clone()
    }

    /// The script that makes the dispatch function.
    pub(crate) fn entry(&self) -> Arc<Chunk> {
        self.part(ENTRY).expect("there is an entry")
    }

    /// The script with this name.
    pub(crate) fn part(&self, name: &str) -> Option<Arc<Chunk>> {
        self.0.get(name).cloned()
    }
}

/// The script that defines what objects of a class do, if there is one: the others are inert.
pub(crate) fn part_of(class: &str) -> Option<&'static str> {
    let place = DEFINITIONS.binary_search_by_key(&class, |(class, _)| class).ok()?;
    Some(DEFINITIONS[place].1)
}

/// The source of a built-in adapter.
pub(crate) fn adapter(name: &str) -> Option<&'static str> {
    ADAPTERS.iter().find(|(known, _)| *known == name).map(|(_, source)| *source)
}

/// The names of the built-in adapters.
pub(crate) fn adapters() -> impl Iterator<Item = &'static str> {
    ADAPTERS.iter().map(|(name, _)| *name)
}
