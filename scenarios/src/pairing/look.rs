//! When the results are looked at while cases still run, so that a clear answer ends the wait.

/// One look at the results so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// After so many sixteenths of the cases.
    sixteenths: u64,
    /// So many twentieths of the level may be spent at it: looking often gives chance more chances.
    twentieths: u32,
}

/// All of them; most is left for the last.
pub const LOOKS: [Look; 5] = [look(1, 1), look(2, 1), look(4, 2), look(8, 4), look(16, 12)];

const fn look(sixteenths: u64, twentieths: u32) -> Look {
    Look { sixteenths, twentieths }
}

impl Look {
    /// Of so many cases, how many have run by then.
    pub fn cases(self, all: u64) -> u64 {
        (all / 16 * self.sixteenths) + (all % 16 * self.sixteenths).div_ceil(16)
    }

    /// The share of the level that may be spent.
    pub fn share(self) -> f64 {
        f64::from(self.twentieths) / 20.0
    }

    /// Whether no case is left after it.
    pub fn is_last(self) -> bool {
        self.sixteenths == 16
    }
}

#[cfg(test)]
mod tests {
    use super::LOOKS;

    #[test]
    fn the_looks_share_the_level_and_the_last_is_at_all_cases() {
        assert_eq!(LOOKS.iter().map(|look| look.twentieths).sum::<u32>(), 20);
        assert_eq!(LOOKS.map(|look| look.cases(100)), [7, 13, 25, 50, 100]);
        assert_eq!(LOOKS.map(|look| look.is_last()), [false, false, false, false, true]);
        assert_eq!(LOOKS[4].cases(u64::MAX), u64::MAX);
    }
}
