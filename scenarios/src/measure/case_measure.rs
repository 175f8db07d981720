//! What is measured of one case alone, so that it can be compared with the same case of another subject.

use dupeproof_core::Span;
use dupeproof_sim::guest::Acquired;
use serde::{Deserialize, Serialize};

use super::{Cost, Sample, Trades};

/// A number of one case.
#[derive(Debug)]
pub struct CaseMeasure {
    /// The name, as files use it.
    pub name: &'static str,
    /// What it is, in a few words.
    pub about: &'static str,
    /// The unit of the number.
    pub unit: CaseUnit,
    /// Which way is worse.
    pub worse: Worse,
    /// A change by fewer percent than this is none: of the mean of the cases in which it changes.
    pub least_percent: u32,
    of: fn(&[Sample]) -> Option<u64>,
}

/// The unit of a number of one case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseUnit {
    /// Milliseconds of simulated time.
    #[serde(rename = "ms")]
    Milliseconds,
    /// Requests for each hour of a session.
    PerHour,
    /// Things that are counted.
    Count,
    /// Of a hundred.
    Percent,
}

/// Which way a number is worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worse {
    /// The more, the worse.
    More,
    /// The less, the worse.
    Less,
}

/// A change that somebody would notice, in percent.
const LEAST_PERCENT: u32 = 5;

/// All of them. A row is all that a new measure needs.
pub static CASE_MEASURES: [CaseMeasure; 20] = [
    row("sessions", "sessions that players got", (CaseUnit::Count, Worse::Less), sessions),
    row("played", "time with a session, of all players", (CaseUnit::Milliseconds, Worse::Less), played),
    row(
        "start_free",
        "wait for a session whose lock was free, mean",
        (CaseUnit::Milliseconds, Worse::More),
        |samples| mean(samples.iter().filter_map(|sample| started(sample, Acquired::Free))),
    ),
    row(
        "hand_over",
        "wait for a session that another server had, mean",
        (CaseUnit::Milliseconds, Worse::More),
        |samples| mean(samples.iter().filter_map(handed_over)),
    ),
    row(
        "takeover",
        "wait for a session whose server was gone, mean",
        (CaseUnit::Milliseconds, Worse::More),
        |samples| {
            mean(
                samples
                    .iter()
                    .filter_map(|sample| if let Sample::Takeover(waited) = sample { Some(waited.0) } else { None }),
            )
        },
    ),
    row("longest_start", "longest wait for a session", (CaseUnit::Milliseconds, Worse::More), |samples| {
        samples.iter().filter_map(waited).max()
    }),
    row("unsaved", "age of the oldest change that a save stored", (CaseUnit::Milliseconds, Worse::More), unsaved),
    row("reads", "DataStore reads per session-hour", (CaseUnit::PerHour, Worse::More), |samples| {
        cost(samples).map(|cost| cost.reads_per_hour())
    }),
    row("writes", "DataStore writes per session-hour", (CaseUnit::PerHour, Worse::More), |samples| {
        cost(samples).map(|cost| cost.writes_per_hour())
    }),
    row("call", "DataStore requests for one message, mean", (CaseUnit::Count, Worse::More), |samples| {
        mean(
            samples
                .iter()
                .filter_map(|sample| if let Sample::Call(requests) = sample { Some(*requests) } else { None }),
        )
    }),
    row("trades_committed", "trades that committed, of those asked for", (CaseUnit::Percent, Worse::Less), committed),
    row("lost", "play that was lost with servers", (CaseUnit::Milliseconds, Worse::More), |samples| {
        together(samples, |sample| if let Sample::Lost(age) = sample { Some(*age) } else { None })
    }),
    row("delivery", "time to deliver a message, mean", (CaseUnit::Milliseconds, Worse::More), |samples| {
        mean(samples.iter().filter_map(|sample| if let Sample::Delivered(took) = sample { Some(took.0) } else { None }))
    }),
    row("starts_refused", "starts that failed while their players waited", (CaseUnit::Count, Worse::More), |samples| {
        samples.iter().find_map(|sample| if let Sample::Refused(share) = sample { Some(share.some) } else { None })
    }),
    row("played_on", "play after another session had begun", (CaseUnit::Milliseconds, Worse::More), |samples| {
        together(samples, |sample| if let Sample::PlayedOn(span) = sample { Some(*span) } else { None })
    }),
    row(
        "waited_in_vain",
        "waits of players who left before a session",
        (CaseUnit::Milliseconds, Worse::More),
        |samples| together(samples, |sample| if let Sample::GaveUp(waited) = sample { Some(*waited) } else { None }),
    ),
    row("memory_requests", "requests to memory stores", (CaseUnit::Count, Worse::More), |samples| {
        samples.iter().find_map(|sample| if let Sample::MemoryRequests(asked) = sample { Some(*asked) } else { None })
    }),
    row("ended_by_others", "sessions that ended for another server", (CaseUnit::Count, Worse::More), |samples| {
        samples
            .iter()
            .find_map(|sample| if let Sample::EndedByOthers(share) = sample { Some(share.some) } else { None })
    }),
    row("key_writes", "most writes to one record in a minute", (CaseUnit::Count, Worse::More), |samples| {
        let writes = |sample: &Sample| if let Sample::KeyMinute { writes, .. } = sample { Some(*writes) } else { None };
        samples.iter().filter_map(writes).max()
    }),
    row("key_bytes", "most bytes written to one record in a minute", (CaseUnit::Count, Worse::More), |samples| {
        let bytes = |sample: &Sample| if let Sample::KeyMinute { bytes, .. } = sample { Some(*bytes) } else { None };
        samples.iter().filter_map(bytes).max()
    }),
];

