//! `dupeproof test`: the tests of a repository, one line each.

mod standpoint;

use std::path::{Path, PathBuf};

use dupeproof_scenarios::standing::Standing;
use dupeproof_scenarios::{Verdict, stop};

use crate::args::TestArguments;
use crate::corpus::{self, Again, Corpus};
use crate::error::CliError;
use crate::escape;
use crate::exit::ExitCode;
use crate::format;
use crate::location::Location;
use crate::log;
use crate::machine::Report;
use crate::output;
use crate::run::{self, Done};
use crate::signals;
use crate::stopwatch::Stopwatch;
use crate::test_file::{SearchTest, TestFile};
use crate::told::Told;
use standpoint::Standpoint;

/// How a test went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// What it asks for holds.
    Passed,
    /// A promise was broken, or a kept failure is still there.
    Failed,
    /// Nothing can be said.
    Unknown,
    /// It could not be run.
    Error,
    /// It was not tried, or a signal ended it.
    Skipped,
}

/// A test that was run.
#[derive(Clone, Debug)]
pub struct TestResult {
    /// Its name.
    pub name: String,
    /// What it belongs to: the corpus, or the searches.
    pub group: String,
    /// How it went.
    pub outcome: Outcome,
    /// In a sentence.
    pub text: String,
    /// The command that shows it again.
    pub replay: Option<String>,
    /// Whether its findings are told with their lines.
    pub has_told: bool,
    /// Where it is told, if it is not told by its findings.
    pub location: Option<Location>,
    /// Wall time in seconds.
    pub seconds: f64,
}

impl TestResult {
    /// With paths and a command for where the user is.
    fn seen_from(mut self, standpoint: &Standpoint) -> TestResult {
        self.replay = self.replay.map(|replay| standpoint.command(&replay));
        if let Some(location) = &mut self.location {
            location.file = standpoint.outside(&location.file);
        }
        self
    }
}

impl Told {
    /// With paths and a command for where the user is.
    fn seen_from(mut self, standpoint: &Standpoint) -> Told {
        self.replay = standpoint.command(&self.replay);
        self.location.file = standpoint.outside(&self.location.file);
        self
    }
}

/// A test that is to be run.
enum Test {
    Kept(PathBuf),
    Search(Box<SearchTest>),
}

impl Test {
    fn name(&self) -> String {
        match self {
            Test::Kept(path) => path.display().to_string(),
            Test::Search(search) => search.name.clone(),
        }
    }
}

/// Runs the tests of a file.
///
/// # Errors
/// When the file makes no sense, or results cannot be written.
pub fn test(arguments: &TestArguments) -> Result<ExitCode, CliError> {
    arguments.loudness.obey();
    log::install(&arguments.log)?;
    let file = TestFile::read(&arguments.file)?;
    let machine = arguments.machine.absolute();
    let standpoint = Standpoint::enter(&arguments.file)?;
    let out = standpoint.inside(&arguments.out);
    let mut tests: Vec<Test> = corpus::files(&file.corpus)?.into_iter().map(Test::Kept).collect();
    let searches = file.searches(&out)?;
    tests.extend(searches.into_iter().map(|search| Test::Search(Box::new(search))));
    let filter = arguments.filter.as_deref().unwrap_or_default();
    tests.retain(|test| test.name().contains(filter));
    if tests.is_empty() {
        return Err(CliError::new(format!("no test has `{}` in its name", escape::name(filter)))
            .hint("`dupeproof test --list` shows their names"));
    }
    if arguments.list {
        return output::data(tests.iter().map(Test::name).collect::<Vec<_>>().join("\n")).map(|()| ExitCode::Safe);
    }
    signals::watch();
    let (results, told) = run_all(tests, arguments, &standpoint)?;
    let (total, code) = (total(&results), exit_code(&results));
    output::data(if output::is_quiet() { total.clone() } else { format!("\n{total}") })?;
    let heading = if code == ExitCode::Safe { "passed" } else { "not passed" };
    machine.tell(&Report { heading, sentence: &total, results: &results, shows_results: true, told: &told })?;
    Ok(code)
}

fn run_all(
    tests: Vec<Test>,
    arguments: &TestArguments,
    standpoint: &Standpoint,
) -> Result<(Vec<TestResult>, Vec<Told>), CliError> {
    let mut corpus = Corpus::new(None, None);
    let (mut results, mut all_told) = (Vec::new(), Vec::new());
    for test in tests {
        if stop::is_asked() {
            break;
        }
        let stopwatch = Stopwatch::start();
        let (mut result, told) = match test {
            Test::Kept(path) => (kept(&mut corpus, &path), Vec::new()),
            Test::Search(search) => searched(*search, arguments),
        };
        all_told.extend(told.into_iter().map(|told| told.seen_from(standpoint)));
        result = result.seen_from(standpoint);
        result.seconds = stopwatch.wall().as_secs_f64();
        if result.outcome != Outcome::Passed || !output::is_quiet() {
            output::data(line(&result))?;
        }
        results.push(result);
    }
    Ok((results, all_told))
}

