//! `dupeproof bakeoff`: several subjects over the same seeds, in one table.

mod column;
mod page;
mod plot;
mod row;
mod table;

use std::ops::ControlFlow;
use std::path::Path;

use dupeproof_scenarios::Search;
use dupeproof_scenarios::search::FailedCases;
use dupeproof_sim::network::Network;
use serde::{Deserialize, Serialize};

use crate::args::BakeoffArguments;
use crate::error::CliError;
use crate::escape;
use crate::exit::ExitCode;
use crate::internal;
use crate::log;
use crate::output;
use crate::output_dir::{OutputDir, has_fields};
use crate::progress::{Goal, ProgressLine};
use crate::stopwatch::Stopwatch;
use column::Column;
pub use row::{Row, Shown};

/// The format this version writes.
const FORMAT: u32 = 2;

const TABLE: &str = "bakeoff.json";
const PAGE: &str = "bakeoff.html";
const MARKDOWN: &str = "bakeoff.md";
const PLOT: &str = "bakeoff.svg";

/// What was compared, over which schedules, with the results: `bakeoff.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bakeoff {
    /// `FORMAT`.
    pub format: u32,
    /// The version of dupeproof that ran it.
    pub version: String,
    /// The suite.
    pub suite: String,
    /// The world.
    pub world: String,
    /// The network that carried the runs.
    pub network: Network,
    /// The root seed.
    pub seed: u64,
    /// Schedules that each subject ran.
    pub schedules: u64,
    /// One for each subject, in the order of the command line.
    pub rows: Vec<Row>,
    /// Mistakes of dupeproof itself, in sentences. All else is about the other schedules.
    #[serde(default)]
    pub internal_errors: Vec<String>,
}

/// Runs each over the same cases, prints the table and writes it down.
///
/// # Errors
/// When a name or a script makes no sense or the directory cannot be used; then nothing was run.
pub fn bakeoff(arguments: &BakeoffArguments) -> Result<ExitCode, CliError> {
    log::install(&arguments.log)?;
    let columns = column::columns(arguments)?;
    let output_dir = OutputDir::shared(&arguments.out)?;
    output_dir.refuse_stranger(Path::new(TABLE), is_table)?;
    output_dir.refuse_stranger(Path::new(PAGE), crate::page::is_ours)?;
    output_dir.refuse_stranger(Path::new(MARKDOWN), is_markdown)?;
    output_dir.refuse_stranger(Path::new(PLOT), is_plot)?;
    // All columns have the same suite: each was chosen by the same arguments.
    let suite = &columns[0].suite;
    let (network, jobs) = (arguments.runs.network(suite), arguments.threads.jobs());
    let (seed, cases) = (arguments.runs.seed, arguments.cases);
    let mut internal_errors = Vec::new();
    let rows = columns.iter().zip(1..).map(|(column, place)| {
        output::say(format_args!("running `{}` ({place} of {})", escape::name(&column.name), columns.len()));
        let search = Search { suite: &column.suite, subject: column.subject(), network, seed, cases, jobs };
        let (row, failed) = row(column, &search);
        let place = format!("{} of `{}`", suite.name, column.name);
        internal_errors.extend(internal::in_cases(&failed, &place, seed));
        row
    });
    let rows = rows.collect();
    let bakeoff = Bakeoff {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").into(),
        suite: suite.name.clone(),
        world: suite.world.name.clone(),
        network,
        seed,
        schedules: cases,
        rows,
        internal_errors,
    };
    let json = serde_json::to_string_pretty(&bakeoff).expect("a table is plain data");
    output_dir.write(Path::new(TABLE), &format!("{json}\n"), is_table)?;
    output_dir.write(Path::new(PAGE), &page::page(&bakeoff), crate::page::is_ours)?;
    output_dir.write(Path::new(MARKDOWN), &table::markdown(&bakeoff), is_markdown)?;
    output_dir.write(Path::new(PLOT), &plot::plot(&bakeoff), is_plot)?;
    output::data(format!("{}\n\nreport: {}", table::table(&bakeoff), output_dir.path().join(PAGE).display()))?;
    bakeoff.internal_errors.iter().for_each(output::say);
    Ok(if bakeoff.internal_errors.is_empty() { ExitCode::Safe } else { ExitCode::Unknown })
}

fn row(column: &Column, search: &Search<'_>) -> (Row, FailedCases) {
    let stopwatch = Stopwatch::start();
    let mut progress_line = ProgressLine::new(Goal::Cases(search.cases));
    let survey = search.survey(&mut |progress| {
        progress_line.tick(progress, stopwatch.wall());
        ControlFlow::Continue(())
    });
    progress_line.finish();
    (Row::of(column, search, &survey), survey.failed)
}

fn is_markdown(text: &str) -> bool {
    text.starts_with(table::FIRST)
}

fn is_plot(text: &str) -> bool {
    text.contains(plot::TITLE)
}

fn is_table(text: &str) -> bool {
    has_fields(text, &["format", "version", "suite", "rows"])
}
