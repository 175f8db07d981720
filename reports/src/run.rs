//! `dupeproof run`: search, judge, write the report, print the result.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use comfy_table::{CellAlignment, Table, presets};
use dupeproof_scenarios::failure::Scripts;
use dupeproof_scenarios::guard::Ended;
use dupeproof_scenarios::measure::Trades;
use dupeproof_scenarios::search::{Depth, Progress};
use dupeproof_scenarios::{FailureFile, Preflight, Score, Search, SearchReport, Suite, Verdict, try_case};
use dupeproof_sim::Pace;

use crate::args::RunArguments;
use crate::by_name;
use crate::calm_run::CalmRun;
use crate::comparison::Comparison;
use crate::error::CliError;
use crate::exit::ExitCode;
use crate::failure_files::FailureFiles;
use crate::format;
use crate::internal;
use crate::log;
use crate::output;
use crate::output_dir::OutputDir;
use crate::page;
use crate::progress::{Goal, ProgressLine};
use crate::saved_cases::{self, SavedCases, SavedSuite};
use crate::scripts::Loaded;
use crate::stopwatch::Stopwatch;
use crate::summary::{Cost, FoundKind, Searched, Summary};

/// How long a run without `--cases` goes on. A suite and its twin share it.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where the results of each case are kept.
const CASES: &str = "cases.json";

/// Searches, writes the report and prints the result.
///
/// # Errors
/// When a name is unknown or the output directory cannot be used; then nothing was searched.
pub fn run(arguments: &RunArguments) -> Result<ExitCode, CliError> {
    log::install(&arguments.log)?;
    let scripts = arguments.which.scripts.named();
    let available = by_name::available(scripts.as_ref())?;
    let (suite, subject) = available.chosen(&arguments.which)?;
    let output_dir = OutputDir::claim(&arguments.out)?;
    let search = Search {
        suite: &suite,
        subject,
        network: arguments.runs.network(&suite),
        seed: arguments.runs.seed,
        cases: arguments.cases.unwrap_or(u64::MAX),
        jobs: arguments.threads.jobs(),
    };
    let depth =
        arguments.causes.map_or(search.depth(), |causes| Depth { causes: usize::from(causes), ..search.depth() });
    let preflight = Preflight::of(&suite, subject);
    let calm_run = CalmRun::of(&preflight, available.loaded.as_ref().and_then(Loaded::where_line).as_deref());
    let broken = preflight.is_broken();
    let twin = twin(&suite, arguments.which.drawn.world.is_some()).filter(|_| !broken);
    let patience = if twin.is_some() { PATIENCE / 2 } else { PATIENCE };
    let (mut report, cost, scores) = if broken {
        (SearchReport::broken(), Cost::default(), Vec::new())
    } else {
        watched(&search, arguments.cases.map_or(Goal::Wall(patience), Goal::Cases), depth, arguments.save_cases)
    };
    name_scripts(&mut report, scripts.as_ref());
    let searched =
        Searched { suite: &suite, which: &arguments.which, subject, network: search.network, seed: search.seed };
    let mut failures = FailureFiles::default();
    let mut summary = Summary::of(searched, calm_run, &report, cost, &mut failures);
    if let Some(twin) = &twin {
        output::say(format_args!("running the same cases as `{}`", twin.name));
        let cases = report.cases;
        let search = Search { suite: twin, cases, ..search };
        let (mut other, _, _) = watched(&search, Goal::Cases(cases), Depth { causes: 1, ..depth }, false);
        name_scripts(&mut other, scripts.as_ref());
        summary.internal_errors.extend(internal::in_cases(&other.failed, &twin.name, search.seed));
        summary.comparison = Some(Comparison::of(&report, twin, &other, &mut failures));
    }
    if let Some(loaded) = &available.loaded {
        confirm(&mut summary, &failures, loaded)?;
    }
    output_dir.store(&summary, &failures)?;
    if arguments.save_cases && !broken {
        let saved = saved_cases(searched, &scores);
        output_dir.write(Path::new(CASES), &saved.to_json(), saved_cases::is_ours)?;
    }
    let sections = page::sections(&summary, &failures, &available.subjects, output_dir.path());
    summary.internal_errors.extend(sections.iter().filter_map(|section| section.internal_error.clone()));
    for cause in summary.findings.iter_mut().flat_map(|found| &mut found.causes) {
        if let Some(section) = sections.iter().find(|section| section.cause.file == cause.file) {
            (cause.step_at_fault, cause.calls) = (section.at_fault.clone(), section.calls.clone());
        }
    }
    // The pictures take time, in which the results are there already.
    output_dir.store_summary(&summary)?;
    let summary = summary.located(output_dir.path());
    output_dir.store_page(&page::page(&summary, &sections))?;
    tell(&summary, &output_dir, arguments.json)
}

