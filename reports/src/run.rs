//! `dupeproof run`: search, judge, write the report, print the result.

mod enough;
mod kept_search;
pub mod merge;
mod result;
mod shard;

use std::path::{Path, PathBuf};

use dupeproof_scenarios::failure::Scripts;
use dupeproof_scenarios::guard::Ended;
use dupeproof_scenarios::search::Depth;
use dupeproof_scenarios::{FailureFile, Preflight, Score, Search, SearchReport, Suite, Verdict, stop, try_case};

use crate::args::RunArguments;
use crate::by_name::{self, Available};
use crate::calm_run::CalmRun;
use crate::checkpoint::{Before, Checkpoint, SearchId};
use crate::comparison::Comparison;
use crate::error::CliError;
use crate::escape;
use crate::exit::ExitCode;
use crate::failure_files::FailureFiles;
use crate::fingerprint::Code;
use crate::format;
use crate::internal;
use crate::log;
use crate::machine::{self, Report};
use crate::output;
use crate::output_dir::OutputDir;
use crate::page::{self, FindingSection};
use crate::progress::{self, CauseLine};
use crate::saved_cases::{self, SavedCases, SavedSuite};
use crate::saved_failures;
use crate::scripts::Loaded;
use crate::signals;
use crate::stopped::{During, Stopped, Why};
use crate::summary::{Cost, Searched, Summary};
use crate::test::TestResult;
use crate::told::{self, Told};
use enough::Enough;
use kept_search::KeptSearch;

/// Where the results of each case are kept.
const CASES: &str = "cases.json";

/// Searches, writes the report and prints the result.
///
/// # Errors
/// When a name is unknown or the output directory cannot be used; then nothing was searched. Or when the report cannot be
/// written; then the result was printed.
pub fn run(arguments: &RunArguments) -> Result<ExitCode, CliError> {
    arguments.loudness.obey();
    log::install(&arguments.log)?;
    if let Some(shard) = arguments.extent.shard {
        return prepared(arguments, |run, checkpoint| run.count_shard(shard, checkpoint));
    }
    tell(&perform(arguments)?, arguments)
}

/// Prints a result, and writes it for machines.
fn tell(done: &Done, arguments: &RunArguments) -> Result<ExitCode, CliError> {
    done.tell(arguments)?;
    arguments.machine.tell(&done.report(&machine::results_of(&done.summary, done.summary.wall_seconds)))?;
    match &done.unstored {
        Some(error) => Err(error.clone()),
        None => Ok(done.summary.exit_code()),
    }
}

/// A search that was carried out.
pub struct Done {
    /// What came of it, with the paths of its files as seen from here.
    pub summary: Summary,
    /// Where the page is.
    pub page: PathBuf,
    /// Failure files that were kept for the user's repository, and were not there before.
    pub saved: Vec<PathBuf>,
    /// Its findings, in words.
    pub told: Vec<Told>,
    /// Why not everything could be written.
    pub unstored: Option<CliError>,
}

/// Searches, and writes the report.
///
/// # Errors
/// When a name is unknown or the output directory cannot be used; then nothing was searched.
pub fn perform(arguments: &RunArguments) -> Result<Done, CliError> {
    prepared(arguments, |run, checkpoint| run.run(checkpoint))
}

/// Finds out what to search and takes the output directory, then goes on from where an earlier search stopped.
fn prepared<T>(
    arguments: &RunArguments,
    go_on: impl FnOnce(Run<'_>, Checkpoint) -> Result<T, CliError>,
) -> Result<T, CliError> {
    let available = by_name::available(arguments.which.scripts.named().as_ref())?;
    let (suite, subject) = available.chosen(&arguments.which)?;
    signals::watch();
    let output_dir = OutputDir::claim(&arguments.out)?;
    let range = arguments.extent.range();
    let search = Search {
        suite: &suite,
        subject,
        network: arguments.runs.network(&suite),
        seed: arguments.runs.seed,
        first: range.start,
        cases: range.end - range.start,
        jobs: arguments.threads.jobs(),
    };
    let code = Code::of(available.loaded.as_ref());
    let searched = SearchId::of(&search, code, arguments.save_cases);
    let searched = if arguments.extent.shard.is_some() { searched.shard(range) } else { searched };
    let Before { checkpoint, waiting } = Checkpoint::before(&output_dir, searched, arguments.resume)?;
    if waiting > 0 {
        let schedules = format::counted(waiting, "schedule");
        output::note(format_args!(
            "this search begins anew; an earlier run of it ended after {schedules}, and --resume would go on from there"
        ));
    }
    go_on(
        Run { arguments, available: &available, search, output_dir: &output_dir, code, has_all_cases: true },
        checkpoint,
    )
}

/// What a search came to, with its failures and the results of each case.
type Found = (Summary, FailureFiles, Vec<Option<Score>>);

/// One search, and what belongs to it.
struct Run<'a> {
    arguments: &'a RunArguments,
    available: &'a Available,
    search: Search<'a>,
    output_dir: &'a OutputDir,
    code: Code,
    /// Whether the cases follow each other without a gap, so that somebody can go on after the last.
    has_all_cases: bool,
}

