//! `dupeproof bakeoff`: several subjects over the same seeds, in one table.

mod entrant;
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
use crate::complaint::Complaint;
use crate::exit::ExitCode;
use crate::folder::Folder;
use crate::stopwatch::Stopwatch;
use crate::ticker::{Goal, Ticker};
use crate::{lookup, run, talk};
use entrant::Entrant;
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
pub fn bakeoff(arguments: &BakeoffArguments) -> Result<ExitCode, Complaint> {
    let entrants = entrant::entrants(arguments)?;
    let stages = entrants
        .iter()
        .map(|entrant| lookup::chosen(&entrant.which, &entrant.subjects))
        .collect::<Result<Vec<_>, _>>()?;
    let folder = Folder::shared(&arguments.out)?;
    folder.refuse_stranger(Path::new(TABLE), is_table)?;
    folder.refuse_stranger(Path::new(PAGE), crate::page::is_ours)?;
    folder.refuse_stranger(Path::new(MARKDOWN), is_markdown)?;
    folder.refuse_stranger(Path::new(PLOT), is_plot)?;
    let mut rows = Vec::new();
    for (entrant, (suite, subject)) in entrants.iter().zip(&stages) {
        talk::say(format_args!("`{}`", entrant.name));
        let network = arguments.network.map(Network::from).or(suite.network).unwrap_or_default();
        let jobs = arguments.jobs.map_or_else(run::cores, usize::from);
        let search = Search { suite, subject: *subject, network, seed: arguments.seed, cases: arguments.cases, jobs };
        rows.push(row(entrant, &search));
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
    folder.write(Path::new(TABLE), &format!("{json}\n"), is_table)?;
    folder.write(Path::new(PAGE), &page::page(&bakeoff), crate::page::is_ours)?;
    folder.write(Path::new(MARKDOWN), &table::markdown(&bakeoff), is_markdown)?;
    folder.write(Path::new(PLOT), &plot::plot(&bakeoff), is_plot)?;
    talk::data(format!("{}\n\nreport: {}", table::table(&bakeoff), folder.path().join(PAGE).display()))?;
    Ok(ExitCode::Safe)
}

fn row(entrant: &Entrant, search: &Search<'_>) -> Row {
    let stopwatch = Stopwatch::start();
    let mut ticker = Ticker::new(Goal::Cases(search.cases));
    let survey = search.survey(&mut |progress| {
        ticker.tick(progress, stopwatch.wall());
        ControlFlow::Continue(())
    });
    ticker.finish();
    Row::of(entrant, search, &survey)
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
