//! Scenario files: a suite, as TOML.

use std::collections::BTreeMap;

use dupeproof_sim::network::Network;
use serde::Deserialize;
use toml::Spanned;

use super::field::Size;
use super::name::{BeliefName, FindingNames, OwnName, ProbeName};
use super::table::Table;
use crate::belief::Belief;
use crate::bound::Bound;
use crate::coverage::Probe;
use crate::knob::Knob;
use crate::strategy::{Feature, FeatureOdds, Setting, Topology, Workload, WorkloadRate};
use dupeproof_sim::FindingKind;

/// A scenario file as it is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScenarioFile {
    name: OwnName,
    pub(crate) about: String,
    pub(crate) subject: Option<Spanned<String>>,
    pub(crate) world: Option<Spanned<String>>,
    pub(crate) network: Option<Network>,
    pub(crate) topology: Option<Spanned<Table<Size>>>,
    #[serde(default)]
    workload: Table<&'static WorkloadRate>,
    #[serde(default)]
    odds: Table<Feature>,
    #[serde(default)]
    knobs: Table<&'static Knob>,
    #[serde(default)]
    pub(crate) bounds: Table<&'static Bound>,
    #[serde(default)]
    pub(crate) constants: BTreeMap<String, Spanned<u64>>,
    believe: Option<BeliefName>,
    must_see: Option<Vec<ProbeName>>,
    pub(crate) must_see_after: Option<Spanned<u64>>,
    #[serde(default)]
    never: Vec<FindingNames>,
    #[serde(default)]
    allows: Vec<FindingNames>,
    pub(crate) twin: Option<Spanned<String>>,
}

/// What a scenario file may hold: name and one line. `name` and `about` must be there.
pub fn scenario_fields() -> impl Iterator<Item = (&'static str, &'static str)> {
    FIELDS.into_iter()
}

const FIELDS: [(&str, &str); 17] = [
    ("name", "its name in output: lower-case letters, digits and underscores (required)"),
    ("about", "one line for people (required)"),
    ("subject", "a subject, if it is made for one"),
    ("world", "a world that it is based on; the rest of the file overrides it (default calm)"),
    ("network", "event or turmoil"),
    ("believe", "what is drawn, and can break a promise: documented, reported, inferred or all (default all)"),
    ("must_see", "probes that must be seen before a subject is called safe (default: those of the world)"),
    ("must_see_after", "how many schedules are enough to see them all"),
    ("never", "findings that break a promise of this suite, whatever the subject promises; `all` is every kind"),
    ("allows", "findings that break no promise of this suite, unless `never` names them"),
    ("twin", "a suite that is run over the same cases and shown beside this one"),
    ("[topology]", "how many servers and players there are, and for how long"),
    ("[workload]", "what players, games and admins do"),
    ("[odds]", "in how many percent of the schedules a fault or a pattern exists"),
    ("[knobs]", "how services, clocks and servers behave"),
    ("[constants]", "constants of the subject"),
    ("[bounds]", "what is measured may be at most this; more breaks a promise of this suite"),
];

impl ScenarioFile {
    pub(crate) fn name(&self) -> String {
        self.name.0.clone()
    }

    /// What must be so real to be drawn, and to break a promise.
    pub(crate) fn believe(&self) -> Belief {
        self.believe.as_ref().map_or(Belief::All, |name| name.0)
    }

    pub(crate) fn must_see(&self) -> Option<Vec<Probe>> {
        self.must_see.as_ref().map(|names| names.iter().map(|name| name.0).collect())
    }

    pub(crate) fn never(&self) -> impl Iterator<Item = FindingKind> {
        self.never.iter().flat_map(|names| names.0.iter().copied())
    }

    pub(crate) fn allows(&self) -> impl Iterator<Item = FindingKind> {
        self.allows.iter().flat_map(|names| names.0.iter().copied())
    }

    /// The subject's constants that differ from its own.
    pub(crate) fn constants(&self) -> BTreeMap<String, u64> {
        self.constants.iter().map(|(name, value)| (name.clone(), *value.get_ref())).collect()
    }

    /// How many servers and players there are, and for how long.
    pub(crate) fn topology(&self) -> Topology {
        let mut topology = Topology::default();
        if let Some(table) = &self.topology {
            table.get_ref().apply(&mut topology);
        }
        topology
    }

    /// Puts its odds, knobs and workload in force, on top of those of its world.
    pub(crate) fn apply(&self, odds: &mut FeatureOdds, settings: &mut Vec<Setting>, workload: &mut Workload) {
        self.odds.apply(odds);
        self.knobs.apply(settings);
        self.workload.apply(workload);
    }

    /// The same players, doing the same, without anything that is said of a world.
    #[must_use]
    pub(crate) fn without_world(&self) -> ScenarioFile {
        ScenarioFile {
            world: None,
            odds: Table::default(),
            knobs: Table::default(),
            must_see: None,
            must_see_after: None,
            ..self.clone()
        }
    }
}
