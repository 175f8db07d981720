//! The scenario files of a crate as its tests: each is one that `cargo test` runs and nextest lists, and so is each failure
//! that was kept.
//!
//! In `Cargo.toml`:
//!
//! ```toml
//! [[test]]
//! name = "dupes"
//! harness = false
//! ```
//!
//! And `tests/dupes.rs`:
//!
//! ```no_run
//! use dupeproof_scenarios::harness::Harness;
//! use dupeproof_scenarios::subjects::Subjects;
//!
//! fn main() -> std::process::ExitCode {
//!     let subjects = Subjects::default(); // with your own: `subjects.add(Box::new(MyGame))`
//!     Harness::new(subjects, "core").scenarios("tests/scenarios").corpus("tests/dupes").keep_failing("tests/dupes").main()
//! }
//! ```
//!
//! A search fails if a promise is broken, or if too little happened to say so. `examples/scenario_files` is such a test.

use std::fmt::Write;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use dupeproof_sim::Subject;
use libtest_mimic::{Arguments, Failed, Trial};

use crate::case::run_case;
use crate::failure::FailureFile;
use crate::preflight::Preflight;
use crate::search::{Cause, Found, Search, SearchReport};
use crate::standing::{CameAbout, Standing};
use crate::subjects::Subjects;
use crate::suite::Suite;
use crate::verdict::Verdict;

/// Schedules of each scenario file where no number is given: enough that the default world shows what it has.
const CASES: u64 = 1_000;

/// Tests made of files.
pub struct Harness {
    run: Run,
    /// Folders of scenario files.
    scenarios: Vec<PathBuf>,
    /// Folders of failure files.
    corpora: Vec<PathBuf>,
}

/// How a file is run.
#[derive(Clone)]
struct Run {
    subjects: Arc<Subjects>,
    /// For scenario files that name none.
    subject: String,
    cases: u64,
    seed: u64,
    /// Where failures are kept.
    keep: Option<PathBuf>,
}

impl Harness {
    /// Tests of these subjects; `subject` is the one for scenario files that name none.
    pub fn new(subjects: Subjects, subject: &str) -> Harness {
        let run = Run { subjects: Arc::new(subjects), subject: subject.into(), cases: CASES, seed: 1, keep: None };
        Harness { run, scenarios: Vec::new(), corpora: Vec::new() }
    }

    /// Each scenario file (`.toml`) of this folder is a test: `scenario::NAME`. Folders are relative to that of the crate, where
    /// Cargo runs tests.
    #[must_use]
    pub fn scenarios(mut self, folder: impl Into<PathBuf>) -> Harness {
        self.scenarios.push(folder.into());
        self
    }

    /// Each failure file (`.json`) of this folder, if it is there, is a test that passes if its finding is fixed: `corpus::NAME`.
    /// It fails if the finding is still there, and if the subject has changed so that the schedule does not apply any more.
    #[must_use]
    pub fn corpus(mut self, folder: impl Into<PathBuf>) -> Harness {
        self.corpora.push(folder.into());
        self
    }

    /// Schedules of each scenario file; 1,000 if nobody says so.
    #[must_use]
    pub fn cases(mut self, cases: u64) -> Harness {
        self.run.cases = cases;
        self
    }

    /// The root of all randomness; 1 if nobody says so.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Harness {
        self.run.seed = seed;
        self
    }

    /// Keeps the shrunk schedule of each broken promise in this folder, as a failure file that replays.
    #[must_use]
    pub fn keep_failing(mut self, folder: impl Into<PathBuf>) -> Harness {
        self.run.keep = Some(folder.into());
        self
    }

    /// The tests.
    ///
    /// # Errors
    /// A folder of scenarios cannot be read, or has none: nothing would be tested.
    pub fn trials(&self) -> Result<Vec<Trial>, String> {
        let mut trials = Vec::new();
        for folder in &self.corpora {
            // It comes into being with the first failure.
            for path in files(folder, "json").unwrap_or_default() {
                trials.push(self.run.trial("corpus", path, Run::replay));
            }
        }
        for folder in &self.scenarios {
            let files = files(folder, "toml").map_err(|error| format!("`{}`: {error}", folder.display()))?;
            if files.is_empty() {
                return Err(format!("`{}` has no scenario file (.toml)", folder.display()));
            }
            trials.extend(files.into_iter().map(|path| self.run.trial("scenario", path, Run::search)));
        }
        Ok(trials)
    }

    /// Runs them as the command line says, like any other test program: filter, `--list`, `--exact` and so on.
    pub fn main(&self) -> ExitCode {
        let arguments = Arguments::from_args();
        match self.trials() {
            Ok(trials) => libtest_mimic::run(&arguments, trials).exit_code(),
            Err(error) => {
                eprintln!("error: {error}");
                ExitCode::from(2)
            }
        }
    }
}

