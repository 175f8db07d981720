//! The effects that were recorded, in `scenarios/effects.toml`, and how far from them others may be.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::RangeInclusive;
use std::sync::LazyLock;

use dupeproof_sim::network::Network;
use serde::Deserialize;

use super::effect::{Effect, Size, Trial, precise};
use super::gauge::Gauge;
use crate::fault::Fault;

/// The effect of each kind of fault on the event network, as it was when the file was written.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The root seed of the schedules.
    pub seed: u64,
    /// How many schedules of each kind.
    pub schedules: u64,
    /// By fault.
    #[serde(default)]
    effects: BTreeMap<String, Recorded>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Recorded {
    /// In how many of the schedules the fault came about.
    came_about: u64,
    /// By gauge: the mean and the standard deviation.
    #[serde(flatten)]
    sizes: BTreeMap<String, [f64; 2]>,
}

/// A fault's effect beside the recorded one.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// As it is now.
    pub effect: Effect,
    /// Where it differs.
    pub strays: Vec<Stray>,
}

/// An effect that is not as large as was recorded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stray {
    /// What differs.
    pub gauge: Gauge,
    /// What was recorded; zero: the fault did not move it clearly.
    pub recorded: f64,
    /// What it is now.
    pub now: f64,
}

static RECORD: LazyLock<Record> = LazyLock::new(|| {
    toml::from_str(include_str!("../../effects.toml")).unwrap_or_else(|error| panic!("effects.toml: {error}"))
});

/// What is so many standard errors from zero is recorded.
const CLEAR: f64 = 4.0;
/// How many standard errors the same sample of another build may be from what was recorded before it differs. The same
/// build gives the same numbers.
const SAME_SAMPLE: f64 = 2.0;
/// The same for another sample. With a normal distribution, one comparison in 150,000 is farther off, and an audit makes
/// some 300.
const OTHER_SAMPLE: f64 = 4.5;

/// An effect is as recorded if it is so many times as large, or if chance explains the difference.
const AS_RECORDED: RangeInclusive<f64> = 0.75..=4.0 / 3.0;
/// Nobody notices less than a thousandth of what a gauge counts.
const NOTICEABLE: f64 = 0.001;

impl Record {
    /// With fewer schedules of a kind, chance explains nearly any difference.
    pub const ENOUGH: u64 = 20;

    /// The one that this build was made with.
    pub fn built_in() -> &'static Record {
        &RECORD
    }

    /// A kind of fault's trial, as it was when this was recorded.
    pub fn trial(&self, fault: Fault) -> Trial {
        Trial { fault, seed: self.seed, schedules: self.schedules }
    }

    /// Whether there is an effect of this kind of fault.
    pub fn knows(&self, fault: Fault) -> bool {
        self.effects.contains_key(fault.name())
    }

    /// The names of the faults and gauges that it is about.
    pub fn names(&self) -> impl Iterator<Item = (&str, impl Iterator<Item = &str>)> {
        self.effects.iter().map(|(fault, recorded)| (fault.as_str(), recorded.sizes.keys().map(String::as_str)))
    }

    /// What is clearest of a fault's recorded effect, beside how often it showed.
    pub fn main(&self, fault: Fault) -> Option<Gauge> {
        let sizes = self.effects.get(fault.name())?.sizes.iter().filter(|(name, _)| *name != Gauge::Strikes.name());
        let clearness = |[mean, deviation]: &[f64; 2]| mean.abs() / deviation.max(mean.abs() / 100.0);
        let clearest = sizes.max_by(|(_, one), (_, other)| clearness(one).total_cmp(&clearness(other)));
        clearest.and_then(|(name, _)| Gauge::named(name))
    }

    /// The recorded size of a fault's effect on a gauge; `None` if it does not move it clearly.
    pub fn size(&self, fault: Fault, gauge: Gauge) -> Option<Size> {
        let [mean, deviation] = *self.effects.get(fault.name())?.sizes.get(gauge.name())?;
        Some(Size { mean, deviation })
    }

    /// Carries out a trial and compares its effect with the recorded one.
    pub fn compare(&self, trial: &Trial, network: Network) -> Compared {
        let effect = trial.effect(network);
        let same_sample = *trial == self.trial(trial.fault) && network == Network::Event;
        Compared { strays: self.strays(&effect, same_sample), effect }
    }

    /// Where an effect differs from the recorded one: less than three quarters of it or more than four thirds, and farther
    /// from it than chance explains. `same_sample`: it was measured in the same schedules on the same network.
    pub fn strays(&self, effect: &Effect, same_sample: bool) -> Vec<Stray> {
        let came_about = self.effects.get(effect.fault.name()).map_or(self.schedules, |recorded| recorded.came_about);
        let counts = (came_about, effect.schedules);
        let stray = |gauge: &Gauge| {
            let (now, recorded) = (effect.on(*gauge), self.size(effect.fault, *gauge));
            let strays = match recorded {
                Some(recorded) => differs(recorded, now, counts, same_sample),
                None => is_new(now, counts),
            };
            strays.then(|| Stray { gauge: *gauge, recorded: recorded.map_or(0.0, |size| size.mean), now: now.mean })
        };
        Gauge::ALL.iter().filter_map(stray).collect()
    }
}

