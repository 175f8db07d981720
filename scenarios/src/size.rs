//! A size with its unit, as people read it.

use std::fmt;

/// How large something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size {
    /// How many of its unit; of seconds, microseconds.
    pub value: i64,
    /// What it counts.
    pub unit: SizeUnit,
}

/// What a size counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SizeUnit {
    /// Time; held in microseconds.
    Seconds,
    /// Parts per million.
    Ppm,
    /// Percent.
    Percent,
    /// Kilobytes.
    Kilobytes,
    /// How often.
    Times,
}

impl SizeUnit {
    /// The name, as JSON has it.
    pub fn name(self) -> &'static str {
        match self {
            SizeUnit::Seconds => "seconds",
            SizeUnit::Ppm => "ppm",
            SizeUnit::Percent => "percent",
            SizeUnit::Kilobytes => "kilobytes",
            SizeUnit::Times => "times",
        }
    }
}

impl Size {
    /// In its unit: seconds, not microseconds.
    #[expect(clippy::cast_precision_loss, reason = "two digits of it are exact")]
    pub fn in_unit(self) -> f64 {
        let per_unit = if self.unit == SizeUnit::Seconds { 1e6 } else { 1.0 };
        self.value as f64 / per_unit
    }
}

/// `46 s`, `5.5 min`, `9.2 h`, `0.6 %`, `300 kB`.
impl fmt::Display for Size {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Up to ten minutes, protocols are written in seconds.
        const MINUTES_FROM: i64 = 600_000_000;
        const HOURS_FROM: i64 = 7_200_000_000;
        match (self.unit, self.value) {
            (SizeUnit::Seconds, ..MINUTES_FROM) => write!(formatter, "{} s", short(self.in_unit())),
            (SizeUnit::Seconds, MINUTES_FROM..HOURS_FROM) => write!(formatter, "{} min", short(self.in_unit() / 60.0)),
            (SizeUnit::Seconds, _) => write!(formatter, "{} h", short(self.in_unit() / 3_600.0)),
            (SizeUnit::Ppm, _) => write!(formatter, "{} %", short(self.in_unit() / 10_000.0)),
            (SizeUnit::Percent, value) => write!(formatter, "{value} %"),
            (SizeUnit::Kilobytes, value) => write!(formatter, "{value} kB"),
            (SizeUnit::Times, value) => write!(formatter, "{value}"),
        }
    }
}

/// Two significant digits, as far as they are behind the point.
fn short(number: f64) -> String {
    let digits = match number {
        10.0.. => 0,
        1.0..10.0 => 1,
        0.1..1.0 => 2,
        0.01..0.1 => 3,
        _ => 4,
    };
    let text = format!("{number:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_takes_the_unit_that_suits_it() {
        let words = |value, unit| Size { value, unit }.to_string();
        let seconds = |micros| words(micros, SizeUnit::Seconds);
        assert_eq!([0, 20_000, 250_000, 1_500_000].map(seconds), ["0 s", "0.02 s", "0.25 s", "1.5 s"]);
        assert_eq!([46_000_000, 331_000_000].map(seconds), ["46 s", "331 s"]);
        assert_eq!([660_000_000, 33_120_000_000].map(seconds), ["11 min", "9.2 h"]);
        assert_eq!(words(6_000, SizeUnit::Ppm), "0.6 %");
        assert_eq!(words(3, SizeUnit::Percent), "3 %");
        assert_eq!(words(4_000, SizeUnit::Kilobytes), "4000 kB");
        assert_eq!(words(2, SizeUnit::Times), "2");
    }
}
