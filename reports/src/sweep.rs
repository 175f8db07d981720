//! `dupeproof sweep`: which constants? The same schedules at many settings, and what each costs.

mod axis;
mod page;
mod plot;
mod point;
mod table;

use std::ops::ControlFlow;
use std::path::Path;

use dupeproof_scenarios::{Preflight, Search, Suite, stop};
use dupeproof_sim::network::Network;
use dupeproof_sim::{Digest, Pace, Subject};
use serde::{Deserialize, Serialize};

use crate::args::{SweepArguments, network_name};
use crate::by_name;
use crate::earlier;
use crate::error::CliError;
use crate::exit::ExitCode;
use crate::fingerprint::Code;
use crate::format;
use crate::internal;
use crate::log;
use crate::output;
use crate::output_dir::{OutputDir, has_fields};
use crate::progress::{Goal, ProgressLine};
use crate::signals;
use crate::stopped::{During, Stopped, Why};
use crate::stopwatch::Stopwatch;
use axis::Axis;
pub use point::Point;

/// The format this version writes.
const FORMAT: u32 = 1;

const RESULT: &str = "sweep.json";
const PAGE: &str = "sweep.html";

/// Schedules of each setting where no number is given, where thousands run in a second.
const CASES_QUICK: u64 = 1_000;

/// The same for virtual machines, of which a run takes tens of milliseconds.
const CASES_SLOW: u64 = 50;

/// Many settings over the same schedules: `sweep.json`, and what `--json` prints.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sweep {
    /// `FORMAT`.
    pub format: u32,
    /// The version of dupeproof that ran it.
    pub version: String,
    /// What ran on the servers.
    pub subject: String,
    /// The suite.
    pub suite: String,
    /// The world.
    pub world: String,
    /// The network that carried the runs.
    pub network: Network,
    /// The root seed.
    pub seed: u64,
    /// Schedules that ran at each setting.
    pub schedules: u64,
    /// What was turned, by name.
    pub parameters: Vec<String>,
    /// A fingerprint of what was run at each setting.
    pub question: Digest,
    /// That it ended before all settings were run; null if it did not.
    pub stopped: Option<Stopped>,
    /// Each setting.
    pub points: Vec<Point>,
    /// Mistakes of dupeproof itself, in sentences. All else is about the other schedules.
    pub internal_errors: Vec<String>,
}

/// Runs every setting over the same schedules, prints the trade-off and writes it down.
///
/// # Errors
/// When a name or a range makes no sense, or the directory cannot be used; then nothing was run.
pub fn sweep(arguments: &SweepArguments) -> Result<ExitCode, CliError> {
    arguments.loudness.obey();
    log::install(&arguments.log)?;
    let available = by_name::available(arguments.which.scripts.named().as_ref())?;
    let (suite, subject) = available.chosen(&arguments.which)?;
    let axes = arguments.params.iter().map(|text| Axis::of(text, subject)).collect::<Result<Vec<Axis>, CliError>>()?;
    axis::refuse_twins(&axes)?;
    let settings = axis::settings(&axes, usize::from(arguments.points));
    axis::check(&axes, &settings, subject)?;
    signals::watch();
    let output_dir = OutputDir::shared(&arguments.out)?;
    output_dir.refuse_stranger(Path::new(RESULT), is_result)?;
    output_dir.refuse_stranger(Path::new(PAGE), crate::page::is_ours)?;
    let slow = subject.pace() == Pace::Slow;
    let cases = arguments.cases.unwrap_or(if slow { CASES_SLOW } else { CASES_QUICK });
    let network = arguments.runs.network(&suite);
    let mut sweep = Sweep {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").into(),
        subject: subject.name().into(),
        suite: suite.name.clone(),
        world: suite.world.name.clone(),
        network,
        seed: arguments.runs.seed,
        schedules: cases,
        parameters: axes.iter().map(|axis| axis.name.clone()).collect(),
        question: Digest::default(),
        stopped: None,
        points: Vec::new(),
        internal_errors: Vec::new(),
    };
    sweep.question = sweep.asked(suite.drawn(sweep.seed), Code::of(available.loaded.as_ref()));
    sweep.go_on(&output_dir, &settings, arguments.resume)?;
    let ran = sweep.run((&suite, subject), (&axes, &settings), arguments.threads.jobs(), &output_dir);
    point::mark_unbeaten(&mut sweep.points);
    let page = output_dir.path().join(PAGE);
    let written = ran.and_then(|()| sweep.write(&output_dir));
    sweep.tell(written.is_ok().then_some(&*page), arguments.json)?;
    written.map(|()| sweep.exit_code())
}

impl Sweep {
    /// What is run at each setting.
    fn asked(&self, drawn: Digest, code: Code) -> Digest {
        let Sweep { subject, network, seed, schedules, parameters, .. } = self;
        let text = format!("{subject} {network:?} {seed} {schedules} {parameters:?} {code:?}");
        drawn.then(Digest::of_text(&text))
    }

