//! `dupeproof bakeoff`: several subjects over the same seeds, in one table.

mod column;
mod page;
mod plot;
mod row;
mod table;

use std::ops::ControlFlow;
use std::path::Path;

use dupeproof_scenarios::Search;
use dupeproof_sim::network::Network;
use serde::{Deserialize, Serialize};

use crate::args::BakeoffArguments;
use crate::error::CliError;
use crate::exit::ExitCode;
use crate::output_dir::OutputDir;
use crate::progress::{Goal, ProgressLine};
use crate::stopwatch::Stopwatch;
use crate::{by_name, log, output, run};
use column::Column;
pub use row::{Row, Shown};

/// The format this version writes.
const FORMAT: u32 = 1;

const TABLE: &str = "bakeoff.json";
const PAGE: &str = "bakeoff.html";
const MARKDOWN: &str = "bakeoff.md";
const PLOT: &str = "bakeoff.svg";

/// Who was compared over what, and what came of it: `bakeoff.json`.
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
    /// Schedules that each ran.
    pub schedules: u64,
    /// Each subject's, in the order they were given.
    pub rows: Vec<Row>,
}

/// Runs each over the same cases, prints the table and writes it down.
///
/// # Errors
/// When a name or a script makes no sense or the directory cannot be used; then nothing was run.
pub fn bakeoff(arguments: &BakeoffArguments) -> Result<ExitCode, CliError> {
    log::install(&arguments.log)?;
    let columns = column::columns(arguments)?;
    let stages =
        columns.iter().map(|column| by_name::chosen(&column.which, &column.subjects)).collect::<Result<Vec<_>, _>>()?;
    let output_dir = OutputDir::shared(&arguments.out)?;
    output_dir.refuse_stranger(Path::new(TABLE), is_table)?;
    output_dir.refuse_stranger(Path::new(PAGE), crate::page::is_ours)?;
    output_dir.refuse_stranger(Path::new(MARKDOWN), is_markdown)?;
    output_dir.refuse_stranger(Path::new(PLOT), is_plot)?;
    let mut rows = Vec::new();
    for (column, (suite, subject)) in columns.iter().zip(&stages) {
        output::say(format_args!("`{}`", column.name));
        let network = arguments.network.map(Network::from).or(suite.network).unwrap_or_default();
        let jobs = arguments.jobs.map_or_else(run::cores, usize::from);
        let search = Search { suite, subject: *subject, network, seed: arguments.seed, cases: arguments.cases, jobs };
        rows.push(row(column, &search));
    }
    let (suite, _) = &stages[0];
    let bakeoff = Bakeoff {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").into(),
        suite: suite.name.clone(),
        world: suite.world.name.clone(),
        network: arguments.network.map(Network::from).or(suite.network).unwrap_or_default(),
        seed: arguments.seed,
        schedules: arguments.cases,
        rows,
    };
    let json = serde_json::to_string_pretty(&bakeoff).expect("a table is plain data");
    output_dir.write(Path::new(TABLE), &format!("{json}\n"), is_table)?;
    output_dir.write(Path::new(PAGE), &page::page(&bakeoff), crate::page::is_ours)?;
    output_dir.write(Path::new(MARKDOWN), &table::markdown(&bakeoff), is_markdown)?;
    output_dir.write(Path::new(PLOT), &plot::plot(&bakeoff), is_plot)?;
    output::data(format!("{}\n\nreport: {}", table::table(&bakeoff), output_dir.path().join(PAGE).display()))?;
    Ok(ExitCode::Safe)
}

fn row(column: &Column, search: &Search<'_>) -> Row {
    let stopwatch = Stopwatch::start();
    let mut progress_line = ProgressLine::new(Goal::Cases(search.cases));
    let survey = search.survey(&mut |progress| {
        progress_line.tick(progress, stopwatch.wall());
        ControlFlow::Continue(())
    });
    progress_line.finish();
    Row::of(column, search, &survey)
}

fn is_markdown(text: &str) -> bool {
    text.starts_with(table::FIRST)
}

fn is_plot(text: &str) -> bool {
    text.contains(plot::TITLE)
}

fn is_table(text: &str) -> bool {
    let json: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    ["format", "version", "suite", "rows"].iter().all(|field| json.get(field).is_some())
}
