//! Which fault each request to a service that stores values meets: one that the schedule asks for, or one that is drawn.

use std::collections::VecDeque;

use dupeproof_core::Span;

use crate::id::Slot;
use crate::rng::{RequestDraw, Seed, Stream};
use crate::schedule::{Latency, RequestClass, RequestFault, RequestFaultRates, Schedule};

/// The faults of one service.
pub(crate) struct RequestFaults {
    seed: Seed,
    /// The name of the draws.
    stream: &'static str,
    faults: RequestFaultRates,
    lateness: Latency,
    /// Whether a draw can decide anything.
    drawn: bool,
    /// By slot; made when needed.
    draws: Vec<Option<Stream>>,
    /// Asked for by the schedule; of those that fit a request, the first is met.
    asked_for: VecDeque<(Slot, RequestClass, RequestFault)>,
}

impl RequestFaults {
    /// Those of one service, with draws of its own.
    pub(crate) fn new(schedule: &Schedule, faults: RequestFaultRates, stream: &'static str) -> RequestFaults {
        let lateness = schedule.services.lateness;
        let all = RequestFault::all(Span::ZERO);
        let drawn = RequestClass::ALL.iter().any(|class| all.iter().any(|fault| faults.of(*class).of(*fault) != 0));
        // One more for the fresh server.
        let draws = vec![None; if drawn { schedule.servers.len() + 1 } else { 0 }];
        RequestFaults { seed: Seed(schedule.seed), stream, faults, lateness, drawn, draws, asked_for: VecDeque::new() }
    }

    /// The next request of this class from this slot meets this fault.
    pub(crate) fn fail_next(&mut self, slot: Slot, class: RequestClass, fault: RequestFault) {
        self.asked_for.push_back((slot, class, fault));
    }

    /// No faults from here on.
    pub(crate) fn heal(&mut self) {
        self.drawn = false;
        self.asked_for.clear();
    }

    /// What the next request meets; `None`: no fault.
    pub(crate) fn next(&mut self, slot: Slot, class: RequestClass) -> Option<RequestFault> {
        // One draw for each request, needed or not, so that a fault that the schedule asks for does not move those of later requests.
        let draw = if self.drawn { self.draw(slot) } else { None };
        let asked_for = self.asked_for.iter().position(|(other, waits, _)| (*other, *waits) == (slot, class));
        match asked_for {
            Some(place) => self.asked_for.remove(place).map(|(_, _, fault)| fault),
            None => self.drawn_fault(class, draw?),
        }
    }

    fn draw(&mut self, slot: Slot) -> Option<RequestDraw> {
        let (seed, name) = (self.seed, self.stream);
        let stream = self.draws.get_mut(usize::from(slot))?;
        Some(stream.get_or_insert_with(|| seed.stream(name, u32::from(slot))).draw())
    }

    fn drawn_fault(&self, class: RequestClass, draw: RequestDraw) -> Option<RequestFault> {
        let span = draw.span(self.lateness);
        let mut point = draw.millionth();
        let rates = self.faults.of(class);
        for fault in RequestFault::all(span) {
            match point.checked_sub(rates.of(fault)) {
                Some(rest) => point = rest,
                None => return Some(fault),
            }
        }
        None
    }
}
