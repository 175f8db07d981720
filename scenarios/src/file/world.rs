//! World files, as TOML.

use dupeproof_sim::FindingKind;
use serde::Deserialize;

use super::name::{FindingNames, OwnName, ProbeName};
use super::table::Table;
use crate::coverage::Probe;
use crate::knob::Knob;
use crate::strategy::{Feature, FeatureOdds, Setting, Workload, WorkloadRate};

/// A world file as it is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WorldFile {
    name: OwnName,
    pub(crate) about: String,
    #[serde(default)]
    odds: Table<Feature>,
    #[serde(default)]
    knobs: Table<&'static Knob>,
    #[serde(default)]
    workload: Table<&'static WorkloadRate>,
    #[serde(default)]
    allows: Vec<FindingNames>,
    must_see: Vec<ProbeName>,
    pub(crate) must_see_after: u64,
}

impl WorldFile {
    pub(crate) fn name(&self) -> String {
        self.name.0.clone()
    }

    pub(crate) fn allows(&self) -> Vec<FindingKind> {
        self.allows.iter().flat_map(|names| names.0.iter().copied()).collect()
    }

    pub(crate) fn must_see(&self) -> Vec<Probe> {
        self.must_see.iter().map(|name| name.0).collect()
    }

    /// Puts its odds, knobs and workload in force.
    pub(crate) fn apply(&self, odds: &mut FeatureOdds, settings: &mut Vec<Setting>, workload: &mut Workload) {
        self.odds.apply(odds);
        self.knobs.apply(settings);
        self.workload.apply(workload);
    }
}
