//! What got worse, as a report shows findings: each with the schedule that was shrunk for it.

use dupeproof_scenarios::FailureFile;

use super::cause::Causes;
use super::difference::Difference;
use super::row::Row;
use super::side::Sides;
use crate::format;
use crate::page::FindingSection;
use crate::summary::{FoundCause, FoundKind};

/// The failures of the causes, each with the place of its row.
pub(super) fn failures(causes: &Causes) -> Vec<(usize, FailureFile)> {
    causes.found.iter().filter_map(|cause| Some((cause.answer, cause.failure.clone()?))).collect()
}

/// Runs each again, for its picture.
pub(super) fn sections(
    sides: &Sides,
    difference: &Difference,
    failures: &[(usize, FailureFile)],
) -> Vec<FindingSection> {
    let of = |(row, failure): &(usize, FailureFile)| section(sides, &difference.rows[*row], failure);
    failures.iter().filter_map(of).collect()
}

fn section(sides: &Sides, row: &Row, failure: &FailureFile) -> Option<FindingSection> {
    let cause = row.cause.as_ref()?;
    let kind = failure.finding.kind();
    let file = cause.file.clone()?;
    let command = format::replay_command(file.as_ref());
    let found_cause = FoundCause {
        needs: cause.needs.clone(),
        conditions: cause.conditions.clone(),
        evidence: cause.evidence,
        count: row.worse_cases,
        steps: cause.steps,
        at_60hz: None,
        file,
        step_at_fault: None,
        calls: Vec::new(),
    };
    let found = FoundKind {
        kind,
        count: row.worse_cases,
        in_contract: !failure.forbidden.contains(&kind),
        evidence: cause.evidence,
        first_seed: sides.seed,
        first_case: cause.case.case,
        worst_seconds: None,
        looked_at: row.worse_cases,
        causes: Vec::new(),
    };
    Some(FindingSection::of(&found, &found_cause, failure, sides.candidate.subject(), command))
}
