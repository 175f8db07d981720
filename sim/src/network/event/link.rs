//! The way between one server slot and one service. Frames overtake each other, as separate HTTP requests do.

use std::mem;

use dupeproof_core::Span;

use super::frames::FrameNo;
use crate::id::{ServiceName, Slot};
use crate::network::services::row;
use crate::rng::{Seed, Stream};
use crate::schedule::{Direction, Latency, Schedule};

/// All links.
pub(super) struct Links(Vec<Link>);

/// One link.
pub(super) struct Link {
    latency: Latency,
    healthy: Latency,
    draws: Stream,
    /// What is held back on the ways to and from the service, in order; `None` where nothing is.
    held: [Option<Vec<FrameNo>>; 2],
}

/// One way over a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    ToService,
    FromService,
}

impl Way {
    /// The ways of a direction.
    pub(super) fn of(direction: Direction) -> &'static [Way] {
        match direction {
            Direction::ToService => &[Way::ToService],
            Direction::FromService => &[Way::FromService],
            Direction::Both => &[Way::ToService, Way::FromService],
        }
    }
}

impl Links {
    /// One for each slot and service, the fresh server's among them.
    pub(super) fn new(schedule: &Schedule) -> Links {
        let (seed, services) = (Seed(schedule.seed), &schedule.services);
        let slots = 0..=u32::try_from(schedule.servers.len()).expect("slots are numbered in 16 bits");
        let link = |service, slot| {
            let row = row(service);
            let (latency, healthy) = ((row.latency)(services), row.healthy_latency(services));
            Link { latency, healthy, draws: seed.stream(row.link_stream, slot), held: [None, None] }
        };
        let of_slot = |slot| ServiceName::ALL.map(|service| link(service, slot));
        Links(slots.flat_map(of_slot).collect())
    }

    /// What sets out from now on takes no longer than where the services are healthy; what is on its way arrives as it
    /// would have.
    pub(super) fn heal(&mut self) {
        for link in &mut self.0 {
            link.latency = link.healthy;
        }
    }

    /// The link between these two.
    pub(super) fn of(&mut self, slot: Slot, service: ServiceName) -> &mut Link {
        &mut self.0[usize::from(slot) * ServiceName::COUNT + service as usize]
    }
}

impl Link {
    /// A frame sets out: how long it takes, or `None` if it is held back.
    pub(super) fn enter(&mut self, way: Way, frame: FrameNo) -> Option<Span> {
        match &mut self.held[way as usize] {
            Some(held) => {
                held.push(frame);
                None
            }
            None => Some(self.draws.span(self.latency)),
        }
    }

    /// Holds back what sets out from now on; what is on its way arrives.
    pub(super) fn hold(&mut self, way: Way) {
        self.held[way as usize].get_or_insert_default();
    }

    /// Lets through again; what was held is to set out anew, in order.
    pub(super) fn release(&mut self, way: Way) -> Vec<FrameNo> {
        mem::take(&mut self.held[way as usize]).unwrap_or_default()
    }
}
