//! One setting, and what it costs.

use dupeproof_core::Span;
use dupeproof_scenarios::measure::Histogram;
use dupeproof_scenarios::search::Survey;
use dupeproof_scenarios::significance::Interval;
use dupeproof_sim::FindingKind;
use dupeproof_sim::guest::Acquired;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// One setting and what it costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// The number of each parameter, in their order.
    pub setting: Vec<i64>,
    /// Schedules that showed each kind of finding, worst first.
    pub findings: IndexMap<FindingKind, u64>,
    /// The most schedules that showed one kind of finding that breaks a promise.
    pub broken_promises: u64,
    /// The true share of such schedules is at least this, with 95 % confidence.
    pub broken_promises_low: f64,
    /// The true share of such schedules is at most this, with 95 % confidence.
    pub broken_promises_high: f64,
    /// 99 of 100 starts of sessions took at most this; null if there were none.
    pub start_p99_seconds: Option<f64>,
    /// 99 of 100 starts of sessions that another server had took at most this; null if there were none.
    pub hand_over_p99_seconds: Option<f64>,
    /// In 99 of 100 saves the oldest change was at most this old; null if that was not measured.
    pub unsaved_p99_seconds: Option<f64>,
    /// DataStore reads and writes of live sessions for their own keys.
    pub requests_per_session_hour: u64,
    /// No other setting is as good in all four (broken promises, waits, unsaved changes, requests) and better in one.
    pub unbeaten: bool,
    /// Why it was not run: the subject does not work with it even in a calm world; null if it does.
    pub broken: Option<String>,
}

impl Point {
    /// What the schedules showed.
    pub(super) fn of(setting: &[i64], survey: &Survey) -> Point {
        let measures = &survey.measures;
        let seconds = |histogram: &Histogram| histogram.p99().map(|micros| Span(micros).as_secs_f64());
        let mut starts = measures.starts(Acquired::Free).clone();
        for acquired in [Acquired::HandedOver, Acquired::TakenOver, Acquired::Unprotected] {
            starts.add(measures.starts(acquired));
        }
        let breaking = survey.kinds.iter().filter(|counted| counted.breaks_contract);
        let broken_promises = breaking.map(|counted| counted.cases).max().unwrap_or(0);
        let Interval { low, high } = Interval::of(broken_promises, survey.cases);
        let cost = measures.cost();
        Point {
            setting: setting.to_vec(),
            findings: survey.kinds.iter().map(|counted| (counted.kind, counted.cases)).collect(),
            broken_promises,
            broken_promises_low: low,
            broken_promises_high: high,
            start_p99_seconds: seconds(&starts),
            hand_over_p99_seconds: seconds(measures.hand_overs()),
            unsaved_p99_seconds: seconds(measures.unsaved()),
            requests_per_session_hour: cost.reads_per_hour() + cost.writes_per_hour(),
            unbeaten: false,
            broken: None,
        }
    }

    /// The subject does not work with it.
    pub(super) fn broken(setting: &[i64], why: &str) -> Point {
        Point {
            setting: setting.to_vec(),
            findings: IndexMap::new(),
            broken_promises: 0,
            broken_promises_low: 0.0,
            broken_promises_high: 1.0,
            start_p99_seconds: None,
            hand_over_p99_seconds: None,
            unsaved_p99_seconds: None,
            requests_per_session_hour: 0,
            unbeaten: false,
            broken: Some(why.to_owned()),
        }
    }

    /// What it costs, the less the better. What was not measured costs nothing anywhere.
    fn costs(&self) -> [f64; 4] {
        #[expect(clippy::cast_precision_loss, reason = "numbers of schedules and requests are far below 2^53")]
        let [broken, requests] = [self.broken_promises, self.requests_per_session_hour].map(|number| number as f64);
        let [start, unsaved] = [self.start_p99_seconds, self.unsaved_p99_seconds].map(Option::unwrap_or_default);
        [broken, start, unsaved, requests]
    }

    fn beats(&self, other: &Point) -> bool {
        let pairs = || self.costs().into_iter().zip(other.costs());
        self.broken.is_none() && pairs().all(|(own, other)| own <= other) && pairs().any(|(own, other)| own < other)
    }
}

/// Marks the points that no other beats.
pub(super) fn mark_unbeaten(points: &mut [Point]) {
    let all = points.to_vec();
    for point in points {
        point.unbeaten = point.broken.is_none() && !all.iter().any(|other| other.beats(point));
    }
}

#[cfg(test)]
mod tests {
    use super::{Point, mark_unbeaten};

    #[test]
    fn a_point_is_unbeaten_if_nothing_is_as_good_in_all_and_better_in_one() {
        let point = |broken_promises: u64, requests: u64| Point {
            broken: None,
            broken_promises,
            requests_per_session_hour: requests,
            ..Point::broken(&[1], "")
        };
        let mut points = [point(0, 90), point(5, 20), point(5, 30), point(0, 90), Point::broken(&[2], "planted")];
        mark_unbeaten(&mut points);
        assert_eq!(points.map(|point| point.unbeaten), [true, true, false, true, false]);
    }
}
