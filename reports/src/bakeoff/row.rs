//! The findings and costs of one subject.

use dupeproof_core::Span;
use dupeproof_scenarios::Search;
use dupeproof_scenarios::search::{Counted, Survey};
use dupeproof_scenarios::significance::Interval;
use dupeproof_sim::guest::Acquired;
use dupeproof_sim::{Digest, FindingKind};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::column::Column;
use crate::args::network_name;
use crate::{format, scripts};

/// One subject's part of the table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Its name in the table.
    pub name: String,
    /// The subject in one line.
    pub about: String,
    /// The command that searches it alone, shrinks what it finds and shows it as a picture.
    pub command: String,
    /// A fingerprint of what was run: the schedules, the subject and its scripts.
    pub question: Digest,
    /// The fingerprint of its runs, in order.
    pub digest: Digest,
    /// Simulated time of all its runs.
    pub simulated_seconds: f64,
    /// Sessions that players waited for and got.
    pub sessions: u64,
    /// Each kind of finding it showed, worst first.
    pub findings: IndexMap<FindingKind, Shown>,
    /// Of the starts of sessions that another server held when the player arrived, half took at most this; null if there were none.
    pub hand_over_median_seconds: Option<f64>,
    /// 99 of 100 took at most this; null if there were none.
    pub hand_over_p99_seconds: Option<f64>,
    /// The same of all starts.
    pub start_median_seconds: Option<f64>,
    /// The same of all starts.
    pub start_p99_seconds: Option<f64>,
    /// DataStore reads and writes of live sessions for their own keys.
    pub requests_per_session_hour: u64,
    /// A kind of finding that it did not show may have this rate at most, per thousand sessions, with 95 % confidence.
    pub none_below: f64,
}

/// How often a subject showed a kind of finding.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// Schedules that showed it.
    pub schedules: u64,
    /// Those, per thousand sessions.
    pub per_thousand_sessions: f64,
    /// The true rate is at least this, with 95 % confidence (the interval of Wilson, over schedules).
    pub low: f64,
    /// The true rate is at most this, with 95 % confidence.
    pub high: f64,
    /// The longest it lasted; null for kinds that do not last.
    pub worst_seconds: Option<f64>,
    /// Whether it breaks no promise of the suite.
    pub in_contract: bool,
}

impl Row {
    pub(super) fn of(column: &Column, search: &Search<'_>, survey: &Survey) -> Row {
        let measures = &survey.measures;
        let mut starts = measures.starts(Acquired::Free).clone();
        for acquired in [Acquired::HandedOver, Acquired::TakenOver, Acquired::Unprotected] {
            starts.add(measures.starts(acquired));
        }
        let sessions = starts.total();
        let interval = |cases: u64| {
            let Interval { low, high } = Interval::of(cases, survey.cases);
            [low, high].map(|rate| rate * per_thousand(survey.cases, sessions))
        };
        let shown = |counted: &Counted| Shown {
            schedules: counted.cases,
            per_thousand_sessions: per_thousand(counted.cases, sessions),
            low: interval(counted.cases)[0],
            high: interval(counted.cases)[1],
            worst_seconds: counted.worst.map(Span::as_secs_f64),
            in_contract: !counted.breaks_contract,
        };
        let hand_over = measures.hand_overs();
        let seconds = |micros: u64| Span(micros).as_secs_f64();
        let cost = measures.cost();
        Row {
            name: column.name.clone(),
            about: search.subject.about().into(),
            command: command(column, search),
            question: column.question(search),
            digest: survey.digest,
            simulated_seconds: survey.simulated.as_secs_f64(),
            sessions,
            findings: survey.kinds.iter().map(|counted| (counted.kind, shown(counted))).collect(),
            hand_over_median_seconds: hand_over.median().map(seconds),
            hand_over_p99_seconds: hand_over.p99().map(seconds),
            start_median_seconds: starts.median().map(seconds),
            start_p99_seconds: starts.p99().map(seconds),
            requests_per_session_hour: cost.reads_per_hour() + cost.writes_per_hour(),
            none_below: interval(0)[1],
        }
    }

    /// The interval of the rate of a kind.
    pub fn interval(&self, kind: FindingKind) -> Interval {
        let none = Interval { low: 0.0, high: self.none_below };
        self.shown(kind).map_or(none, |shown| Interval { low: shown.low, high: shown.high })
    }

    /// How often it showed a kind, if it did.
    pub fn shown(&self, kind: FindingKind) -> Option<&Shown> {
        self.findings.get(&kind)
    }
}

fn command(column: &Column, search: &Search<'_>) -> String {
    let which = &column.which;
    let scenario = which.drawn.scenario.as_ref().map(|file| file.display().to_string());
    let from = format::schedules_words(scenario.as_deref(), &search.suite.name, which.drawn.world.as_deref());
    let believe = search.suite.believe();
    let believe = format::believe_words(believe, believe == search.suite.own_belief());
    let subject = which
        .scripts
        .named()
        .map_or_else(|| format!("--subject {}", column.name), |scripts| scripts::arguments(&scripts));
    format!(
        "dupeproof run {from} {subject}{believe} --cases {} --seed {} --network {}",
        search.cases,
        search.seed,
        network_name(search.network)
    )
}

#[expect(clippy::cast_precision_loss, reason = "a rate, for people")]
fn per_thousand(schedules: u64, sessions: u64) -> f64 {
    schedules as f64 * 1e3 / sessions.max(1) as f64
}
