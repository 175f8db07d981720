//! Reads the gauges of one run from its trace.

use std::collections::{BTreeMap, BTreeSet};

use dupeproof_core::Span;
use dupeproof_sim::clock::epoch_unix_micros;
use dupeproof_sim::id::{RequestId, ServerId, Slot};
use dupeproof_sim::request::RequestKind;
use dupeproof_sim::{Action, Command, Event, Global, Observer, Schedule, ServerPlan};

use super::gauge::{Gauge, Readings};
use super::metronome::LAST_WORDS;
use crate::fault::{Fault, Shows};

const MICROS: f64 = 1e6;

/// An observer of one run.
pub(super) struct Meter {
    /// Whose strikes are counted.
    fault: Fault,
    plans: Vec<ServerPlan>,
    /// The true Unix time at which the run began, in microseconds.
    epoch: i64,
    readings: Readings,
    answered: BTreeSet<(ServerId, RequestId)>,
    /// The newest request of each kind that was answered.
    newest: BTreeMap<(ServerId, RequestKind), RequestId>,
    /// When each step of the timeline was carried out first.
    steps: BTreeMap<u32, Global>,
    /// Since when the servers of these slots are closing.
    closing: BTreeMap<Slot, Global>,
    /// The first and the newest reading of each server's monotonic clock.
    clocks: BTreeMap<ServerId, [(Global, i64); 2]>,
    wall_clock: Average,
    backend_clock: Average,
}

#[derive(Clone, Copy, Default)]
struct Average {
    sum: f64,
    count: f64,
}

impl Average {
    fn add(&mut self, value: f64) {
        self.sum += value;
        self.count += 1.0;
    }

    fn value(self) -> f64 {
        if self.count > 0.0 { self.sum / self.count } else { 0.0 }
    }
}

impl Meter {
    pub(super) fn new(fault: Fault, schedule: &Schedule) -> Meter {
        Meter {
            fault,
            plans: schedule.servers.clone(),
            epoch: epoch_unix_micros(&schedule.clocks),
            readings: Readings::default(),
            answered: BTreeSet::new(),
            newest: BTreeMap::new(),
            steps: BTreeMap::new(),
            closing: BTreeMap::new(),
            clocks: BTreeMap::new(),
            wall_clock: Average::default(),
            backend_clock: Average::default(),
        }
    }

    pub(super) fn readings(mut self) -> Readings {
        let mut rate = Average::default();
        for [(began, first), (ended, last)] in self.clocks.into_values() {
            let true_span = seconds(ended.since(began));
            // Over less, a hundredth of a second on a network that rounds to it looks like a clock that is wrong.
            if true_span > 10.0 {
                rate.add(((micros(last - first) / true_span) - 1.0).abs() * 1e6);
            }
        }
        self.readings.add(Gauge::ClockRatePpm, rate.value());
        self.readings.add(Gauge::WallClockS, self.wall_clock.value());
        self.readings.add(Gauge::BackendClockS, self.backend_clock.value());
        self.readings
    }

    fn count(&mut self, gauge: Gauge) {
        self.readings.add(gauge, 1.0);
    }

    fn shows_the_fault(&self, event: &Event) -> bool {
        self.fault.signs().iter().any(|sign| match (&sign.shows, event) {
            (Shows::Error(shows), Event::Answered { kind, error: Some(error), .. }) => shows(*kind, error),
            (Shows::RequestFault(shows), Event::RequestFault { kind, fault, .. }) => shows(*kind, fault),
            (Shows::Event(shows), _) => shows(event, &self.plans),
            _ => false,
        })
    }

    fn acted(&mut self, at: Global, step: Option<u32>, action: Action) {
        let began = step.map_or(at, |step| *self.steps.entry(step).or_insert(at));
        match action {
            Action::Command { command: Command::Join(_) | Command::Leave(_), .. } => {
                self.count(Gauge::Moves);
                self.readings.add(Gauge::ScatterS, seconds(at.since(began)));
            }
            Action::Command { command: Command::Receipt { .. }, .. } => self.count(Gauge::Receipts),
            _ => {}
        }
    }

    fn answered(&mut self, (server, id): (ServerId, RequestId), kind: RequestKind, failed: bool, after: Span) {
        self.answered.insert((server, id));
        self.readings.add(Gauge::Unanswered, -1.0);
        self.readings.add(Gauge::WaitingS, seconds(after));
        self.count(if failed { Gauge::Errors } else { Gauge::Answers });
        let newest = self.newest.entry((server, kind)).or_insert(id);
        if *newest > id {
            self.count(Gauge::Overtaken);
        } else {
            *newest = id;
        }
    }

    /// What [`super::Metronome`] says.
    fn told(&mut self, at: Global, server: ServerId, line: &str) {
        let mut words = line.split(' ');
        let word = words.next();
        let mut number = || words.next().and_then(|word| word.parse::<i64>().ok()).unwrap_or(0);
        let since_the_epoch = i64::try_from(at.0).expect("runs are shorter than 292,000 years");
        match word {
            Some("job") if line == "job \"\"" => self.count(Gauge::EmptyJobIds),
            Some("nothing") => self.count(Gauge::EmptyReads),
            Some("late") => self.readings.add(Gauge::LateS, micros(number())),
            Some("clock") => {
                let (mono, unix) = (number(), number());
                self.clocks.entry(server).or_insert([(at, mono); 2])[1] = (at, mono);
                self.wall_clock.add(micros(unix - self.epoch - since_the_epoch).abs());
            }
            Some("written") => {
                let written = number() * 1_000;
                self.backend_clock.add(micros(written - self.epoch - since_the_epoch).abs());
            }
            Some("leaving") if self.closing.contains_key(&server.slot) => self.count(Gauge::Goodbyes),
            Some("closing") => {
                let began = self.closing.get(&server.slot).copied().unwrap_or(at);
                self.readings.add(Gauge::ScatterS, seconds(at.since(began)));
            }
            _ => {}
        }
    }
}

impl Observer for Meter {
    fn observe(&mut self, at: Global, event: &Event) {
        if self.shows_the_fault(event) {
            self.count(Gauge::Strikes);
        }
        match event {
            Event::Acted { step, action } => self.acted(at, *step, *action),
            Event::Requested { kind, .. } if *kind != RequestKind::Unsubscribe => self.count(Gauge::Unanswered),
            Event::Answered { server, id, kind, error, after } => {
                self.answered((*server, *id), *kind, error.is_some(), *after);
            }
            Event::Committed { server, id, key, .. } => {
                self.count(Gauge::Stored);
                if self.answered.contains(&(*server, *id)) {
                    self.count(Gauge::StoredLate);
                }
                if key.starts_with(LAST_WORDS) {
                    self.count(Gauge::LastWords);
                }
            }
            Event::MemoryChanged { .. } => self.count(Gauge::MemoryStored),
            Event::MessageReceived { .. } => self.count(Gauge::Received),
            Event::ServerCrashed { .. } | Event::ServerKilled { .. } => self.count(Gauge::Stops),
            Event::ServerClosing { server } => drop(self.closing.insert(server.slot, at)),
            Event::Logged { server, line, .. } => self.told(at, *server, line),
            _ => {}
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "runs last minutes, and wrong clocks are hours off")]
fn micros(micros: i64) -> f64 {
    micros as f64 / MICROS
}

fn seconds(span: Span) -> f64 {
    micros(i64::try_from(span.0).unwrap_or(i64::MAX))
}
