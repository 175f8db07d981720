//! `dupeproof replay`: one run again, bit for bit.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use dupeproof_luau::input_file::{self, RECORD_MAX};
use dupeproof_scenarios::failure::FailureFileError;
use dupeproof_scenarios::guard::{Ended, guarded};
use dupeproof_scenarios::standing::{CameAbout, Standing};
use dupeproof_scenarios::{CaseResult, FailureFile, Finding, run_case};
use dupeproof_sim::guest::LogLevel;
use dupeproof_sim::network::Network;
use dupeproof_sim::trace::jsonl::TraceWriter;
use dupeproof_sim::trace::log::LogObserver;
use dupeproof_sim::{Event, FindingKind, Global, Observer, Schedule, Subject, trace};

use crate::args::{ReplayArguments, network_name};
use crate::atomic_file::AtomicFile;
use crate::by_name;
use crate::calls;
use crate::corpus::{self, Corpus};
use crate::error::CliError;
use crate::escape;
use crate::exit::ExitCode;
use crate::format;
use crate::internal;
use crate::log;
use crate::names::Names;
use crate::output;
use crate::perfetto;
use crate::picture::States;
use crate::picture::recording::Recording;
use crate::proof_file::ProofFile;
use crate::prove;
use crate::result_file;
use crate::step_at_fault;
use crate::wording;

/// Runs once and prints the result.
///
/// # Errors
/// When the file or a name makes no sense, or the trace cannot be written.
pub fn replay(arguments: &ReplayArguments) -> Result<ExitCode, CliError> {
    arguments.loudness.obey();
    log::install(&arguments.log)?;
    if !arguments.files.is_empty() && arguments.file().is_none() {
        return replay_all(arguments);
    }
    refuse_inputs(arguments)?;
    if let Some(file) = arguments.file().map(ProofFile::read).transpose()?.flatten() {
        return prove::replay(&file, arguments);
    }
    let recorded = arguments.file().map(read).transpose()?;
    let own = arguments.which.scripts.named();
    let kept = recorded.as_ref().and_then(|file| file.scripts.as_ref());
    let available = by_name::available_instead(own.as_ref(), kept)?;
    let (forbidden, schedule, own) = match &recorded {
        Some(file) => (file.forbidden.clone(), file.schedule.clone(), Some(file.network)),
        None => {
            let (suite, subject) = available.chosen(&arguments.which)?;
            let schedule = suite.schedule(arguments.seed.unwrap_or_default(), arguments.case, subject.name());
            (suite.forbidden(subject), schedule, suite.network)
        }
    };
    let subject = by_name::subject_of(&available.subjects, &schedule)?;
    let network = arguments.network.map(Network::from).or(own).unwrap_or_default();
    let replay = Replay { schedule, forbidden, subject, network };
    let (mut recording, mut came_about) = (Recording::of(subject), CameAbout::default());
    let result = match guarded(|| match &arguments.trace {
        Some(path) => replay.traced(path, arguments.force, &mut (&mut recording, &mut came_about)),
        None => Ok(replay.logged(&mut (&mut recording, &mut came_about))),
    }) {
        Ok(result) => result?,
        Err(Ended::Internal(error)) => {
            output::say(internal::one(&place(arguments, recorded.as_ref()), &error));
            return Ok(ExitCode::Unknown);
        }
        Err(Ended::Refused(refusal)) => refusal.raise(),
    };
    if let Some(path) = &arguments.perfetto {
        result_file::write(path, &perfetto::json(&recording.events, &result.findings), perfetto::is_ours)?;
    }
    output::data(replay.outcome(&result, &recording))?;
    match recorded {
        Some(file) => replay.compare(&file, &result, came_about),
        None if replay.breaks_contract(&result) => Ok(ExitCode::Unsafe),
        None => Ok(ExitCode::Safe),
    }
}

/// Runs several files, and says one line of each.
fn replay_all(arguments: &ReplayArguments) -> Result<ExitCode, CliError> {
    if arguments.trace.is_some() || arguments.perfetto.is_some() {
        return Err(
            CliError::new("--trace and --perfetto are for one file").hint("name the file whose run is to be written")
        );
    }
    let files = corpus::files(&arguments.files)?;
    Corpus::new(arguments.which.scripts.named(), arguments.network.map(Network::from)).replay(&files)
}

