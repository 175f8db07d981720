//! Where a search stands, in a file beside its results: a search that was stopped or killed goes on from there.

use std::ops::Range;
use std::path::Path;

use dupeproof_scenarios::Search;
use dupeproof_scenarios::search::Survey;
use dupeproof_sim::Digest;
use dupeproof_sim::network::Network;
use serde::{Deserialize, Serialize};

use crate::args::network_name;
use crate::error::CliError;
use crate::escape;
use crate::fingerprint::Code;
use crate::output_dir::{OutputDir, has_fields};
use crate::stopwatch::Stopwatch;
use crate::summary::Cost;

/// The format this version reads and writes.
const FORMAT: u32 = 1;

/// The name of the file.
pub const NAME: &str = "resume.json";

/// Where a search stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Checkpoint {
    format: u32,
    /// Which search it is.
    pub searched: SearchId,
    /// Wall time so far.
    wall_seconds: f64,
    /// CPU time so far.
    cpu_seconds: f64,
    /// Failure files that were written already, by their paths in the folder.
    pub failures: Vec<String>,
    /// What was counted so far.
    pub survey: Survey,
}

/// What makes two searches one: the same schedules, run by the same program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchId {
    suite: String,
    world: String,
    subject: String,
    network: Network,
    seed: u64,
    /// The first case.
    first: u64,
    /// The case after the last, of a shard; a whole search can be made longer.
    end: Option<u64>,
    /// The version of dupeproof, and the scripts.
    code: Code,
    /// A digest of the first schedules.
    drawn: Digest,
    /// Whether the result of each case is kept.
    saves_cases: bool,
}

impl SearchId {
    /// Of a search.
    pub fn of(search: &Search<'_>, code: Code, saves_cases: bool) -> SearchId {
        SearchId {
            suite: search.suite.name.clone(),
            world: search.suite.world.name.clone(),
            subject: search.subject.name().into(),
            network: search.network,
            seed: search.seed,
            first: search.first,
            end: None,
            code,
            drawn: search.suite.drawn(search.seed),
            saves_cases,
        }
    }

    /// A shard of it: these cases, and no others.
    #[must_use]
    pub fn shard(self, Range { start, end }: Range<u64>) -> SearchId {
        SearchId { first: start, end: Some(end), ..self }
    }

    /// All of it, from the first case on.
    #[must_use]
    pub fn whole(self, first: u64) -> SearchId {
        SearchId { first, end: None, ..self }
    }

    /// Whether the result of each case is kept.
    pub fn saves_cases(&self) -> bool {
        self.saves_cases
    }

    /// What is different in another, in words; `None` if it is the same search.
    pub fn difference(&self, asked: &SearchId) -> Option<String> {
        let named = |what: &str, own: &str, asked: &str| {
            (own != asked)
                .then(|| format!("its {what} is {}, and {} was asked for", escape::name(own), escape::name(asked)))
        };
        let numbers = [self.seed, asked.seed].map(|seed| seed.to_string());
        let firsts = [self.first, asked.first].map(|first| first.to_string());
        let ends = [self.end, asked.end].map(|end| end.map_or("open".to_owned(), |end| end.to_string()));
        let rest = || {
            let [own, other] =
                [self.saves_cases, asked.saves_cases].map(|saves| if saves { "with" } else { "without" });
            let cases = (own != other).then(|| format!("it runs {own} --save-cases"));
            let code = (self.code != asked.code).then(|| "the scripts, or dupeproof, have changed since".to_owned());
            let drawn = (self.drawn != asked.drawn).then(|| "its schedules were drawn in another way".to_owned());
            cases.or(code).or(drawn)
        };
        named("suite", &self.suite, &asked.suite)
            .or_else(|| named("world", &self.world, &asked.world))
            .or_else(|| named("subject", &self.subject, &asked.subject))
            .or_else(|| named("network", network_name(self.network), network_name(asked.network)))
            .or_else(|| named("seed", &numbers[0], &numbers[1]))
            .or_else(|| named("first schedule", &firsts[0], &firsts[1]))
            .or_else(|| named("end", &ends[0], &ends[1]))
            .or_else(rest)
    }
}

impl Checkpoint {
    /// At the beginning.
    pub fn new(searched: SearchId) -> Checkpoint {
        let survey = Survey::default();
        Checkpoint { format: FORMAT, searched, wall_seconds: 0.0, cpu_seconds: 0.0, failures: Vec::new(), survey }
    }

    /// Where this search stands, according to the folder: at the beginning, if there is no file or `--resume` was not given.
    ///
    /// # Errors
    /// When `--resume` was given, and the file is of another search.
    pub fn before(output_dir: &OutputDir, searched: SearchId, resume: bool) -> Result<Before, CliError> {
        let file = output_dir.path().join(NAME);
        let there = output_dir.text(Path::new(NAME)).ok().filter(|text| is_ours(text));
        let refused = |why: &str| {
            CliError::new(format!("the search in `{}` cannot be resumed: {why}", escape::path(&file)))
                .hint("leave --resume out to begin anew, or give another directory with --out")
        };
        let mut before = Before { checkpoint: Checkpoint::new(searched), waiting: 0 };
        let Some(text) = there else { return Ok(before) };
        let found = match serde_json::from_str::<Checkpoint>(&text) {
            Ok(found) if found.format == FORMAT => found,
            _ if resume => return Err(refused("it is from another version of dupeproof")),
            _ => return Ok(before),
        };
        match found.searched.difference(&before.checkpoint.searched) {
            Some(difference) if resume => return Err(refused(&difference)),
            Some(_) => {}
            None if resume => before.checkpoint = found,
            None => before.waiting = found.survey.cases,
        }
        Ok(before)
    }

    /// What it cost so far.
    pub fn cost(&self) -> Cost {
        Cost { wall_seconds: self.wall_seconds, cpu_seconds: self.cpu_seconds }
    }

    /// What it cost with what a stopwatch shows since.
    pub fn cost_with(&self, stopwatch: &Stopwatch) -> Cost {
        Cost {
            wall_seconds: self.wall_seconds + stopwatch.wall().as_secs_f64(),
            cpu_seconds: self.cpu_seconds + stopwatch.cpu().as_secs_f64(),
        }
    }

    /// The same search, further on.
    #[must_use]
    pub fn at(&self, survey: Survey, cost: Cost) -> Checkpoint {
        let Cost { wall_seconds, cpu_seconds } = cost;
        Checkpoint {
            survey,
            wall_seconds,
            cpu_seconds,
            searched: self.searched.clone(),
            failures: self.failures.clone(),
            ..*self
        }
    }

    /// Writes it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save(&self, output_dir: &OutputDir) -> Result<(), CliError> {
        let json = serde_json::to_string(self).expect("a checkpoint is plain data");
        output_dir.write(Path::new(NAME), &format!("{json}\n"), is_ours)
    }
}

/// Where a search begins.
pub struct Before {
    /// From here it goes on.
    pub checkpoint: Checkpoint,
    /// Schedules of an earlier run of the same search that could be gone on from, and are not.
    pub waiting: u64,
}

/// The failure files that a checkpoint names.
pub fn failures_in(text: &str) -> Vec<String> {
    #[derive(Deserialize)]
    struct Named {
        failures: Vec<String>,
    }
    serde_json::from_str(text).map_or_else(|_| Vec::new(), |Named { failures }| failures)
}

/// Whether a file is one of these, in any version.
pub fn is_ours(text: &str) -> bool {
    has_fields(text, &["format", "searched", "wall_seconds", "failures", "survey"])
}
