//! What is different between base and candidate, as it is stored and printed: `compare.json`, and what `--json` prints.

use dupeproof_scenarios::Condition;
use dupeproof_sim::network::Network;
use serde::{Deserialize, Serialize};

use super::cause::{Cause, Causes};
use super::row::{Row, RowCause, Seen};
use super::side::{Drawn, Side, Sides};
use super::trial::Trial;
use crate::calm_run::CalmRun;
use crate::error::CliError;
use crate::escape;
use crate::exit::ExitCode;
use crate::format;
use crate::needed::Needed;
use crate::output_dir::OutputDir;
use crate::stopped::Stopped;

/// The format this version writes.
const FORMAT: u32 = 1;

/// Base and candidate over the same schedules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// `FORMAT`.
    pub format: u32,
    /// The version of dupeproof that compared.
    pub version: String,
    /// The base, as it was given.
    pub base: String,
    /// The candidate, as it was given.
    pub candidate: String,
    /// The network that carried the runs.
    pub network: Network,
    /// The root seed.
    pub seed: u64,
    /// What ran, suite by suite.
    pub suites: Vec<Stretch>,
    /// Schedules that ran on both sides.
    pub schedules: u64,
    /// Schedules that would have run if the answer had not been clear before.
    pub at_most: u64,
    /// That it ended before the answer was clear or all schedules had run; null if it did not.
    #[serde(default)]
    pub stopped: Option<Stopped>,
    /// The result.
    pub outcome: Outcome,
    /// The result in one sentence.
    pub sentence: String,
    /// A finding that only one side shows in fewer schedules than this could not be told from chance.
    pub least_schedules: u64,
    /// Every question that either side gave an answer to: findings, worst first, then measures.
    pub rows: Vec<Row>,
    /// The side that does not work even in a calm world; null if both do.
    pub broken: Option<Broken>,
    /// Mistakes of dupeproof itself, in sentences. All else is about the other schedules.
    pub internal_errors: Vec<String>,
    /// The command that compares the same again.
    pub again: String,
}

/// The cases of one suite.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// The suite.
    pub suite: String,
    /// The world.
    pub world: String,
    /// Cases that ran: 0 to this one less one.
    pub cases: u64,
    /// The command that replays a case of the base, but for its number; null if only its results are known.
    pub replay_base: Option<String>,
    /// The same of the candidate.
    pub replay_candidate: Option<String>,
}

/// The result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The candidate is worse in something, and better in nothing.
    Worse,
    /// The candidate is better in something, and worse in nothing.
    Better,
    /// The candidate is worse in something, and better in something else.
    Both,
    /// The results are the same in every case, or chance may explain what is not.
    NothingChanged,
    /// No case has a result on both sides.
    NothingTried,
    /// A side does not work even in a calm world.
    Broken,
}

/// A side that does not work even in a calm world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broken {
    /// base or candidate.
    pub side: String,
    /// As it was given.
    pub name: String,
    /// What went wrong.
    pub calm_run: CalmRun,
}

impl Difference {
    /// Sums up, and keeps the failure file of each cause.
    ///
    /// # Errors
    /// When a failure file cannot be written.
    pub(super) fn of(
        sides: &Sides,
        trial: &Trial,
        causes: Causes,
        output_dir: &OutputDir,
    ) -> Result<Difference, CliError> {
        let mut rows: Vec<Row> = trial.answers.all.iter().map(|answer| Row::of(answer, sides, None)).collect();
        for cause in causes.found {
            let place = cause.answer;
            rows[place].cause = Some(row_cause(cause, sides, output_dir)?);
        }
        let mut difference = Difference { rows, ..Difference::empty(sides) };
        for (stretch, scores) in difference.suites.iter_mut().zip(&trial.candidate) {
            stretch.cases = scores.len() as u64;
        }
        difference.schedules = trial.answers.pairs;
        difference.stopped.clone_from(&trial.stopped);
        difference.least_schedules = trial.answers.least_cases;
        difference.internal_errors = [&trial.internal_errors[..], &causes.internal_errors].concat();
        difference.outcome = difference.judged();
        difference.sentence = difference.worded(trial.answers.are_identical);
        if let Some(stopped) = &difference.stopped {
            difference.sentence.push_str(&format!("; {}", stopped.words("schedule")));
        }
        Ok(difference)
    }

    /// One side does not work.
    pub(super) fn broken(sides: &Sides, broken: Broken) -> Difference {
        let sentence = format!(
            "Broken: the {} `{}` does not work even in a calm world, so nothing was compared: {}",
            broken.side,
            escape::name(&broken.name),
            broken.calm_run.headline()
        );
        Difference { outcome: Outcome::Broken, sentence, broken: Some(broken), ..Difference::empty(sides) }
    }

    fn empty(sides: &Sides) -> Difference {
        let replay = |side: &Side, drawn: &Drawn| drawn.replay(side, sides.network, sides.seed);
        let stretch = |drawn: &Drawn| Stretch {
            suite: drawn.suite.name.clone(),
            world: drawn.suite.world.name.clone(),
            cases: 0,
            replay_base: replay(&sides.base, drawn),
            replay_candidate: replay(&sides.candidate, drawn),
        };
        Difference {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").into(),
            base: sides.base.name.clone(),
            candidate: sides.candidate.name.clone(),
            network: sides.network,
            seed: sides.seed,
            suites: sides.suites.iter().map(stretch).collect(),
            schedules: 0,
            at_most: sides.suites.iter().fold(0, |all, drawn| drawn.cases.saturating_add(all)),
            stopped: None,
            outcome: Outcome::NothingTried,
            sentence: String::new(),
            least_schedules: 0,
            rows: Vec::new(),
            broken: None,
            internal_errors: Vec::new(),
            again: sides.again.clone(),
        }
    }

