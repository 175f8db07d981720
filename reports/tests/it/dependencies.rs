//! What this project accepts from others: known licences, one registry, one version of each crate, and nothing that is
//! not used. The lists are those of `deny.toml`, which `cargo deny` reads, too; building that tool would take a good part
//! of the time that CI has.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use cargo_metadata::{Dependency, DependencyKind, Metadata, MetadataCommand, Package};
use toml::{Table, Value};

use crate::documents::document;

static DENY: LazyLock<Table> = LazyLock::new(|| read("deny.toml"));

/// Every package for the platform that this is built on, with its manifest. Needs no network after a build.
static METADATA: LazyLock<Metadata> = LazyLock::new(|| {
    let host = Command::new("rustc").args(["--print", "host-tuple"]).output().expect("rustc runs").stdout;
    let host = String::from_utf8(host).expect("a target is text");
    MetadataCommand::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .other_options(["--locked", "--offline", "--filter-platform", host.trim()].map(str::to_owned))
        .exec()
        .expect("cargo knows what it has just built")
});

fn read(name: &str) -> Table {
    document(name).parse().unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The strings of a list in `deny.toml`; of a table in it, its `name` or `crate`.
fn list(section: &str, name: &str) -> Vec<String> {
    let values = DENY[section][name].as_array().unwrap_or_else(|| panic!("{section}.{name} is a list"));
    let text = |value: &Value| {
        let named = value.get("crate").or_else(|| value.get("name")).unwrap_or(value);
        named.as_str().expect("a name").to_owned()
    };
    values.iter().map(text).collect()
}

/// Every locked package: name, version, and where it is from.
fn locked() -> Vec<(String, String, Option<String>)> {
    let lock = read("Cargo.lock");
    let text = |package: &Value, field: &str| package.get(field).and_then(Value::as_str).map(str::to_owned);
    let packages = lock["package"].as_array().expect("a list of packages").iter();
    packages
        .map(|package| (text(package, "name").unwrap(), text(package, "version").unwrap(), text(package, "source")))
        .collect()
}

/// Whether an SPDX expression lets us choose licences of the list only. Of nested parentheses, `AND` is read first, which
/// refuses more than it must, and never less.
fn is_allowed(expression: &str, allowed: &[String]) -> bool {
    let expression = expression.replace('/', " OR ").replace(['(', ')'], " ");
    let one = |licence: &str| allowed.iter().any(|known| known == licence.trim());
    expression.split(" AND ").all(|part| part.split(" OR ").any(one))
}

/// Names that are locked in more than one version, and are not exempt.
fn doubled(locked: &[(String, String, Option<String>)], skip: &[String]) -> Vec<String> {
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, version, _) in locked {
        versions.entry(name).or_default().insert(version);
    }
    let doubled = versions.into_iter().filter(|(name, versions)| versions.len() > 1 && !skip.iter().any(|s| s == name));
    doubled.map(|(name, _)| name.to_owned()).collect()
}

/// Dependencies of a package that no file of it names. Those for the build are in its build script, those for tests
/// anywhere but in its sources, too.
fn unused(package: &Package) -> Vec<String> {
    let folder = package.manifest_path.parent().expect("a manifest is in a folder").as_std_path();
    let own = text_of(&folder.join("src")) + &std::fs::read_to_string(folder.join("build.rs")).unwrap_or_default();
    let tests: String = ["tests", "benches", "examples"].map(|name| text_of(&folder.join(name))).concat();
    let is_unused = |dependency: &&Dependency| {
        let name = dependency.rename.as_ref().unwrap_or(&dependency.name).replace('-', "_");
        let in_tests = dependency.kind == DependencyKind::Development && names(&tests, &name);
        !in_tests && !names(&own, &name)
    };
    package.dependencies.iter().filter(is_unused).map(|dependency| dependency.name.clone()).collect()
}

