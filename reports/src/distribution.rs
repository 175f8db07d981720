//! Waiting times and costs, as distributions over a whole search.

use dupeproof_scenarios::measure::{Histogram, Measures};
use dupeproof_sim::guest::Acquired;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::format;

/// Bins between one power of two and the next.
const BINS_PER_OCTAVE: u64 = 8;

/// One measure over a whole search.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Distribution {
    /// What is measured, in a few words.
    pub about: String,
    /// The unit of the numbers.
    pub unit: Unit,
    /// What each number is of, in the singular.
    pub each: String,
    /// How many numbers there are.
    pub count: u64,
    /// Half of them are at most this; null if there are none.
    pub median: Option<f64>,
    /// 99 of 100 are at most this; null if there are none.
    pub p99: Option<f64>,
    /// The greatest; null if there are none.
    pub max: Option<f64>,
    /// Over all sessions, including short ones; null for times.
    pub overall: Option<f64>,
    /// The bins that are not empty, in order.
    pub bins: Vec<Bin>,
}

/// The unit of a measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Seconds of simulated time.
    Seconds,
    /// Requests for each hour of a session.
    PerHour,
    /// Things that are counted.
    Count,
}

/// A stretch of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    /// The least.
    pub from: f64,
    /// The next that is too great.
    pub to: f64,
    /// How many numbers.
    pub count: u64,
}

/// All measures of a search, by name.
pub fn distributions(measures: &Measures) -> IndexMap<String, Distribution> {
    let start = |name: &str, about, acquired| {
        (name.to_owned(), Distribution::of(about, (Unit::Seconds, "start"), measures.starts(acquired), None))
    };
    let cost = measures.cost();
    let requests = |name: &str, about, histogram, overall| {
        (name.to_owned(), Distribution::of(about, (Unit::PerHour, "session"), histogram, Some(overall)))
    };
    let other = |name: &str, about, unit, histogram| (name.to_owned(), Distribution::of(about, unit, histogram, None));
    let (seconds, count) = (|each| (Unit::Seconds, each), |each| (Unit::Count, each));
    let (reads, writes) = (measures.reads_per_hour(), measures.writes_per_hour());
    IndexMap::from([
        start("free_start", "start with a free lock", Acquired::Free),
        start("hand_over", "hand-over by the holder", Acquired::HandedOver),
        start("takeover", "takeover from a holder that did not answer", Acquired::TakenOver),
        start("unprotected_takeover", "takeover from a holder without a lease", Acquired::Unprotected),
        other("crashed_holder", "start of a player whose holder was gone", seconds("start"), measures.takeovers()),
        other("unsaved", "age of the oldest change that a save stored", seconds("save"), measures.unsaved()),
        other("lost", "play that a crash cost", seconds("session"), measures.lost()),
        other("delivery", "message from its sending to its effect", seconds("message"), measures.deliveries()),
        requests("reads", "DataStore reads per session-hour", reads, cost.reads_per_hour()),
        requests("writes", "DataStore writes per session-hour", writes, cost.writes_per_hour()),
        other("key_writes", "writes to one record in a minute", count("minute"), measures.writes_per_key_minute()),
        other("key_bytes", "bytes written to one record in a minute", count("minute"), measures.bytes_per_key_minute()),
        other("call", "DataStore requests for one message", count("message"), measures.requests_per_call()),
        other("subscriptions", "subscriptions of one server at once", count("server"), measures.subscriptions()),
    ])
}

impl Distribution {
    fn of(about: &str, (unit, each): (Unit, &str), histogram: &Histogram, overall: Option<u64>) -> Distribution {
        let size = unit.size();
        let number = |number: u64| float(number) / size;
        Distribution {
            about: about.into(),
            unit,
            each: each.into(),
            count: histogram.total(),
            median: histogram.median().map(number),
            p99: histogram.p99().map(number),
            max: histogram.max().map(number),
            overall: overall.map(number),
            bins: bins(histogram, size),
        }
    }

    /// A number of it with its unit.
    pub fn told(&self, number: f64) -> String {
        match self.unit {
            Unit::Seconds => format::span(number),
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count, for people")]
            Unit::PerHour | Unit::Count => format::count(number as u64),
        }
    }