fn differs(recorded: Size, now: Size, (then, here): (u64, u64), same_sample: bool) -> bool {
    let ratio = now.mean / recorded.mean;
    let deviation = recorded.deviation.max(now.deviation);
    let [then, here] = [then, here].map(|schedules| 1.0 / precise(schedules.max(1)));
    let chance = if same_sample {
        SAME_SAMPLE * deviation * here.sqrt()
    } else {
        OTHER_SAMPLE * deviation * (here + then).sqrt()
    };
    !AS_RECORDED.contains(&ratio) && (now.mean - recorded.mean).abs() > chance
}

/// Whether an effect that was not recorded cannot have been there when the others were.
fn is_new(now: Size, (then, here): (u64, u64)) -> bool {
    let [then, here] = [then, here].map(|schedules| precise(schedules.max(1)).sqrt());
    now.mean.abs() > (now.deviation * (CLEAR / then + OTHER_SAMPLE / here)).max(NOTICEABLE)
}

/// The file, written anew.
pub fn to_toml(seed: u64, schedules: u64, effects: &[Effect]) -> String {
    let mut text = HEAD.to_owned();
    for gauge in Gauge::ALL {
        text += &format!("#   {:<16} {}\n", gauge.name(), gauge.about());
    }
    text += &format!("\nseed = {seed}\nschedules = {schedules}\n");
    for effect in effects {
        let _ = write!(text, "\n# {}\n[effects.{}]\n", effect.fault.about(), effect.fault.name());
        let _ = writeln!(text, "came_about = {}", effect.schedules);
        let clear = CLEAR / precise(effect.schedules).sqrt();
        for gauge in Gauge::ALL {
            let Size { mean, deviation } = effect.on(*gauge);
            if mean.abs() > (clear * deviation).max(NOTICEABLE) {
                let _ = writeln!(text, "{} = [{}, {}]", gauge.name(), digits(mean), digits(deviation));
            }
        }
    }
    text
}

const HEAD: &str = "\
# How large the effect of each kind of fault is: what `dupeproof audit` compares with. In so many schedules one kind of
# fault exists and nothing else goes wrong; those in which it came about are run with and without it. Each line is a gauge:
# how much more it shows with the fault, on average, and the standard deviation between schedules. What is less than four
# standard errors from zero is left out. Write it again: UPDATE=1 cargo test -p dupeproof-scenarios --test it effects
#
";

/// Four significant digits, which TOML reads as a float.
fn digits(number: f64) -> String {
    let rounded: f64 = format!("{number:.3e}").parse().unwrap_or(number);
    format!("{rounded:?}")
}
