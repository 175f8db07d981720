//! Why a file is refused.

use std::fmt;

use serde_path_to_error::{Path, Segment};
use toml::Spanned;

use crate::suggest;

/// Why a world or a scenario file is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileError {
    /// The line, from one. What is missing in the whole file is missing in its first line.
    pub line: usize,
    /// What is wrong, and what is allowed.
    pub what: String,
}

impl fmt::Display for FileError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for FileError {}

impl FileError {
    /// About a value in a text.
    pub(crate) fn at<T>(text: &str, value: &Spanned<T>, what: impl Into<String>) -> FileError {
        FileError::at_byte(text, value.span().start, what.into())
    }

    /// About a file as a whole.
    pub(crate) fn of_file(what: impl Into<String>) -> FileError {
        FileError { line: 1, what: what.into() }
    }

    /// What the parser says, in our words, and of which field if it does not say that itself.
    pub(super) fn of(text: &str, path: Option<&Path>, error: &toml::de::Error) -> FileError {
        let what = named(error.message());
        let what = match path.and_then(field) {
            Some(field) if !what.contains(&field) => format!("{field}: {what}"),
            _ => what,
        };
        FileError::at_byte(text, error.span().map_or(0, |span| span.start), what)
    }

    fn at_byte(text: &str, byte: usize, what: String) -> FileError {
        let before = text.get(..byte).unwrap_or(text);
        FileError { line: before.matches('\n').count() + 1, what }
    }
}

/// The innermost field of a path. `Spanned` has fields of its own, which are in no file.
fn field(path: &Path) -> Option<String> {
    let mut keys = path.iter().filter_map(|segment| match segment {
        Segment::Map { key } if !key.starts_with('$') => Some(key.clone()),
        _ => None,
    });
    keys.next_back()
}

/// What serde says of a field that it does not know, in our words: with the one that is nearest.
fn named(message: &str) -> String {
    let Some(rest) = message.strip_prefix("unknown field `") else { return message.to_owned() };
    let mut names = rest.split('`').step_by(2);
    let name = names.next().unwrap_or_default();
    suggest::unknown("field", name, names.filter(|name| !name.is_empty()))
}
