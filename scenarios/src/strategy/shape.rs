//! What a family of schedules has in common.

use std::collections::BTreeMap;

use dupeproof_core::Span;

use super::feature_odds::FeatureOdds;
use super::setting::Setting;
use super::workload::Workload;
use crate::belief::Belief;
use crate::between::Between;

/// How the schedules of a family look.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// Who and where.
    pub topology: Topology,
    /// What they do.
    pub workload: Workload,
    /// Which faults.
    pub odds: FeatureOdds,
    /// Numbers of the world that are held or drawn, whatever the faults.
    pub settings: Vec<Setting>,
    /// The subject's constants that differ from its own.
    pub constants: BTreeMap<String, u64>,
    /// What is less real than this is left out.
    pub believe: Belief,
}

impl AsRef<Shape> for Shape {
    fn as_ref(&self) -> &Shape {
        self
    }
}

/// How many servers and players there are, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Topology {
    /// Server slots.
    pub servers: Between<u16>,
    /// Players.
    pub players: Between<u16>,
    /// Time until settling.
    pub length: Between<Span>,
    /// Times at which players come together; each draws its stays around them.
    pub gatherings: Between<u16>,
    /// Stays of one player in one gathering.
    pub stays: Between<u16>,
}

impl Default for Topology {
    /// Three to five servers, two to five players, and with settling about 15 simulated minutes.
    fn default() -> Topology {
        Topology {
            servers: Between { min: 3, max: 5 },
            players: Between { min: 2, max: 5 },
            length: Between { min: Span::secs(540), max: Span::secs(720) },
            gatherings: Between { min: 1, max: 2 },
            stays: Between { min: 1, max: 3 },
        }
    }
}
