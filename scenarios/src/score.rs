//! What one case showed and measured, in brief: enough to compare it with the same case of another subject.

use dupeproof_sim::FindingKind;
use serde::{Deserialize, Serialize};

use crate::case::CaseResult;
use crate::measure::CASE_MEASURES;

/// The result of one case, in brief.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// A bit for each kind of finding, as the enum numbers them.
    shown: u64,
    /// By measure, as [`CASE_MEASURES`] lists them.
    measured: [Option<u32>; CASE_MEASURES.len()],
}

impl Score {
    /// Of one run.
    pub fn of(result: &CaseResult) -> Score {
        let mut score = Score::default();
        result.findings.iter().for_each(|finding| score.show(finding.kind()));
        for (place, measure) in CASE_MEASURES.iter().enumerate() {
            score.measured[place] = measure.of(&result.samples);
        }
        score
    }

    /// The case showed this kind of finding.
    pub fn show(&mut self, kind: FindingKind) {
        self.shown |= 1 << (kind as u64);
    }

    /// Whether the case showed this kind of finding.
    pub fn shows(&self, kind: FindingKind) -> bool {
        self.shown & (1 << (kind as u64)) != 0
    }

    /// The number of a measure, by its place in [`CASE_MEASURES`], is this.
    pub fn measure(&mut self, place: usize, number: Option<u32>) {
        self.measured[place] = number;
    }

    /// The number of a measure, by its place in [`CASE_MEASURES`]; `None` if nothing of the kind happened.
    pub fn measured(&self, place: usize) -> Option<u32> {
        self.measured[place]
    }
}

#[cfg(test)]
mod tests {
    use super::Score;
    use dupeproof_sim::FindingKind;

    #[test]
    fn each_kind_has_a_bit_of_its_own() {
        assert!(FindingKind::ALL.len() <= 64);
        for kind in FindingKind::ALL {
            let mut score = Score::default();
            score.show(kind);
            assert!(FindingKind::ALL.into_iter().all(|other| score.shows(other) == (other == kind)), "{kind:?}");
        }
    }
}