/// Whether a text names a crate: `name::`, `name!`, `use name` or `extern crate name`.
fn names(text: &str, name: &str) -> bool {
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    text.match_indices(name).any(|(place, _)| {
        let (before, after) = (&text[..place], &text[place + name.len()..]);
        let begins = !before.ends_with(is_word);
        begins
            && (after.starts_with("::")
                || after.starts_with('!')
                || before.ends_with("use ") && !after.starts_with(is_word))
    })
}

/// All Rust files under a folder, as one text.
fn text_of(folder: &Path) -> String {
    let Ok(entries) = std::fs::read_dir(folder) else { return String::new() };
    let text = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.expect("a folder can be read").path();
        match path.is_dir() {
            true => text_of(&path),
            false if path.extension().is_some_and(|suffix| suffix == "rs") => std::fs::read_to_string(&path).unwrap(),
            false => String::new(),
        }
    };
    entries.map(text).collect()
}

#[test]
fn every_dependency_has_a_licence_that_can_be_combined_with_ours() {
    let allowed = list("licenses", "allow");
    let others = METADATA.packages.iter().filter(|package| {
        let licence = package.license.as_deref();
        !licence.is_some_and(|licence| is_allowed(licence, &allowed))
    });
    let others: Vec<_> = others.map(|package| format!("{}: {:?}", package.name, package.license)).collect();
    assert!(METADATA.packages.len() > 100, "dependencies are seen at all");
    assert_eq!(others, Vec::<String>::new());
}

#[test]
fn every_dependency_is_from_the_one_registry_and_there_once() {
    let (registries, banned) = (list("sources", "allow-registry"), list("bans", "deny"));
    let locked = locked();
    for (name, version, source) in &locked {
        let known = source.as_ref().is_none_or(|source| registries.iter().any(|r| *source == format!("registry+{r}")));
        assert!(known, "{name} {version} is from {source:?}");
        assert!(!banned.contains(name), "{name} is banned by deny.toml");
    }
    let skip = list("bans", "skip");
    assert_eq!(doubled(&locked, &skip), Vec::<String>::new(), "two versions: name them in deny.toml, with the reason");
    for name in skip {
        assert!(!doubled(&locked, &[]).is_empty() && doubled(&locked, &[]).contains(&name), "{name} is there once now");
    }
}

#[test]
fn every_dependency_is_used() {
    let mut used = BTreeSet::new();
    for package in METADATA.workspace_packages() {
        assert_eq!(unused(package), Vec::<String>::new(), "{}", package.name);
        used.extend(package.dependencies.iter().map(|dependency| dependency.name.clone()));
    }
    let manifest = read("Cargo.toml");
    let known = manifest["workspace"]["dependencies"].as_table().expect("a table").keys();
    let idle: Vec<_> = known.filter(|name| !used.contains(*name)).collect();
    assert_eq!(idle, Vec::<&String>::new(), "no crate of the workspace uses what is on the left");
}

#[test]
fn what_is_not_accepted_is_seen() {
    let allowed = ["MIT".to_owned(), "Unicode-3.0".to_owned()];
    for (licence, accepted) in [
        ("MIT", true),
        ("Apache-2.0/MIT", true),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
        ("GPL-3.0", false),
        ("MIT AND GPL-3.0", false),
        ("Apache-2.0 WITH LLVM-exception", false),
    ] {
        assert_eq!(is_allowed(licence, &allowed), accepted, "{licence}");
    }
    let twice = [("a", "1.0.0"), ("a", "2.0.0"), ("b", "1.0.0")];
    let twice = twice.map(|(name, version)| (name.to_owned(), version.to_owned(), None));
    assert_eq!(doubled(&twice, &[]), ["a"]);
    assert_eq!(doubled(&twice, &["a".to_owned()]), Vec::<String>::new());
    assert!(names("use rand_core::Rng;", "rand_core") && names("let x = bytes::Bytes::new();", "bytes"));
    assert!(!names("use rand_core::Rng;", "rand") && !names("// in bytes", "bytes"));
}
