//! The documents for developers name only files that are there.

use std::path::{Path, PathBuf};

/// The documents that name paths, from the root of the repository.
const DOCUMENTS: [&str; 2] = ["ARCHITECTURE.md", "CONTRIBUTING.md"];

/// Endings that make a name without a folder a path.
const SUFFIXES: [&str; 7] = [".rs", ".md", ".toml", ".luau", ".sh", ".snap", ".lock"];

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

pub(crate) fn document(name: &str) -> String {
    let path = root().join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What stands in a document between two lines is this text; with `UPDATE` set, it is written there.
pub(crate) fn hold(name: &str, [begin, end]: [&str; 2], expected: &str, test: &str) {
    let text = document(name);
    let (before, rest) = text.split_once(begin).unwrap_or_else(|| panic!("{name} has {begin}"));
    let (section, after) = rest.split_once(end).unwrap_or_else(|| panic!("{name} has {end}"));
    if std::env::var_os("UPDATE").is_some() {
        let new = [before, begin, expected, end, after].concat();
        std::fs::write(root().join(name), new).expect("the document can be written");
    } else {
        assert_eq!(section, expected, "write it again: UPDATE=1 cargo test -p dupeproof --test it {test}");
    }
}

/// The text between pairs of backticks, without the blocks of commands.
fn code_spans(text: &str) -> Vec<&str> {
    let prose = text.split("```").step_by(2);
    prose.flat_map(|part| part.split('`').skip(1).step_by(2)).collect()
}

/// The targets of links.
pub(crate) fn links(text: &str) -> Vec<&str> {
    text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target).collect()
}

fn is_path(span: &str) -> bool {
    let plain = |character: char| character.is_ascii_alphanumeric() || "_-./<>".contains(character);
    span.chars().all(plain)
        && span.contains(char::is_alphabetic)
        && (span.contains('/') || SUFFIXES.iter().any(|suffix| span.ends_with(suffix)))
}

/// Every path in a document that is not there. Of a path with a `<placeholder>`, the folder above it must be.
fn missing(text: &str) -> Vec<String> {
    let spans = code_spans(text).into_iter().filter(|span| is_path(span));
    let targets = links(text).into_iter().filter(|target| !target.contains(':') && !target.starts_with('#'));
    let mut missing: Vec<String> = spans
        .chain(targets)
        .filter(|path| {
            let known = path.split_once('<').map_or(*path, |(before, _)| before);
            let known = if known == *path { known } else { known.rsplit_once('/').map_or("", |(folder, _)| folder) };
            !root().join(known).exists()
        })
        .map(str::to_owned)
        .collect();
    missing.dedup();
    missing
}

#[test]
fn every_path_that_a_document_names_is_there() {
    for name in DOCUMENTS {
        let text = document(name);
        let paths = code_spans(&text).into_iter().filter(|span| is_path(span)).count();
        assert!(paths > 15, "{name} names {paths} paths: they are not recognised any more");
        assert_eq!(missing(&text), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn a_path_that_is_not_there_is_seen() {
    let text = "`core/` and `core/gone.rs`, `gone.md`, `core/src/<name>.rs`, `core/gone/<name>.rs`, [one](README.md), \
                [two](core/lost.md), [three](https://example.com), `poll_output()`, `cargo test`\n```sh\n`no/path`\n```\n";
    assert_eq!(missing(text), ["core/gone.rs", "gone.md", "core/gone/<name>.rs", "core/lost.md"]);
}
