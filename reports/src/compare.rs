//! `dupeproof compare`: is the candidate worse than the base? The same schedules for both, case by case.

mod cause;
mod difference;
mod illustrated;
mod page;
mod row;
mod side;
mod table;
mod trial;

use std::path::Path;

use dupeproof_scenarios::Preflight;

use crate::args::CompareArguments;
use crate::calm_run::CalmRun;
use crate::earlier;
use crate::error::CliError;
use crate::exit::ExitCode;
use crate::log;
use crate::output;
use crate::output_dir::{OutputDir, has_fields};
use crate::page::FindingSection;
use crate::saved_cases::{self, SavedCases};
use crate::signals;
pub use difference::{Broken, Difference, Outcome, Stretch};
pub use row::{Row, RowCause, Seen};
use side::{Runner, Side, Sides};
use trial::{Kept, Scores, Trial};

const RESULT: &str = "compare.json";
const PAGE: &str = "compare.html";
const BASE: &str = "base.json";
const CANDIDATE: &str = "candidate.json";

/// Runs both over the same cases until the answer is clear, prints what got worse and better, and writes it down.
///
/// # Errors
/// When a side makes no sense, a saved file is about something else, or the directory cannot be used; then nothing was run.
pub fn compare(arguments: &CompareArguments) -> Result<ExitCode, CliError> {
    arguments.loudness.obey();
    log::install(&arguments.log)?;
    let sides = Sides::of(arguments)?;
    signals::watch();
    let output_dir = claim(&arguments.out)?;
    if let Some(broken) = broken(&sides) {
        return tell(&Difference::broken(&sides, broken), None, arguments.json);
    }
    let kept = Kept {
        base: before(&sides, &sides.base, BASE, &output_dir, arguments.resume)?,
        candidate: before(&sides, &sides.candidate, CANDIDATE, &output_dir, arguments.resume)?,
    };
    let trial = Trial::of(&sides, kept, arguments.threads.jobs(), &mut |kept| keep(&output_dir, &sides, kept));
    let found = cause::causes(&sides, &trial, arguments.threads.jobs());
    let failures = illustrated::failures(&found);
    let difference = Difference::of(&sides, &trial, found, &output_dir)?;
    let sections = illustrated::sections(&sides, &difference, &failures);
    if let Err(error) = write(&output_dir, &sides, &trial, &difference, &sections) {
        tell(&difference, None, arguments.json)?;
        return Err(error);
    }
    tell(&difference, Some(&output_dir), arguments.json)
}

/// What an earlier run has kept of a side; nothing without `--resume`.
fn before(sides: &Sides, side: &Side, name: &str, output_dir: &OutputDir, resume: bool) -> Result<Scores, CliError> {
    let none = vec![Vec::new(); sides.suites.len()];
    let saved = earlier::results::<SavedCases>(output_dir, name, resume && side.subject().is_some())?;
    let Some(saved) = saved else { return Ok(none) };
    let other = || earlier::refused(output_dir, name, "it is of other schedules, scripts or subjects");
    sides.kept(side, &saved).ok_or_else(other)
}

/// Writes what has run.
fn keep(output_dir: &OutputDir, sides: &Sides, kept: &Kept) -> Result<(), CliError> {
    for (name, side, scores) in [(BASE, &sides.base, &kept.base), (CANDIDATE, &sides.candidate, &kept.candidate)] {
        if let Some(saved) = sides.saved(side, scores) {
            output_dir.write(Path::new(name), &saved.to_json(), saved_cases::is_ours)?;
        }
    }
    Ok(())
}

/// Takes the directory for the files of a comparison.
fn claim(out: &Path) -> Result<OutputDir, CliError> {
    let output_dir = OutputDir::shared(out)?;
    output_dir.refuse_stranger(Path::new(RESULT), is_result)?;
    output_dir.refuse_stranger(Path::new(PAGE), crate::page::is_ours)?;
    output_dir.refuse_stranger(Path::new(BASE), saved_cases::is_ours)?;
    output_dir.refuse_stranger(Path::new(CANDIDATE), saved_cases::is_ours)?;
    Ok(output_dir)
}

/// The first side that does not work even in a calm world.
fn broken(sides: &Sides) -> Option<Broken> {
    [("base", &sides.base), ("candidate", &sides.candidate)].into_iter().find_map(|(which, side)| {
        let Runner::Runs(runs) = &side.runner else { return None };
        let preflight = Preflight::of(&sides.suites[0].suite, runs.subject());
        preflight.is_broken().then(|| Broken {
            side: which.to_owned(),
            name: side.name.clone(),
            calm_run: CalmRun::of(&preflight, runs.where_line().as_deref()),
        })
    })
}

fn write(
    output_dir: &OutputDir,
    sides: &Sides,
    trial: &Trial,
    difference: &Difference,
    sections: &[FindingSection],
) -> Result<(), CliError> {
    let json = serde_json::to_string_pretty(difference).expect("a comparison is plain data");
    output_dir.write(Path::new(RESULT), &format!("{json}\n"), is_result)?;
    output_dir.write(Path::new(PAGE), &page::page(difference, sections), crate::page::is_ours)?;
    keep(output_dir, sides, &trial.kept)
}

fn tell(difference: &Difference, output_dir: Option<&OutputDir>, json: bool) -> Result<ExitCode, CliError> {
    if json {
        output::json(difference)?;
    } else if output::is_quiet() {
        output::data(&difference.sentence)?;
    } else {
        let report = output_dir.map(|output_dir| format!("\n\nreport: {}", output_dir.path().join(PAGE).display()));
        output::data(format!("{}{}", table::text(difference), report.unwrap_or_default()))?;
    }
    if difference.stopped.is_some() && output_dir.is_some() {
        output::note("the same command with --resume goes on from there");
    }
    difference.internal_errors.iter().for_each(output::say);
    Ok(difference.exit_code())
}

fn is_result(text: &str) -> bool {
    has_fields(text, &["format", "version", "base", "candidate", "outcome"])
}
