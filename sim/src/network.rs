//! What carries a run: the same nodes and services over two networks.

pub mod event;
mod services;
pub mod turmoil;

use serde::{Deserialize, Serialize};

use crate::clock::Global;
use crate::schedule::Schedule;
use crate::subject::Subject;
use crate::trace::{Digest, Observer};

/// Which network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    /// A discrete-event loop: searches.
    #[default]
    Event,
    /// turmoil hosts and sockets: confirms.
    Turmoil,
}

/// What a run leaves, beside what its observer saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunEnd {
    /// The run's fingerprint.
    pub digest: Digest,
    /// Events in the trace.
    pub events: u64,
    /// The simulated time at the end.
    pub at: Global,
}

impl Network {
    /// Runs a schedule to its end.
    pub fn run(self, schedule: &Schedule, subject: &dyn Subject, observer: &mut dyn Observer) -> RunEnd {
        match self {
            Network::Event => event::run(schedule, subject, observer),
            Network::Turmoil => turmoil::run(schedule, subject, observer),
        }
    }
}
