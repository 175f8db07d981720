//! What goes wrong on purpose, and when.

use dupeproof_core::Span;
use dupeproof_sim::rng::Seed;
use dupeproof_sim::schedule::{Schedule, ServerPlan, Step};

use super::features::Features;
use super::pattern::{self, Pattern};
use crate::fault::{Draw, Fault, FaultSet, RequestFaultPlan, Stream, Target, What};

/// Appends, in no order, the faults of a schedule whose timeline so far is what its players do.
pub(super) fn plan(
    draw: &mut Draw,
    features: &Features,
    request_faults: &RequestFaultPlan,
    (servers, length): (u16, Span),
    timeline: &mut Vec<Step>,
) {
    let mut steps: Vec<Step> = Vec::with_capacity(16);
    let target = Target { servers, length, players: timeline, faults: &features.faults };
    strike(Stream::Shared, draw, &target, &mut steps);
    request_faults.strike(draw, &target, &mut steps);
    if features.has(Pattern::SilentHolder) {
        pattern::silent_holder(draw, &target, &mut steps);
    }
    append(steps, length, timeline);
}

/// What happens to memory stores and the ways to them, around what else happens. Apart from the others: most subjects
/// do not use them.
pub(super) fn of_memory_stores(
    draw: &mut Draw,
    features: &Features,
    (servers, _, length): (u16, u16, Span),
    timeline: &mut Vec<Step>,
) {
    if !Fault::ALL.iter().any(|fault| fault.is_of_memory_stores() && features.has(*fault)) {
        return;
    }
    let mut steps = Vec::new();
    let target = Target { servers, length, players: timeline, faults: &features.faults };
    strike(Stream::MemoryStores, draw, &target, &mut steps);
    append(steps, length, timeline);
}

/// What has a stream of its own, around what else happens.
pub(super) fn apart(seed: Seed, features: &Features, (servers, _, length): (u16, u16, Span), timeline: &mut Vec<Step>) {
    let mut steps = Vec::new();
    let target = Target { servers, length, players: timeline, faults: &features.faults };
    for (fault, what) in Fault::draws(Stream::Own) {
        if let What::Steps(strike) = what
            && features.has(fault)
        {
            strike(&mut Draw::numbered(seed, fault.name(), 1), &target, &mut steps);
        }
    }
    append(steps, length, timeline);
}

/// The same for what holds throughout.
pub(super) fn settings_apart(seed: Seed, faults: &FaultSet, schedule: &mut Schedule) {
    for (fault, what) in Fault::draws(Stream::Own) {
        if let What::Setting(set) = what
            && faults.has(fault)
        {
            set(&mut Draw::numbered(seed, fault.name(), 2), schedule);
        }
    }
}

/// The plans of so many servers.
pub(super) fn server_plans(draw: &mut Draw, faults: &FaultSet, schedule: &mut Schedule) {
    settings(Stream::Servers, draw, faults, schedule);
    for server in &mut schedule.servers {
        plan_server(draw, faults, server);
    }
}

fn plan_server(draw: &mut Draw, faults: &FaultSet, server: &mut ServerPlan) {
    for (fault, what) in Fault::draws(Stream::Servers) {
        if let What::Plan(set) = what
            && faults.has(fault)
        {
            set(draw, server);
        }
    }
    server.timers_first = draw.percent(25);
}

/// What holds throughout a schedule, by one stream.
pub(super) fn settings(stream: Stream, draw: &mut Draw, faults: &FaultSet, schedule: &mut Schedule) {
    for (fault, what) in Fault::draws(stream) {
        if let What::Setting(set) = what
            && faults.has(fault)
        {
            set(draw, schedule);
        }
    }
}

fn strike(stream: Stream, draw: &mut Draw, target: &Target<'_>, steps: &mut Vec<Step>) {
    for (fault, what) in Fault::draws(stream) {
        if let What::Steps(strike) = what
            && target.faults.has(fault)
        {
            strike(draw, target, steps);
        }
    }
}

/// What would come after the end does not come.
fn append(mut steps: Vec<Step>, length: Span, timeline: &mut Vec<Step>) {
    steps.retain(|step| step.at <= length);
    timeline.append(&mut steps);
}