/// The suite's twin, if it has one: in the same world, if that took the place of the suite's own, and as much believed.
fn twin(suite: &Suite, world_given: bool) -> Option<Suite> {
    let twin = Suite::named(suite.twin.as_deref()?)?;
    let twin = if world_given { twin.in_world(suite.world) } else { twin.clone() };
    Some(twin.believing(suite.believe()))
}

/// Names the scripts in the failure files, so that these can be replayed.
fn name_scripts(report: &mut SearchReport, scripts: Option<&Scripts>) {
    for cause in report.findings.iter_mut().flat_map(|found| &mut found.causes) {
        cause.failure.scripts = scripts.cloned();
    }
}

/// Runs what was found with coarse time again at the pace of a real server.
fn confirm(summary: &mut Summary, failures: &FailureFiles, loaded: &Loaded) -> Result<(), CliError> {
    if loaded.is_fine() {
        return Ok(());
    }
    let subject = loaded.fine().subject()?;
    for cause in summary.findings.iter_mut().flat_map(|found| &mut found.causes) {
        let FailureFile { schedule, finding, network, .. } = failures.of(cause);
        match try_case(schedule, &subject, *network, || ()) {
            Ok((result, ())) => cause.at_60hz = Some(result.shows(finding.kind())),
            Err(Ended::Internal(error)) => {
                let place = format!("in `{}` at 60 Hz", cause.file);
                summary.internal_errors.push(internal::one(&place, &error));
            }
            Err(Ended::Refused(refusal)) => refusal.raise(),
        }
    }
    Ok(())
}

