//! `dupeproof prove`: every run of small scripts, with no deviation from health, then with one, and so on. Of modules and
//! games, one fault at every point of short scripts.

mod everywhere;

use std::time::Duration;

use dupeproof_core::Config;
use dupeproof_scenarios::prove::{Counterexample, Exploration, Explored, Progress, Proof, Script, Violation};
use dupeproof_scenarios::standing::Standing;
use dupeproof_scenarios::stop;
use dupeproof_sim::FindingKind;
use serde::Serialize;

use crate::args::{ProveArguments, ReplayArguments};
use crate::by_name;
use crate::error::CliError;
use crate::exit::ExitCode;
use crate::format;
use crate::output;
use crate::output_dir::OutputDir;
use crate::progress::{Goal, ProgressLine};
use crate::proof_file::{self, Kind, ProofFile};
use crate::resume_file::ResumeFile;
use crate::signals;
use crate::stopwatch::Stopwatch;

/// The format of what `--json` prints.
const FORMAT: u32 = 1;

/// What `--json` prints.
#[derive(Serialize)]
struct Proved {
    format: u32,
    version: &'static str,
    scripts: Vec<ProvedScript>,
}

/// One script, as far as it was explored.
#[derive(Serialize)]
struct ProvedScript {
    script: String,
    about: String,
    /// From no deviation on. Only the last can be anything but complete.
    bounds: Vec<Bound>,
    violation: Option<Broken>,
}

/// All runs with so many deviations at most.
#[derive(Serialize)]
struct Bound {
    deviations: u8,
    states: u64,
    transitions: u64,
    depth: u32,
    wall_seconds: f64,
    /// Over all cores.
    cpu_seconds: f64,
    outcome: Outcome,
}

/// How the exploration of a bound ended.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Complete,
    Stopped,
    Violation,
}

/// A broken promise, with the run that breaks it.
#[derive(Serialize)]
struct Broken {
    kind: FindingKind,
    text: String,
    fast: u32,
    run: Vec<String>,
    file: String,
}

/// Explores each script and prints a line for each number of deviations.
///
/// # Errors
/// When a script is unknown or makes no sense, or the directory cannot be written to.
pub fn prove(arguments: &ProveArguments) -> Result<ExitCode, CliError> {
    arguments.loudness.obey();
    if arguments.is_of_a_subject() {
        return everywhere::prove(arguments);
    }
    let scripts = by_name::proof_scripts(arguments)?;
    if arguments.resume.is_some() && scripts.len() > 1 {
        return Err(CliError::new("--resume is for one script").hint("name it, or give it with --script"));
    }
    let output_dir = OutputDir::shared(&arguments.out)?;
    let width = scripts.iter().map(|script| script.name.chars().count()).max().unwrap_or_default();
    let proved = scripts.into_iter().map(|script| prove_script(script, width, arguments, &output_dir));
    signals::watch();
    let scripts = proved.collect::<Result<Vec<_>, _>>()?;
    let code = exit_code(&scripts);
    if arguments.json {
        let proved = Proved { format: FORMAT, version: env!("CARGO_PKG_VERSION"), scripts };
        output::json(&proved)?;
    }
    Ok(code)
}

/// The worst of all.
fn exit_code(scripts: &[ProvedScript]) -> ExitCode {
    let any = |outcome| scripts.iter().flat_map(|script| &script.bounds).any(|bound| bound.outcome == outcome);
    match (any(Outcome::Violation), any(Outcome::Stopped)) {
        (true, _) => ExitCode::Unsafe,
        (false, true) if stop::is_asked() => ExitCode::Stopped,
        (false, true) => ExitCode::Unknown,
        (false, false) => ExitCode::Safe,
    }
}

/// One deviation more each time, so that the run that is found has as few as can be.
fn prove_script(
    script: Script,
    width: usize,
    arguments: &ProveArguments,
    output_dir: &OutputDir,
) -> Result<ProvedScript, CliError> {
    let last = arguments.deviations.unwrap_or(script.deviations);
    let mut proved =
        ProvedScript { script: script.name.clone(), about: script.about.clone(), bounds: Vec::new(), violation: None };
    let proof = Proof::new(script, Config::default()).with_jobs(arguments.threads.jobs());
    let resume_file = arguments.resume.as_deref().map(ResumeFile::at);
    let limits = Limits {
        stopwatch: Stopwatch::start(),
        wall: arguments.seconds.map(Duration::from_secs),
        bytes: arguments.memory.map(|gib| gib << 30),
    };
    let mut exploration = match &resume_file {
        Some(file) => file.load(&proof)?,
        None => None,
    };
    let first = exploration.as_ref().map_or(0, Exploration::deviations);
    for deviations in first..=last.max(first) {
        let mut exploration = exploration.take().unwrap_or_else(|| proof.begin(deviations));
        let (bound, found) = explore(&proof, &mut exploration, &limits, resume_file.as_ref())?;
        let line = bound_line(&proved.script, width, &bound, found.as_ref().map(|found| &found.violation));
        let outcome = bound.outcome;
        proved.bounds.push(bound);
        if !output::is_quiet() || outcome != Outcome::Complete || deviations >= last {
            tell(&line, arguments.json)?;
        }
        if let Some(found) = found {
            proved.violation = Some(keep(&proof, deviations, found, output_dir, arguments.json)?);
        }
        if outcome != Outcome::Complete {
            break;
        }
    }
    Ok(proved)
}