impl Run<'_> {
    fn run(&self, checkpoint: Checkpoint) -> Result<Done, CliError> {
        let found = self.searched(checkpoint);
        self.done(found)
    }

    /// Writes what was found.
    fn done(&self, found: Found) -> Result<Done, CliError> {
        let (mut summary, failures, scores) = found;
        if let Some(loaded) = &self.available.loaded {
            confirm(&mut summary, &failures, loaded)?;
        }
        let stored = self.store(&mut summary, &failures, &scores);
        let saved = match &self.arguments.save_failing {
            Some(folder) if stored.is_ok() => saved_failures::save(folder, &summary, &failures),
            _ => Ok(Vec::new()),
        };
        let sections = stored.as_ref().map_or(&[][..], |sections| sections);
        let told = told::all(&summary, sections, self.available.loaded.as_ref(), self.output_dir.path());
        let (saved, unstored) = match stored.and(saved) {
            Ok(saved) => (saved, None),
            Err(error) => (Vec::new(), Some(error)),
        };
        let summary = summary.located(self.output_dir.path());
        Ok(Done { summary, page: self.output_dir.report(), saved, told, unstored })
    }

    /// Searches, unless the subject is broken.
    fn searched(&self, checkpoint: Checkpoint) -> Found {
        let Run { arguments, search, .. } = self;
        let calm_run = match self.calm_run() {
            Ok(calm_run) => calm_run,
            Err(broken) => return *broken,
        };
        let mut failures = FailureFiles::default();
        let twin = twin(search.suite, arguments.which.drawn.world.is_some());
        let scripts = arguments.which.scripts.named();
        let kept_search::Searched { report, cost, scores, stopped } =
            self.kept_search(scripts.as_ref(), twin.is_some()).run(checkpoint);
        let mut summary = Summary::of(self.about(), calm_run, &report, cost, &mut failures).stopped(stopped);
        if let Some(twin) = twin.filter(|_| !stop::is_asked()) {
            self.compare(&twin, &report, &mut summary, &mut failures);
        }
        (summary, failures, scores)
    }

    /// The calm run before the search; what there is to say if the subject is broken.
    fn calm_run(&self) -> Result<CalmRun, Box<Found>> {
        let preflight = Preflight::of(self.search.suite, self.search.subject);
        let where_line = self.available.loaded.as_ref().and_then(Loaded::where_line);
        let calm_run = CalmRun::of(&preflight, where_line.as_deref());
        if !preflight.is_broken() {
            return Ok(calm_run);
        }
        let (report, mut failures) = (SearchReport::broken(), FailureFiles::default());
        let summary = Summary::of(self.about(), calm_run, &report, Cost::default(), &mut failures);
        Err(Box::new((summary, failures, Vec::new())))
    }

    fn kept_search<'a>(&'a self, scripts: Option<&'a Scripts>, has_twin: bool) -> KeptSearch<'a> {
        KeptSearch {
            search: &self.search,
            enough: Enough::of(&self.arguments.extent, self.search.suite, has_twin),
            depth: self.depth(),
            saves_cases: self.arguments.save_cases,
            scripts,
            output_dir: self.output_dir,
            keeps_checkpoint: self.has_all_cases,
        }
    }

    fn about(&self) -> Searched<'_> {
        let Search { suite, subject, network, seed, first, .. } = self.search;
        Searched { suite, which: &self.arguments.which, subject, network, seed, first }
    }

    fn depth(&self) -> Depth {
        let depth = self.search.depth();
        self.arguments.causes.map_or(depth, |causes| Depth { causes: usize::from(causes), ..depth })
    }

    /// Runs the same cases as the suite's twin; without a comparison if somebody asks to stop meanwhile.
    fn compare(&self, twin: &Suite, report: &SearchReport, summary: &mut Summary, failures: &mut FailureFiles) {
        output::note(format_args!("running the same cases as `{}`", twin.name));
        let search = Search { suite: twin, cases: report.cases, ..self.search };
        let survey = progress::survey(&search);
        if stop::is_asked() {
            summary.stopped = Some(Stopped { after: report.cases, of: None, why: Why::Signal, during: During::Twin });
            return;
        }
        let line = CauseLine::start();
        let mut other = search.explain_each(survey, Depth { causes: 1, ..self.depth() }, &line);
        line.finish();
        let scripts = self.arguments.which.scripts.named();
        other.findings.iter_mut().for_each(|found| kept_search::name_scripts(found, scripts.as_ref()));
        summary.internal_errors.extend(internal::in_cases(&other.failed, &twin.name, search.seed));
        summary.comparison = Some(Comparison::of(report, twin, &other, failures));
    }

    /// Writes everything, what takes least time first. A checkpoint stays only if the search was stopped.
    fn store(
        &self,
        summary: &mut Summary,
        failures: &FailureFiles,
        scores: &[Option<Score>],
    ) -> Result<Vec<FindingSection>, CliError> {
        let output_dir = self.output_dir;
        output_dir.store(summary, failures)?;
        if self.arguments.save_cases && summary.verdict != Verdict::Broken {
            let saved = saved_cases(self.about(), self.code, scores);
            output_dir.write(Path::new(CASES), &saved.to_json(), saved_cases::is_ours)?;
        }
        let sections = page::sections(summary, failures, &self.available.subjects, output_dir.path());
        summary.internal_errors.extend(sections.iter().filter_map(|section| section.internal_error.clone()));
        for cause in summary.findings.iter_mut().flat_map(|found| &mut found.causes) {
            if let Some(section) = sections.iter().find(|section| section.cause.file == cause.file) {
                (cause.step_at_fault, cause.calls) = (section.at_fault.clone(), section.calls.clone());
            }
        }
        // The pictures take time, in which the results are there already.
        output_dir.store_summary(summary)?;
        output_dir.store_page(&page::page(&summary.clone().located(output_dir.path()), &sections))?;
        if summary.stopped.is_none() {
            output_dir.remove_checkpoint()?;
        }
        Ok(sections)
    }
}

