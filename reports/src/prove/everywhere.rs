//! One fault at every point of short scripts, on any subject.

use dupeproof_scenarios::everywhere::{Broken, Everywhere, ShortScript, Tried};
use dupeproof_scenarios::failure::Scripts;
use dupeproof_scenarios::fault::{Evidence, Fault};
use dupeproof_scenarios::{Preflight, Suite, stop, suggest, try_case};
use dupeproof_sim::{FindingKind, Subject};
use serde::Serialize;

use crate::args::ProveArguments;
use crate::by_name;
use crate::calls;
use crate::calm_run::CalmRun;
use crate::consequence;
use crate::error::CliError;
use crate::exit::ExitCode;
use crate::format;
use crate::internal;
use crate::names::Names;
use crate::output;
use crate::output_dir::OutputDir;
use crate::picture::Recording;
use crate::progress::{Goal, ProgressLine};
use crate::reality;
use crate::scripts::Loaded;
use crate::signals;
use crate::step_at_fault;
use crate::stopwatch::Stopwatch;
use crate::wrap;

/// The format of what `--json` prints.
const FORMAT: u32 = 1;

/// What `--json` prints.
#[derive(Serialize)]
struct Proved {
    format: u32,
    version: &'static str,
    subject: String,
    suite: String,
    seed: u64,
    scripts: Vec<ProvedScript>,
    not_tried: Vec<NotTried>,
    internal_errors: Vec<String>,
}

/// A script that the subject cannot do.
#[derive(Serialize)]
struct NotTried {
    script: &'static str,
    why: &'static str,
}

/// One script.
#[derive(Serialize)]
struct ProvedScript {
    script: &'static str,
    about: &'static str,
    requests: u64,
    moments: u64,
    schedules: u64,
    /// Less than the schedules that there are if a signal ended it.
    of: u64,
    broken: Vec<BrokenPromise>,
    exposures: std::collections::BTreeMap<FindingKind, u64>,
    wall_seconds: f64,
    cpu_seconds: f64,
}

/// A promise that one fault breaks, or none.
#[derive(Serialize)]
struct BrokenPromise {
    kind: FindingKind,
    /// What it means for the players.
    consequence: String,
    fault: Option<&'static str>,
    words: String,
    evidence: Evidence,
    at: u64,
    of: u64,
    calls: Vec<String>,
    file: String,
}

/// Runs each script with one fault everywhere, and prints what that breaks.
///
/// # Errors
/// When a name is unknown, the subject is broken, or the directory cannot be written to.
pub(super) fn prove(arguments: &ProveArguments) -> Result<ExitCode, CliError> {
    check(arguments)?;
    let named = arguments.which.scripts.named();
    let available = by_name::available(named.as_ref())?;
    let (suite, subject) = available.chosen(&arguments.which)?;
    let scripts = scripts(arguments.name.as_deref(), &suite)?;
    let preflight = Preflight::of(&suite, subject);
    let where_line = available.loaded.as_ref().and_then(Loaded::where_line);
    let calm_run = CalmRun::of(&preflight, where_line.as_deref());
    if preflight.is_broken() {
        let text = format!("`{}` does not work in a calm world\n{}", subject.name(), calm_run.text());
        return Err(CliError::new(text.trim_end()));
    }
    let output_dir = OutputDir::shared(&arguments.out)?;
    signals::watch();
    let everywhere = Everywhere { suite: &suite, subject, seed: arguments.seed, jobs: arguments.threads.jobs() };
    let prover = Prover { everywhere, scripts: named.as_ref(), names: Names::of(subject), output_dir: &output_dir };
    let mut proved = Proved {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION"),
        subject: subject.name().to_owned(),
        suite: suite.name.clone(),
        seed: arguments.seed,
        scripts: Vec::new(),
        not_tried: Vec::new(),
        internal_errors: Vec::new(),
    };
    for script in scripts {
        if stop::is_asked() {
            break;
        }
        if let Some(why) = script.not_tried(subject) {
            if !arguments.json && !output::is_quiet() {
                output::data(wrap::wrapped(&format!("{:<11} not tried: {why}", script.name)))?;
            }
            proved.not_tried.push(NotTried { script: script.name, why });
            continue;
        }
        let told = prover.script(script, &mut proved.internal_errors)?;
        if !arguments.json && !output::is_quiet() {
            output::data(told.text())?;
        }
        proved.scripts.push(told);
    }
    if arguments.json {
        output::json(&proved)?;
    } else {
        let sentence = proved.sentence();
        output::data(if output::is_quiet() { sentence } else { wrap::wrapped(&format!("\n{sentence}")) })?;
    }
    proved.internal_errors.iter().for_each(output::say);
    Ok(proved.exit_code())
}

