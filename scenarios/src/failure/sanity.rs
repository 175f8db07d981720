//! Whether a schedule makes sense. Files come from anywhere: nothing in one may make a run panic, allocate without
//! measure, or go on for ever.

use std::ops::RangeInclusive;

use dupeproof_core::{Config, Span};
use dupeproof_sim::Subject;
use dupeproof_sim::id::{PlayerId, ServiceName, Slot};
use dupeproof_sim::schedule::{Action, PlayerPlan, Schedule, ServerPlan, Step};

use serde_json::Value as Json;

use crate::finding::Finding;
use crate::knob::Knob;

/// Server slots; stamps have room for more.
const SERVERS_MAX: usize = 1_000;
/// Players.
const PLAYERS_MAX: usize = 10_000;
/// Steps of a timeline.
const STEPS_MAX: usize = 100_000;
/// Lives of one slot; stamps have room for 256.
const RESTARTS_MAX: usize = 200;
/// Any span or moment.
const SPAN_MAX: Span = Span::secs(24 * 3_600);
/// What a wall clock is set by: about 30 years, in microseconds.
const STEP_MAX: u64 = 1_000_000_000_000_000;

/// What a lease can be.
const LEASES: RangeInclusive<Span> = Span::secs(1)..=Config::LEASE_MAX;

/// What is wrong with a schedule: the field, as a path in a failure file, and why.
type Wrong = String;

/// Says what is wrong with a schedule's constants for a subject, if anything.
///
/// # Errors
/// What is wrong, in words.
pub fn check_constants(schedule: &Schedule, subject: &dyn Subject) -> Result<(), Wrong> {
    schedule.constants.iter().try_for_each(|(name, value)| subject.check_constant(name, *value))
}

/// Says what is wrong with a schedule, if anything.
///
/// # Errors
/// What is wrong, in words.
pub fn check(schedule: &Schedule) -> Result<(), Wrong> {
    let Schedule { servers, players, timeline, length, .. } = schedule;
    within("schedule.servers", servers.len(), 1, SERVERS_MAX)?;
    within("schedule.players", players.len(), 0, PLAYERS_MAX)?;
    within("schedule.timeline", timeline.len(), 0, STEPS_MAX)?;
    span("schedule.length", *length)?;
    check_knobs(schedule)?;
    check_spans("schedule", &serde_json::to_value(schedule).map_err(|error| format!("schedule: {error}"))?)?;
    check_timeline(schedule)?;
    check_restarts(servers, timeline)
}

/// Everything that is a number, and of each span that is drawn its two bounds.
fn check_knobs(schedule: &Schedule) -> Result<(), Wrong> {
    for knob in Knob::all() {
        for place in 0..knob.places(schedule) {
            knob.check(knob.get(schedule, place)).map_err(|wrong| format!("{}: {wrong}", knob.path(place)))?;
        }
    }
    Knob::all().iter().try_for_each(|knob| match knob.partner() {
        Some(other) if knob.is_least() && knob.get(schedule, 0) > other.get(schedule, 0) => {
            let value = knob.get(schedule, 0);
            Err(format!("{}: {}: {value} is above {}", knob.path(0), knob.name, other.name))
        }
        _ => Ok(()),
    })
}

/// That no span is drawn from more to less, wherever in the schedule it stands: to the microsecond, which knobs are not.
fn check_spans(path: &str, json: &Json) -> Result<(), Wrong> {
    let bound = |name| json.get(name).and_then(Json::as_u64);
    if let (Some(min), Some(max)) = (bound("min"), bound("max"))
        && min > max
    {
        return Err(format!("{path}.min: {min} µs is above {path}.max, {max} µs"));
    }
    match json {
        Json::Object(fields) => {
            fields.iter().try_for_each(|(name, field)| check_spans(&format!("{path}.{name}"), field))
        }
        Json::Array(parts) => {
            parts.iter().enumerate().try_for_each(|(index, part)| check_spans(&format!("{path}[{index}]"), part))
        }
        _ => Ok(()),
    }
}

/// That a finding is about somebody who is in the schedule.
pub(super) fn check_finding(finding: &Finding, schedule: &Schedule) -> Result<(), Wrong> {
    let Some(player) = finding.player else { return Ok(()) };
    check_player(player, &schedule.players).map_err(|wrong| format!("finding.player: {wrong}"))
}

fn check_timeline(schedule: &Schedule) -> Result<(), Wrong> {
    let mut before = Span::ZERO;
    for (index, step) in schedule.timeline.iter().enumerate() {
        if step.at < before {
            return Err(format!("schedule.timeline[{index}].at: it is earlier than the step before it"));
        }
        if step.at > schedule.length {
            return Err(format!("schedule.timeline[{index}].at: it is later than the length of the schedule"));
        }
        before = step.at;
        check_action(step.action, &schedule.servers, &schedule.players)
            .map_err(|wrong| format!("schedule.timeline[{index}].action: {wrong}"))?;
    }
    Ok(())
}

fn check_action(mut action: Action, servers: &[ServerPlan], players: &[PlayerPlan]) -> Result<(), Wrong> {
    action.servers_mut().into_iter().flatten().try_for_each(|slot| check_slot(*slot, servers))?;
    let named = action.players_mut().map(|player| player.copied());
    named.into_iter().flatten().try_for_each(|player| check_player(player, players))?;
    if let [Some(one), Some(other)] = named
        && one == other
    {
        return Err(format!("player {} trades with themselves", one.0));
    }
    if let Some(long) = action.span_mut() {
        span("span", *long)?;
    }
    match action {
        Action::ClockStep { by, .. } if by.unsigned_abs() > STEP_MAX => {
            Err(format!("by: {by} µs is more than 30 years"))
        }
        Action::SetLease { lease, .. } if !LEASES.contains(&lease) => {
            Err(format!("lease: {} µs is not between 1 s and 10 min", lease.0))
        }
        Action::FailNext { service: ServiceName::Messaging, .. } => {
            Err("service: only requests to data_store and memory_store can be made to fail".into())
        }
        _ => Ok(()),
    }
}

fn check_slot(slot: Slot, servers: &[ServerPlan]) -> Result<(), Wrong> {
    if usize::from(slot) < servers.len() {
        return Ok(());
    }
    Err(format!("there is no server {slot}, only {}", servers.len()))
}

fn check_player(player: PlayerId, players: &[PlayerPlan]) -> Result<(), Wrong> {
    if usize::from(player.0) < players.len() {
        return Ok(());
    }
    Err(format!("there is no player {}, only {}", player.0, players.len()))
}

fn check_restarts(servers: &[ServerPlan], timeline: &[Step]) -> Result<(), Wrong> {
    let mut restarts = vec![0; servers.len()];
    for step in timeline {
        if let Action::Restart { server } = step.action {
            restarts[usize::from(server)] += 1;
        }
    }
    restarts.into_iter().enumerate().try_for_each(|(slot, restarts)| {
        within(&format!("schedule.timeline: restarts of server {slot}"), restarts, 0, RESTARTS_MAX)
    })
}

fn span(name: &str, span: Span) -> Result<(), Wrong> {
    if span > SPAN_MAX {
        return Err(format!("{name}: {} µs is more than a day", span.0));
    }
    Ok(())
}

fn within<T: PartialOrd + Copy + std::fmt::Display>(name: &str, value: T, min: T, max: T) -> Result<(), Wrong> {
    if value < min || value > max {
        return Err(format!("{name}: {value} is not between {min} and {max}"));
    }
    Ok(())
}
