//! A failure file whose schedule was run again, and shows its finding.

use dupeproof_scenarios::guard::{Ended, guarded};
use dupeproof_scenarios::{CaseResult, FailureFile, Finding, run_case};

use crate::args::ShownArguments;
use crate::by_name;
use crate::error::CliError;
use crate::escape;
use crate::format;
use crate::internal;
use crate::names::Names;
use crate::output;
use crate::page::Illustration;
use crate::picture::recording::Recording;
use crate::replay;
use crate::scripts;

/// What the run was.
pub struct ShownAgain {
    /// The file.
    pub file: FailureFile,
    /// What the run came to.
    pub result: CaseResult,
    /// All that happened.
    pub recording: Recording,
    /// What the records of players are called.
    pub names: Names,
    /// The command that replays it.
    pub again: String,
}

impl ShownAgain {
    /// Runs the schedule of a file, with the scripts that were given instead of its own. `None` after an internal error, which has been told.
    ///
    /// # Errors
    /// When the file makes no sense, its scripts cannot be read or do not start, or it does not show its finding any more.
    pub fn of(arguments: &ShownArguments) -> Result<Option<ShownAgain>, CliError> {
        let (path, own) = (&*arguments.file, arguments.scripts.named());
        let file = replay::read(path)?;
        if own.is_some() && file.scripts.is_none() {
            let (shown, subject) = (escape::path(path), escape::name(&file.schedule.subject));
            return Err(CliError::new(format!(
                "`{shown}` is of the built-in subject `{subject}`, which has no scripts"
            ))
            .hint("leave --module, --adapter and the like out"));
        }
        let words = own.as_ref().map_or_else(String::new, |own| format!(" {}", scripts::arguments(own)));
        let again = format!("{}{words}", format::replay_command(path));
        let available = by_name::available_instead(own.as_ref(), file.scripts.as_ref())?;
        let subject = by_name::subject_of(&available.subjects, &file.schedule)?;
        let names = Names::of(subject);
        let ran = guarded(|| {
            let mut recording = Recording::of(subject);
            (run_case(&file.schedule, subject, file.network, &mut recording), recording)
        });
        let shown = escape::path(path);
        let (result, recording) = match ran {
            Ok(ran) => ran,
            Err(Ended::Internal(error)) => {
                output::say(internal::one(&format!("in `{shown}`"), &error));
                return Ok(None);
            }
            Err(Ended::Refused(refusal)) => refusal.raise(),
        };
        let kind = file.finding.kind();
        if !result.shows(kind) {
            return Err(CliError::new(format!("the schedule of `{shown}` does not show {} any more", kind.name()))
                .hint("`dupeproof replay FILE` says whether it is fixed, or the scripts have changed so that it does not apply"));
        }
        Ok(Some(ShownAgain { file, result, recording, names, again }))
    }

    /// The finding.
    pub fn finding(&self) -> &Finding {
        self.result.first(self.file.finding.kind()).expect("a run without it is refused")
    }

    /// The picture and the story of it.
    pub fn illustration(&self) -> Illustration {
        Illustration::of(&self.recording.events, self.finding()).named(self.names.clone())
    }
}
