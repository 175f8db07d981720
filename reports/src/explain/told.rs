//! What is told of a finding, beside its picture.

use dupeproof_scenarios::{Condition, Factor, Finding};

use crate::calls;
use crate::consequence;
use crate::format;
use crate::names::Names;
use crate::needed::{self, Needed};
use crate::page::Illustration;
use crate::reality;
use crate::remedy::remedies;
use crate::shown_again::ShownAgain;
use crate::step_at_fault::{self, Mechanism};
use crate::story;
use crate::wording;

/// What is told of one finding.
pub struct Told<'a> {
    finding: &'a Finding,
    breaks_a_promise: bool,
    names: Names,
    consequence: String,
    /// What happened, the calls of scripts that did it, and what they changed.
    place: Vec<String>,
    reality: String,
    needs: Vec<String>,
    mechanism: Option<Mechanism>,
    story: String,
    /// The command that runs it again.
    again: String,
}

impl<'a> Told<'a> {
    /// Of what a failure file shows, with its illustration.
    pub fn of(shown: &'a ShownAgain, illustration: &Illustration) -> Told<'a> {
        let (file, finding, events) = (&shown.file, shown.finding(), &shown.recording.events);
        let step = illustration.at_fault.as_ref();
        let mut place = vec![match step {
            Some(step) => format!("{}: {}", format::moment(step.at), step.text),
            None => {
                format!("{}: {}", format::moment(finding.at), wording::sentence(finding, &illustration.picture.states))
            }
        }];
        place.extend(in_words(step_at_fault::calls_of(step, events, finding).as_deref()));
        let changes = step.iter().flat_map(|step| &step.changes);
        place.extend(changes.map(|change| format!("changed {}", change.words())));
        if let Some(side) = step.and_then(|step| step.other_side.as_ref()) {
            place.push(format!("{}: {}", format::moment(side.at), side.text));
            place.extend(in_words(side.calls.as_deref()));
        }
        let conditions = Condition::all_in(&file.schedule, &shown.result.coverage, false);
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
            mechanism: step.and_then(|step| step.mechanism),
            story: story::plain(&illustration.story),
            again: shown.again.clone(),
            names: shown.names.clone(),
        }
    }

    /// What it means for the players, in a line.
    pub fn headline(&self) -> String {
        let standing = if self.breaks_a_promise { "breaks a promise" } else { "known exposure" };
        let meaning = format::capital(&self.consequence);
        self.names.in_text(format!("{} ({standing}): {meaning}.", self.finding.kind().name()))
    }

    /// Where it was, how real it is, what to change, and how to run it again.
    pub fn answers(&self) -> Vec<String> {
        let mut lines = Vec::new();
        entry("where", &self.place, &mut lines);
        entry("how real", std::slice::from_ref(&self.reality), &mut lines);
        let remedies = remedies(self.finding.kind(), &self.needs, self.mechanism);
        let changes: Vec<String> = remedies.iter().map(|remedy| format!("{}: {}", remedy.change, remedy.why)).collect();
        entry("what to change", &changes, &mut lines);
        entry("run it again", std::slice::from_ref(&self.again), &mut lines);
        lines.into_iter().map(|line| self.names.in_text(line)).collect()
    }

    /// All of it, and the story.
    pub fn text(&self) -> String {
        let mut lines = vec![self.headline(), String::new()];
        lines.extend(self.answers());
        lines.extend(["", "what happened (! a fault, * the step at fault, > the finding)"].map(str::to_owned));
        lines.push(self.story.clone());
        lines.join("\n")
    }
}

/// Calls, a line each: `in Data:12`, `called from Data:30 save`.
fn in_words(calls: Option<&str>) -> impl Iterator<Item = String> {
    let words = ["in"].into_iter().chain(std::iter::repeat("called from"));
    calls::listed(calls).into_iter().zip(words).map(|(line, word)| format!("{word} {line}"))
}

/// A name, and its lines beside it.
fn entry(name: &str, texts: &[String], to: &mut Vec<String>) {
    to.extend(texts.iter().enumerate().map(|(turn, text)| format!("{:<14} {text}", if turn == 0 { name } else { "" })));
}
