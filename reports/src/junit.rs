//! Results as JUnit XML, which CI services show.
//!
//! The form that most of them read: `testsuites`, `testsuite`, `testcase`, with `failure`, `error` or `skipped`
//! (<https://github.com/testmoapp/junitxml>).

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use maud::{Markup, PreEscaped, html};

use crate::error::CliError;
use crate::escape;
use crate::result_file;
use crate::test::{Outcome, TestResult};

/// What a file of ours begins with.
const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"dupeproof\"";

/// Writes results to a file, over nothing but an earlier one.
///
/// # Errors
/// When it cannot be written, or another file is there.
pub fn write(path: &Path, results: &[TestResult]) -> Result<(), CliError> {
    result_file::write(path, &xml(results), |there| there.starts_with(HEAD))
}

/// The results as XML.
pub fn xml(results: &[TestResult]) -> String {
    let mut groups: BTreeMap<&str, Vec<&TestResult>> = BTreeMap::new();
    results.iter().for_each(|result| groups.entry(&result.group).or_default().push(result));
    let all: Vec<&TestResult> = results.iter().collect();
    let [tests, failures, errors, skipped, time] = counts(&all);
    let head = PreEscaped("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let body = html! {
        (head)
        testsuites name="dupeproof" tests=(tests) failures=(failures) errors=(errors) skipped=(skipped) time=(time) {
            @for (name, results) in &groups { (suite(name, results)) }
        }
    };
    format!("{}\n", body.into_string())
}

fn suite(name: &str, results: &[&TestResult]) -> Markup {
    let [tests, failures, errors, skipped, time] = counts(results);
    html! {
        testsuite name=(name) tests=(tests) failures=(failures) errors=(errors) skipped=(skipped) time=(time) {
            @for result in results { (case(result)) }
        }
    }
}

fn case(result: &TestResult) -> Markup {
    let (text, replay) = (plain(&result.text), result.replay.as_deref().map(plain));
    let body = html! { (text) @if let Some(replay) = replay { "\n" (replay) } };
    html! {
        testcase name=(escape::name(&result.name)) classname={ "dupeproof." (result.group) } time=(seconds(result.seconds)) {
            @match result.outcome {
                Outcome::Passed => { system-out { (text) } }
                Outcome::Failed => { failure message=(text) type="failed" { (body) } }
                Outcome::Unknown => { error message=(text) type="unknown" { (body) } }
                Outcome::Error => { error message=(text) type="error" { (body) } }
                Outcome::Skipped => { skipped message=(text) {} }
            }
        }
    }
}

/// Tests, failures, errors, skipped tests and seconds.
fn counts(results: &[&TestResult]) -> [String; 5] {
    let count = |is: fn(Outcome) -> bool| results.iter().filter(|result| is(result.outcome)).count().to_string();
    [
        results.len().to_string(),
        count(|outcome| outcome == Outcome::Failed),
        count(|outcome| matches!(outcome, Outcome::Unknown | Outcome::Error)),
        count(|outcome| outcome == Outcome::Skipped),
        seconds(results.iter().map(|result| result.seconds).sum()),
    ]
}

fn seconds(seconds: f64) -> String {
    format!("{seconds:.3}")
}

/// Without what is no character of XML.
fn plain(text: &str) -> Cow<'_, str> {
    escape::text(text)
}