/// The files of a folder with this suffix, by name.
fn files(folder: &Path, suffix: &str) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_file() && path.extension().is_some_and(|extension| extension == suffix) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

impl Run {
    fn trial(&self, group: &str, path: PathBuf, test: fn(&Run, &Path) -> Result<(), String>) -> Trial {
        let name = format!("{group}::{}", path.file_stem().unwrap_or_default().to_string_lossy());
        let run = self.clone();
        Trial::test(name, move || test(&run, &path).map_err(Failed::from))
    }

    fn subject(&self, name: &str) -> Result<&dyn Subject, String> {
        self.subjects.named(name).ok_or_else(|| format!("there is no subject `{name}`"))
    }

    /// Searches a scenario file.
    fn search(&self, path: &Path) -> Result<(), String> {
        let suite =
            Suite::parse(&text(path)?, &self.subjects).map_err(|error| format!("{}, {error}", path.display()))?;
        let subject = self.subject(suite.subject.as_deref().unwrap_or(&self.subject))?;
        let preflight = Preflight::of(&suite, subject);
        if preflight.is_broken() {
            return Err(format!("`{}` does not work even in a calm world: {:?}", subject.name(), preflight.problems));
        }
        let network = suite.network.unwrap_or_default();
        let Run { seed, cases, .. } = *self;
        let report = Search { suite: &suite, subject, network, seed, first: 0, cases, jobs: 1 }
            .run(&mut |_| ControlFlow::Continue(()));
        match report.verdict {
            Verdict::Safe => Ok(()),
            Verdict::Unsafe => Err(self.broken(&report)),
            Verdict::Unknown | Verdict::Broken => Err(unknown(&report)),
        }
    }

    /// What was broken, and how to see it again.
    fn broken(&self, report: &SearchReport) -> String {
        let mut text = format!("in {} schedules of seed {}:\n", report.cases, self.seed);
        text.extend(report.exceeded.iter().map(|exceeded| format!("beyond its bound: {exceeded:?}\n")));
        for found in report.findings.iter().filter(|found| found.breaks_contract) {
            self.tell(found, &mut text).expect("a text can be written to");
        }
        text
    }

    fn tell(&self, found: &Found, text: &mut String) -> std::fmt::Result {
        let Found { kind, cases, first_case, causes, .. } = found;
        writeln!(text, "{} in {cases}, first in case {first_case}: {}", kind.name(), kind.about())?;
        for Cause { needs, failure, .. } in causes {
            let needs: Vec<&str> = needs.iter().map(|need| need.name()).collect();
            let steps = failure.schedule.timeline.len();
            writeln!(text, "    needs [{}], shrunk to {steps} steps: {:?}", needs.join(", "), failure.finding.fact)?;
            match self.keep.as_deref().map(|folder| keep(folder, failure)) {
                Some(Ok(path)) => writeln!(text, "    kept: {}", path.display())?,
                Some(Err(error)) => writeln!(text, "    could not be kept: {error}")?,
                None => {}
            }
        }
        Ok(())
    }

    /// Runs a failure file again.
    fn replay(&self, path: &Path) -> Result<(), String> {
        let file = FailureFile::parse(&text(path)?).map_err(|error| format!("{}: {error}", path.display()))?;
        let subject = self.subject(&file.schedule.subject)?;
        let mut came_about = CameAbout::default();
        let result = run_case(&file.schedule, subject, file.network, &mut came_about);
        let kind = file.finding.kind();
        match (Standing::of(&file, subject, &result, came_about), result.first(kind)) {
            (Standing::StillThere, Some(finding)) => Err(format!("still there: {}: {:?}", kind.name(), finding.fact)),
            (Standing::Fixed, _) => Ok(()),
            (standing, _) => Err(standing.words()),
        }
    }
}

fn text(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Writes a failure file, unless it is there.
fn keep(folder: &Path, failure: &FailureFile) -> std::io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let path = folder.join(format!("{}.json", failure.stem()));
    if !path.exists() {
        fs::write(&path, failure.to_json())?;
    }
    Ok(path)
}

fn unknown(report: &SearchReport) -> String {
    if let Some(failed) = report.failed.first.first() {
        return format!("internal error in case {}, please report: {}", failed.case, failed.error);
    }
    let unseen = report.unseen.join(", ");
    format!("no promise was broken, but too little happened to call it safe; never seen: {unseen}. Run more cases")
}
