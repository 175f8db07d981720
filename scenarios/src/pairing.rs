//! The same cases of two subjects, side by side: what got worse and what got better, and whether that can be chance.
//!
//! Both sides ran the same schedules, so each case is a pair. A kind of finding is compared by the pairs of which only one
//! side shows it ([`sign_test`]), a measure by the differences within the pairs ([`SignedRank`]). The probabilities are
//! corrected for the number of questions ([`significance::adjusted`]) and for the number of looks ([`LOOKS`]).

mod contrast;
mod look;
mod question;

use serde::{Deserialize, Serialize};

use crate::score::Score;
use crate::significance::{self, SignedRank, sign_test};
pub use contrast::{Contrast, Contrasted, WorseCase, causes};
pub use look::{LOOKS, Look};
pub use question::Question;

/// Chance gives any answer but "nothing changed" at most this often, over all questions and looks.
pub const LEVEL: f64 = 0.001;

/// More cases of an answer nobody looks at.
const PLACES_KEPT: usize = 10;

/// The same cases of two subjects.
#[derive(Clone, Debug, Default)]
pub struct Pairing<'a> {
    /// Of each suite, in order.
    pub suites: Vec<Paired<'a>>,
}

/// The cases of one suite, from case 0 on; `None` of a case without a result.
#[derive(Clone, Copy, Debug)]
pub struct Paired<'a> {
    /// What the candidate is compared with.
    pub base: &'a [Option<Score>],
    /// What may be worse.
    pub candidate: &'a [Option<Score>],
}

/// One case of one suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Which suite of the pairing.
    pub suite: usize,
    /// Which case of it.
    pub case: u64,
}

/// What became of one question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The same in every case.
    Same,
    /// Chance may explain it.
    NotShown,
    /// Chance does not explain it, and nobody would notice it: a measure hardly moves where it moves at all.
    Slight,
    /// The candidate is worse.
    Worse,
    /// The candidate is better.
    Better,
}

/// One question, answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What was asked.
    pub question: Question,
    /// Of the base: cases that show it, or the sum of a measure over the pairs.
    pub base: u64,
    /// The same of the candidate.
    pub candidate: u64,
    /// Pairs that the question is about: for a measure, those that have a number on both sides.
    pub pairs: u64,
    /// Pairs in which the candidate is worse.
    pub worse: u64,
    /// Pairs in which the candidate is better.
    pub better: u64,
    /// The first of the cases that are worse; of a measure, those where it is clearest.
    pub worse_places: Vec<Place>,
    /// The same of those that are better.
    pub better_places: Vec<Place>,
    /// How probable it is that chance alone makes so much of a difference, corrected for everything that was asked.
    pub probability: f64,
    /// What became of it.
    pub change: Change,
}

/// All questions, answered.
#[derive(Clone, Debug)]
pub struct Answers {
    /// Findings, worst first, then measures. Only those that either side showed or measured.
    pub all: Vec<Answer>,
    /// Cases that both sides have.
    pub pairs: u64,
    /// Every one of them has the same result on both sides.
    pub are_identical: bool,
    /// A finding that only one side shows in fewer cases than this could not have been told from chance.
    pub least_cases: u64,
}

impl Answers {
    /// Whether no more cases are needed: a finding got worse. A measure alone does not end the wait, since findings may come.
    pub fn are_clear(&self) -> bool {
        self.all.iter().any(|answer| answer.question.is_finding() && answer.change == Change::Worse)
    }
}

