//! A search of which nothing is lost: where it stands and what it has found are written as it goes.

use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use dupeproof_scenarios::failure::Scripts;
use dupeproof_scenarios::search::{Depth, Explaining, Found, Listener, Progress, SoFar, Survey};
use dupeproof_scenarios::{Score, Search, SearchReport, stop};
use dupeproof_sim::Pace;

use super::enough::Enough;
use crate::checkpoint::Checkpoint;
use crate::error::CliError;
use crate::failure_files::FailureFiles;
use crate::output;
use crate::output_dir::OutputDir;
use crate::progress::{CauseLine, Goal, ProgressLine};
use crate::stopped::{During, Stopped, Why};
use crate::stopwatch::Stopwatch;
use crate::summary::Cost;

/// How often it is written where the search stands, at most.
const SAVE_PERIOD: Duration = Duration::from_secs(2);

/// Writing it takes at most one part in so many of the time.
const SAVE_SHARE: u32 = 20;

/// A search, and where it is kept.
pub(super) struct KeptSearch<'a> {
    pub(super) search: &'a Search<'a>,
    /// When it ends.
    pub(super) enough: Enough,
    pub(super) depth: Depth,
    /// Whether the result of each case is kept.
    pub(super) saves_cases: bool,
    /// The scripts, which failure files name.
    pub(super) scripts: Option<&'a Scripts>,
    pub(super) output_dir: &'a OutputDir,
    /// Whether it is written where the search stands, so that it can be gone on with.
    pub(super) keeps_checkpoint: bool,
}

/// What came of it.
pub(super) struct Searched {
    pub(super) report: SearchReport,
    pub(super) cost: Cost,
    pub(super) scores: Vec<Option<Score>>,
    pub(super) stopped: Option<Stopped>,
}

impl KeptSearch<'_> {
    /// Goes on from a checkpoint, until the goal is reached, somebody asks to stop, or nothing can be written any more.
    pub(super) fn run(&self, mut checkpoint: Checkpoint) -> Searched {
        let stopwatch = Stopwatch::start();
        let kept = Kept::of(self);
        let mut survey = self.survey(&mut checkpoint, &kept, &stopwatch);
        let scores = std::mem::take(&mut survey.scores);
        let mut stopped = self.stopped(survey.cases);
        if !survey.kinds.is_empty() && self.search.subject.pace() == Pace::Slow && stopped.is_none() {
            output::note("grouping findings by cause and shrinking their schedules");
        }
        let cases = survey.cases;
        let checkpoint = Mutex::new(checkpoint);
        let line = CauseLine::start();
        let early = Early { search: self, checkpoint: &checkpoint, kept: &kept, line: &line };
        let mut report = self.search.explain_each(survey, self.depth, &early);
        line.finish();
        report.findings.iter_mut().for_each(|found| name_scripts(found, self.scripts));
        let cost = checkpoint.into_inner().unwrap_or_else(PoisonError::into_inner).cost_with(&stopwatch);
        if stopped.is_none() && stop::is_asked() {
            stopped = Some(Stopped { after: cases, of: None, why: Why::Signal, during: During::Shrinking });
        }
        if let Some(error) = kept.error() {
            output::say(error);
            stopped = stopped.map(|stopped| Stopped { why: Why::Unwritable, ..stopped });
        }
        Searched { report, cost, scores, stopped }
    }

    /// Goes on from a checkpoint, and explains nothing.
    pub(super) fn count(&self, mut checkpoint: Checkpoint) -> Result<(Survey, Cost, Option<Stopped>), CliError> {
        let stopwatch = Stopwatch::start();
        let kept = Kept::of(self);
        let survey = self.survey(&mut checkpoint, &kept, &stopwatch);
        let (cost, stopped) = (checkpoint.cost_with(&stopwatch), self.stopped(survey.cases));
        kept.error().map_or(Ok((survey, cost, stopped)), Err)
    }

    /// That somebody has asked to stop, if so, after so many cases.
    fn stopped(&self, after: u64) -> Option<Stopped> {
        let of = if let Goal::Cases(cases) = self.enough.goal() { Some(cases) } else { None };
        stop::is_asked().then_some(Stopped { after, of, why: Why::Signal, during: During::Running })
    }

    /// Runs the cases that are missing. The checkpoint is written now and then, and at the end.
    fn survey(&self, checkpoint: &mut Checkpoint, kept: &Kept<'_>, stopwatch: &Stopwatch) -> Survey {
        let mut progress_line = ProgressLine::new(self.enough.goal());
        let mut due = SAVE_PERIOD;
        let before = std::mem::take(&mut checkpoint.survey);
        let mut tell = |progress: Progress, so_far: &SoFar<'_>| {
            let elapsed = stopwatch.wall();
            let whole = Duration::from_secs_f64(checkpoint.cost_with(stopwatch).wall_seconds);
            progress_line.tick(progress, whole);
            if elapsed >= due {
                kept.save(&checkpoint.at(so_far(), checkpoint.cost_with(stopwatch)));
                let took = stopwatch.wall().saturating_sub(elapsed);
                due = stopwatch.wall() + SAVE_PERIOD.max(took * SAVE_SHARE);
            }
            if self.enough.is_reached(&progress, whole) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let survey = self.search.resumed(before, self.saves_cases, &mut tell);
        progress_line.finish();
        // Whatever takes longer from here on begins with all cases.
        if !survey.kinds.is_empty() || stop::is_asked() {
            kept.save(&checkpoint.at(survey.clone(), checkpoint.cost_with(stopwatch)));
            checkpoint.survey = survey.clone();
        }
        survey
    }

    /// Writes the failure files of a kind of finding, and that they are there.
    fn keep_early(&self, found: &Found, checkpoint: &Mutex<Checkpoint>, kept: &Kept<'_>) {
        let mut found = found.clone();
        name_scripts(&mut found, self.scripts);
        let mut failures = FailureFiles::default();
        for cause in found.causes {
            failures.keep(cause.failure);
        }
        let mut checkpoint = checkpoint.lock().unwrap_or_else(PoisonError::into_inner);
        checkpoint.failures.extend(failures.iter().map(|(name, _)| name.to_owned()));
        kept.save(&checkpoint);
        kept.unless_broken(|output_dir| output_dir.store_early(&failures));
    }
}