/// What is for the explorer of the core only.
fn check(arguments: &ProveArguments) -> Result<(), CliError> {
    let given = [
        ("--script", arguments.script.is_some()),
        ("--deviations", arguments.deviations.is_some()),
        ("--seconds", arguments.seconds.is_some()),
        ("--memory", arguments.memory.is_some()),
        ("--resume", arguments.resume.is_some()),
    ];
    match given.into_iter().find(|(_, is_given)| *is_given) {
        Some((option, _)) => Err(CliError::new(format!("{option} is for the scripts of the core"))
            .hint("without a module, a game, --subject and --scenario, `prove` explores those")),
        None => Ok(()),
    }
}

/// That of this name, or all that the suite has.
fn scripts(name: Option<&str>, suite: &Suite) -> Result<Vec<&'static ShortScript>, CliError> {
    let all = ShortScript::all();
    let Some(name) = name else { return Ok(all.iter().filter(|script| script.is_of(suite)).collect()) };
    match all.iter().find(|script| script.name == name) {
        Some(script) => Ok(vec![script]),
        None => {
            let names = all.iter().map(|script| script.name);
            Err(CliError::new(suggest::unknown("script", name, names)))
        }
    }
}

/// What all scripts have in common.
struct Prover<'a> {
    everywhere: Everywhere<'a>,
    scripts: Option<&'a Scripts>,
    names: Names,
    output_dir: &'a OutputDir,
}

impl Prover<'_> {
    fn script(&self, script: &'static ShortScript, errors: &mut Vec<String>) -> Result<ProvedScript, CliError> {
        let stopwatch = Stopwatch::start();
        let line = std::sync::Mutex::new(ProgressLine::new(Goal::Everything));
        let tried = self.everywhere.tried(script, &|done, all| {
            if let Ok(mut line) = line.try_lock() {
                line.show(done, stopwatch.wall(), || {
                    format!("{}: {} of {} schedules", script.name, format::count(done), format::count(all))
                });
            }
        });
        line.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner).finish();
        let Tried { requests, moments, schedules, placements, broken, exposures, failed } = tried;
        let place = format!("in a schedule of `{}`", script.name);
        errors.extend(failed.iter().map(|error| internal::one(&place, error)));
        let broken = broken.into_iter().map(|broken| self.broken(script, broken)).collect::<Result<_, _>>()?;
        let (wall_seconds, cpu_seconds) = (stopwatch.wall().as_secs_f64(), stopwatch.cpu().as_secs_f64());
        let (name, about) = (script.name, script.about);
        Ok(ProvedScript {
            script: name,
            about,
            requests,
            moments,
            schedules,
            of: placements,
            broken,
            exposures,
            wall_seconds,
            cpu_seconds,
        })
    }

    /// Keeps the run, and finds the lines that did it.
    fn broken(&self, script: &ShortScript, broken: Broken) -> Result<BrokenPromise, CliError> {
        let Broken { fault, at, of, evidence, size: _, words, mut failure } = broken;
        failure.scripts = self.scripts.cloned();
        let kind = failure.finding.kind();
        let fault = fault.map(Fault::name);
        let stem = format!("{}-prove-{}-{}", kind.name(), script.name, fault.unwrap_or("no_fault"));
        let path = self.output_dir.keep_failure(&stem, &failure.to_json())?;
        Ok(BrokenPromise {
            kind,
            consequence: self.names.in_text(format::capital(&consequence::sentence(&failure.finding))),
            fault,
            words: if fault.is_some() { words } else { "no fault".into() },
            evidence,
            at,
            of,
            calls: calls::listed(self.calls(&failure).as_deref()),
            file: path.display().to_string(),
        })
    }

    fn calls(&self, failure: &dupeproof_scenarios::FailureFile) -> Option<std::sync::Arc<str>> {
        let subject: &dyn Subject = self.everywhere.subject;
        let again = try_case(&failure.schedule, subject, failure.network, || Recording::of(subject));
        let (_, recording) = again.ok()?;
        let step = step_at_fault::of(&recording.events, &failure.finding);
        step_at_fault::calls_of(step.as_ref(), &recording.events, &failure.finding)
    }
}