    /// Takes over the settings that an earlier run has done.
    fn go_on(&mut self, output_dir: &OutputDir, settings: &[Vec<i64>], resume: bool) -> Result<(), CliError> {
        let Some(earlier) = earlier::results::<Sweep>(output_dir, RESULT, resume)? else { return Ok(()) };
        if earlier.question != self.question {
            return Err(earlier::refused(
                output_dir,
                RESULT,
                "it is of other parameters, schedules, scripts or subjects",
            ));
        }
        self.points = earlier.points;
        self.points.retain(|point| settings.contains(&point.setting));
        self.internal_errors = earlier.internal_errors;
        Ok(())
    }

    fn write(&self, output_dir: &OutputDir) -> Result<(), CliError> {
        self.write_result(output_dir)?;
        output_dir.write(Path::new(PAGE), &page::page(self), crate::page::is_ours)
    }

    fn write_result(&self, output_dir: &OutputDir) -> Result<(), CliError> {
        let json = serde_json::to_string_pretty(self).expect("a sweep is plain data");
        output_dir.write(Path::new(RESULT), &format!("{json}\n"), is_result)
    }

    fn tell(&self, page: Option<&Path>, json: bool) -> Result<(), CliError> {
        if json {
            output::json(self)?;
        } else if output::is_quiet() {
            output::data(self.about())?;
        } else {
            let report = page.map_or_else(String::new, |page| format!("\n\nreport: {}", page.display()));
            output::data(format!("{}{report}", table::text(self)))?;
        }
        if self.stopped.is_some() && page.is_some() {
            output::note("the same command with --resume goes on from there");
        }
        self.internal_errors.iter().for_each(output::say);
        Ok(())
    }

    /// That only so many of these settings were run.
    fn stopped_of(&self, settings: &[Vec<i64>], why: Why) -> Stopped {
        Stopped { after: self.points.len() as u64, of: Some(settings.len() as u64), why, during: During::Running }
    }

    /// Runs the settings that are missing, and writes each as it comes; ends early if somebody asks to stop, or it cannot be
    /// written.
    fn run(
        &mut self,
        (suite, subject): (&Suite, &dyn Subject),
        (axes, settings): (&[Axis], &[Vec<i64>]),
        jobs: usize,
        output_dir: &OutputDir,
    ) -> Result<(), CliError> {
        let stopwatch = Stopwatch::start();
        let all = self.schedules.saturating_mul(settings.len() as u64);
        let mut line = ProgressLine::new(Goal::Cases(all));
        let known: Vec<Vec<i64>> = self.points.iter().map(|point| point.setting.clone()).collect();
        for (setting, place) in settings.iter().zip(0..) {
            if known.contains(setting) {
                continue;
            }
            if stop::is_asked() {
                break;
            }
            let mut turned = suite.clone();
            axes.iter().zip(setting).for_each(|(axis, value)| axis.parameter.turn(&mut turned, *value));
            let preflight = Preflight::of(&turned, subject);
            if preflight.is_broken() {
                self.points.push(Point::broken(setting, &preflight.headline()));
                continue;
            }
            let search = Search {
                suite: &turned,
                subject,
                network: self.network,
                seed: self.seed,
                first: 0,
                cases: self.schedules,
                jobs,
            };
            let survey = search.survey(&mut |progress| {
                let done = place * self.schedules + progress.cases;
                let shown = || format!("{} of {}", format::count(done), format::counted(all, "schedule"));
                line.show(done, stopwatch.wall(), shown);
                ControlFlow::Continue(())
            });
            if stop::is_asked() {
                break;
            }
            let at = format!("{} at {setting:?}", self.suite);
            self.internal_errors.extend(internal::in_cases(&survey.failed, &at, self.seed));
            self.points.push(Point::of(setting, &survey));
            self.stopped = Some(self.stopped_of(settings, Why::Unfinished));
            if let Err(error) = self.write_result(output_dir) {
                self.stopped = Some(self.stopped_of(settings, Why::Unwritable));
                line.finish();
                return Err(error);
            }
        }
        line.finish();
        self.stopped = (self.points.len() < settings.len()).then(|| self.stopped_of(settings, Why::Signal));
        let place = |point: &Point| settings.iter().position(|setting| *setting == point.setting);
        self.points.sort_by_key(place);
        Ok(())
    }

    /// Nothing is judged: 2 if the subject works nowhere, 3 after a mistake of dupeproof itself.
    fn exit_code(&self) -> ExitCode {
        if self.stopped.is_none() && self.points.iter().all(|point| point.broken.is_some()) {
            ExitCode::Usage
        } else if !self.internal_errors.is_empty() {
            ExitCode::Unknown
        } else if self.stopped.is_some() {
            ExitCode::Stopped
        } else {
            ExitCode::Safe
        }
    }

    /// What was run, in a line.
    pub fn about(&self) -> String {
        let stopped =
            self.stopped.as_ref().map_or_else(String::new, |stopped| format!("; {}", stopped.words("setting")));
        format!(
            "{} settings of `{}`, {} each of suite `{}` in world `{}` on {}, seed {}{stopped}",
            format::count(self.points.len() as u64),
            self.subject,
            format::counted(self.schedules, "schedule"),
            self.suite,
            self.world,
            network_name(self.network),
            self.seed
        )
    }
}

fn is_result(text: &str) -> bool {
    has_fields(text, &["format", "version", "parameters", "points"])
}
