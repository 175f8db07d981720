//! World files, as TOML.

use serde::Deserialize;

use super::name::{CounterName, FindingNames, OwnName};
use super::table::Table;
use crate::finding::FindingKind;
use crate::knob::Knob;
use crate::seen::Counter;
use crate::strategy::{Chance, Habit, Odds, Setting, Workload};

/// A world file as it is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WorldFile {
    name: OwnName,
    pub(crate) about: String,
    #[serde(default)]
    odds: Table<Chance>,
    #[serde(default)]
    knobs: Table<&'static Knob>,
    #[serde(default)]
    workload: Table<&'static Habit>,
    #[serde(default)]
    allows: Vec<FindingNames>,
    must_see: Vec<CounterName>,
    pub(crate) must_see_after: u64,
}

impl WorldFile {
    pub(crate) fn name(&self) -> String {
        self.name.0.clone()
    }

    pub(crate) fn allows(&self) -> Vec<FindingKind> {
        self.allows.iter().flat_map(|names| names.0.iter().copied()).collect()
    }

    pub(crate) fn must_see(&self) -> Vec<Counter> {
        self.must_see.iter().map(|name| name.0).collect()
    }

    /// Puts its odds, knobs and habits in force.
    pub(crate) fn apply(&self, odds: &mut Odds, settings: &mut Vec<Setting>, workload: &mut Workload) {
        self.odds.apply(odds);
        self.knobs.apply(settings);
        self.workload.apply(workload);
    }
}