/// How long an exploration of a script may take, and how much memory.
struct Limits {
    /// Since its beginning.
    stopwatch: Stopwatch,
    wall: Option<Duration>,
    bytes: Option<u64>,
}

impl Limits {
    fn allow(&self, bytes: u64) -> bool {
        let in_time = self.wall.is_none_or(|wall| self.stopwatch.wall() < wall);
        in_time && self.bytes.is_none_or(|most| bytes < most) && !stop::is_asked()
    }
}

/// On stdout, unless that is for JSON.
fn tell(text: &str, json: bool) -> Result<(), CliError> {
    if json {
        output::note(text);
        return Ok(());
    }
    output::data(text)
}

/// How often it is written where an exploration stands.
const SAVE_PERIOD: Duration = Duration::from_secs(300);

/// Explores, timed and with a progress line; and writes where it stands into the file, if there is one.
fn explore(
    proof: &Proof,
    exploration: &mut Exploration<'_>,
    limits: &Limits,
    resume_file: Option<&ResumeFile>,
) -> Result<(Bound, Option<Counterexample>), CliError> {
    let name = &proof.script().name;
    let deviations = exploration.deviations();
    let stopwatch = Stopwatch::start();
    let left = limits.wall.map(|wall| wall.saturating_sub(limits.stopwatch.wall()));
    let mut progress_line = ProgressLine::new(left.map_or(Goal::Everything, Goal::Wall));
    let explored = loop {
        let began = stopwatch.wall();
        let mut allowed = true;
        let explored = exploration.run(&mut |progress| {
            let elapsed = stopwatch.wall();
            progress_line.show(progress.transitions, elapsed, || words(name, deviations, progress));
            allowed = limits.allow(progress.bytes);
            allowed && (resume_file.is_none() || elapsed - began < SAVE_PERIOD)
        });
        if let Some(file) = resume_file {
            file.save(exploration)?;
        }
        if explored.complete || explored.counterexample.is_some() || !allowed {
            break explored;
        }
    };
    progress_line.finish();
    let Explored { deviations, states, transitions, depth, counterexample, complete } = explored;
    let outcome = match (&counterexample, complete) {
        (Some(_), _) => Outcome::Violation,
        (None, true) => Outcome::Complete,
        (None, false) => Outcome::Stopped,
    };
    let (wall_seconds, cpu_seconds) = (stopwatch.wall().as_secs_f64(), stopwatch.cpu().as_secs_f64());
    Ok((Bound { deviations, states, transitions, depth, wall_seconds, cpu_seconds, outcome }, counterexample))
}

/// Where an exploration stands, in one line.
fn words(name: &str, deviations: u8, progress: &Progress) -> String {
    format!(
        "{name}: {}, {}, {}, {} deep",
        format::counted(deviations.into(), "deviation"),
        format::counted(progress.states, "state"),
        format::counted(progress.transitions, "transition"),
        format::counted(progress.depth.into(), "step"),
    )
}

/// What a bound came to, in one line.
fn bound_line(name: &str, width: usize, bound: &Bound, violation: Option<&Violation>) -> String {
    let outcome = match (bound.outcome, violation) {
        (_, Some(violation)) => format!("{}: {violation}", violation.kind().name()),
        (Outcome::Complete, None) => "complete".into(),
        (_, None) => "stopped".into(),
    };
    format!(
        "{name:width$}  {:>12}  {:>16}  {:>22}  {:>9.1} s  {:>10}/CPU s  {outcome}",
        format::counted(bound.deviations.into(), "deviation"),
        format::counted(bound.states, "state"),
        format::counted(bound.transitions, "transition"),
        bound.wall_seconds,
        rate(bound.transitions, bound.cpu_seconds),
    )
}

/// Transitions per second of CPU time; `-` where that is not known.
fn rate(transitions: u64, cpu_seconds: f64) -> String {
    if cpu_seconds < 0.001 {
        return "-".into();
    }
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate, for display only"
    )]
    let rate = (transitions as f64 / cpu_seconds) as u64;
    format::count(rate)
}

