//! The arrows between the modules of `core/src`: they never lead back to where they began.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The modules that each module uses, by their paths below `crate`: `session::held`.
type Uses = BTreeMap<String, BTreeSet<String>>;

/// The source of each module, by its path.
type Sources = BTreeMap<String, String>;

/// Reads every file below a folder but `lib.rs`, which only names the others.
fn sources(folder: &Path, path: &str, sources: &mut Sources) {
    for entry in std::fs::read_dir(folder).expect("the sources are there") {
        let entry = entry.expect("the sources can be listed");
        let name = entry.file_name().into_string().expect("file names are ASCII");
        let name = name.trim_end_matches(".rs");
        let path = if path.is_empty() { name.to_owned() } else { format!("{path}::{name}") };
        if entry.file_type().expect("an entry has a type").is_dir() {
            self::sources(&entry.path(), &path, sources);
        } else if name != "lib" {
            sources.insert(path, std::fs::read_to_string(entry.path()).expect("sources are text"));
        }
    }
}

/// The modules that a module's source names, comments aside.
fn uses(module: &str, source: &str, modules: &BTreeSet<&str>) -> BTreeSet<String> {
    let mut uses = BTreeSet::new();
    let parent = module.rsplit_once("::").map_or("", |(parent, _)| parent);
    let code = source.lines().map(|line| line.split("//").next().unwrap_or_default());
    for line in code {
        let reexport =
            ["pub use ", "pub(crate) use ", "pub(super) use "].iter().any(|start| line.trim().starts_with(start));
        assert!(!reexport, "{module}: a re-export would hide the module that is used");
        for (root, base) in [("crate::", ""), ("super::", parent), ("self::", module)] {
            for (at, _) in line.match_indices(root) {
                let rest = &line[at + root.len()..];
                assert!(!rest.starts_with('{') || root != "crate::", "{module}: one `use crate::` for each module");
                let names = rest.split(|letter: char| !letter.is_alphanumeric() && letter != '_' && letter != ':');
                let named = format!("{base}::{}", names.into_iter().next().unwrap_or_default());
                let used = longest_module(named.trim_matches(':'), modules);
                assert!(used.is_some(), "{module}: name the module of `{root}{rest}`, not the crate's own name for it");
                uses.extend(used.filter(|used| used != module));
            }
        }
    }
    uses
}

/// The module that a path leads into: the path without the item that it ends with.
fn longest_module(path: &str, modules: &BTreeSet<&str>) -> Option<String> {
    let mut path = path;
    while !modules.contains(path) {
        path = path.rsplit_once("::")?.0;
    }
    Some(path.to_owned())
}

fn all_uses(sources: &Sources) -> Uses {
    let modules: BTreeSet<&str> = sources.keys().map(String::as_str).collect();
    sources.iter().map(|(module, source)| (module.clone(), uses(module, source, &modules))).collect()
}

/// Every module that can be reached from itself. A parent and its children are one concept: their arrows do not count.
fn circles(uses: &Uses) -> Vec<&str> {
    let related = |one: &str, other: &str| {
        let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
        long.starts_with(&format!("{short}::"))
    };
    let next = |module: &str| {
        let used = uses.get(module).into_iter().flatten();
        used.filter(|other| !related(module, other)).map(String::as_str).collect::<Vec<_>>()
    };
    let returns = |start: &str| {
        let (mut seen, mut left) = (BTreeSet::new(), next(start));
        while let Some(module) = left.pop() {
            if seen.insert(module) {
                left.extend(next(module));
            }
        }
        seen.contains(start)
    };
    uses.keys().map(String::as_str).filter(|module| returns(module)).collect()
}

/// The same arrows between top-level modules, each with all that is below it.
fn at_top(uses: &Uses) -> Uses {
    let top = |module: &str| module.split("::").next().unwrap_or_default().to_owned();
    let mut merged = Uses::new();
    for (module, used) in uses {
        let others = used.iter().map(|other| top(other)).filter(|other| *other != top(module));
        merged.entry(top(module)).or_default().extend(others);
    }
    merged
}

fn core() -> Sources {
    let mut found = Sources::new();
    sources(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), "", &mut found);
    found
}

#[test]
fn no_module_leads_back_to_itself() {
    let uses = all_uses(&core());
    assert!(uses["store"].contains("session") && uses["session"].contains("session::held"), "arrows are seen at all");
    assert_eq!(circles(&uses), Vec::<&str>::new());
    assert_eq!(circles(&at_top(&uses)), Vec::<&str>::new());
}

#[test]
fn a_circle_is_seen() {
    let mut planted = core();
    let time = planted.get_mut("time").expect("it is there");
    time.push_str("use crate::backoff::Backoff;\n");
    assert_eq!(circles(&all_uses(&planted)), ["backoff", "time"]);
}

#[test]
fn a_circle_through_a_child_is_seen_between_top_level_modules() {
    let mut planted = core();
    let critical = planted.get_mut("critical").expect("it is there");
    critical.push_str("fn planted(calls: crate::store::calls::Calls) {}\n");
    assert_eq!(circles(&at_top(&all_uses(&planted))), ["critical", "store"]);
}

#[test]
fn a_module_that_is_only_named_in_a_comment_is_not_used() {
    let mut planted = core();
    planted.get_mut("time").expect("it is there").push_str("// See `crate::backoff::Backoff`.\n");
    assert_eq!(circles(&all_uses(&planted)), Vec::<&str>::new());
}