impl Pairing<'_> {
    /// Answers every question at this look.
    pub fn answers(&self, look: Look) -> Answers {
        let compared: Vec<Compared> = Question::all().map(|question| self.compared(question)).collect();
        let compared: Vec<Compared> = compared.into_iter().filter(|compared| compared.answer.pairs > 0).collect();
        let tested: Vec<(f64, f64)> = compared.iter().map(|compared| (compared.probability, compared.least)).collect();
        let adjusted = significance::adjusted(&tested, LEVEL * look.share());
        let questions = significance::countable(&tested, LEVEL * look.share());
        let judged = |(compared, adjusted): (Compared, f64)| compared.judged(adjusted / look.share());
        Answers {
            all: compared.into_iter().zip(adjusted).map(judged).collect(),
            pairs: self.places().count() as u64,
            are_identical: self.places().all(|(_, base, candidate)| base == candidate),
            least_cases: least_cases(questions + 1, look),
        }
    }

    /// Every case that has a result on both sides.
    fn places(&self) -> impl Iterator<Item = (Place, &Score, &Score)> {
        self.suites.iter().enumerate().flat_map(|(suite, Paired { base, candidate })| {
            let pairs = base.iter().zip(*candidate).zip(0..);
            pairs.filter_map(move |((base, candidate), case)| {
                Some((Place { suite, case }, base.as_ref()?, candidate.as_ref()?))
            })
        })
    }

    fn compared(&self, question: Question) -> Compared {
        let mut pairs: Vec<(Place, i64)> = Vec::new();
        let (mut all, mut differing) = (Sums::default(), Sums::default());
        let mut is_same = true;
        for (place, of_base, of_candidate) in self.places() {
            let (Some(before), Some(after)) = (question.number(of_base), question.number(of_candidate)) else {
                continue;
            };
            let worse_by = question.worse_by(before, after);
            all.add(before, after);
            if worse_by != 0 {
                differing.add(before, after);
            }
            is_same &= before == after;
            pairs.push((place, worse_by));
        }
        // A finding that neither side shows is no question.
        if question.is_finding() && all == Sums::default() {
            pairs.clear();
        }
        Compared {
            is_same,
            moved: question.moved(differing.base, differing.candidate),
            ..Compared::of(question, all, &pairs)
        }
    }
}

/// Sums over pairs.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Sums {
    base: u64,
    candidate: u64,
}

impl Sums {
    fn add(&mut self, base: u32, candidate: u32) {
        self.base += u64::from(base);
        self.candidate += u64::from(candidate);
    }
}

/// A question before its probability is corrected.
struct Compared {
    answer: Answer,
    /// Each pair is the same to the last unit.
    is_same: bool,
    /// Whether somebody would notice the difference where there is one, and if so, whether the candidate is worse.
    moved: Option<bool>,
    probability: f64,
    /// The least probability that so many pairs that differ could have given.
    least: f64,
    /// The ranks say that the candidate is worse.
    is_worse: bool,
}

impl Compared {
    fn of(question: Question, Sums { base, candidate }: Sums, pairs: &[(Place, i64)]) -> Compared {
        let ranked = SignedRank::of(pairs.iter().map(|(_, worse_by)| *worse_by));
        let count = |is: fn(i64) -> bool| pairs.iter().filter(|(_, worse_by)| is(*worse_by)).count() as u64;
        let (worse, better) = (count(|by| by > 0), count(|by| by < 0));
        let (probability, is_worse) = if question.is_finding() {
            (sign_test(worse, better), worse > better)
        } else {
            (ranked.probability(), ranked.is_above())
        };
        let answer = Answer {
            question,
            base,
            candidate,
            pairs: pairs.len() as u64,
            worse,
            better,
            worse_places: clearest(pairs, |by| by),
            better_places: clearest(pairs, |by| -by),
            probability,
            change: Change::NotShown,
        };
        let least = significance::least(worse + better);
        Compared { answer, is_same: false, moved: None, probability, least, is_worse }
    }

    fn judged(mut self, probability: f64) -> Answer {
        self.answer.probability = probability.min(1.0);
        self.answer.change = self.change();
        self.answer
    }

    fn change(&self) -> Change {
        if self.is_same {
            return Change::Same;
        }
        if self.answer.probability > LEVEL {
            return Change::NotShown;
        }
        match self.moved {
            // The ranks and the means have to agree.
            Some(mean_is_worse) if mean_is_worse == self.is_worse => {
                if self.is_worse {
                    Change::Worse
                } else {
                    Change::Better
                }
            }
            _ => Change::Slight,
        }
    }
}

/// The cases in which something is largest, and above zero; equals in their order.
fn clearest(pairs: &[(Place, i64)], size: fn(i64) -> i64) -> Vec<Place> {
    let mut sizes: Vec<(i64, Place)> = pairs.iter().map(|(place, by)| (-size(*by), *place)).collect();
    sizes.retain(|(size, _)| *size < 0);
    sizes.sort_unstable();
    sizes.into_iter().take(PLACES_KEPT).map(|(_, place)| place).collect()
}

