//! Several questions at once: with twenty of them, one in twenty has an answer by chance.

/// One question: the probability that its test gave, and the least that it could have given.
pub type Tested = (f64, f64);

/// The probabilities, corrected for the number of questions by the method of Holm, in the same order. A question that could not
/// have come below `level` whatever its answer does not count, as Tarone showed: what never happened is no question.
pub fn adjusted(tested: &[Tested], level: f64) -> Vec<f64> {
    let questions = countable(tested, level);
    let mut order: Vec<usize> = (0..tested.len()).collect();
    order.sort_by(|one, other| tested[*one].0.total_cmp(&tested[*other].0));
    let mut adjusted = vec![1.0; tested.len()];
    let (mut left, mut highest) = (questions, 0.0_f64);
    for place in order {
        let (found, least) = tested[place];
        if least * float(questions.max(1)) > level {
            // It stays above the level, whatever it is corrected by.
            adjusted[place] = (found * float(questions.max(1))).min(1.0);
            continue;
        }
        highest = highest.max((found * float(left)).min(1.0));
        adjusted[place] = highest;
        left = left.saturating_sub(1).max(1);
    }
    adjusted
}

/// The fewest questions such that no more than that could be answered when corrected for them.
pub fn countable(tested: &[Tested], level: f64) -> usize {
    let could = |questions: usize| tested.iter().filter(|(_, least)| least * float(questions) <= level).count();
    (1..=tested.len()).find(|questions| could(*questions) <= *questions).map_or(0, |questions| questions.min(could(1)))
}

#[expect(clippy::cast_precision_loss, reason = "a few dozen questions")]
fn float(number: usize) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::{adjusted, countable};

    #[test]
    fn each_is_held_to_what_is_left_and_none_comes_before_a_smaller_one() {
        let tested = [(0.01, 0.0), (0.04, 0.0), (0.03, 0.0), (0.005, 0.0)];
        let found = adjusted(&tested, 0.05);
        let near = |place: usize, expected: f64| assert!((found[place] - expected).abs() < 1e-12, "{found:?}");
        near(3, 0.02);
        near(0, 0.03);
        near(2, 0.06);
        near(1, 0.06);
    }

    #[test]
    fn a_question_that_could_not_have_been_answered_does_not_count() {
        let tested = [(0.02, 0.001), (0.5, 0.5), (0.25, 0.25)];
        assert_eq!(countable(&tested, 0.05), 1);
        assert_eq!(adjusted(&tested, 0.05), [0.02, 0.5, 0.25]);
        assert_eq!((countable(&[], 0.05), countable(&[(1.0, 1.0)], 0.05)), (0, 0));
    }
}