/// A failure that was kept.
fn kept(corpus: &mut Corpus, path: &Path) -> TestResult {
    let itself = || Location { file: path.display().to_string(), line: 1 };
    let (outcome, text, location) = match corpus.again(path) {
        Ok(Again { standing, location }) => {
            let outcome = match standing {
                Standing::StillThere => Outcome::Failed,
                Standing::Fixed => Outcome::Passed,
                Standing::Changed(_) => Outcome::Unknown,
            };
            (outcome, standing.words(), location.unwrap_or_else(itself))
        }
        Err(error) => (Outcome::Error, error.what().to_owned(), itself()),
    };
    let replay = (outcome != Outcome::Passed).then(|| format::replay_command(path));
    let (name, group) = (path.display().to_string(), "corpus".to_owned());
    TestResult { name, group, outcome, text, replay, has_told: false, location: Some(location), seconds: 0.0 }
}

fn searched(search: SearchTest, arguments: &TestArguments) -> (TestResult, Vec<Told>) {
    let SearchTest { name, arguments: mut run, .. } = search;
    run.threads = arguments.threads;
    output::note(format_args!("running `{}`", escape::name(&name)));
    let result = |outcome, text: String, replay, has_told| {
        let group = "search".to_owned();
        TestResult { name, group, outcome, text, replay, has_told, location: None, seconds: 0.0 }
    };
    let (summary, told) = match run::perform(&run) {
        Ok(Done { unstored: Some(error), .. }) | Err(error) => {
            return (result(Outcome::Error, error.what().to_owned(), None, false), Vec::new());
        }
        Ok(Done { summary, told, .. }) => (summary, told),
    };
    let replay = summary.worst_file().map(format::replay_command);
    let outcome = match summary.verdict {
        _ if !summary.internal_errors.is_empty() => Outcome::Error,
        Verdict::Unsafe => Outcome::Failed,
        Verdict::Broken => Outcome::Error,
        _ if summary.stopped.is_some() => Outcome::Skipped,
        Verdict::Unknown => Outcome::Unknown,
        Verdict::Safe => Outcome::Passed,
    };
    let text = summary.internal_errors.first().cloned().unwrap_or_else(|| summary.sentence());
    let has_told = told.iter().any(|told| told.is_broken);
    (result(outcome, text, replay, has_told), told)
}

/// `FAILED   data module: Unsafe: ...`, and the command that shows it.
fn line(result: &TestResult) -> String {
    let word = match result.outcome {
        Outcome::Passed => "ok",
        Outcome::Failed => "FAILED",
        Outcome::Unknown => "unknown",
        Outcome::Error => "error",
        Outcome::Skipped => "stopped",
    };
    let replay = result.replay.as_ref().map_or_else(String::new, |replay| format!("\n         {replay}"));
    format!("{word:<8} {}: {}{replay}", escape::name(&result.name), result.text)
}

/// `3 tests: 2 passed, 1 failed`.
fn total(results: &[TestResult]) -> String {
    let count = |outcome| results.iter().filter(|result| result.outcome == outcome).count() as u64;
    let named = [
        (Outcome::Passed, "passed"),
        (Outcome::Failed, "failed"),
        (Outcome::Error, "could not be run"),
        (Outcome::Unknown, "without a verdict"),
        (Outcome::Skipped, "stopped"),
    ];
    let told = named.map(|(outcome, name)| (count(outcome), name)).into_iter().filter(|(count, _)| *count > 0);
    let told: Vec<String> = told.map(|(count, name)| format!("{} {name}", format::count(count))).collect();
    format!("{}: {}", format::counted(results.len() as u64, "test"), told.join(", "))
}

fn exit_code(results: &[TestResult]) -> ExitCode {
    let any = |outcome| results.iter().any(|result| result.outcome == outcome);
    match () {
        () if any(Outcome::Failed) => ExitCode::Unsafe,
        () if any(Outcome::Error) => ExitCode::Usage,
        () if stop::is_asked() => ExitCode::Stopped,
        () if any(Outcome::Unknown) => ExitCode::Unknown,
        () => ExitCode::Safe,
    }
}
