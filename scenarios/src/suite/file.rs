//! Scenario files: a suite, as TOML.

use std::collections::BTreeMap;
use std::fmt;

use dupeproof_sim::network::Network;
use serde::Deserialize;
use toml::Spanned;

use super::field::Size;
use super::name::{CounterName, FindingNames, OwnName, WorldName};
use super::table::Table;
use crate::knob::Knob;
use crate::strategy::{Feature, WorkloadRate};
use crate::suggest;

/// A scenario file as it is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScenarioFile {
    pub(super) name: OwnName,
    pub(super) about: String,
    pub(super) subject: Option<Spanned<String>>,
    pub(super) world: Option<WorldName>,
    pub(super) network: Option<Network>,
    #[serde(default)]
    pub(super) topology: Table<Size>,
    #[serde(default)]
    pub(super) workload: Table<&'static WorkloadRate>,
    #[serde(default)]
    pub(super) odds: Table<Feature>,
    #[serde(default)]
    pub(super) knobs: Table<&'static Knob>,
    #[serde(default)]
    pub(super) constants: BTreeMap<String, Spanned<u64>>,
    pub(super) must_see: Option<Vec<CounterName>>,
    pub(super) must_see_after: Option<Spanned<u64>>,
    #[serde(default)]
    pub(super) never: Vec<FindingNames>,
    #[serde(default)]
    pub(super) allows: Vec<FindingNames>,
    pub(super) twin: Option<Spanned<String>>,
}

/// Why a world or a scenario file is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileError {
    /// The line, from one; zero where it is about no line.
    pub line: usize,
    /// What is wrong, and what is allowed.
    pub what: String,
}

impl fmt::Display for FileError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => formatter.write_str(&self.what),
            line => write!(formatter, "line {line}: {}", self.what),
        }
    }
}

impl std::error::Error for FileError {}

impl FileError {
    /// About a place in a text.
    pub(super) fn at(text: &str, byte: usize, what: impl Into<String>) -> FileError {
        let before = text.get(..byte).unwrap_or(text);
        FileError { line: before.matches('\n').count() + 1, what: what.into() }
    }

    fn of(text: &str, error: &toml::de::Error) -> FileError {
        let what = named(error.message());
        match error.span() {
            Some(span) => FileError::at(text, span.start, what),
            None => FileError { line: 0, what },
        }
    }
}

/// Reads a world or a scenario file.
pub(crate) fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, FileError> {
    toml::from_str(text).map_err(|error| FileError::of(text, &error))
}

/// What serde says of a field that it does not know, in our words: with the one that is nearest.
fn named(message: &str) -> String {
    let Some(rest) = message.strip_prefix("unknown field `") else { return message.to_owned() };
    let mut names = rest.split('`').step_by(2);
    let name = names.next().unwrap_or_default();
    suggest::unknown("field", name, names.filter(|name| !name.is_empty()))
}
