//! GitHub's annotations: lines that its runner shows beside the user's own lines.
//!
//! Their form is that of GitHub's workflow commands: `::error file=F,line=N,title=T::message`, where `%`, line ends and, in
//! properties, `:` and `,` are escaped
//! (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>).

use crate::escape;
use crate::location::Location;
use crate::told::Told;

/// How much an annotation stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// A broken promise, or a test that failed.
    Error,
    /// No verdict.
    Warning,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warning => "warning",
        }
    }
}

/// An annotation of a finding that breaks a promise.
pub fn of_finding(told: &Told) -> String {
    let Told { location, title, consequence, text, replay, .. } = told;
    let message = format!("{consequence}. {text}\n{replay}");
    let (file, title) = (property(&location.file), property(&format!("dupeproof: {title}")));
    format!("::error file={file},line={},title={title}::{}", location.line, data(&message))
}

/// An annotation of a test or a verdict, at a line if there is one.
pub fn of_verdict(level: Level, location: Option<&Location>, title: &str, message: &str) -> String {
    let place = |Location { file, line }: &Location| format!("file={},line={line},", property(file));
    let place = location.map_or_else(String::new, place);
    format!("::{} {place}title={}::{}", level.name(), property(&format!("dupeproof: {title}")), data(message))
}

fn data(text: &str) -> String {
    escape::text(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{Level, of_verdict};

    #[test]
    fn nothing_in_a_name_ends_an_annotation_or_begins_another() {
        let hostile = "a,line=9::b%0A\n::error::x\x1b[2J";
        let line = of_verdict(Level::Warning, None, hostile, hostile);
        assert_eq!(
            line,
            "::warning title=dupeproof%3A a%2Cline=9%3A%3Ab%250A%0A%3A%3Aerror%3A%3Ax\\x1b[2J::a,line=9::b%250A%0A::error::x\\x1b[2J"
        );
        assert_eq!(line.lines().count(), 1);
    }
}
