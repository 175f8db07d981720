//! The way between one server slot and one service. Frames overtake each other, as separate HTTP requests do.

use std::mem;

use dupeproof_core::Span;

use super::Frame;
use crate::request::Service;
use crate::rng::{Seed, Stream};
use crate::schedule::{Direction, Latency, Schedule, Slot};

/// All links.
pub(super) struct Links(Vec<Link>);

/// One link.
pub(super) struct Link {
    latency: Latency,
    draws: Stream,
    to_service: Way,
    from_service: Way,
}

/// One direction of a link.
#[derive(Default)]
struct Way {
    held: bool,
    waiting: Vec<Frame>,
}

impl Links {
    /// Two for each slot, the probe server's among them.
    pub(super) fn new(schedule: &Schedule) -> Links {
        let (seed, services) = (Seed(schedule.seed), &schedule.services);
        let slots = 0..=u32::try_from(schedule.servers.len()).expect("slots are numbered in 16 bits");
        let link = |latency, draws| Link { latency, draws, to_service: Way::default(), from_service: Way::default() };
        let pair = |slot| {
            [
                link(services.datastore_latency, seed.stream("datastore link", slot)),
                link(services.messaging_latency, seed.stream("messaging link", slot)),
            ]
        };
        Links(slots.flat_map(pair).collect())
    }

    /// The link between these two.
    pub(super) fn of(&mut self, slot: Slot, service: Service) -> &mut Link {
        let service = match service {
            Service::DataStore => 0,
            Service::Messaging => 1,
        };
        &mut self.0[usize::from(slot) * 2 + service]
    }
}

impl Link {
    /// A frame sets out: gives it back with its delay, or keeps it if its way is held.
    pub(super) fn enter(&mut self, frame: Frame) -> Option<(Span, Frame)> {
        let way = match frame {
            Frame::ToService(..) => &mut self.to_service,
            Frame::ToServer(..) => &mut self.from_service,
        };
        if way.held {
            way.waiting.push(frame);
            return None;
        }
        Some((self.draws.span(self.latency), frame))
    }

    /// Holds back what enters from now on; what is on its way arrives.
    pub(super) fn hold(&mut self, direction: Direction) {
        for way in self.ways(direction) {
            way.held = true;
        }
    }

    /// Lets through again; what was held is to enter anew, in order.
    pub(super) fn release(&mut self, direction: Direction) -> Vec<Frame> {
        let mut waiting = Vec::new();
        for way in self.ways(direction) {
            way.held = false;
            waiting.append(&mut mem::take(&mut way.waiting));
        }
        waiting
    }

    fn ways(&mut self, direction: Direction) -> impl Iterator<Item = &mut Way> {
        let to = (direction != Direction::FromService).then_some(&mut self.to_service);
        let from = (direction != Direction::ToService).then_some(&mut self.from_service);
        to.into_iter().chain(from)
    }
}