/// Refuses to write the trace over what the run is made of: `--force` is for an earlier trace.
fn refuse_inputs(arguments: &ReplayArguments) -> Result<(), CliError> {
    let same = |one: &Path, other: &Path| {
        one.canonicalize().is_ok_and(|one| other.canonicalize().is_ok_and(|other| one == other))
    };
    let Some(trace) = &arguments.trace else { return Ok(()) };
    let scripts = &arguments.which.scripts;
    let named = [&scripts.project, &scripts.place, &scripts.module, &scripts.adapter, &scripts.game, &scripts.fake];
    let scripts = named.into_iter().flatten().map(Path::new);
    let mut inputs = [arguments.file(), arguments.which.drawn.scenario.as_deref()].into_iter().flatten().chain(scripts);
    if inputs.any(|input| same(input, trace)) {
        return Err(CliError::new(format!("`{}` is read by this run, and is not written over", escape::path(trace)))
            .hint("give another file with --trace"));
    }
    Ok(())
}

/// Which run it is.
fn place(arguments: &ReplayArguments, recorded: Option<&FailureFile>) -> String {
    match (arguments.file(), recorded) {
        (Some(path), Some(file)) => {
            format!("in `{}`, from case {} of seed {}", escape::path(path), file.case, file.seed)
        }
        _ => format!("in case {} of seed {}", arguments.case, arguments.seed.unwrap_or_default()),
    }
}

/// Reads a failure file.
///
/// # Errors
/// When it cannot be read, or is not one that this version understands.
pub fn read(path: &Path) -> Result<FailureFile, CliError> {
    let shown = escape::path(path);
    let text = input_file::text(path, RECORD_MAX).map_err(|error| {
        CliError::new(format!("`{shown}` could not be read: {error}"))
            .hint("give a file that `dupeproof run` wrote under failures/")
    })?;
    if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(&text) {
        if error.is_eof() && !text.trim().is_empty() {
            return Err(CliError::new(format!("`{shown}` is cut off: {error}")).hint(CUT_OFF));
        }
        return Err(CliError::new(format!("`{shown}` is not JSON, so it is not a failure file: {error}"))
            .hint("give a file that `dupeproof run` wrote under failures/; for a scenario file, use --scenario"));
    }
    FailureFile::parse(&text).map_err(|error| {
        let hint = match error {
            FailureFileError::Newer { .. } => "use the dupeproof that wrote it, or a newer one",
            FailureFileError::Older { .. } => "use the dupeproof that wrote it, or let `dupeproof run` find it again",
            _ => "give a file that `dupeproof run` wrote under failures/",
        };
        CliError::new(format!("`{shown}` could not be read: {error}")).hint(hint)
    })
}

/// What to do about a file of results that ends in the middle.
pub(crate) const CUT_OFF: &str =
    "it was not written or copied to the end, for instance because the disk was full: make room, and run again";

/// More errors of scripts than anybody reads here.
const ERRORS_MAX: usize = 3;

/// What the scripts said went wrong, each text once: the first of it, and where it was.
fn script_errors(recording: &Recording) -> Vec<String> {
    let mut texts = BTreeSet::new();
    let mut lines = Vec::new();
    for (at, event) in &recording.events {
        let (server, text) = match event {
            Event::Logged { server, level: LogLevel::Error, line } => (server, line),
            Event::ScriptCrashed { server, text } => (server, text),
            _ => continue,
        };
        if !texts.insert(text) {
            continue;
        }
        if lines.len() == ERRORS_MAX {
            lines.push("script   more errors: `--log dupeproof::script=error` prints all".into());
            break;
        }
        lines.push(format!("script   error at {} on {}: {}", format::moment(*at), server.job_id(), in_a_line(text)));
    }
    lines
}

/// The message of an error, with the place of a script of the user's: a message of ours has it in its traceback only.
fn in_a_line(text: &str) -> String {
    let text = text.strip_prefix(LogLevel::Error.prefix()).unwrap_or(text);
    let first = text.lines().next().unwrap_or_default();
    let own = text.lines().skip(1).map(str::trim).find(|line| !line.is_empty() && !line.starts_with("@host"));
    match own.and_then(|line| line.split(" function").next()) {
        Some(place) if !first.contains(place) => format!("{first} ({place})"),
        _ => first.to_owned(),
    }
}

/// One schedule to be run again.
struct Replay<'a> {
    schedule: Schedule,
    /// What the subject may not show in it.
    forbidden: Vec<FindingKind>,
    subject: &'a dyn Subject,
    network: Network,
}

