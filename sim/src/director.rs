//! Turns a schedule into what the networks have to do, moment by moment: the timeline, the ends of what it began,
//! the 30 s kill, and the settling.
//!
//! Settling: at `length` everything heals, frozen servers thaw, crashed ones stay down. 30 s later every player
//! still somewhere leaves. After the contract's drain bound a fresh probe server (one slot past the schedule's)
//! starts and every player joins it; after the contract's start bound they leave, and after one more drain bound
//! the run ends.

use crate::clock::Global;
use crate::node::NodeInput;
use crate::request::Service;
use crate::schedule::{Direction, Fate, Leg, Schedule, Slot};
use crate::subject::Contract;
use crate::trace::{ServerId, Trace};

/// What a network is to do now.
#[derive(Clone, Debug, PartialEq)]
pub enum Cue {
    /// Start this life.
    Start(ServerId),
    /// Drop this life (crash, kill, or after it closed): its connections break, what it sent is on its way still.
    Stop(ServerId),
    /// Hand this to the server.
    Input(ServerId, NodeInput),
    /// Hold a slot's link back.
    Hold(Slot, Service, Direction),
    /// Let it through again, what was held first.
    Release(Slot, Service, Direction),
    /// A service begins or ceases to refuse.
    Outage(Service, bool),
    /// Arm a fate.
    Arm(Slot, Leg, Fate),
    /// All services and servers heal.
    Heal,
    /// The run is over.
    End,
}

/// Knows what comes next, which servers are up and frozen, and which player is where.
pub struct Director {}

impl Director {
    /// At time zero; the first cues start the servers.
    pub fn new(_schedule: &Schedule, _contract: &Contract) -> Director {
        unimplemented!()
    }

    /// When the next cue is due; `None` after [`Cue::End`].
    pub fn next_due(&self) -> Option<Global> {
        unimplemented!()
    }

    /// The next cue due at `at`, recorded in the trace.
    pub fn poll(&mut self, _at: Global, _trace: &mut Trace<'_>) -> Option<Cue> {
        unimplemented!()
    }

    /// A server's guest says it is done closing; its stop follows as a cue.
    pub fn closed(&mut self, _at: Global, _server: ServerId, _trace: &mut Trace<'_>) {
        unimplemented!()
    }
}
