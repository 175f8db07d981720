//! `dupeproof list host`: what of Roblox the virtual servers have.

use dupeproof_luau::{Part, State, Survey, survey};

use super::topic::{Entry, Topic};
use crate::args::Listed;

/// What the words mean.
pub(super) const ABOUT: &str = "works: does what data modules and server scripts need of it\n\
     inert: is there and does nothing; methods return as little as possible, events never fire\n\
     missing: a script that uses it stops with its name; --fake FILE can supply it";

/// A topic for services, globals and classes, and one for the methods that are missing of what works.
pub(super) fn topics() -> Vec<Topic> {
    let Survey { services, classes, globals, methods } = survey();
    [("services", services), ("globals", globals), ("classes", classes), ("methods", methods)]
        .map(|(title, parts)| Topic {
            topic: Listed::Host,
            title: title.to_owned(),
            entries: parts.iter().map(entry).collect(),
        })
        .into()
}

fn entry(part: &Part) -> Entry {
    let state = match part.state {
        State::Works => "works",
        State::Inert => "inert",
        State::Missing => "missing",
    };
    Entry { name: part.name.to_string(), about: state.to_owned(), detail: None }
}
