//! What a row of cases came to.

use dupeproof_core::Span;
use dupeproof_sim::{Digest, FindingKind};

use super::Survey;
use super::causes::CASES_KEPT;
use super::failed_case::{FailedCase, FailedCases};
use crate::behaviour::Behaviour;
use crate::case::CaseResult;
use crate::coverage::Coverage;
use crate::guard::InternalError;
use crate::measure::Measures;
use crate::score::Score;

/// The sum of consecutive cases.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// The number of the first case.
    pub(super) first: u64,
    pub(super) cases: u64,
    pub(super) simulated: Span,
    pub(super) with_findings: u64,
    /// Of all cases, in order.
    pub(super) digest: Digest,
    pub(super) coverage: Coverage,
    pub(super) behaviour: Behaviour,
    pub(super) measures: Measures,
    /// By kind, as the enum numbers them.
    pub(super) kinds: [Option<Sighted>; FindingKind::ALL.len()],
    /// Cases without a result.
    pub(super) internal: FailedCases,
    /// Each case's own, in order, if they are kept; `None` of a case without a result.
    pub(super) scores: Vec<Option<Score>>,
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
        Tally { first, keeps_scores, ..Tally::default() }
    }

    /// Of the cases that a survey is about, so that those that follow can be appended.
    pub(super) fn of(survey: Survey, keeps_scores: bool) -> Tally {
        let Survey {
            first,
            cases,
            with_findings,
            simulated,
            digest,
            measures,
            coverage,
            behaviour,
            kinds,
            failed,
            scores,
        } = survey;
        let mut tally = Tally {
            first,
            cases,
            with_findings,
            simulated,
            digest,
            measures,
            coverage,
            behaviour,
            scores,
            ..Tally::new(first, keeps_scores)
        };
        for counted in kinds {
            let (cases, first_cases, worst) = (counted.cases, counted.first_cases, counted.worst);
            tally.kinds[counted.kind as usize] = Some(Sighted { cases, first_cases, worst, newest: None });
        }
        tally.internal = failed;
        tally
    }

    /// Whether the score of each case is kept.
    pub(super) fn keeps_scores(&self) -> bool {
        self.keeps_scores
    }

    /// Adds the next case of a row.
    pub(super) fn add(&mut self, case: u64, result: CaseResult) {
        if self.keeps_scores {
            self.scores.push(Some(Score::of(&result)));
        }
        let CaseResult { end, findings, coverage, samples } = result;
        self.cases += 1;
        self.simulated = self.simulated + Span(end.at.0);
        self.coverage.add(&coverage);
        self.behaviour.take(case, &coverage);
        self.measures.take(&samples);
        self.digest = self.digest.then(end.digest);
        self.with_findings += u64::from(!findings.is_empty());
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
        self.cases += 1;
        self.digest = self.digest.then(Digest::default());
        if self.keeps_scores {
            self.scores.push(None);
        }
        self.internal.add(FailedCase { case, shrinking: false, error });
    }

    /// Appends the row that follows.
    pub(super) fn append(&mut self, next: &Tally) {
        self.cases += next.cases;
        self.simulated = self.simulated + next.simulated;
        self.with_findings += next.with_findings;
        self.coverage.add(&next.coverage);
        self.behaviour.append(&next.behaviour);
        self.measures.add(&next.measures);
        self.internal.append(&next.internal);
        self.scores.extend_from_slice(&next.scores);
        self.digest = self.digest.then_row(next.digest, next.cases);
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
