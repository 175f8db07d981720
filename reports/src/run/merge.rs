//! `dupeproof merge`: the report of a search whose shards ran anywhere, as if they had run as one.

use std::ops::Range;
use std::path::PathBuf;

use clap::Parser;
use dupeproof_scenarios::Search;
use dupeproof_scenarios::search::Survey;

use super::{Done, Run, prepared, tell};
use crate::args::{Arguments, Command, MergeArguments, RunArguments, Shard};
use crate::checkpoint::{Checkpoint, SearchId};
use crate::error::CliError;
use crate::escape;
use crate::exit::ExitCode;
use crate::log;
use crate::output;
use crate::shard_file::ShardFile;
use crate::stopped::{During, Stopped, Why};
use crate::summary::Cost;

/// Puts shards together, writes the report and prints the result.
///
/// # Errors
/// When they are not shards of one search, or as [`super::run`].
pub fn merge(arguments: &MergeArguments) -> Result<ExitCode, CliError> {
    arguments.loudness.obey();
    log::install(&arguments.log)?;
    let shards = Shards::of(ShardFile::all_in(&arguments.shards)?)?;
    let run_arguments = shards.arguments(arguments)?;
    let done = prepared(&run_arguments, |run, checkpoint| shards.merged(run, &checkpoint))?;
    tell(&done, &run_arguments)
}

/// Shards of one search.
struct Shards {
    /// In order; at least one.
    files: Vec<ShardFile>,
    /// The numbers of those that are not there.
    missing: Vec<u32>,
}

impl Shards {
    /// Puts them in order. What is there twice counts once.
    fn of(all: Vec<(PathBuf, ShardFile)>) -> Result<Shards, CliError> {
        let mut files: Vec<(PathBuf, ShardFile)> = Vec::new();
        for (path, file) in all {
            if let Some((first, other)) = files.first() {
                one_search((first, other), (&path, &file))?;
            }
            match files.iter().find(|(_, other)| other.shard == file.shard) {
                None => files.push((path, file)),
                Some((_, other)) if other.survey == file.survey => {}
                Some((other, _)) => {
                    return Err(CliError::new(format!(
                        "shard {} in `{}` is not as it is in `{}`",
                        file.shard,
                        escape::path(other),
                        escape::path(&path)
                    ))
                    .hint("the same schedules gave two results: run it again, and leave out the one that cannot be repeated"));
                }
            }
        }
        files.sort_by_key(|(_, file)| file.shard);
        let files: Vec<ShardFile> = files.into_iter().map(|(_, file)| file).collect();
        let there = |number: &u32| files.iter().any(|file| file.shard.number == *number);
        let missing = (1..=files[0].shard.of).filter(|number| !there(number)).collect();
        Ok(Shards { files, missing })
    }

    /// What `run` would have been told.
    fn arguments(&self, own: &MergeArguments) -> Result<RunArguments, CliError> {
        let command = &self.files[0].command;
        let refused = || {
            CliError::new(format!("`{}` is no command of this version", escape::name(command)))
                .hint("run the shards again, with this version of dupeproof")
        };
        let words = shlex::split(command).ok_or_else(refused)?;
        let Some(Command::Run(run)) = Arguments::try_parse_from(words).map_err(|_| refused())?.command else {
            return Err(refused());
        };
        // Only what is searched comes from the file.
        let RunArguments { which, mut extent, runs, .. } = run;
        extent.shard = None;
        Ok(RunArguments {
            loudness: own.loudness,
            which,
            extent,
            runs,
            threads: own.threads,
            causes: own.causes,
            out: own.out.clone(),
            save_cases: self.files[0].searched.saves_cases() && self.missing.is_empty(),
            save_failing: own.save_failing.clone(),
            resume: false,
            machine: own.machine.clone(),
            json: own.json,
            verbose: own.verbose,
            log: own.log.clone(),
        })
    }

