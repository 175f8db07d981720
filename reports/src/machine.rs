//! What a command tells machines: JUnit, SARIF, annotations and a summary in Markdown.

use std::path::PathBuf;

use dupeproof_scenarios::Verdict;

use crate::annotations::{self, Level};
use crate::args::MachineArguments;
use crate::error::CliError;
use crate::junit;
use crate::markdown_summary;
use crate::output;
use crate::sarif;
use crate::summary::Summary;
use crate::test::{Outcome, TestResult};
use crate::told::Told;

/// A result, as machines are told it.
pub struct Report<'a> {
    /// In a word or two.
    pub heading: &'a str,
    /// In a sentence.
    pub sentence: &'a str,
    /// Its tests.
    pub results: &'a [TestResult],
    /// Whether Markdown has a table of the tests.
    pub shows_results: bool,
    /// Its findings.
    pub told: &'a [Told],
}

impl MachineArguments {
    /// The same files from anywhere.
    #[must_use]
    pub fn absolute(&self) -> MachineArguments {
        let absolute =
            |path: &Option<PathBuf>| path.as_ref().map(|path| std::path::absolute(path).unwrap_or(path.clone()));
        MachineArguments {
            junit: absolute(&self.junit),
            sarif: absolute(&self.sarif),
            markdown: absolute(&self.markdown),
            annotations: self.annotations,
        }
    }

    /// Writes what was asked for.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn tell(&self, report: &Report<'_>) -> Result<(), CliError> {
        if let Some(junit) = &self.junit {
            junit::write(junit, report.results)?;
        }
        if let Some(sarif) = &self.sarif {
            sarif::write(sarif, report.told)?;
        }
        if let Some(markdown) = &self.markdown {
            let results = if report.shows_results { report.results } else { &[] };
            let text = markdown_summary::section(report.heading, report.sentence, results, report.told);
            markdown_summary::append(markdown, &text)?;
        }
        if self.annotations {
            annotate(report);
        }
        Ok(())
    }
}

/// On stderr, where the runner reads them as well, and results stay as they are.
fn annotate(report: &Report<'_>) {
    report.told.iter().filter(|told| told.is_broken).for_each(|told| output::say(annotations::of_finding(told)));
    for result in report.results {
        let level = match result.outcome {
            // Its findings are told with their lines.
            Outcome::Failed if result.has_told => continue,
            Outcome::Failed | Outcome::Error => Level::Error,
            Outcome::Unknown => Level::Warning,
            Outcome::Passed | Outcome::Skipped => continue,
        };
        let replay = result.replay.as_ref().map_or_else(String::new, |replay| format!("\n{replay}"));
        let message = format!("{}{replay}", result.text);
        output::say(annotations::of_verdict(level, result.location.as_ref(), &result.name, &message));
    }
}

/// The promises of a search as tests, and its verdict.
pub fn results_of(summary: &Summary, seconds: f64) -> Vec<TestResult> {
    let is_judged = matches!(summary.verdict, Verdict::Safe | Verdict::Unsafe);
    let result = |name: &str, outcome, text: String| TestResult {
        name: name.to_owned(),
        group: summary.suite.clone(),
        outcome,
        text,
        replay: None,
        has_told: outcome == Outcome::Failed,
        location: None,
        seconds: 0.0,
    };
    let promise = |kind: &dupeproof_sim::FindingKind| {
        let found = summary.findings.iter().find(|found| found.kind == *kind && !found.in_contract);
        let idle = summary.not_tried.iter().find(|not_tried| not_tried.kind == *kind);
        let (outcome, text) = match (found, idle) {
            (Some(found), _) => (Outcome::Failed, format!("{} ({} schedules)", kind.about(), found.count)),
            (None, Some(idle)) => (Outcome::Skipped, format!("not tried: {}", idle.why)),
            (None, None) if is_judged => (Outcome::Passed, kind.about().to_owned()),
            (None, None) => (Outcome::Skipped, "no verdict".to_owned()),
        };
        result(kind.name(), outcome, text)
    };
    let verdict = match summary.verdict {
        _ if !summary.internal_errors.is_empty() => Outcome::Error,
        Verdict::Safe => Outcome::Passed,
        Verdict::Unsafe => Outcome::Failed,
        Verdict::Unknown => Outcome::Unknown,
        Verdict::Broken => Outcome::Error,
    };
    let verdict = TestResult { seconds, ..result("verdict", verdict, summary.sentence()) };
    [verdict].into_iter().chain(summary.contract.never.iter().map(promise)).collect()
}