    /// Its median, its 99th percentile and its largest value, with their unit; `None` if nothing was measured.
    pub fn numbers(&self) -> Option<[String; 3]> {
        Some([self.median?, self.p99?, self.max?].map(|number| self.told(number)))
    }

    /// `304 starts`: what was measured.
    pub fn over(&self) -> String {
        let over = format::counted(self.count, &self.each);
        if self.unit == Unit::PerHour { format!("{over} of 5 min or more") } else { over }
    }

    /// `median 1.9 s, 99th percentile 14 s, at most 55 s, over 304 starts`; `None` if nothing was measured.
    pub fn in_words(&self) -> Option<String> {
        let [median, p99, max] = self.numbers()?;
        let overall = self
            .overall
            .map_or(String::new(), |overall| format!("; all sessions, including short ones: {}", self.told(overall)));
        Some(format!("median {median}, 99th percentile {p99}, at most {max}, over {}{overall}", self.over()))
    }
}

impl Unit {
    /// What a histogram counts for one of it.
    fn size(self) -> f64 {
        match self {
            Unit::Seconds => 1e6,
            Unit::PerHour | Unit::Count => 1.0,
        }
    }
}

/// Coarser ones, as wide as a picture can show. Zero has one for itself.
fn bins(histogram: &Histogram, size: f64) -> Vec<Bin> {
    let mut bins: Vec<Bin> = Vec::new();
    for bucket in histogram.buckets() {
        let (from, to) = bounds(bucket.first);
        let (from, to) = (from / size, to / size);
        match bins.last_mut().filter(|bin| bin.from >= from) {
            Some(bin) => bin.count += bucket.count,
            None => bins.push(Bin { from, to, count: bucket.count }),
        }
    }
    bins
}

/// The bin of a number, as wide as a whole number at least.
fn bounds(number: u64) -> (f64, f64) {
    let Some(octave) = number.checked_ilog2() else { return (0.0, 1.0) };
    let step = (2_f64.powi(octave.cast_signed()) / float(BINS_PER_OCTAVE)).max(1.0);
    let place = (float(number) / step).floor();
    (place * step, (place + 1.0) * step)
}

#[expect(clippy::cast_precision_loss, reason = "for people; times are far below 2^53 microseconds")]
fn float(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_hold_every_number_once_and_do_not_overlap() {
        let mut histogram = Histogram::default();
        for number in (0..3_000).chain([1 << 20, (1 << 20) + 5, 1 << 36]) {
            histogram.count(number);
        }
        let bins = bins(&histogram, 1.0);
        assert_eq!(bins.iter().map(|bin| bin.count).sum::<u64>(), histogram.total());
        assert!(bins.iter().all(|bin| bin.from < bin.to), "{bins:?}");
        assert!(bins.windows(2).all(|pair| pair[0].to <= pair[1].from), "{bins:?}");
        let last = bins.last().expect("some");
        assert_eq!((last.from, last.to), (68_719_476_736.0, 77_309_411_328.0));
        assert_eq!(bins[0], Bin { from: 0.0, to: 1.0, count: 1 });
    }

    #[test]
    fn a_distribution_says_median_p99_and_most_or_nothing() {
        let mut histogram = Histogram::default();
        assert_eq!(Distribution::of("", (Unit::Seconds, "start"), &histogram, None).in_words(), None);
        (0..100).for_each(|_| histogram.count(2_000_000));
        histogram.count(50_000_000);
        let times = Distribution::of("", (Unit::Seconds, "start"), &histogram, None);
        let words = times.in_words().expect("some");
        assert!(
            words.ends_with("at most 50 s, over 101 starts") && words.starts_with("median 2 s, 99th percentile 2 s"),
            "{words}"
        );
        let rates = Distribution::of("", (Unit::PerHour, "session"), &histogram, Some(7)).in_words().expect("some");
        assert!(
            rates.contains("at most 50,000,000, over 101 sessions of 5 min or more")
                && rates.ends_with("including short ones: 7"),
            "{rates}"
        );
    }
}