impl Done {
    /// For machines.
    fn report<'a>(&'a self, results: &'a [TestResult]) -> Report<'a> {
        let (heading, sentence) = (page::word(&self.summary), &results[0].text);
        Report { heading, sentence, results, shows_results: false, told: &self.told }
    }

    /// The result on stdout. The last line of a failing run is the command that replays it.
    fn tell(&self, arguments: &RunArguments) -> Result<(), CliError> {
        let (summary, is_stored) = (&self.summary, self.unstored.is_none());
        let replay = summary.worst_file().filter(|_| is_stored).map(format::replay_command);
        let can_resume = is_stored && summary.missing_shards.is_empty();
        let resume = summary.stopped.filter(|_| can_resume).map(|_| self.resume_command(arguments));
        let saved = self.saved.iter().map(|path| format!("kept: {}", escape::path(path)));
        if arguments.json {
            output::json(summary)?;
            saved.for_each(output::note);
            resume.iter().for_each(|resume| output::note(format_args!("go on with:  {resume}")));
            replay.iter().for_each(output::note);
        } else if output::is_quiet() {
            output::data(summary.sentence())?;
        } else {
            let mut text = result::text(summary, arguments.verbose);
            text.extend(resume.map(|resume| format!("\ngo on with:  {resume}")));
            text.extend(saved.map(|line| format!("\n{line}")));
            if is_stored {
                text.push_str(&format!("\nreport: {}", self.page.display()));
            }
            text.extend(replay.map(|replay| format!("\n\nreplay the worst finding:\n{replay}")));
            output::data(text)?;
        }
        summary.internal_errors.iter().for_each(output::say);
        Ok(())
    }

    /// The command that goes on from the checkpoint.
    fn resume_command(&self, arguments: &RunArguments) -> String {
        let RunArguments { extent, save_cases, out, .. } = arguments;
        let save_cases = if *save_cases { " --save-cases" } else { "" };
        let out = format::quoted(&out.display().to_string());
        format!("{}{}{save_cases} --out {out} --resume", self.summary.command(extent.cases), extent.end_words())
    }
}

/// The suite's twin, if it has one: in the same world, if that took the place of the suite's own, and as much believed.
fn twin(suite: &Suite, world_given: bool) -> Option<Suite> {
    let twin = Suite::named(suite.twin.as_deref()?)?;
    let twin = if world_given { twin.in_world(suite.world) } else { twin.clone() };
    Some(twin.believing(suite.believe()))
}

/// Runs what was found with coarse time again at the pace of a real server.
fn confirm(summary: &mut Summary, failures: &FailureFiles, loaded: &Loaded) -> Result<(), CliError> {
    if loaded.is_fine() {
        return Ok(());
    }
    let subject = loaded.fine().subject()?;
    for cause in summary.findings.iter_mut().flat_map(|found| &mut found.causes) {
        if stop::is_asked() {
            break;
        }
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

/// The results of each case, for `dupeproof compare`.
fn saved_cases(searched: Searched<'_>, code: Code, scores: &[Option<Score>]) -> SavedCases {
    let Searched { suite, which, subject, network, seed, .. } = searched;
    let (scenario, world_given) = (which.drawn.scenario.as_deref(), which.drawn.world.is_some());
    SavedCases {
        format: saved_cases::FORMAT,
        version: env!("CARGO_PKG_VERSION").into(),
        subject: subject.name().into(),
        code,
        network,
        seed,
        suites: vec![SavedSuite::of(suite, scenario, world_given, seed, scores)],
    }
}
