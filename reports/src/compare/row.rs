//! One question, answered, as it is stored and shown.

use dupeproof_scenarios::Evidence;
use dupeproof_scenarios::measure::{CaseUnit, Worse};
use dupeproof_scenarios::pairing::{Answer, Change, Place};
use serde::{Deserialize, Serialize};

use super::side::Sides;
use crate::format;
use crate::needed::{self, Needed};
use crate::reality;

/// One question, answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The kind of finding, or the name of the measure.
    pub question: String,
    /// What it means, in a few words.
    pub about: String,
    /// The unit of a measure: ms, `per_hour`, count or percent; null for a finding.
    pub unit: Option<CaseUnit>,
    /// Whether more of it is worse; of a finding always.
    pub more_is_worse: bool,
    /// Of the base: the cases that show the finding, or the mean of the measure.
    pub base: f64,
    /// The same of the candidate.
    pub candidate: f64,
    /// Cases that are compared.
    pub pairs: u64,
    /// Cases in which the candidate is worse; of a finding, those that only the candidate shows.
    pub worse_cases: u64,
    /// Cases in which the candidate is better; of a finding, those that only the base shows.
    pub better_cases: u64,
    /// How probable it is that chance alone makes so much of a difference, corrected for all questions and looks.
    pub p: f64,
    /// same, not_shown, slight, worse or better.
    pub change: Change,
    /// The first cases that are worse; of a measure, those where it is clearest.
    pub worse_places: Vec<Seen>,
    /// The same of those that are better.
    pub better_places: Vec<Seen>,
    /// Why it is worse; null if it is not, or was not looked for.
    pub cause: Option<RowCause>,
}

/// A case of a suite.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The suite.
    pub suite: String,
    /// The case.
    pub case: u64,
}

/// Why the candidate is worse.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RowCause {
    /// The factors without which both sides are alike; none if joining and leaving players are enough.
    pub needs: Vec<String>,
    /// The same with their sizes.
    pub conditions: Vec<Needed>,
    /// As real as the least real of them.
    pub evidence: Evidence,
    /// Steps of the shrunk schedule.
    pub steps: u64,
    /// The case that was shrunk.
    pub case: Seen,
    /// The shrunk schedule of the candidate: a failure file; null for a measure.
    pub file: Option<String>,
}

impl Row {
    /// Of one answer.
    pub(super) fn of(answer: &Answer, sides: &Sides, cause: Option<RowCause>) -> Row {
        let measure = answer.question.measure();
        let seen = |places: &[Place]| places.iter().map(|place| Seen::of(*place, sides)).collect();
        let pairs = if measure.is_some() { answer.pairs.max(1) } else { 1 };
        Row {
            question: answer.question.name().to_owned(),
            about: measure.map_or_else(
                || answer.question.kind().map_or("", |kind| kind.about()).to_owned(),
                |measure| measure.about.to_owned(),
            ),
            unit: measure.map(|measure| measure.unit),
            more_is_worse: measure.is_none_or(|measure| measure.worse == Worse::More),
            base: mean(answer.base, pairs),
            candidate: mean(answer.candidate, pairs),
            pairs: answer.pairs,
            worse_cases: answer.worse,
            better_cases: answer.better,
            p: answer.probability,
            change: answer.change,
            worse_places: seen(&answer.worse_places),
            better_places: seen(&answer.better_places),
            cause,
        }
    }

    /// Whether it is about a finding.
    pub fn is_finding(&self) -> bool {
        self.unit.is_none()
    }

    /// Whether the candidate is worse.
    pub fn is_worse(&self) -> bool {
        self.change == Change::Worse
    }

    /// Whether the candidate is better.
    pub fn is_better(&self) -> bool {
        self.change == Change::Better
    }

    /// A number of it with its unit.
    pub fn told(&self, number: f64) -> String {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number for people")]
        let whole = number.round() as u64;
        match self.unit {
            Some(CaseUnit::Milliseconds) => format::span(number / 1e3),
            Some(CaseUnit::Percent) => format!("{whole} %"),
            Some(_) if number < 10.0 => format!("{number:.1}"),
            _ => format::count(whole),
        }
    }

    /// `LostUpdate (34 schedules against 0)`, the candidate first.
    pub fn words(&self) -> String {
        let (candidate, base) = (self.told(self.candidate), self.told(self.base));
        if self.is_finding() {
            format!("{} ({candidate} schedules against {base})", self.question)
        } else {
            format!("{} ({candidate} against {base})", self.about)
        }
    }

    /// The probability for people.
    pub fn p_words(&self) -> String {
        match self.p {
            p if p >= 0.995 => "1".into(),
            p if p >= 0.001 => format!("{p:.3}"),
            p if p >= 1e-9 => format!("{p:.0e}"),
            _ => "< 1e-9".into(),
        }
    }

    /// `same`, `not shown`, `worse`, ...
    pub fn verdict(&self) -> &'static str {
        match self.change {
            Change::Same => "same",
            Change::NotShown => "not shown",
            Change::Slight => "slight",
            Change::Worse => "✗ worse",
            Change::Better => "✓ better",
        }
    }
}

impl Seen {
    /// A place of the pairing, by name.
    pub(super) fn of(place: Place, sides: &Sides) -> Seen {
        Seen { suite: sides.suites[place.suite].suite.name.clone(), case: place.case }
    }
}

impl RowCause {
    /// What it needs, in a few words.
    pub fn words(&self) -> String {
        needed::words(&self.conditions)
    }

    /// How real that is, as the end of a sentence.
    pub fn reality(&self) -> String {
        reality::of_needed(self.evidence, &self.conditions)
    }
}

/// `swarm 3, 17, 40; calm 2`.
pub(super) fn places_words(places: &[Seen]) -> String {
    let of_suite = |places: &[Seen]| {
        let cases: Vec<String> = places.iter().map(|place| place.case.to_string()).collect();
        format!("{} {}", places[0].suite, cases.join(", "))
    };
    places.chunk_by(|one, other| one.suite == other.suite).map(of_suite).collect::<Vec<_>>().join("; ")
}

#[expect(clippy::cast_precision_loss, reason = "sums of times are far below 2^53 milliseconds")]
fn mean(sum: u64, pairs: u64) -> f64 {
    sum as f64 / pairs as f64
}