    fn judged(&self) -> Outcome {
        let worse = self.rows.iter().any(Row::is_worse);
        let better = self.rows.iter().any(Row::is_better);
        match (worse, better) {
            _ if self.schedules == 0 => Outcome::NothingTried,
            (true, true) => Outcome::Both,
            (true, false) => Outcome::Worse,
            (false, true) => Outcome::Better,
            (false, false) => Outcome::NothingChanged,
        }
    }

    fn worded(&self, identical: bool) -> String {
        let names = |is: fn(&Row) -> bool| {
            self.rows.iter().filter(|row| is(row)).map(Row::words).collect::<Vec<_>>().join(", ")
        };
        let (candidate, base) = (escape::name(&self.candidate), escape::name(&self.base));
        let tried = format::counted(self.schedules, "schedule");
        match self.outcome {
            Outcome::Worse => {
                format!("Worse: in {tried}, `{candidate}` is worse than `{base}`: {}", names(Row::is_worse))
            }
            Outcome::Better => {
                format!("Better: in {tried}, `{candidate}` is better than `{base}`: {}", names(Row::is_better))
            }
            Outcome::Both => format!(
                "Worse and better: in {tried}, `{candidate}` is worse than `{base}`: {}; and better: {}",
                names(Row::is_worse),
                names(Row::is_better)
            ),
            Outcome::NothingChanged if identical => {
                format!("Nothing changed: in {tried}, `{candidate}` gives the same results as `{base}` in every one")
            }
            Outcome::NothingChanged => {
                format!("Nothing changed: in {tried}, no difference is shown between `{candidate}` and `{base}`")
            }
            Outcome::NothingTried | Outcome::Broken => {
                format!("Unknown: no schedule ran on both `{base}` and `{candidate}`")
            }
        }
    }

    /// What could not have been seen, and whether it was stopped early; in sentences.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.schedules > 0 && self.outcome != Outcome::Broken && self.schedules < self.at_most && self.has_worse() {
            notes.push(format!(
                "stopped after {} of {} schedules, since the answer is clear",
                format::count(self.schedules),
                format::count(self.at_most)
            ));
        }
        if self.outcome == Outcome::NothingChanged {
            notes.push(self.resolution());
        }
        if self.schedules == self.at_most {
            notes.extend(self.hints());
        }
        notes
    }

    /// Findings that only the candidate shows, too rarely to be told from chance.
    fn hints(&self) -> Option<String> {
        let is_new = |row: &&Row| row.is_finding() && row.better_cases == 0 && row.worse_cases > 0 && !row.is_worse();
        let new: Vec<String> = self.rows.iter().filter(is_new).map(Row::words).collect();
        (!new.is_empty()).then(|| {
            let names = new.join(", ");
            format!("more often with the candidate, and too rarely to be told from chance: {names}; run more --cases to be sure")
        })
    }

    /// How small a difference could have been seen.
    fn resolution(&self) -> String {
        let (least, schedules) = (format::count(self.least_schedules), format::count(self.schedules));
        if self.least_schedules > self.schedules {
            return format!(
                "these are too few schedules: even a finding that only one of them shows in all {schedules} could not be told from \
                 chance; run at least {least}"
            );
        }
        format!(
            "a finding that only one of them shows in fewer than {least} of {schedules} schedules ({}) could not be told from \
             chance, nor a measure that moves by less than 5 % where it moves",
            format::rate(self.least_schedules, self.schedules)
        )
    }

    fn has_worse(&self) -> bool {
        matches!(self.outcome, Outcome::Worse | Outcome::Both)
    }

    /// The exit code: a mistake of dupeproof itself comes first.
    pub fn exit_code(&self) -> ExitCode {
        match self.outcome {
            Outcome::Broken => ExitCode::Usage,
            _ if !self.internal_errors.is_empty() => ExitCode::Unknown,
            Outcome::Worse | Outcome::Both => ExitCode::Unsafe,
            _ if self.stopped.is_some() => ExitCode::Stopped,
            Outcome::NothingTried => ExitCode::Unknown,
            Outcome::Better | Outcome::NothingChanged => ExitCode::Safe,
        }
    }

    /// The command that replays a case of a suite, of the candidate or of the base.
    pub fn replay(&self, seen: &Seen, candidate: bool) -> Option<String> {
        let stretch = self.suites.iter().find(|stretch| stretch.suite == seen.suite)?;
        let command = if candidate { &stretch.replay_candidate } else { &stretch.replay_base };
        Some(format!("{} --case {}", command.as_ref()?, seen.case))
    }
}

fn row_cause(cause: Cause, sides: &Sides, output_dir: &OutputDir) -> Result<RowCause, CliError> {
    let Cause { place, needs, conditions, steps, failure, .. } = cause;
    let file = match failure {
        Some(failure) => {
            let (kind, subject) = (failure.finding.kind().name(), &failure.schedule.subject);
            let (suite, seed, case) = (&failure.suite, failure.seed, failure.case);
            let stem = format!("{kind}-{suite}-{subject}-compare-{seed}-{case}");
            Some(output_dir.keep_failure(&stem, &failure.to_json())?.display().to_string())
        }
        None => None,
    };
    let evidence = Condition::evidence(&conditions);
    Ok(RowCause { needs, conditions: Needed::all(&conditions), evidence, steps, case: Seen::of(place, sides), file })
}