    /// Explains and writes what all of them counted.
    fn merged(self, mut run: Run<'_>, checkpoint: &Checkpoint) -> Result<Done, CliError> {
        let whole = run.search.cases;
        let asked = SearchId::of(&run.search, run.code, self.files[0].searched.saves_cases());
        if let Some(difference) = self.files[0].searched.difference(&asked) {
            return Err(CliError::new(format!("the shards cannot be merged here: {difference}"))
                .hint("merge them with the same dupeproof, scripts and scenario that they were run with"));
        }
        let (missing, of, command) = (self.missing.clone(), self.files[0].shard.of, self.files[0].command.clone());
        self.is_whole(&run.arguments.extent.range())?;
        let (survey, cost) = self.joined(&run.search);
        run.search.cases = survey.cases;
        run.has_all_cases = missing.is_empty();
        let stopped = (!missing.is_empty()).then(|| {
            let shard = Shard { number: missing[0], of };
            output::say(format_args!("{}; the first of them:  {command} --shard {shard}", missing_words(&missing, of)));
            Stopped { after: survey.cases, of: Some(whole), why: Why::Missing, during: During::Running }
        });
        let (mut summary, failures, scores) = run.searched(checkpoint.at(survey, cost));
        if stopped.is_some() && summary.stopped.is_none() {
            summary = summary.stopped(stopped);
        }
        summary.missing_shards = missing;
        run.done((summary, failures, scores))
    }

    /// Refuses a shard that has not counted its own cases.
    fn is_whole(&self, all: &Range<u64>) -> Result<(), CliError> {
        for ShardFile { shard, survey, .. } in &self.files {
            let own = shard.of(all);
            let counted = survey.first..survey.first.saturating_add(survey.cases);
            if own != counted && !own.is_empty() {
                let (own, counted) = (words_of(&own), words_of(&counted));
                return Err(CliError::new(format!("shard {shard} has the schedules {own}, and counted {counted}"))
                    .hint("run it again, into an empty directory"));
            }
        }
        Ok(())
    }

    /// What all of them counted, and what it cost: they ran side by side.
    fn joined(self, search: &Search<'_>) -> (Survey, Cost) {
        let mut cost = Cost::default();
        let joined = self.files.into_iter().fold(Survey::default(), |all, file| {
            cost.wall_seconds = file.wall_seconds.max(cost.wall_seconds);
            cost.cpu_seconds += file.cpu_seconds;
            search.joined(all, file.survey)
        });
        (joined, cost)
    }
}

/// Refuses what is not of the same search.
fn one_search(
    (path, file): (&PathBuf, &ShardFile),
    (other_path, other): (&PathBuf, &ShardFile),
) -> Result<(), CliError> {
    let difference = if file.shard.of != other.shard.of {
        Some(format!("one is of {} shards, the other of {}", file.shard.of, other.shard.of))
    } else if file.command != other.command {
        Some(format!("one is of `{}`, the other of `{}`", escape::name(&file.command), escape::name(&other.command)))
    } else {
        file.searched.difference(&other.searched)
    };
    difference.map_or(Ok(()), |difference| {
        let [path, other_path] = [path, other_path].map(|path| escape::path(path));
        Err(CliError::new(format!("`{path}` and `{other_path}` are not of one search: {difference}"))
            .hint("give the shards of one search only"))
    })
}

/// `200 to 399`.
fn words_of(cases: &Range<u64>) -> String {
    format!("{} to {}", cases.start, cases.end.saturating_sub(1))
}

/// `shard 3 of 8 is missing`, `shards 3, 5 of 8 are missing`.
fn missing_words(missing: &[u32], of: u32) -> String {
    let numbers: Vec<String> = missing.iter().map(u32::to_string).collect();
    let (shards, are) = if missing.len() == 1 { ("shard", "is") } else { ("shards", "are") };
    format!("{shards} {} of {of} {are} missing", numbers.join(", "))
}
