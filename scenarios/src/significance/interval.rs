//! Between which rates the true one lies.

/// 95 % of a normal distribution lie within so many standard deviations.
const NINETY_FIVE: f64 = 1.959_963_984_540_054;

/// A rate that is known to within chance: the interval of Wilson, with 95 % confidence. Both are parts of one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The least.
    pub low: f64,
    /// The greatest.
    pub high: f64,
}

impl Interval {
    /// Of `part` cases out of `whole`.
    pub fn of(part: u64, whole: u64) -> Interval {
        if whole == 0 {
            return Interval { low: 0.0, high: 1.0 };
        }
        let (part, whole, square) = (float(part), float(whole), NINETY_FIVE * NINETY_FIVE);
        let centre = (part + square / 2.0) / (whole + square);
        let half = NINETY_FIVE / (whole + square) * (part * (whole - part) / whole + square / 4.0).sqrt();
        let low = if part > 0.0 { (centre - half).max(0.0) } else { 0.0 };
        let high = if part < whole { (centre + half).min(1.0) } else { 1.0 };
        Interval { low, high }
    }

    /// Whether the true rates may be the same.
    pub fn meets(self, other: Interval) -> bool {
        self.low <= other.high && other.low <= self.high
    }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of schedules are far below 2^53")]
fn float(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::Interval;

    #[test]
    fn the_interval_is_that_of_the_books() {
        // Newcombe, Two-sided confidence intervals for the single proportion (1998), table I, method 3.
        for (part, whole, low, high) in
            [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]
        {
            let found = Interval::of(part, whole);
            assert!((found.low - low).abs() < 6e-5 && (found.high - high).abs() < 6e-5, "{part} of {whole}: {found:?}");
        }
    }

    #[test]
    fn rates_whose_intervals_do_not_meet_differ() {
        assert!(Interval::of(3, 100).meets(Interval::of(8, 100)));
        assert!(!Interval::of(3, 100).meets(Interval::of(30, 100)));
    }
}
