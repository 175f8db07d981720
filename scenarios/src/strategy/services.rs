//! How the services behave throughout a schedule, and how servers close and receipts come.

use dupeproof_core::Span;
use dupeproof_sim::rng::Seed;
use dupeproof_sim::schedule::{Latency, Schedule};

use super::faults::settings;
use crate::fault::{Draw, FaultSet, RequestFaultPlan, Stream};

/// Draws what holds throughout a schedule.
pub(super) fn plan(seed: Seed, faults: &FaultSet, request_faults: &RequestFaultPlan, schedule: &mut Schedule) {
    let mut draw = Draw::new(seed, "services");
    settings(Stream::First, &mut draw, faults, schedule);
    schedule.services.faults = request_faults.steady(&mut draw);
    schedule.services.lateness = lateness(&mut draw);
    settings(Stream::Shared, &mut draw, faults, schedule);
    settings(Stream::MemoryStores, &mut Draw::new(seed, "memory store"), faults, schedule);
}

fn lateness(draw: &mut Draw) -> Latency {
    let max = draw.pick(&[Span::secs(5), Span::secs(30), Span::secs(120)]);
    Latency { min: Span::secs(1), max }
}
