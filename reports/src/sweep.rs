//! `dupeproof sweep`: which constants? The same schedules at many settings, and what each costs.

mod axis;
mod page;
mod plot;
mod point;
mod table;

use std::ops::ControlFlow;
use std::path::Path;

use dupeproof_scenarios::{Preflight, Search, Suite};
use dupeproof_sim::network::Network;
use dupeproof_sim::{Pace, Subject};
use serde::{Deserialize, Serialize};

use crate::args::{SweepArguments, network_name};
use crate::by_name;
use crate::calm_run::CalmRun;
use crate::error::CliError;
use crate::exit::ExitCode;
use crate::format;
use crate::internal;
use crate::log;
use crate::output;
use crate::output_dir::{OutputDir, has_fields};
use crate::progress::{Goal, ProgressLine};
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
    log::install(&arguments.log)?;
    let available = by_name::available(arguments.which.scripts.named().as_ref())?;
    let (suite, subject) = available.chosen(&arguments.which)?;
    let axes = arguments.params.iter().map(|text| Axis::of(text, subject)).collect::<Result<Vec<Axis>, CliError>>()?;
    axis::refuse_twins(&axes)?;
    let settings = axis::settings(&axes, usize::from(arguments.points));
    axis::check(&axes, &settings, subject)?;
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
        points: Vec::new(),
        internal_errors: Vec::new(),
    };
    sweep.run((&suite, subject), (&axes, &settings), arguments.threads.jobs());
    point::mark_unbeaten(&mut sweep.points);
    let json = serde_json::to_string_pretty(&sweep).expect("a sweep is plain data");
    output_dir.write(Path::new(RESULT), &format!("{json}\n"), is_result)?;
    output_dir.write(Path::new(PAGE), &page::page(&sweep), crate::page::is_ours)?;
    if arguments.json {
        output::json(&sweep)?;
    } else {
        output::data(format!("{}\n\nreport: {}", table::text(&sweep), output_dir.path().join(PAGE).display()))?;
    }
    sweep.internal_errors.iter().for_each(output::say);
    Ok(sweep.exit_code())
}

impl Sweep {
    fn run(&mut self, (suite, subject): (&Suite, &dyn Subject), (axes, settings): (&[Axis], &[Vec<i64>]), jobs: usize) {
        let stopwatch = Stopwatch::start();
        let all = self.schedules.saturating_mul(settings.len() as u64);
        let mut line = ProgressLine::new(Goal::Cases(all));
        for (setting, place) in settings.iter().zip(0..) {
            let mut turned = suite.clone();
            axes.iter().zip(setting).for_each(|(axis, value)| axis.parameter.turn(&mut turned, *value));
            let preflight = Preflight::of(&turned, subject);
            if preflight.is_broken() {
                self.points.push(Point::broken(setting, &CalmRun::of(&preflight, None).headline()));
                continue;
            }
            let search =
                Search { suite: &turned, subject, network: self.network, seed: self.seed, cases: self.schedules, jobs };
            let survey = search.survey(&mut |progress| {
                let done = place * self.schedules + progress.cases;
                let shown = || format!("{} of {}", format::count(done), format::counted(all, "schedule"));
                line.show(done, stopwatch.wall(), shown);
                ControlFlow::Continue(())
            });
            let at = format!("{} at {setting:?}", self.suite);
            self.internal_errors.extend(internal::in_cases(&survey.failed, &at, self.seed));
            self.points.push(Point::of(setting, &survey));
        }
        line.finish();
    }

    /// Nothing is judged: 2 if the subject works nowhere, 3 after a mistake of dupeproof itself.
    fn exit_code(&self) -> ExitCode {
        if self.points.iter().all(|point| point.broken.is_some()) {
            ExitCode::Usage
        } else if self.internal_errors.is_empty() {
            ExitCode::Safe
        } else {
            ExitCode::Unknown
        }
    }

    /// What was run, in a line.
    pub fn about(&self) -> String {
        format!(
            "{} settings of `{}`, {} each of suite `{}` in world `{}` on {}, seed {}",
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
