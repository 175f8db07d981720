//! Which schedules of a seed a search runs, and when that is enough.

use std::ops::Range;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;

use super::at_least_one;

/// Which schedules of a seed a search runs, and when that is enough.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct ExtentArguments {
    /// How many schedules [default: about 20 s of them]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = at_least_one)]
    pub cases: Option<u64>,
    /// Begin with this schedule of the seed
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value_t = 0)]
    pub first_case: u64,
    /// End after so much time, such as 90s or 1h30m
    #[arg(long = "for", value_name = "TIME", value_parser = time)]
    pub time: Option<Duration>,
    /// End when nothing new is seen any more
    #[arg(long)]
    pub until_quiet: bool,
    /// End when a schedule breaks a promise
    #[arg(long)]
    pub fail_fast: bool,
    /// Run one part of --cases, such as 3/8, for `merge`
    #[arg(long, value_name = "I/N", requires = "cases", conflicts_with_all = ["time", "until_quiet", "fail_fast"])]
    pub shard: Option<Shard>,
}

impl ExtentArguments {
    /// The schedules that are run at most.
    pub fn range(&self) -> Range<u64> {
        let all = self.first_case..self.first_case.saturating_add(self.cases.unwrap_or(u64::MAX));
        self.shard.map_or(all.clone(), |shard| shard.of(&all))
    }

    /// The arguments that say what ends the search, apart from the number of schedules.
    pub fn end_words(&self) -> String {
        let time =
            self.time.map(|time| format!(" --for {}", humantime::format_duration(time).to_string().replace(' ', "")));
        let flags = [(self.until_quiet, " --until-quiet"), (self.fail_fast, " --fail-fast")];
        let flags = flags.into_iter().filter(|(given, _)| *given).map(|(_, words)| words.to_owned());
        time.into_iter().chain(flags).collect()
    }
}

/// One of several parts of a search, which together run each of its schedules once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Shard {
    /// Which, from 1.
    pub number: u32,
    /// Of how many.
    pub of: u32,
}

impl Shard {
    /// Its part of all schedules: they follow each other, and parts differ by one schedule at most.
    pub fn of(self, all: &Range<u64>) -> Range<u64> {
        let whole = u128::from(all.end - all.start);
        let cut = |parts: u32| {
            let before = whole * u128::from(parts) / u128::from(self.of);
            all.start + u64::try_from(before).expect("it is not more than all")
        };
        cut(self.number - 1)..cut(self.number)
    }
}

impl std::fmt::Display for Shard {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}", self.number, self.of)
    }
}

impl FromStr for Shard {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Shard, Self::Err> {
        let (number, of) = text.split_once('/').ok_or("must be I/N, such as 3/8")?;
        let [number, of] = [number, of].map(|part| part.parse().ok());
        match (number, of) {
            (Some(number), Some(of)) if (1..=of).contains(&number) => Ok(Shard { number, of }),
            (Some(_), Some(_)) => Err("the first number must be from 1 to the second"),
            _ => Err("must be two whole numbers, such as 3/8"),
        }
    }
}

/// A span of time in words, such as `1h30m`.
fn time(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(time) if time.is_zero() => Err("must be more than nothing".into()),
        Ok(time) => Ok(time),
        Err(_) => Err("must be a time such as 90s, 10m or 1h30m".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Shard, time};

    #[test]
    fn shards_are_disjoint_and_together_everything() {
        for (cases, of) in [(1_000, 8), (7, 3), (2, 5), (u64::MAX - 10, 1_000)] {
            let all = 10..10 + cases;
            let parts: Vec<_> = (1..=of).map(|number| Shard { number, of }.of(&all)).collect();
            assert_eq!((parts[0].start, parts[parts.len() - 1].end), (all.start, all.end));
            assert!(parts.windows(2).all(|pair| pair[0].end == pair[1].start));
            let sizes = || parts.iter().map(|part| part.end - part.start);
            assert!(sizes().max().unwrap() - sizes().min().unwrap() <= 1);
        }
    }

    #[test]
    fn shards_are_numbered_from_one() {
        assert_eq!("3/8".parse(), Ok(Shard { number: 3, of: 8 }));
        for text in ["0/8", "9/8", "3", "a/b", "-1/2", "3/0", "1/99999999999"] {
            text.parse::<Shard>().unwrap_err();
        }
    }

    #[test]
    fn a_time_has_units() {
        assert_eq!(time("1h30m").map(|time| time.as_secs()), Ok(5_400));
        for text in ["0s", "10", "soon", ""] {
            time(text).unwrap_err();
        }
    }
}
