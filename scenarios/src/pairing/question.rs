//! What two subjects are compared by.

use dupeproof_sim::FindingKind;

use crate::measure::{CASE_MEASURES, CaseMeasure, Worse};
use crate::score::Score;

/// One question.
#[derive(Clone, Copy, Debug)]
pub enum Question {
    /// In which cases is this found?
    Finding(FindingKind),
    /// How much is it? By its place in [`CASE_MEASURES`].
    Measure(usize),
}

impl Question {
    /// All of them: findings, worst first, then measures.
    pub fn all() -> impl Iterator<Item = Question> {
        let findings = FindingKind::ALL.into_iter().map(Question::Finding);
        findings.chain((0..CASE_MEASURES.len()).map(Question::Measure))
    }

    /// The name, as files and reports use it.
    pub fn name(self) -> &'static str {
        self.measure().map_or_else(|| self.kind().map_or("", FindingKind::name), |measure| measure.name)
    }

    /// The kind of finding, if it is about one.
    pub fn kind(self) -> Option<FindingKind> {
        if let Question::Finding(kind) = self { Some(kind) } else { None }
    }

    /// The measure, if it is about one.
    pub fn measure(self) -> Option<&'static CaseMeasure> {
        if let Question::Measure(place) = self { Some(&CASE_MEASURES[place]) } else { None }
    }

    /// Whether it is about a finding.
    pub fn is_finding(self) -> bool {
        self.kind().is_some()
    }

    /// The number of one case: 1 if it shows the finding, or the measure; `None` if nothing of the kind happened.
    pub fn number(self, score: &Score) -> Option<u32> {
        match self {
            Question::Finding(kind) => Some(u32::from(score.shows(kind))),
            Question::Measure(place) => score.measured(place),
        }
    }

    /// By how much the candidate is worse than the base; below zero if it is better. A measure that differs by less than a
    /// hundredth does not differ: a request that takes its time is no news.
    pub fn worse_by(self, base: u32, candidate: u32) -> i64 {
        let more = i64::from(candidate) - i64::from(base);
        if more.abs() * 100 < i64::from(base.max(candidate)) {
            return 0;
        }
        match self.measure() {
            Some(CaseMeasure { worse: Worse::Less, .. }) => -more,
            _ => more,
        }
    }

    /// Whether two sums, over the cases that differ, are so far apart that somebody would notice, and if so, whether the
    /// candidate's is worse.
    pub(super) fn moved(self, base: u64, candidate: u64) -> Option<bool> {
        let least = self.measure().map_or(0, |measure| measure.least_percent);
        let by = i128::from(candidate) - i128::from(base);
        let is_enough = by != 0 && by.abs() * 100 >= i128::from(least) * i128::from(base);
        let less_is_worse = self.measure().is_some_and(|measure| measure.worse == Worse::Less);
        is_enough.then_some((by > 0) != less_is_worse)
    }
}

#[cfg(test)]
mod tests {
    use super::Question;
    use crate::measure::CASE_MEASURES;

    #[test]
    fn a_change_counts_from_the_least_percent_of_its_measure_on() {
        let named = |name: &str| {
            Question::Measure(CASE_MEASURES.iter().position(|measure| measure.name == name).expect("it is there"))
        };
        let (reads, sessions) = (named("reads"), named("sessions"));
        assert_eq!(
            (reads.moved(100, 104), reads.moved(100, 105), reads.moved(100, 95)),
            (None, Some(true), Some(false))
        );
        assert_eq!((sessions.moved(100, 105), sessions.moved(100, 95)), (Some(false), Some(true)));
        assert_eq!((reads.moved(0, 0), reads.moved(0, 1)), (None, Some(true)));
        assert_eq!((reads.worse_by(3, 5), sessions.worse_by(3, 5)), (2, -2));
        assert_eq!((reads.worse_by(1_000, 1_009), reads.worse_by(1_000, 1_011)), (0, 11));
    }
}
