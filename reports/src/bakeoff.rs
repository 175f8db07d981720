//! `dupeproof bakeoff`: several subjects over the same seeds, in one table.

mod column;
mod page;
mod plot;
mod row;
mod table;

use std::path::Path;

use dupeproof_scenarios::{Search, stop};
use dupeproof_sim::network::Network;
use serde::{Deserialize, Serialize};

use crate::args::BakeoffArguments;
use crate::earlier;
use crate::error::CliError;
use crate::escape;
use crate::exit::ExitCode;
use crate::internal;
use crate::log;
use crate::output;
use crate::output_dir::{OutputDir, has_fields};
use crate::progress;
use crate::signals;
use crate::stopped::{During, Stopped, Why};
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
    /// That it ended before all subjects were run; null if it did not.
    #[serde(default)]
    pub stopped: Option<Stopped>,
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
    arguments.loudness.obey();
    log::install(&arguments.log)?;
    let columns = column::columns(arguments)?;
    signals::watch();
    let output_dir = OutputDir::shared(&arguments.out)?;
    output_dir.refuse_stranger(Path::new(TABLE), is_table)?;
    output_dir.refuse_stranger(Path::new(PAGE), crate::page::is_ours)?;
    output_dir.refuse_stranger(Path::new(MARKDOWN), is_markdown)?;
    output_dir.refuse_stranger(Path::new(PLOT), is_plot)?;
    // All columns have the same suite: each was chosen by the same arguments.
    let suite = &columns[0].suite;
    let (network, jobs) = (arguments.runs.network(suite), arguments.threads.jobs());
    let (seed, cases) = (arguments.runs.seed, arguments.cases);
    let earlier = earlier::results::<Bakeoff>(&output_dir, TABLE, arguments.resume)?;
    let mut bakeoff = Bakeoff {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").into(),
        suite: suite.name.clone(),
        world: suite.world.name.clone(),
        network,
        seed,
        schedules: cases,
        stopped: None,
        rows: Vec::new(),
        internal_errors: Vec::new(),
    };
    let ran = bakeoff.run(&columns, jobs, earlier, &output_dir);
    let written = ran.and_then(|()| bakeoff.write(&output_dir));
    let report =
        written.as_ref().map_or(String::new(), |()| format!("\n\nreport: {}", output_dir.path().join(PAGE).display()));
    match output::is_quiet() {
        true => output::data(table::verdicts(&bakeoff))?,
        false => output::data(format!("{}{report}", table::table(&bakeoff)))?,
    }
    if bakeoff.stopped.is_some() && written.is_ok() {
        output::note("the same command with --resume goes on from there");
    }
    bakeoff.internal_errors.iter().for_each(output::say);
    written.map(|()| bakeoff.exit_code())
}

impl Bakeoff {
    /// Runs each subject that an earlier run has not, and writes each row as it comes; ends early if somebody asks to stop, or
    /// it cannot be written.
    fn run(
        &mut self,
        columns: &[Column],
        jobs: usize,
        earlier: Option<Bakeoff>,
        output_dir: &OutputDir,
    ) -> Result<(), CliError> {
        let (known, errors) = earlier.map_or_else(Default::default, |earlier| (earlier.rows, earlier.internal_errors));
        for (column, place) in columns.iter().zip(1..) {
            let search = self.search(column, jobs);
            let question = column.question(&search);
            if let Some(row) = known.iter().find(|row| row.name == column.name && row.question == question) {
                self.rows.push(row.clone());
                self.internal_errors.clone_from(&errors);
                continue;
            }
            let name = escape::name(&column.name);
            output::note(format_args!("running `{name}` ({place} of {})", columns.len()));
            let survey = progress::survey(&search);
            self.stopped = Some(self.stopped_of(columns, Why::Signal));
            if stop::is_asked() {
                return Ok(());
            }
            let place = format!("{} of `{}`", self.suite, column.name);
            self.internal_errors.extend(internal::in_cases(&survey.failed, &place, self.seed));
            self.rows.push(Row::of(column, &search, &survey));
            self.stopped = Some(self.stopped_of(columns, Why::Unfinished));
            if let Err(error) = self.write_table(output_dir) {
                self.stopped = Some(self.stopped_of(columns, Why::Unwritable));
                return Err(error);
            }
        }
        self.stopped = None;
        Ok(())
    }

    /// The search of one subject.
    fn search<'a>(&self, column: &'a Column, jobs: usize) -> Search<'a> {
        let Bakeoff { network, seed, schedules, .. } = *self;
        Search { suite: &column.suite, subject: column.subject(), network, seed, first: 0, cases: schedules, jobs }
    }

    /// That only so many of these subjects were run.
    fn stopped_of(&self, columns: &[Column], why: Why) -> Stopped {
        Stopped { after: self.rows.len() as u64, of: Some(columns.len() as u64), why, during: During::Running }
    }

    fn write_table(&self, output_dir: &OutputDir) -> Result<(), CliError> {
        let json = serde_json::to_string_pretty(self).expect("a table is plain data");
        output_dir.write(Path::new(TABLE), &format!("{json}\n"), is_table)
    }

    fn write(&self, output_dir: &OutputDir) -> Result<(), CliError> {
        self.write_table(output_dir)?;
        output_dir.write(Path::new(PAGE), &page::page(self), crate::page::is_ours)?;
        output_dir.write(Path::new(MARKDOWN), &table::markdown(self), is_markdown)?;
        output_dir.write(Path::new(PLOT), &plot::plot(self), is_plot)
    }

    fn exit_code(&self) -> ExitCode {
        match (&self.stopped, self.internal_errors.is_empty()) {
            (_, false) => ExitCode::Unknown,
            (Some(_), true) => ExitCode::Stopped,
            (None, true) => ExitCode::Safe,
        }
    }

    /// That it was stopped, in words after a semicolon; nothing if it was not.
    fn stopped_words(&self) -> String {
        self.stopped.as_ref().map_or_else(String::new, |stopped| format!("; {}", stopped.words("subject")))
    }
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
