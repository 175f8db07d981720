//! Servers whose leases differ, and change while they run.

use dupeproof_core::Span;
use dupeproof_sim::id::Slot;
use dupeproof_sim::rng::Seed;
use dupeproof_sim::schedule::{Action, ServerPlan, Step};

use crate::between::Between;
use crate::fault::Draw;

/// A much longer lease would take most of a schedule to wait out; the script `long_lease` proves the longest.
const SECONDS: Between<u16> = Between { min: 20, max: 100 };

/// The leases of one schedule: what each server begins with, and what becomes of it.
pub(super) struct Leases(Draw);

impl Leases {
    /// In so many schedules of a hundred.
    pub(super) fn of(seed: Seed, percent: u8) -> Option<Leases> {
        let mut draw = Draw::new(seed, "leases");
        draw.percent(percent).then_some(Leases(draw))
    }

    /// Appends, in no order, the changes that servers make.
    pub(super) fn change(&mut self, servers: u16, length: Span, timeline: &mut Vec<Step>) {
        for server in 0..servers {
            for _ in 0..self.0.below(3) {
                timeline.push(self.step(server, length));
            }
        }
    }

    fn step(&mut self, server: Slot, length: Span) -> Step {
        let at = self.0.span(Between { min: Span::ZERO, max: length });
        Step { at, action: Action::SetLease { server, lease: self.lease() } }
    }

    /// Gives most servers a lease of their own.
    pub(super) fn give(&mut self, servers: &mut [ServerPlan]) {
        for server in servers {
            if self.0.percent(75) {
                server.lease = self.lease();
            }
        }
    }

    fn lease(&mut self) -> Span {
        Span::secs(SECONDS.draw(&mut self.0).into())
    }
}