/// Keeps what is found as soon as it is, and shows how far the rest is.
struct Early<'a> {
    search: &'a KeptSearch<'a>,
    checkpoint: &'a Mutex<Checkpoint>,
    kept: &'a Kept<'a>,
    line: &'a CauseLine,
}

impl Listener for Early<'_> {
    fn found(&self, found: &Found) {
        self.search.keep_early(found, self.checkpoint, self.kept);
    }

    fn at(&self, now: Explaining) {
        self.line.at(now);
    }
}

/// Names the scripts in the failure files, so that these can be replayed.
pub(super) fn name_scripts(found: &mut Found, scripts: Option<&Scripts>) {
    for cause in &mut found.causes {
        cause.failure.scripts = scripts.cloned();
    }
}

/// What is written meanwhile. After the first error nothing is, and the search is asked to stop.
struct Kept<'a> {
    output_dir: &'a OutputDir,
    keeps_checkpoint: bool,
    error: Mutex<Option<CliError>>,
}

impl Kept<'_> {
    fn of<'a>(search: &KeptSearch<'a>) -> Kept<'a> {
        let KeptSearch { output_dir, keeps_checkpoint, .. } = *search;
        Kept { output_dir, keeps_checkpoint, error: Mutex::new(None) }
    }

    fn save(&self, checkpoint: &Checkpoint) {
        if self.keeps_checkpoint {
            self.unless_broken(|output_dir| checkpoint.save(output_dir));
        }
    }

    fn unless_broken(&self, write: impl FnOnce(&OutputDir) -> Result<(), CliError>) {
        let mut error = self.error.lock().unwrap_or_else(PoisonError::into_inner);
        if error.is_none() {
            *error = write(self.output_dir).err();
            if error.is_some() {
                stop::ask();
            }
        }
    }

    fn error(self) -> Option<CliError> {
        self.error.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}
