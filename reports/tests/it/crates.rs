//! The arrows between the crates: each may use those before it, and none after.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::MetadataCommand;

type Uses = BTreeMap<String, BTreeSet<String>>;

/// Each crate of the workspace, with the others it may use. `dupeproof-luau` has no line in `scenarios`' list:
/// only the binary knows it.
const ALLOWED: [(&str, &[&str]); 6] = [
    ("dupeproof-core", &[]),
    ("dupeproof-embed", &["dupeproof-core"]),
    ("dupeproof-sim", &["dupeproof-core"]),
    ("dupeproof-luau", &["dupeproof-core", "dupeproof-sim"]),
    ("dupeproof-scenarios", &["dupeproof-core", "dupeproof-embed", "dupeproof-sim"]),
    ("dupeproof", &["dupeproof-core", "dupeproof-sim", "dupeproof-scenarios", "dupeproof-luau"]),
];

/// What a pure machine cannot need: sockets, tasks, chance, and the world that is simulated around it.
const IMPURE: [&str; 8] = ["tokio", "turmoil", "futures", "rand", "rand_core", "rand_chacha", "getrandom", "rayon"];

/// Every arrow that points the wrong way.
fn violations(uses: &Uses) -> Vec<String> {
    let mut violations = Vec::new();
    for (name, used) in uses {
        let Some((_, allowed)) = ALLOWED.iter().find(|(known, _)| known == name) else {
            violations.push(format!("{name} has no place among the crates"));
            continue;
        };
        let ours = used.iter().filter(|other| ALLOWED.iter().any(|(known, _)| known == other));
        for other in ours.filter(|other| !allowed.contains(&other.as_str())) {
            violations.push(format!("{name} uses {other}"));
        }
        for impure in used.iter().filter(|other| name == "dupeproof-core" && IMPURE.contains(&other.as_str())) {
            violations.push(format!("{name} uses {impure}"));
        }
    }
    violations
}

/// What each crate of this workspace uses, for itself, its build and its tests; but a Luau test may use anything.
fn workspace() -> Uses {
    let metadata = MetadataCommand::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .no_deps()
        .exec()
        .expect("cargo knows its own workspace");
    let used = |package: &cargo_metadata::Package| {
        let counts = |dependency: &&cargo_metadata::Dependency| {
            package.name.as_str() != "dupeproof-luau" || dependency.kind != cargo_metadata::DependencyKind::Development
        };
        package.dependencies.iter().filter(counts).map(|dependency| dependency.name.clone()).collect()
    };
    metadata.workspace_packages().into_iter().map(|package| (package.name.to_string(), used(package))).collect()
}

#[test]
fn arrows_between_crates_point_one_way() {
    let uses = workspace();
    assert!(uses.len() >= 4, "{uses:?}");
    assert!(uses["dupeproof"].contains("dupeproof-scenarios"), "arrows are seen at all");
    assert_eq!(violations(&uses), Vec::<String>::new());
}

#[test]
fn an_arrow_that_points_back_is_seen() {
    let mut uses = workspace();
    uses.get_mut("dupeproof-core").expect("it is there").insert("rand_core".into());
    uses.get_mut("dupeproof-sim").expect("it is there").insert("dupeproof-scenarios".into());
    uses.insert("dupeproof-luau".into(), BTreeSet::from(["dupeproof".into()]));
    uses.insert("dupeproof-util".into(), BTreeSet::new());
    assert_eq!(
        violations(&uses),
        [
            "dupeproof-core uses rand_core",
            "dupeproof-luau uses dupeproof",
            "dupeproof-sim uses dupeproof-scenarios",
            "dupeproof-util has no place among the crates",
        ]
    );
}
