//! How often interesting things happened: a green run that exercised nothing is red.

mod coverage_observer;
mod probe;

use std::collections::BTreeMap;

use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, SerializeMap, Serializer};

pub use coverage_observer::CoverageObserver;
pub use probe::{EVERYBODY, Milestone, Probe};

/// Counters of interesting events, in a fixed order. Serialises as a map by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage([u64; Probe::COUNT]);

impl Default for Coverage {
    fn default() -> Coverage {
        Coverage([0; Probe::COUNT])
    }
}

impl Coverage {
    /// How often this happened.
    pub fn of(&self, probe: impl Into<Probe>) -> u64 {
        self.0[probe.into().place()]
    }

    /// How often something happened, by its name; zero for a name that is no counter's.
    pub fn named(&self, name: &str) -> u64 {
        self.iter().find(|(other, _)| *other == name).map_or(0, |(_, count)| count)
    }

    /// All, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        Probe::ALL.iter().map(|&probe| (probe.name(), self.of(probe)))
    }

    /// Counts one more.
    pub fn count(&mut self, probe: impl Into<Probe>) {
        self.count_many(probe, 1);
    }

    /// Counts so many more.
    pub fn count_many(&mut self, probe: impl Into<Probe>, more: u64) {
        self.0[probe.into().place()] += more;
    }

    /// Adds another run's counts.
    pub fn add(&mut self, other: &Coverage) {
        for (count, more) in self.0.iter_mut().zip(other.0) {
            *count += more;
        }
    }
}

impl Serialize for Coverage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(Probe::COUNT))?;
        for (name, count) in self.iter() {
            map.serialize_entry(name, &count)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Coverage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Coverage, D::Error> {
        let mut coverage = Coverage::default();
        for (name, count) in BTreeMap::<String, u64>::deserialize(deserializer)? {
            let probe = Probe::named(&name).ok_or_else(|| D::Error::custom(format!("there is no probe `{name}`")))?;
            coverage.count_many(probe, count);
        }
        Ok(coverage)
    }
}
