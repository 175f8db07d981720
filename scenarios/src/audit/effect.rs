//! How large the effect of a kind of fault is.

use std::collections::BTreeMap;

use dupeproof_core::Span;
use dupeproof_sim::network::Network;
use dupeproof_sim::{Observer, Schedule, Subject};
use rayon::prelude::*;

use super::gauge::{Gauge, Readings};
use super::meter::Meter;
use super::metronome::Metronome;
use crate::belief::Belief;
use crate::between::Between;
use crate::fault::Fault;
use crate::knob::Knob;
use crate::strategy::{self, FeatureOdds, Setting, Shape, Topology, Values, Workload};

/// Schedules in which one kind of fault exists and nothing else goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trial {
    /// The kind.
    pub fault: Fault,
    /// The root seed.
    pub seed: u64,
    /// How many schedules.
    pub schedules: u64,
}

/// A schedule with the fault, and the same without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// With the fault.
    pub with: Schedule,
    /// Without it.
    pub without: Schedule,
}

/// What a kind of fault does, on every gauge.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect {
    /// The kind.
    pub fault: Fault,
    /// In how many schedules it was measured.
    pub schedules: u64,
    sizes: [Size; Gauge::COUNT],
}

/// By how much a fault moves a gauge: with it less without it, in one schedule.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Size {
    /// On average.
    pub mean: f64,
    /// The standard deviation between schedules.
    pub deviation: f64,
}

/// Carries out a run, for somebody who listens.
pub type Run<'a> = &'a (dyn Fn(&Schedule, &mut dyn Observer) + Sync);

/// What has no effect alone has one beside another fault: what exists together with it in its trials.
fn beside(fault: Fault) -> Option<Fault> {
    let needs = |name| Some(Fault::named(name));
    match fault.name() {
        "close_spread" | "unannounced_close" => needs("close"),
        "move_spread" => needs("move"),
        "unordered_queues" => needs("server_limits"),
        _ => None,
    }
}

/// The knobs that are turned in its trials, so that it has an effect on two servers that ask for little.
fn knobs(fault: Fault) -> &'static [(&'static str, i64)] {
    match fault.name() {
        // Just enough for what they ask: about 27 of the 30 requests a minute of each type.
        "experience_load" => &[("experience_limit_percent", 10)],
        // So that something is on its way.
        "disconnect" => &[
            ("datastore_latency_min_ms", 1_000),
            ("datastore_latency_max_ms", 1_000),
            ("messaging_latency_min_ms", 1_000),
            ("messaging_latency_max_ms", 1_000),
        ],
        _ => &[],
    }
}

fn held((name, value): &(&str, i64)) -> Setting {
    let knob = Knob::named(name).expect("it is in the table");
    Setting { knob, values: Values::OneOf(vec![*value]) }
}

/// Two servers and three players, of whom some buy something, for so long that most of what lasts a while also ends.
fn shape(fault: Fault) -> Shape {
    let mut odds = FeatureOdds::NONE;
    odds.set(fault, 100);
    if let Some(other) = beside(fault) {
        odds.set(other, 100);
    }
    let exactly = |number| Between { min: number, max: number };
    Shape {
        topology: Topology {
            servers: exactly(2),
            players: exactly(3),
            length: Between { min: Span::secs(180), max: Span::secs(240) },
            gatherings: exactly(1),
            ..Topology::default()
        },
        workload: Workload { swaps: 0, purchases: 100, ..Workload::default() },
        odds,
        settings: knobs(fault).iter().map(held).collect(),
        constants: BTreeMap::new(),
        believe: Belief::All,
    }
}

impl Trial {
    /// The schedules, each with its twin without the fault. One in which the fault does not come about is not among them.
    pub fn pairs(&self) -> Vec<Pair> {
        let shape = shape(self.fault);
        let pair = |case| {
            let with = shape.draw(Metronome.name(), &mut strategy::rng(self.seed, case));
            let without = self.fault.without(&with)?;
            Some(Pair { with, without })
        };
        (0..self.schedules).filter_map(pair).collect()
    }

    /// The effect on a network.
    pub fn effect(&self, network: Network) -> Effect {
        Effect::of(self.fault, &self.pairs(), &|schedule, observer| {
            network.run(schedule, &Metronome, observer);
        })
    }
}

impl Effect {
    /// The effect of a fault in these schedules.
    pub fn of(fault: Fault, pairs: &[Pair], run: Run<'_>) -> Effect {
        let read = |schedule: &Schedule| {
            let mut meter = Meter::new(fault, schedule);
            run(schedule, &mut meter);
            meter.readings()
        };
        let readings: Vec<[Readings; 2]> =
            pairs.par_iter().map(|pair| [read(&pair.with), read(&pair.without)]).collect();
        let mut sizes = [Size::default(); Gauge::COUNT];
        for gauge in Gauge::ALL {
            let differences = readings.iter().map(|[with, without]| with.of(*gauge) - without.of(*gauge));
            sizes[*gauge as usize] = Size::of(&differences.collect::<Vec<_>>());
        }
        Effect { fault, schedules: pairs.len() as u64, sizes }
    }

    /// Its size on one gauge.
    pub fn on(&self, gauge: Gauge) -> Size {
        self.sizes[gauge as usize]
    }
}

impl Size {
    fn of(values: &[f64]) -> Size {
        let count = precise(values.len() as u64).max(1.0);
        let mean = values.iter().sum::<f64>() / count;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        Size { mean, deviation: (squares / (count - 1.0).max(1.0)).sqrt() }
    }
}

/// A number of schedules.
#[expect(clippy::cast_precision_loss, reason = "nobody runs 2^52 schedules")]
pub(super) fn precise(schedules: u64) -> f64 {
    schedules as f64
}