impl Replay<'_> {
    fn run(&self, also: &mut dyn Observer) -> CaseResult {
        run_case(&self.schedule, self.subject, self.network, also)
    }

    /// Runs, and prints what happens if anybody wants to know.
    fn logged(&self, also: &mut dyn Observer) -> CaseResult {
        if trace::log::is_on() { self.run(&mut (LogObserver::of_run(), also)) } else { self.run(also) }
    }

    /// Runs, and writes the trace; a file that exists is refused before the run.
    fn traced(&self, path: &Path, force: bool, also: &mut dyn Observer) -> Result<CaseResult, CliError> {
        let exists = || {
            let error = CliError::new(format!("`{}` exists", escape::path(path)));
            error.hint("give another file with --trace, or add --force")
        };
        let unwritable = |error: io::Error| match error.kind() {
            io::ErrorKind::AlreadyExists => exists(),
            _ => CliError::new(format!("`{}` cannot be written: {error}", escape::path(path)))
                .hint("give a file in a directory you may write to with --trace"),
        };
        let mut file = AtomicFile::at(path).map_err(unwritable)?;
        if path.exists() && !force {
            return Err(exists());
        }
        let mut writer = TraceWriter::new(&mut file, &self.schedule, self.network);
        let result = self.logged(&mut (also, &mut writer));
        writer.finish().map_err(unwritable)?;
        if force { file.replace() } else { file.create() }.map_err(unwritable)?;
        Ok(result)
    }

    fn forbids(&self, kind: FindingKind) -> bool {
        self.forbidden.contains(&kind)
    }

    fn breaks_contract(&self, result: &CaseResult) -> bool {
        result.findings.iter().any(|finding| self.forbids(finding.kind()))
    }

    /// What ran, and what scripts said went wrong.
    fn about(&self, result: &CaseResult, recording: &Recording) -> Vec<String> {
        let mut lines = vec![
            format!("digest   {}", result.end.digest),
            format!(
                "ran      `{}` on {}, {} of simulated time, {}",
                self.subject.name(),
                network_name(self.network),
                format::span(result.end.at.since(Global(0)).as_secs_f64()),
                format::counted(result.end.events, "event")
            ),
        ];
        lines.extend(script_errors(recording));
        lines
    }

    /// Digest and findings, each with the step at fault; the findings alone if little is to be said.
    fn outcome(&self, result: &CaseResult, recording: &Recording) -> String {
        let mut lines = if output::is_quiet() { Vec::new() } else { self.about(result, recording) };
        if result.findings.is_empty() {
            lines.push("finding  none".into());
        }
        for finding in &result.findings {
            lines.push(format!("finding  {}", self.told(finding)));
            if output::is_quiet() {
                continue;
            }
            let step = step_at_fault::of(&recording.events, finding);
            let calls = step_at_fault::calls_of(step.as_ref(), &recording.events, finding);
            if let Some(step) = step {
                lines.push(format!("at fault {}: {}", format::moment(step.at), self.named(step.text)));
                lines.extend(step.changes.iter().map(|change| format!("changes  {}", change.words())));
            }
            lines.extend(calls.map(|calls| format!("in       {}", calls::in_words(&calls))));
        }
        lines.join("\n")
    }

    fn named(&self, text: String) -> String {
        Names::of(self.subject).in_text(text)
    }

    fn told(&self, finding: &Finding) -> String {
        let (kind, at) = (finding.kind(), format::moment(finding.at));
        let standing = if self.forbids(kind) { "breaks a promise" } else { "known exposure" };
        format!("{} at {at} ({standing}): {}", kind.name(), self.named(wording::sentence(finding, &States::default())))
    }

    /// Prints whether the run gave the finding and the digest of the file.
    fn compare(&self, file: &FailureFile, result: &CaseResult, came_about: CameAbout) -> Result<ExitCode, CliError> {
        let kind = file.finding.kind();
        let found = result.shows(kind);
        if self.network != file.network {
            let came = if found { "also occurs on this network" } else { "does not occur on this network" };
            output::data(format!(
                "compare  the file is from {}; its {} {came}",
                network_name(file.network),
                kind.name()
            ))?;
            return Ok(if found || self.breaks_contract(result) { ExitCode::Unsafe } else { ExitCode::Safe });
        }
        let same_version = file.dupeproof == env!("CARGO_PKG_VERSION");
        let same_digest = result.end.digest == file.digest;
        let digests = match (same_digest, same_version) {
            (true, _) => "the same digest".to_owned(),
            (false, true) => format!("a digest other than the file's {}", file.digest),
            (false, false) => format!("another digest, which is expected: the file is from version {}", file.dupeproof),
        };
        let finding = if found { "the same finding" } else { "not the finding" };
        if !output::is_quiet() {
            output::data(format!("compare  {finding} ({}), {digests}", kind.name()))?;
        }
        if !same_digest && same_version && self.run(&mut ()).end.digest != result.end.digest {
            output::say(
                "two replays here differ: the run is not deterministic, which is a bug in dupeproof or in the subject",
            );
            return Ok(ExitCode::Unknown);
        }
        if !same_digest && same_version {
            output::note("two replays here agree: the subject or dupeproof has changed since the file was written");
        }
        let standing = Standing::of(file, self.subject, result, came_about);
        output::data(format!("now      {}", standing.words()))?;
        Ok(ExitCode::from(&standing))
    }
}