/// Prints the run that breaks a promise, and writes it to a file.
fn keep(
    proof: &Proof,
    deviations: u8,
    found: Counterexample,
    output_dir: &OutputDir,
    json: bool,
) -> Result<Broken, CliError> {
    let Counterexample { violation, fast, choices } = found;
    let Script { name: script, text, .. } = proof.script().clone();
    let stem = format!("{}-prove-{script}", violation.kind().name());
    let file = ProofFile {
        format: proof_file::FORMAT,
        kind: Kind::Proof,
        script,
        text,
        deviations,
        fast,
        choices,
        violation: violation.to_string(),
    };
    let replayed = Replayed::of(proof, &file);
    let path = output_dir.keep_failure(&stem, &file.to_json())?;
    let replay = format::replay_command(&path);
    if !output::is_quiet() {
        tell(&format!("\n{}\n\nreplay it:\n{replay}\n", replayed.text()), json)?;
    }
    let (kind, file) = (violation.kind(), path.display().to_string());
    let run = replayed.run.iter().map(|line| line.trim_start().to_owned()).collect();
    Ok(Broken { kind, text: violation.to_string(), fast, run, file })
}

/// A run of a script, again.
struct Replayed {
    /// What is broken, in one line.
    heading: String,
    run: Vec<String>,
    violation: Option<Violation>,
}

impl Replayed {
    fn of(proof: &Proof, file: &ProofFile) -> Replayed {
        let mut run = Vec::new();
        let violation = proof.replay(file.fast, &file.choices, &mut |line| run.push(line.to_owned()));
        let broken = violation.as_ref().map_or_else(
            || "no promise is broken".into(),
            |violation| format!("{} ({violation})", violation.kind().name()),
        );
        let deviations = file.choices.iter().filter(|choice| choice.is_deviation()).count() as u64;
        let heading = format!(
            "{}: {broken}, with {}{}",
            file.script,
            format::counted(deviations, "deviation"),
            clocks(file.fast, proof.script().leases.len())
        );
        Replayed { heading, run, violation }
    }

    /// The heading, and the run as numbered lines.
    fn text(&self) -> String {
        let width = self.run.len().to_string().len();
        let lines = (1..).zip(&self.run).map(|(number, line)| format!("\n  {number:>width$}  {line}"));
        format!("{}\n{}", self.heading, lines.collect::<String>())
    }
}

/// Which servers' clocks are fast; nothing if all are the same.
fn clocks(fast: u32, servers: usize) -> String {
    let fast: Vec<String> = (0..servers).filter(|slot| fast >> slot & 1 == 1).map(|slot| slot.to_string()).collect();
    if fast.is_empty() { String::new() } else { format!(", and a fast clock on server {}", fast.join(", ")) }
}

/// Whether a proof's violation is still there.
pub fn standing(file: &ProofFile) -> Standing {
    match Script::parse(&file.script, &file.text) {
        Err(error) => Standing::Changed(format!("its script makes no sense any more: {error}")),
        Ok(script) => {
            let replayed = Replayed::of(&Proof::new(script, Config::default()), file);
            replayed.violation.map_or(Standing::Fixed, |_| Standing::StillThere)
        }
    }
}

/// `dupeproof replay` of a proof's failure file.
///
/// # Errors
/// When its script makes no sense, or arguments of other failure files came with it.
pub fn replay(file: &ProofFile, arguments: &ReplayArguments) -> Result<ExitCode, CliError> {
    let traced = arguments.trace.is_some() || arguments.perfetto.is_some();
    if traced || arguments.network.is_some() || arguments.which.scripts.adapter.is_some() {
        return Err(CliError::new("the file is from `dupeproof prove`, which has no trace, no network and no adapter")
            .hint("leave --trace, --perfetto, --network and --adapter out"));
    }
    let script = Script::parse(&file.script, &file.text).map_err(|error| {
        CliError::new(format!("the file's script `{}` makes no sense: {error}", file.script))
            .hint("use the dupeproof that wrote the file")
    })?;
    let replayed = Replayed::of(&Proof::new(script, Config::default()), file);
    if !output::is_quiet() {
        output::data(format!("{}\n", replayed.text()))?;
    }
    let (compare, code) = match &replayed.violation {
        Some(violation) if violation.to_string() == file.violation => {
            (format!("the same violation ({})", violation.kind().name()), ExitCode::Unsafe)
        }
        _ => (format!("not the violation of the file: {}", file.violation), ExitCode::Unknown),
    };
    output::data(format!("compare  {compare}"))?;
    Ok(code)
}