/// Runs the search, timed and with a progress bar.
fn watched(
    search: &Search<'_>,
    goal: Goal,
    depth: Depth,
    save_cases: bool,
) -> (SearchReport, Cost, Vec<Option<Score>>) {
    let stopwatch = Stopwatch::start();
    let mut progress_line = ProgressLine::new(goal);
    let mut tell = |progress: Progress| {
        let elapsed = stopwatch.wall();
        progress_line.tick(progress, elapsed);
        match goal {
            Goal::Wall(patience) if elapsed >= patience => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    };
    let mut survey = if save_cases { search.scored(0, &mut tell) } else { search.survey(&mut tell) };
    let scores = std::mem::take(&mut survey.scores);
    progress_line.finish();
    if !survey.kinds.is_empty() && search.subject.pace() == Pace::Slow {
        output::say("grouping findings by cause and shrinking their schedules");
    }
    let report = search.explain(survey, depth);
    let cost = Cost { wall_seconds: stopwatch.wall().as_secs_f64(), cpu_seconds: stopwatch.cpu().as_secs_f64() };
    (report, cost, scores)
}

/// The results of each case, for `dupeproof compare`.
fn saved_cases(searched: Searched<'_>, scores: &[Option<Score>]) -> SavedCases {
    let Searched { suite, which, subject, network, seed } = searched;
    let (scenario, world_given) = (which.drawn.scenario.as_deref(), which.drawn.world.is_some());
    SavedCases {
        format: saved_cases::FORMAT,
        version: env!("CARGO_PKG_VERSION").into(),
        subject: subject.name().into(),
        network,
        seed,
        suites: vec![SavedSuite::of(suite, scenario, world_given, seed, scores)],
    }
}

/// The result on stdout. The last line of a failing run is the command that replays it.
fn tell(summary: &Summary, output_dir: &OutputDir, json: bool) -> Result<ExitCode, CliError> {
    let replay = summary.worst_file().map(format::replay_command);
    if json {
        output::json(summary)?;
        if let Some(replay) = replay {
            output::say(replay);
        }
    } else {
        let mut text = result(summary);
        text.push_str(&format!("\nreport: {}", output_dir.report().display()));
        if let Some(replay) = replay {
            text.push_str(&format!("\n\nreplay the worst finding:\n{replay}"));
        }
        output::data(text)?;
    }
    summary.internal_errors.iter().for_each(output::say);
    Ok(summary.exit_code())
}

/// The result for people, without the path of the report.
fn result(summary: &Summary) -> String {
    let mut text = format!("{}\n", summary.sentence());
    if summary.verdict == Verdict::Broken {
        text.push_str(&summary.calm_run.text());
        return text;
    }
    if !summary.findings.is_empty() {
        text.push_str(&format!("\n{}\n", findings(summary)));
        text.extend(summary.exposure_words().map(|words| format!("{words}\n")));
        text.extend(summary.disbelieved_words().map(|words| format!("{words}\n")));
        text.push_str(&format!("\n{}\n", causes_table(summary)));
    }
    text.extend(summary.exceeded.iter().map(|words| format!("beyond its bound: {words}\n")));
    if let Some(comparison) = &summary.comparison {
        text.push_str(&format!("\n{}\n", side_by_side(summary, comparison)));
    }
    for measure in summary.measures.values() {
        if let Some(words) = measure.in_words() {
            text.push_str(&format!("\n{:<42}  {words}", measure.about));
        }
    }
    text.extend(summary.share_words().map(|(about, words)| format!("\n{about:<42}  {words}")));
    text.extend(trade_words(&summary.trades).map(|words| format!("\n{:<42}  {words}", "trades")));
    let coverage: Vec<String> =
        summary.coverage.iter().filter(|(_, count)| **count > 0).map(|(name, count)| probe(name, *count)).collect();
    text.push_str(&format!("\n\nseen (`dupeproof list` explains the names): {}\n", coverage.join(", ")));
    text.push_str(&summary.calm_run.warnings());
    text.extend(summary.left_out_words().map(|words| format!("{words}\n")));
    text.extend(summary.not_tried_words().iter().map(|words| format!("{words}\n")));
    if let Some(unseen) = summary.unseen_words() {
        text.push_str(&format!("{unseen}\n"));
    }
    text.push_str(&format!(
        "{:.1} s of wall time, {:.1} s of CPU time, digest {}\n",
        summary.wall_seconds, summary.cpu_seconds, summary.digest
    ));
    text.push_str(&format!("run again:  {}", summary.again()));
    text
}

/// `1,204 asked: 800 committed, 400 aborted, 4 open; 12 % aborted where nothing went wrong`; `None` without trades.
fn trade_words(trades: &Trades) -> Option<String> {
    let [asked, committed, aborted, open] =
        [trades.asked, trades.committed, trades.aborted, trades.open].map(format::count);
    let healthy = trades
        .healthy_aborted_ppm()
        .map_or(String::new(), |ppm| format!("; {} % aborted where nothing went wrong", ppm / 10_000));
    (trades.asked > 0).then(|| format!("{asked} asked: {committed} committed, {aborted} aborted, {open} open{healthy}"))
}

/// What the suite and its twin showed.
fn side_by_side(summary: &Summary, comparison: &Comparison) -> String {
    let (suite, twin) = (&summary.suite, &comparison.twin);
    if comparison.kinds.is_empty() {
        return format!("side by side: neither `{suite}` nor `{twin}` showed a finding");
    }
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(["side by side", suite, twin]);
    for compared in &comparison.kinds {
        table.add_row([compared.kind.name().to_owned(), compared.here.to_string(), compared.twin.to_string()]);
    }
    format!("{table}\n`{twin}`: {}", comparison.about)
}

/// The causes of each finding.
fn causes_table(summary: &Summary) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(["finding", "cause", "how real", "of examined", "shrunk to"]);
    for (found, cause) in summary.causes() {
        let fine = if cause.at_60hz == Some(false) { ", not at 60 Hz" } else { "" };
        table.add_row([
            found.kind.name().to_owned(),
            cause.words(),
            cause.evidence.name().to_owned(),
            format!("{} of {}", format::count(cause.count), format::count(found.looked_at)),
            format!("{}{fine}", format::counted(cause.steps, "step")),
        ]);
    }
    table
}

/// What becomes of the promise that a finding is about.
fn promise(summary: &Summary, found: &FoundKind) -> &'static str {
    match found.in_contract {
        false => "BROKEN",
        true if summary.is_disbelieved(found) => "not believed",
        true => "none (known exposure)",
    }
}

fn probe(name: &str, count: u64) -> String {
    format!("{name} {}", format::count(count))
}

fn findings(summary: &Summary) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(["finding", "schedules", "share", "promise", "longest", "how real"]);
    for found in &summary.findings {
        table.add_row([
            found.kind.name().to_owned(),
            format::count(found.count),
            format::rate(found.count, summary.schedules),
            promise(summary, found).to_owned(),
            found.worst_seconds.map_or_else(|| "-".into(), format::span),
            found.evidence.name().to_owned(),
        ]);
    }
    for column in [1, 4] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
