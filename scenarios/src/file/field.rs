//! What the tables of worlds and scenario files may hold.

use dupeproof_core::Span;

use super::table::{Field, Raw, Table};
use crate::bound::{ALLOWED_MAX, Bound};
use crate::knob::{Knob, Unit};
use crate::strategy::{Between, Feature, FeatureOdds, Setting, Topology, Values, Workload, WorkloadRate};
use crate::suggest;

/// `[odds]`.
impl Field for Feature {
    type Value = u8;

    fn find(name: &str) -> Result<Feature, String> {
        Feature::find(name)
    }

    fn read(self, raw: Raw) -> Result<u8, String> {
        percent(raw, self.name())
    }
}

/// `[workload]`.
impl Field for &'static WorkloadRate {
    type Value = u8;

    fn find(name: &str) -> Result<&'static WorkloadRate, String> {
        WorkloadRate::find(name)
    }

    fn read(self, raw: Raw) -> Result<u8, String> {
        percent(raw, self.name)
    }
}

/// `[bounds]`.
impl Field for &'static Bound {
    type Value = u64;

    fn find(name: &str) -> Result<&'static Bound, String> {
        Bound::find(name)
    }

    fn read(self, raw: Raw) -> Result<u64, String> {
        raw.number(self.name, 0, ALLOWED_MAX).map(i64::unsigned_abs)
    }
}

fn percent(raw: Raw, name: &str) -> Result<u8, String> {
    let percent = raw.number(name, 0, 100)?;
    Ok(u8::try_from(percent).expect("a hundred at most"))
}

/// `[knobs]`.
impl Field for &'static Knob {
    type Value = Values;

    fn find(name: &str) -> Result<&'static Knob, String> {
        Knob::find(name)
    }

    fn read(self, raw: Raw) -> Result<Values, String> {
        let choices = self.unit.choices();
        match raw {
            Raw::Names(names) if matches!(self.unit, Unit::Choice(_)) => {
                let place = |name: &String| {
                    let place = choices.iter().position(|choice| choice == name);
                    let place = place.ok_or_else(|| suggest::unknown(self.name, name, choices.iter().copied()))?;
                    Ok(i64::try_from(place).expect("choices are few"))
                };
                names.iter().map(place).collect::<Result<_, String>>().map(Values::OneOf)
            }
            _ if matches!(self.unit, Unit::Choice(_)) => {
                Err(format!("{}: give one or a list of {}", self.name, suggest::quoted(choices)))
            }
            raw => {
                let (min, max) = raw.bounds(self.name)?;
                self.check(min)?;
                self.check(max)?;
                Ok(Values::Between(min, max))
            }
        }
    }
}

/// A number of `[topology]`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Size {
    Servers,
    Players,
    Length,
    Gatherings,
    Stays,
}

impl Size {
    const ALL: [Size; 5] = [Size::Servers, Size::Players, Size::Length, Size::Gatherings, Size::Stays];

    fn name(self) -> &'static str {
        match self {
            Size::Servers => "servers",
            Size::Players => "players",
            Size::Length => "length_s",
            Size::Gatherings => "gatherings",
            Size::Stays => "stays",
        }
    }

    fn about(self) -> &'static str {
        match self {
            Size::Servers => "server slots",
            Size::Players => "players",
            Size::Length => "seconds until all faults end and the settling begins",
            Size::Gatherings => "times at which players come together",
            Size::Stays => "stays of one player in one gathering",
        }
    }

    fn most(self) -> i64 {
        match self {
            Size::Servers => 200,
            Size::Players => 2_000,
            Size::Length => 43_200,
            Size::Gatherings | Size::Stays => 50,
        }
    }
}

/// What `[topology]` may hold: name, one line, and the most it may be. The least is one.
pub fn topology() -> impl Iterator<Item = (&'static str, &'static str, i64)> {
    Size::ALL.into_iter().map(|size| (size.name(), size.about(), size.most()))
}

/// `[topology]`.
impl Field for Size {
    type Value = (u16, u16);

    fn find(name: &str) -> Result<Size, String> {
        let found = Size::ALL.into_iter().find(|size| size.name() == name);
        found.ok_or_else(|| suggest::unknown("part of the topology", name, Size::ALL.map(Size::name)))
    }

    fn read(self, raw: Raw) -> Result<(u16, u16), String> {
        let (min, max) = raw.bounds(self.name())?;
        for bound in [min, max] {
            Raw::Number(bound).number(self.name(), 1, self.most())?;
        }
        let small = |bound| u16::try_from(bound).expect("12 hours of seconds at most");
        Ok((small(min), small(max)))
    }
}

impl Table<Feature> {
    pub(super) fn apply(&self, odds: &mut FeatureOdds) {
        self.0.iter().for_each(|(feature, percent)| odds.set(*feature, *percent));
    }
}

impl Table<&'static WorkloadRate> {
    pub(super) fn apply(&self, workload: &mut Workload) {
        self.0.iter().for_each(|(rate, percent)| rate.set(workload, *percent));
    }
}

impl Table<&'static Knob> {
    /// Of two values for one knob, the later one holds.
    pub(super) fn apply(&self, settings: &mut Vec<Setting>) {
        for (knob, values) in &self.0 {
            settings.retain(|setting| setting.knob.name != knob.name);
            settings.push(Setting { knob, values: values.clone() });
        }
    }
}

impl Table<Size> {
    pub(super) fn apply(&self, topology: &mut Topology) {
        for (size, (min, max)) in &self.0 {
            let between = Between { min: *min, max: *max };
            match size {
                Size::Servers => topology.servers = between,
                Size::Players => topology.players = between,
                Size::Gatherings => topology.gatherings = between,
                Size::Stays => topology.stays = between,
                Size::Length => {
                    let [min, max] = [*min, *max].map(|seconds| Span::secs(u64::from(seconds)));
                    topology.length = Between { min, max };
                }
            }
        }
    }
}