const fn row(
    name: &'static str,
    about: &'static str,
    (unit, worse): (CaseUnit, Worse),
    of: fn(&[Sample]) -> Option<u64>,
) -> CaseMeasure {
    CaseMeasure { name, about, unit, worse, least_percent: LEAST_PERCENT, of }
}

impl CaseMeasure {
    /// The number of a case, in whole units; `None` if nothing of the kind happened in it. More than fits is the most that does.
    pub fn of(&self, samples: &[Sample]) -> Option<u32> {
        let number = (self.of)(samples)?;
        let number = if self.unit == CaseUnit::Milliseconds { number.div_ceil(1_000) } else { number };
        Some(u32::try_from(number).unwrap_or(u32::MAX))
    }
}

/// The mean of whole numbers, rounded down; `None` of none.
fn mean(numbers: impl Iterator<Item = u64>) -> Option<u64> {
    let (sum, count) = numbers.fold((0, 0), |(sum, count), number| (sum + number, count + 1));
    u64::checked_div(sum, count)
}

/// How long a player waited for a session, in microseconds.
fn waited(sample: &Sample) -> Option<u64> {
    if let Sample::Start(_, waited) = sample { Some(waited.0) } else { None }
}

fn started(sample: &Sample, acquired: Acquired) -> Option<u64> {
    match sample {
        Sample::Start(how, waited) if *how == acquired => Some(waited.0),
        _ => None,
    }
}

fn handed_over(sample: &Sample) -> Option<u64> {
    if let Sample::HandOver(waited) = sample { Some(waited.0) } else { None }
}

fn sessions(samples: &[Sample]) -> Option<u64> {
    Some(samples.iter().filter_map(waited).count() as u64)
}

fn cost(samples: &[Sample]) -> Option<Cost> {
    let mut cost = Cost::default();
    for sample in samples {
        if let Sample::Session(session) = sample {
            cost.add(*session);
        }
    }
    (cost.live.0 > 0).then_some(cost)
}

fn played(samples: &[Sample]) -> Option<u64> {
    cost(samples).map(|cost| cost.live.0)
}

fn unsaved(samples: &[Sample]) -> Option<u64> {
    samples.iter().filter_map(|sample| if let Sample::Saved(age) = sample { Some(age.0) } else { None }).max()
}

/// So many microseconds in all: none in most cases, where nothing of the kind happens.
fn together(samples: &[Sample], span: fn(&Sample) -> Option<Span>) -> Option<u64> {
    (!samples.is_empty()).then(|| samples.iter().filter_map(span).map(|span| span.0).sum())
}

fn committed(samples: &[Sample]) -> Option<u64> {
    let mut trades = Trades::default();
    for sample in samples {
        if let Sample::Trades(of_run) = sample {
            trades.add(*of_run);
        }
    }
    (trades.committed * 100).checked_div(trades.asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> &'static CaseMeasure {
        CASE_MEASURES.iter().find(|measure| measure.name == name).expect("it is in the table")
    }

    #[test]
    fn a_case_has_the_mean_of_its_waits_the_longest_and_what_its_sessions_cost() {
        let samples = [
            Sample::Start(Acquired::Free, Span::millis(100)),
            Sample::Start(Acquired::Free, Span::millis(300)),
            Sample::Start(Acquired::TakenOver, Span::secs(45)),
            Sample::Session(Cost { reads: 3, writes: 6, live: Span::secs(1_800) }),
        ];
        let of = |name: &str| named(name).of(&samples);
        assert_eq!((of("sessions"), of("start_free"), of("longest_start")), (Some(3), Some(200), Some(45_000)));
        assert_eq!((of("reads"), of("writes"), of("played")), (Some(6), Some(12), Some(1_800_000)));
        assert_eq!((of("hand_over"), of("trades_committed")), (None, None));
    }

    #[test]
    fn every_measure_has_a_name_of_its_own() {
        let names: std::collections::BTreeSet<&str> = CASE_MEASURES.iter().map(|measure| measure.name).collect();
        assert_eq!(names.len(), CASE_MEASURES.len());
    }
}