impl ProvedScript {
    fn is_stopped(&self) -> bool {
        self.schedules < self.of
    }

    /// A line of what was tried, and a paragraph for each promise that is broken.
    fn text(&self) -> String {
        let mut text = format!(
            "{:<11} {:>4} requests, {:>5} moments, {:>6} schedules, {:>6.1} s: {}",
            self.script,
            format::count(self.requests),
            format::count(self.moments),
            format::count(self.schedules),
            self.wall_seconds,
            match self.broken.len() as u64 {
                0 if self.is_stopped() => "stopped".to_owned(),
                0 => "holds".to_owned(),
                count => format!("{count} broken"),
            }
        );
        if self.is_stopped() {
            text.push_str(&format!(
                "\n  stopped after {} of {} schedules",
                format::count(self.schedules),
                format::count(self.of)
            ));
        }
        text.extend(self.broken.iter().map(BrokenPromise::text));
        text
    }
}

impl BrokenPromise {
    fn text(&self) -> String {
        let mut lines = vec![String::new(), format!("  {}: {}", self.kind.name(), self.consequence)];
        lines.push(match self.fault {
            Some(_) => format!(
                "    by {} (at {} of {}), {}",
                self.words,
                format::count(self.at),
                format::counted(self.of, "place"),
                reality::in_general(self.evidence)
            ),
            None => "    without any fault".to_owned(),
        });
        lines.extend(self.calls.first().map(|line| format!("    in {line}")));
        let mut text = wrap::wrapped(&lines.join("\n"));
        text.push_str(&format!("\n    dupeproof explain {}", format::quoted(&self.file)));
        text
    }
}

impl Proved {
    fn schedules(&self) -> u64 {
        self.scripts.iter().map(|script| script.schedules).sum()
    }

    fn is_stopped(&self) -> bool {
        stop::is_asked() || self.scripts.iter().any(ProvedScript::is_stopped)
    }

    fn sentence(&self) -> String {
        let tried = format!(
            "{} of {}, each with one fault",
            format::counted(self.schedules(), "schedule"),
            format::counted(self.scripts.len() as u64, "script")
        );
        let broken: std::collections::BTreeSet<&str> =
            self.scripts.iter().flat_map(|script| &script.broken).map(|broken| broken.kind.name()).collect();
        if self.scripts.is_empty() && !self.is_stopped() {
            return format!("`{}` can do none of these scripts", self.subject);
        }
        match (broken.is_empty(), self.is_stopped()) {
            (false, is_stopped) => {
                let names = broken.into_iter().collect::<Vec<_>>().join(", ");
                let stopped = if is_stopped { "; stopped before all were run" } else { "" };
                format!("`{}` breaks promises: {names} ({tried}, seed {}{stopped})", self.subject, self.seed)
            }
            (true, true) => format!("Stopped: no promise of `{}` broken so far ({tried})", self.subject),
            (true, false) => {
                format!(
                    "No schedule with one fault breaks a promise of `{}`: {tried}, seed {}",
                    self.subject, self.seed
                )
            }
        }
    }

    fn exit_code(&self) -> ExitCode {
        if self.scripts.iter().any(|script| !script.broken.is_empty()) {
            ExitCode::Unsafe
        } else if self.is_stopped() {
            ExitCode::Stopped
        } else if self.scripts.is_empty() || !self.internal_errors.is_empty() {
            ExitCode::Unknown
        } else {
            ExitCode::Safe
        }
    }
}