/// The fewest pairs, all differing the same way, that are no chance among so many questions.
fn least_cases(questions: usize, look: Look) -> u64 {
    #[expect(clippy::cast_precision_loss, reason = "a few dozen questions")]
    let bar = LEVEL * look.share() / questions as f64;
    (1..).find(|cases| significance::least(*cases) <= bar).expect("each pair more halves it")
}

#[cfg(test)]
mod tests {
    use dupeproof_sim::FindingKind;

    use super::{Change, LOOKS, Paired, Pairing, Place, Question};
    use crate::measure::CASE_MEASURES;
    use crate::score::Score;

    const LAST: super::Look = LOOKS[LOOKS.len() - 1];

    fn place_of(name: &str) -> usize {
        CASE_MEASURES.iter().position(|measure| measure.name == name).expect("it is in the table")
    }

    /// So many cases, each with `sessions` and, where `shows` says so, a lost update.
    fn scores(cases: u64, sessions: impl Fn(u64) -> u32, shows: impl Fn(u64) -> bool) -> Vec<Option<Score>> {
        let score = |case: u64| {
            let mut score = Score::default();
            score.measure(place_of("sessions"), Some(sessions(case)));
            if shows(case) {
                score.show(FindingKind::LostUpdate);
            }
            Some(score)
        };
        (0..cases).map(score).collect()
    }

    fn changes(base: &[Option<Score>], candidate: &[Option<Score>]) -> Vec<(String, Change)> {
        let answers = Pairing { suites: vec![Paired { base, candidate }] }.answers(LAST);
        answers.all.iter().map(|answer| (answer.question.name().to_owned(), answer.change)).collect()
    }

    #[test]
    fn the_same_results_are_the_same_and_a_finding_that_nobody_showed_is_no_question() {
        let base = scores(200, |_| 10, |_| false);
        assert_eq!(changes(&base, &base), [("sessions".to_owned(), Change::Same)]);
    }

    #[test]
    fn a_finding_that_only_one_side_shows_is_told_from_chance_from_a_number_of_cases_on() {
        let base = scores(200, |_| 10, |_| false);
        let least = Pairing { suites: vec![Paired { base: &base, candidate: &base }] }.answers(LAST).least_cases;
        // One question: 2 * 2^-12 = 0.00049 is at most 0.6 of 0.001, and 2 * 2^-11 is not.
        assert_eq!(least, 12);
        let showing = |cases: u64| scores(200, |_| 10, move |case| case < cases);
        let of = |base: &[Option<Score>], candidate: &[Option<Score>]| changes(base, candidate)[0].clone();
        assert_eq!(of(&base, &showing(least)), ("LostUpdate".to_owned(), Change::Worse));
        assert_eq!(of(&base, &showing(least - 1)), ("LostUpdate".to_owned(), Change::NotShown));
        assert_eq!(of(&showing(least), &base), ("LostUpdate".to_owned(), Change::Better));
    }

    #[test]
    fn a_measure_must_move_by_more_than_anybody_overlooks() {
        let base = scores(200, |_| 100, |_| false);
        let with = |sessions: u32| changes(&base, &scores(200, move |_| sessions, |_| false))[0].1;
        assert_eq!((with(99), with(94), with(106)), (Change::Slight, Change::Worse, Change::Better));
        // It need not move everywhere, and where it moves by less than a hundredth it does not.
        let some = scores(200, |case| if case < 20 { 90 } else { 100 }, |_| false);
        assert_eq!(changes(&base, &some)[0].1, Change::Worse);
        let large = scores(200, |_| 1_000, |_| false);
        assert_eq!(changes(&large, &scores(200, |_| 1_009, |_| false))[0].1, Change::NotShown);
    }

    #[test]
    fn cases_are_named_by_suite_and_those_without_a_result_are_left_out() {
        let base = scores(30, |_| 10, |_| false);
        let mut candidate = scores(30, |_| 10, |case| case >= 10);
        candidate[29] = None;
        let paired = |candidate| Paired { base: &base, candidate };
        let answers = Pairing { suites: vec![paired(&base), paired(&candidate)] }.answers(LAST);
        let lost = &answers.all[0];
        assert!(matches!(lost.question, Question::Finding(FindingKind::LostUpdate)));
        assert!(answers.are_clear() && !answers.are_identical);
        assert_eq!((answers.pairs, lost.worse, lost.worse_places[0]), (59, 19, Place { suite: 1, case: 10 }));
    }
}
