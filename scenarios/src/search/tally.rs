//! What a row of cases came to.

use dupeproof_core::Span;
use dupeproof_sim::{Digest, FindingKind};

use super::causes::CASES_KEPT;
use super::failed_case::FailedCase;
use super::{Counted, Survey};
use crate::case::CaseResult;
use crate::guard::InternalError;
use crate::score::Score;

/// The sum of consecutive cases.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// All but the kinds.
    pub(super) sum: Survey,
    /// By kind, as the enum numbers them.
    pub(super) kinds: [Option<Sighted>; FindingKind::ALL.len()],
    /// Whether to keep the scores.
    keeps_scores: bool,
}

/// One kind of finding in a row of cases.
#[derive(Clone, Debug, Default)]
pub(super) struct Sighted {
    pub(super) cases: u64,
    /// The first ones, in order.
    pub(super) first_cases: Vec<u64>,
    pub(super) worst: Option<Span>,
    /// The last one that was counted.
    newest: Option<u64>,
}

impl Tally {
    /// Of no case yet; the first will be this.
    pub(super) fn new(first: u64, keeps_scores: bool) -> Tally {
        Tally { sum: Survey { first, ..Survey::default() }, keeps_scores, ..Tally::default() }
    }

    /// Of the cases that a survey is about, so that those that follow can be appended.
    pub(super) fn of(mut survey: Survey, keeps_scores: bool) -> Tally {
        let counted = std::mem::take(&mut survey.kinds);
        let mut tally = Tally { sum: survey, keeps_scores, ..Tally::default() };
        for Counted { kind, cases, first_cases, worst, .. } in counted {
            tally.kinds[kind as usize] = Some(Sighted { cases, first_cases, worst, newest: None });
        }
        tally
    }

    /// Whether the score of each case is kept.
    pub(super) fn keeps_scores(&self) -> bool {
        self.keeps_scores
    }

    /// Adds the next case of a row.
    pub(super) fn add(&mut self, case: u64, result: CaseResult) {
        if self.keeps_scores {
            self.sum.scores.push(Some(Score::of(&result)));
        }
        let CaseResult { end, findings, coverage, samples } = result;
        self.sum.cases += 1;
        self.sum.simulated = self.sum.simulated + Span(end.at.0);
        self.sum.coverage.add(&coverage);
        self.sum.behaviour.take(case, &coverage);
        self.sum.measures.take(&samples);
        self.sum.digest = self.sum.digest.then(end.digest);
        self.sum.with_findings += u64::from(!findings.is_empty());
        for finding in findings {
            let sighted = self.kinds[finding.kind() as usize].get_or_insert_default();
            sighted.worst = sighted.worst.max(finding.lasted);
            if sighted.newest != Some(case) {
                sighted.newest = Some(case);
                sighted.cases += 1;
                sighted.remember(case);
            }
        }
    }

    /// The next case of a row has no result, by a mistake of this program.
    pub(super) fn failed(&mut self, case: u64, error: InternalError) {
        self.sum.cases += 1;
        self.sum.digest = self.sum.digest.then(Digest::default());
        if self.keeps_scores {
            self.sum.scores.push(None);
        }
        self.sum.failed.add(FailedCase { case, shrinking: false, error });
    }

    /// Appends the row that follows.
    pub(super) fn append(&mut self, next: &Tally) {
        self.sum.cases += next.sum.cases;
        self.sum.simulated = self.sum.simulated + next.sum.simulated;
        self.sum.with_findings += next.sum.with_findings;
        self.sum.coverage.add(&next.sum.coverage);
        self.sum.behaviour.append(&next.sum.behaviour);
        self.sum.measures.add(&next.sum.measures);
        self.sum.failed.append(&next.sum.failed);
        self.sum.scores.extend_from_slice(&next.sum.scores);
        self.sum.digest = self.sum.digest.then_row(next.sum.digest, next.sum.cases);
        for (all, next) in self.kinds.iter_mut().zip(&next.kinds) {
            if let Some(next) = next {
                all.get_or_insert_default().append(next);
            }
        }
    }
}

impl Sighted {
    fn append(&mut self, next: &Sighted) {
        self.cases += next.cases;
        self.worst = self.worst.max(next.worst);
        next.first_cases.iter().for_each(|case| self.remember(*case));
    }

    fn remember(&mut self, case: u64) {
        if self.first_cases.len() < CASES_KEPT {
            self.first_cases.push(case);
        }
    }
}
