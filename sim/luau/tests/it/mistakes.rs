//! The catalogue of mistakes: every edit can be made, and what it makes still starts.

use std::path::{Path, PathBuf};

use dupeproof_luau::{LuauSubject, Options};
use serde::Deserialize;

use crate::common::contract;

#[derive(Deserialize)]
struct Catalogue {
    mistake: Vec<Edit>,
    same: Vec<Edit>,
}

#[derive(Deserialize)]
struct Edit {
    module: String,
    name: String,
    from: String,
    to: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mistakes")
}

#[test]
fn every_edit_of_the_catalogue_can_be_made_and_the_module_still_starts() {
    let text = std::fs::read_to_string(folder().join("mistakes.toml")).expect("it is there");
    let Catalogue { mistake, same } = toml::from_str(&text).expect("it is TOML");
    assert!(mistake.len() >= 60 && same.len() >= 12, "{} mistakes, {} equivalent edits", mistake.len(), same.len());
    let edited = tempfile::tempdir().expect("there is room");
    for Edit { module, name, from, to } in mistake.iter().chain(&same) {
        let source = std::fs::read_to_string(folder().join(format!("{module}.luau"))).expect("it is there");
        assert_eq!(source.matches(from.as_str()).count(), 1, "{module}, {name}: {from}");
        assert_ne!(from, to, "{module}, {name}");
        let path = edited.path().join(format!("{module}.luau"));
        std::fs::write(&path, source.replace(from.as_str(), to)).expect("it can be written");
        let adapter = folder().join(format!("{module}_adapter.luau"));
        let options =
            Options::module(&path, &adapter.to_string_lossy()).unwrap_or_else(|error| panic!("{name}: {error}"));
        LuauSubject::new(&options, contract(&[])).unwrap_or_else(|error| panic!("{module}, {name}: {error}"));
    }
}
