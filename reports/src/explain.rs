//! `dupeproof explain`: a failure file in words. What it means for the players, where it was, how real it is, what to change, and
//! the story, a line for each thing that happened.

use dupeproof_scenarios::guard::{Ended, guarded};
use dupeproof_scenarios::{CaseResult, Condition, Factor, FailureFile, Finding, run_case};
use dupeproof_sim::Subject;

use crate::args::ExplainArguments;
use crate::by_name;
use crate::calls;
use crate::consequence;
use crate::error::CliError;
use crate::escape;
use crate::exit::ExitCode;
use crate::format;
use crate::internal;
use crate::names::Names;
use crate::needed::{self, Needed};
use crate::output;
use crate::page::Illustration;
use crate::picture::recording::Recording;
use crate::reality;
use crate::remedy::remedies;
use crate::replay;
use crate::step_at_fault;
use crate::story;
use crate::wording;

/// Runs the file's schedule again and tells what happens.
///
/// # Errors
/// When the file makes no sense, or its scripts cannot be read or do not start.
pub fn explain(arguments: &ExplainArguments) -> Result<ExitCode, CliError> {
    let path = escape::path(&arguments.file);
    let file = replay::read(&arguments.file)?;
    let available = by_name::available_again(file.scripts.as_ref())?;
    let subject = by_name::subject_of(&available.subjects, &file.schedule)?;
    let told = guarded(|| {
        let mut recording = Recording::of(subject);
        let result = run_case(&file.schedule, subject, file.network, &mut recording);
        result
            .first(file.finding.kind())
            .map(|finding| Told::of(&file, subject, &result, &recording, finding).text(&path))
    });
    match told {
        Ok(Some(text)) => output::data(text).map(|()| ExitCode::Safe),
        Ok(None) => Err(CliError::new(format!(
            "the schedule of `{path}` does not show {} any more",
            file.finding.kind().name()
        ))
        .hint(
            "`dupeproof replay FILE` says whether it is fixed, or the scripts have changed so that it does not apply",
        )),
        Err(Ended::Internal(error)) => {
            output::say(internal::one(&format!("in `{path}`"), &error));
            Ok(ExitCode::Unknown)
        }
        Err(Ended::Refused(refusal)) => refusal.raise(),
    }
}

/// What is told of one finding.
struct Told<'a> {
    finding: &'a Finding,
    breaks_a_promise: bool,
    names: Names,
    consequence: String,
    /// What happened, the calls of scripts that did it, and what they changed.
    place: Vec<String>,
    reality: String,
    needs: Vec<String>,
    story: String,
}

impl<'a> Told<'a> {
    fn of(
        file: &FailureFile,
        subject: &dyn Subject,
        result: &CaseResult,
        recording: &Recording,
        finding: &'a Finding,
    ) -> Told<'a> {
        let names = Names::of(subject);
        let illustration = Illustration::of(&recording.events, finding).named(names.clone());
        let step = illustration.at_fault.as_ref();
        let mut place = vec![match step {
            Some(step) => format!("{}: {}", format::moment(step.at), step.text),
            None => {
                format!("{}: {}", format::moment(finding.at), wording::sentence(finding, &illustration.picture.states))
            }
        }];
        let lines = calls::listed(step_at_fault::calls_of(step, &recording.events, finding).as_deref());
        let words = ["in"].into_iter().chain(std::iter::repeat("called from"));
        place.extend(lines.iter().zip(words).map(|(line, word)| format!("{word} {line}")));
        let changes = step.iter().flat_map(|step| &step.changes);
        place.extend(changes.map(|change| format!("changed {}", change.words())));
        let conditions = Condition::all_in(&file.schedule, &result.coverage, false);
        let needed = Needed::all(&conditions);
        Told {
            finding,
            breaks_a_promise: file.forbidden.contains(&finding.kind()),
            consequence: consequence::sentence(finding),
            place,
            reality: format!(
                "{}: {}",
                reality::of_needed(Condition::evidence(&conditions), &needed),
                needed::words(&needed)
            ),
            needs: Factor::all_in(&file.schedule).iter().map(|need| need.name().to_owned()).collect(),
            story: story::plain(&illustration.story),
            names,
        }
    }

    fn text(&self, path: &str) -> String {
        let kind = self.finding.kind();
        let standing = if self.breaks_a_promise { "breaks a promise" } else { "known exposure" };
        let mut lines =
            vec![format!("{} ({standing}): {}.", kind.name(), format::capital(&self.consequence)), String::new()];
        entry("where", &self.place, &mut lines);
        entry("how real", std::slice::from_ref(&self.reality), &mut lines);
        let remedies = remedies(kind, &self.needs);
        let changes: Vec<String> = remedies.iter().map(|remedy| format!("{}: {}", remedy.change, remedy.why)).collect();
        entry("what to change", &changes, &mut lines);
        entry("run it again", &[format!("dupeproof replay {path}")], &mut lines);
        lines.extend(
            ["", "what happened (! a fault, * the step at fault, > the finding)", &self.story].map(str::to_owned),
        );
        self.names.in_text(lines.join("\n"))
    }
}

/// A name, and its lines beside it.
fn entry(name: &str, texts: &[String], to: &mut Vec<String>) {
    to.extend(texts.iter().enumerate().map(|(turn, text)| format!("{:<14} {text}", if turn == 0 { name } else { "" })));
}
