//! `dupeproof run`: search, judge, write it down, say it.

use std::ops::ControlFlow;
use std::time::Duration;

use comfy_table::{CellAlignment, Table, presets};
use dupeproof_scenarios::subjects::Subjects;
use dupeproof_scenarios::{Search, SearchReport};

use crate::args::RunArguments;
use crate::complaint::Complaint;
use crate::exit::ExitCode;
use crate::figures;
use crate::folder::Folder;
use crate::lookup;
use crate::page;
use crate::stopwatch::Stopwatch;
use crate::summary::{Cost, Searched, Summary};
use crate::talk;
use crate::ticker::{Goal, Ticker};

/// How long a search without `--cases` goes on.
const PATIENCE: Duration = Duration::from_secs(20);

/// Searches, writes the report and prints the result.
///
/// # Errors
/// When a name is unknown or the output directory cannot be used; then nothing was searched.
pub fn run(arguments: &RunArguments) -> Result<ExitCode, Complaint> {
    let suite = lookup::suite(arguments.suite.as_deref())?;
    let subjects = Subjects::default();
    let subject = lookup::subject(&subjects, &arguments.subject)?;
    let folder = Folder::claim(&arguments.out)?;
    let search = Search {
        suite,
        subject,
        network: arguments.network.into(),
        seed: arguments.seed,
        cases: arguments.cases.unwrap_or(u64::MAX),
        jobs: arguments.jobs.map_or_else(cores, usize::from),
    };
    let (report, cost) = watched(&search, arguments.cases);
    let searched = Searched { suite, subject, network: search.network, seed: search.seed };
    let summary = Summary::of(searched, &report, cost);
    let failures: Vec<_> = report.findings.iter().map(|found| &found.failure).collect();
    folder.store(&summary, &failures)?;
    let chapters = page::chapters(&summary, &failures, &subjects, folder.path());
    folder.store_page(&page::page(&summary, &chapters))?;
    tell(&summary.located(folder.path()), &folder, arguments.json)
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Runs the search under the eyes of a stopwatch and a progress bar.
fn watched(search: &Search<'_>, cases: Option<u64>) -> (SearchReport, Cost) {
    let stopwatch = Stopwatch::start();
    let mut ticker = Ticker::new(cases.map_or(Goal::Wall(PATIENCE), Goal::Cases));
    let report = search.run(&mut |progress| {
        let elapsed = stopwatch.wall();
        ticker.tick(progress, elapsed);
        match cases {
            None if elapsed >= PATIENCE => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    });
    ticker.finish();
    let cost = Cost { wall_seconds: stopwatch.wall().as_secs_f64(), cpu_seconds: stopwatch.cpu().as_secs_f64() };
    (report, cost)
}

/// The result on stdout. The last line of a failing run is the command that replays it.
fn tell(summary: &Summary, folder: &Folder, json: bool) -> Result<ExitCode, Complaint> {
    let replay = summary.worst_file().map(figures::replay_command);
    if json {
        talk::data(serde_json::to_string(summary).expect("a summary is plain data"))?;
        if let Some(replay) = replay {
            talk::say(replay);
        }
    } else {
        let mut text = result(summary);
        text.push_str(&format!("\nreport: {}", folder.report().display()));
        if let Some(replay) = replay {
            text.push_str(&format!("\n\nreplay the worst of it:\n{replay}"));
        }
        talk::data(text)?;
    }
    Ok(summary.verdict.into())
}

/// The result for people, but for where it is written.
fn result(summary: &Summary) -> String {
    let mut text = format!("{}\n", summary.sentence());
    if !summary.findings.is_empty() {
        text.push_str(&format!("\n{}\n", findings(summary)));
    }
    let seen: Vec<String> =
        summary.seen.iter().filter(|(_, count)| **count > 0).map(|(name, count)| counter(name, *count)).collect();
    text.push_str(&format!("\nseen: {}\n", seen.join(", ")));
    if !summary.unseen.is_empty() {
        text.push_str(&format!("never seen, though it should have been: {}\n", summary.unseen.join(", ")));
    }
    text.push_str(&format!(
        "{:.1} s on the clock, {:.1} s of CPU time, digest {}\n",
        summary.wall_seconds, summary.cpu_seconds, summary.digest
    ));
    text.push_str(&format!("again:  {}", summary.again()));
    text
}

fn counter(name: &str, count: u64) -> String {
    format!("{name} {}", figures::count(count))
}

fn findings(summary: &Summary) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(["finding", "schedules", "", "contract", "worst"]);
    for found in &summary.findings {
        table.add_row([
            found.kind.clone(),
            figures::count(found.count),
            figures::rate(found.count, summary.schedules),
            if found.in_contract { "allowed: a known exposure".into() } else { "BROKEN".to_owned() },
            found.worst_seconds.map_or_else(|| "-".into(), figures::span),
        ]);
    }
    for column in [1, 4] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
