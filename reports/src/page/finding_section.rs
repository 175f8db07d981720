//! One finding of a report, with everything that the page says of it.

use std::collections::BTreeSet;
use std::path::Path;

use dupeproof_scenarios::guard::{Ended, guarded};
use dupeproof_scenarios::subjects::Subjects;
use dupeproof_scenarios::{FailureFile, Fault, try_case};
use dupeproof_sim::{FindingKind, Global, Subject};

use super::illustration::Illustration;
use crate::failure_files::FailureFiles;
use crate::names::Names;
use crate::picture::{Recording, States};
use crate::step_at_fault;
use crate::summary::{AtFault, FoundCause, FoundKind, Summary};
use crate::{calls, consequence, format, internal, reality, wording};

/// One finding of a report: one cause of one kind.
#[derive(Clone, Debug)]
pub struct FindingSection {
    /// The finding's kind.
    pub kind: FindingKind,
    /// Whether it breaks no promise of the suite.
    pub in_contract: bool,
    /// The cause, as the summary has it.
    pub cause: FoundCause,
    /// How many schedules of its kind were examined.
    pub looked_at: u64,
    /// How real the cause is.
    pub reality: String,
    /// The anchor of its place in the page.
    pub anchor: String,
    /// Whether the run gave the same finding and digest as the recording.
    pub reproduced: bool,
    /// The command that replays it.
    pub command: String,
    /// What it means for the players, in one sentence.
    pub consequence: String,
    /// The finding in one sentence.
    pub sentence: String,
    /// When it is found.
    pub at: Global,
    /// The step at fault, if it is another one than the moment at which the finding is found.
    pub at_fault: Option<AtFault>,
    /// If there is none: the calls of the user's scripts that made what was found, the innermost first.
    pub calls: Vec<String>,
    /// The faults in the shrunk schedule, by name, each once.
    pub faults: BTreeSet<&'static str>,
    /// A mistake of dupeproof itself that left it without a picture.
    pub internal_error: Option<String>,
    /// The picture and the story; `None` if the subject of the recording is not available.
    pub illustration: Option<Illustration>,
}

impl FindingSection {
    /// Runs a failure again for its picture, if its subject is there.
    pub fn of(
        found: &FoundKind,
        cause: &FoundCause,
        failure: &FailureFile,
        subject: Option<&dyn Subject>,
        command: String,
    ) -> FindingSection {
        let mut section = FindingSection::plain(found, cause, failure, command);
        if let Some(subject) = subject {
            match illustrate(&mut section, failure, subject) {
                Ok(()) => {}
                Err(Ended::Internal(error)) => {
                    section.internal_error =
                        Some(internal::one(&format!("in the picture of `{}`", cause.file), &error));
                }
                Err(Ended::Refused(refusal)) => refusal.raise(),
            }
        }
        section
    }

    fn plain(found: &FoundKind, cause: &FoundCause, failure: &FailureFile, command: String) -> FindingSection {
        let faults = failure.schedule.timeline.iter().filter_map(|step| Fault::of_action(&step.action));
        FindingSection {
            kind: found.kind,
            in_contract: found.in_contract,
            cause: cause.clone(),
            looked_at: found.looked_at,
            reality: reality::of_cause(cause),
            anchor: anchor(found, cause),
            reproduced: false,
            command,
            consequence: consequence::sentence(&failure.finding),
            sentence: wording::sentence(&failure.finding, &States::default()),
            at: failure.finding.at,
            at_fault: None,
            calls: Vec::new(),
            faults: faults.map(Fault::name).collect(),
            internal_error: None,
            illustration: None,
        }
    }

    /// The kind and the cause.
    pub fn title(&self) -> String {
        format!("{}: {}", self.kind.name(), self.cause.words())
    }
}

/// Runs each failure again, on its own network, for its picture. What breaks a promise comes first, of that the most
/// real, of that the worst.
pub fn sections(
    summary: &Summary,
    failures: &FailureFiles,
    subjects: &Subjects,
    directory: &Path,
) -> Vec<FindingSection> {
    let causes = summary.causes();
    let of = |(found, cause): (&FoundKind, &FoundCause)| {
        let failure = failures.of(cause);
        let command = format::replay_command(&directory.join(&cause.file));
        FindingSection::of(found, cause, failure, subjects.named(&failure.schedule.subject), command)
    };
    let mut sections: Vec<FindingSection> = causes.map(of).collect();
    sections.sort_by_key(|section| (section.in_contract, section.cause.evidence, section.kind));
    sections
}

/// Runs a failure again, and shows and tells what happened.
fn illustrate(section: &mut FindingSection, failure: &FailureFile, subject: &dyn Subject) -> Result<(), Ended> {
    let (result, recording) = try_case(&failure.schedule, subject, failure.network, || Recording::of(subject))?;
    let same = result.first(failure.finding.kind());
    section.reproduced = same.is_some() && result.end.digest == failure.digest;
    let names = Names::of(subject);
    let (sentence, calls, illustration) = guarded(|| {
        let finding = same.unwrap_or(&failure.finding);
        let illustration = Illustration::of(&recording.events, finding);
        let calls = match illustration.at_fault {
            Some(_) => None,
            None => step_at_fault::calls_of(None, &recording.events, finding),
        };
        (wording::sentence(&failure.finding, &illustration.picture.states), calls, illustration)
    })?;
    section.sentence = names.in_text(sentence);
    section.consequence = names.in_text(std::mem::take(&mut section.consequence));
    section.at_fault = illustration.at_fault.as_ref().map(|step| AtFault::of(step, &names));
    section.calls = calls::listed(calls.as_deref());
    section.illustration = Some(illustration.named(names));
    Ok(())
}

/// The first cause of a kind stands where the kind is looked for.
fn anchor(found: &FoundKind, cause: &FoundCause) -> String {
    let place = found.causes.iter().position(|other| other == cause).unwrap_or_default();
    if place == 0 { found.kind.name().to_owned() } else { format!("{}-{}", found.kind.name(), place + 1) }
}
