//! `dupeproof run --shard`: counts one part of a search, and leaves the report to `merge`.

use dupeproof_scenarios::SearchReport;

use super::{Run, tell};
use crate::args::Shard;
use crate::checkpoint::{Checkpoint, SearchId};
use crate::error::CliError;
use crate::escape;
use crate::exit::ExitCode;
use crate::failure_files::FailureFiles;
use crate::format;
use crate::output;
use crate::shard_file::{self, ShardFile};
use crate::summary::{Cost, Summary};

impl Run<'_> {
    /// Counts what the shard's cases show, and writes it down.
    pub(super) fn count_shard(self, shard: Shard, checkpoint: Checkpoint) -> Result<ExitCode, CliError> {
        self.output_dir.refuse_stranger(shard_file::NAME.as_ref(), shard_file::is_ours)?;
        let calm_run = match self.calm_run() {
            Ok(calm_run) => calm_run,
            Err(broken) => return tell(&self.done(*broken)?, self.arguments),
        };
        let whole = {
            let (report, mut failures) = (SearchReport::broken(), FailureFiles::default());
            Summary::of(self.about(), calm_run, &report, Cost::default(), &mut failures)
        };
        let (survey, cost, stopped) = self.kept_search(None, false).count(checkpoint)?;
        if let Some(stopped) = stopped {
            output::note(format_args!("{}; --resume goes on", stopped.words("schedule")));
            return Ok(ExitCode::Stopped);
        }
        let extent = &self.arguments.extent;
        let first = extent.first_case;
        let command = Summary { first_case: first, ..whole }.command(extent.cases);
        let searched = SearchId::of(&self.search, self.code, self.arguments.save_cases).whole(first);
        let (cases, with_findings) = (survey.cases, survey.with_findings);
        ShardFile::new(shard, command, searched, cost, survey).save(self.output_dir)?;
        self.output_dir.remove_checkpoint()?;
        let last = self.search.first + cases;
        output::data(format!(
            "Shard {} of {}: {} ({} to {}), {} with findings\nmerge all shards:  dupeproof merge DIR...",
            shard.number,
            shard.of,
            format::counted(cases, "schedule"),
            self.search.first,
            last.saturating_sub(1),
            format::count(with_findings),
        ))?;
        output::note(format_args!("kept: {}", escape::path(&self.output_dir.path().join(shard_file::NAME))));
        Ok(ExitCode::Safe)
    }
}
