//! Methods, events and callbacks, by class: names that the reflection database does not have.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// One line for each class: its name, a colon, and its own members. `Name!` is an event, `Name?` a callback, `Name=kind` a
/// method with this kind of result, `Name` one without. Facts of Roblox's class reference (August 2026): a selection of
/// what server scripts meet.
const TEXT: &str = include_str!("members.txt");

/// What a member of a class is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A method, and what kind of result it has: a type of Luau or of the engine, or a class; "" for none.
    Method(&'static str),
    Event,
    /// A function that a script sets.
    Callback,
}

type Table = BTreeMap<&'static str, BTreeMap<&'static str, Kind>>;

static MEMBERS: LazyLock<Table> = LazyLock::new(|| {
    let line = |line: &'static str| {
        let (class, members) = line.split_once(':').expect("a line names its class");
        (class, members.split_whitespace().map(parse).collect())
    };
    TEXT.lines().map(line).collect()
});

fn parse(word: &'static str) -> (&'static str, Kind) {
    if let Some(name) = word.strip_suffix('!') {
        (name, Kind::Event)
    } else if let Some(name) = word.strip_suffix('?') {
        (name, Kind::Callback)
    } else {
        let (name, result) = word.split_once('=').unwrap_or((word, ""));
        (name, Kind::Method(result))
    }
}

/// What a class itself has under a name.
pub(super) fn named(class: &str, name: &str) -> Option<Kind> {
    MEMBERS.get(class)?.get(name).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reflection::class;

    #[test]
    fn members_are_of_classes_that_exist_and_return_what_exists() {
        let results = ["", "number", "boolean", "string", "table", "signal"];
        let values = ["Vector2", "Vector3", "CFrame", "Color3", "Ray", "Region3", "Rect", "UDim", "UDim2"];
        for (name, members) in &*MEMBERS {
            assert!(class(name).is_some(), "{name}");
            for (member, kind) in members {
                let Kind::Method(result) = kind else { continue };
                let known = results.contains(result) || values.contains(result) || class(result).is_some();
                assert!(known, "{name}.{member}: {result}");
            }
        }
    }
}
