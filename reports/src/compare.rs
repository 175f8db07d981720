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
use crate::error::CliError;
use crate::exit::ExitCode;
use crate::log;
use crate::output;
use crate::output_dir::{OutputDir, has_fields};
use crate::page::FindingSection;
use crate::saved_cases;
pub use difference::{Broken, Difference, Outcome, Stretch};
pub use row::{Row, RowCause, Seen};
use side::{Runner, Sides};
use trial::Trial;

const RESULT: &str = "compare.json";
const PAGE: &str = "compare.html";
const BASE: &str = "base.json";
const CANDIDATE: &str = "candidate.json";

/// Runs both over the same cases until the answer is clear, prints what got worse and better, and writes it down.
///
/// # Errors
/// When a side makes no sense, a saved file is about something else, or the directory cannot be used; then nothing was run.
pub fn compare(arguments: &CompareArguments) -> Result<ExitCode, CliError> {
    log::install(&arguments.log)?;
    let sides = Sides::of(arguments)?;
    let output_dir = claim(&arguments.out)?;
    if let Some(broken) = broken(&sides) {
        return tell(&Difference::broken(&sides, broken), None, arguments.json);
    }
    let trial = Trial::of(&sides, arguments.threads.jobs());
    let found = cause::causes(&sides, &trial, arguments.threads.jobs());
    let failures = illustrated::failures(&found);
    let difference = Difference::of(&sides, &trial, found, &output_dir)?;
    let sections = illustrated::sections(&sides, &difference, &failures);
    write(&output_dir, &sides, &trial, &difference, &sections)?;
    tell(&difference, Some(&output_dir), arguments.json)
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
    for (name, side, scores) in [(BASE, &sides.base, &trial.base), (CANDIDATE, &sides.candidate, &trial.candidate)] {
        if let Some(saved) = sides.saved(side, scores) {
            output_dir.write(Path::new(name), &saved.to_json(), saved_cases::is_ours)?;
        }
    }
    Ok(())
}

fn tell(difference: &Difference, output_dir: Option<&OutputDir>, json: bool) -> Result<ExitCode, CliError> {
    if json {
        output::json(difference)?;
    } else {
        let report = output_dir.map(|output_dir| format!("\n\nreport: {}", output_dir.path().join(PAGE).display()));
        output::data(format!("{}{}", table::text(difference), report.unwrap_or_default()))?;
    }
    difference.internal_errors.iter().for_each(output::say);
    Ok(difference.exit_code())
}

fn is_result(text: &str) -> bool {
    has_fields(text, &["format", "version", "base", "candidate", "outcome"])
}
