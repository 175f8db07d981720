//! Wilcoxon's signed-rank test: of pairs that differ, large differences should point one way as often as the other.

use super::normal;

/// Up to so many pairs that differ, the distribution is counted out; from there on it is taken for normal, with the
/// corrections for ties and for continuity.
pub const EXACT_MAX: usize = 50;

/// The differences of pairs, by rank of their size. Pairs that are equal are left out; equal sizes share their ranks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedRank {
    /// Twice each rank, so that shared ones are whole, with the sign of its difference: `true` is above zero.
    doubled: Vec<(u64, bool)>,
}

impl SignedRank {
    /// Of these differences.
    pub fn of(differences: impl IntoIterator<Item = i64>) -> SignedRank {
        let mut sizes: Vec<(u64, bool)> = differences
            .into_iter()
            .filter(|difference| *difference != 0)
            .map(|difference| (difference.unsigned_abs(), difference > 0))
            .collect();
        sizes.sort_unstable();
        let mut doubled = Vec::with_capacity(sizes.len());
        for tied in sizes.chunk_by(|one, other| one.0 == other.0) {
            // Ranks first + 1 to first + n: the mean, twice.
            let shared = 2 * doubled.len() as u64 + tied.len() as u64 + 1;
            doubled.extend(tied.iter().map(|(_, above)| (shared, *above)));
        }
        SignedRank { doubled }
    }

    /// Pairs that differ.
    pub fn differ(&self) -> u64 {
        self.doubled.len() as u64
    }

    /// Twice the sum of the ranks of the differences above zero, and of those below.
    fn sums(&self) -> (u64, u64) {
        let sum = |above: bool| self.doubled.iter().filter(|(_, sign)| *sign == above).map(|(rank, _)| rank).sum();
        (sum(true), sum(false))
    }

    /// Whether the ranks above zero weigh more than those below.
    pub fn is_above(&self) -> bool {
        let (above, below) = self.sums();
        above > below
    }

    /// The probability, if each difference is as likely to point either way, that they point one way at least as much as
    /// here; two-sided.
    pub fn probability(&self) -> f64 {
        let (above, below) = self.sums();
        let least = above.min(below);
        let one_sided = match self.doubled.len() {
            0 => 1.0,
            few if few <= EXACT_MAX => self.counted(least),
            _ => self.approximated(least, above + below),
        };
        (2.0 * one_sided).min(1.0)
    }

    /// Of all ways in which the signs can fall, the share with a sum of at most this.
    fn counted(&self, least: u64) -> f64 {
        let room = usize::try_from(least).expect("a sum of 50 ranks");
        let mut ways = vec![0_u64; room + 1];
        ways[0] = 1;
        for (rank, _) in &self.doubled {
            let rank = usize::try_from(*rank).expect("one of 50 ranks");
            for sum in (rank..=room).rev() {
                ways[sum] += ways[sum - rank];
            }
        }
        let all: f64 = self.doubled.iter().fold(1.0, |all, _| all * 2.0);
        float(ways.iter().sum()) / all
    }

    fn approximated(&self, least: u64, both: u64) -> f64 {
        let mean = float(both) / 4.0;
        // The sum of the squares of the ranks, which has the correction for ties in it.
        let variance: f64 = self.doubled.iter().map(|(rank, _)| float(*rank) * float(*rank)).sum::<f64>() / 16.0;
        let distance = mean - float(least) / 2.0 - 0.5;
        normal::tail(distance.max(0.0) / variance.sqrt())
    }
}

#[expect(clippy::cast_precision_loss, reason = "ranks are far below 2^53, and so are the ways of 50 signs")]
fn float(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::SignedRank;

    fn assert_near(found: f64, expected: f64, part: f64) {
        assert!((found - expected).abs() <= expected * part, "{found} is not {expected}");
    }

    #[test]
    fn textbook_values_come_out() {
        // Darwin, The effects of cross and self fertilisation (1876): 15 pairs of maize, in eighths of an inch. The ranks
        // below zero are 14 and 10.
        let maize = SignedRank::of([49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]);
        assert_eq!(maize.sums(), (2 * 96, 2 * 24));
        assert_near(maize.probability(), 0.041_259_765_625, 1e-12);
        // Hollander and Wolfe, Nonparametric statistical methods (1973), page 29: depression before and after treatment.
        let depression = SignedRank::of([952, -147, 1_022, 430, 620, 590, 490, -80, 10]);
        assert_eq!(depression.sums(), (2 * 40, 2 * 5));
        assert_near(depression.probability(), 0.039_062_5, 1e-12);
        assert!(depression.is_above());
    }

    #[test]
    fn equal_pairs_are_left_out_and_ties_share_their_ranks() {
        let tied = SignedRank::of([0, 3, 3, -3, 5, 0]);
        assert_eq!((tied.differ(), tied.sums()), (4, (2 * 2 + 2 * 2 + 2 * 4, 2 * 2)));
        // Of 16 ways, those with a sum of at most 2: none above zero, or one of the three that share rank 2.
        assert_near(tied.probability(), 2.0 * 4.0 / 16.0, 1e-12);
        assert_near(SignedRank::of([]).probability(), 1.0, 0.0);
    }

    #[test]
    fn the_approximation_agrees_with_the_count_where_one_gives_way_to_the_other() {
        let skewed = |pairs: i64| SignedRank::of((1..=pairs).map(|size| if size % 3 == 0 { -size } else { size }));
        let (last, next) = (skewed(50), skewed(52));
        let (above, below) = last.sums();
        assert_near(last.approximated(above.min(below), above + below), last.counted(above.min(below)), 0.05);
        assert_near(next.probability(), last.probability(), 0.5);
    }
}
