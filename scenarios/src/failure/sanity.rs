//! Whether a schedule makes sense. Files come from anywhere: nothing in one may make a run panic, allocate without
//! measure, or go on for ever.

use dupeproof_core::Span;
use dupeproof_sim::guest::{Command, PlayerId};
use dupeproof_sim::schedule::{Action, Fate, Latency, PlayerPlan, Schedule, ServerPlan, ServiceProfile, Slot, Step};

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
/// A request's time limit.
const TIMEOUT_MIN: Span = Span::millis(10);
/// A clock's rate error, in parts per million.
const RATE_PPM_MAX: i32 = 500_000;
/// A wall clock's error: about 30 years, in microseconds.
const OFFSET_MAX: u64 = 1_000_000_000_000_000;
/// Requests a minute, in the bucket, or in the queue.
const REQUESTS_MAX: u32 = 100_000;

/// What is wrong with a schedule, in words.
type Wrong = String;

/// Says what is wrong with a schedule, if anything.
pub fn check(schedule: &Schedule) -> Result<(), Wrong> {
    let Schedule { servers, players, services, timeline, length, .. } = schedule;
    within("servers", servers.len(), 1, SERVERS_MAX)?;
    within("players", players.len(), 0, PLAYERS_MAX)?;
    within("steps in the timeline", timeline.len(), 0, STEPS_MAX)?;
    span("length", *length)?;
    servers.iter().enumerate().try_for_each(|(slot, server)| check_server(slot, server))?;
    check_services(services)?;
    check_timeline(schedule)?;
    check_restarts(servers, timeline)
}

fn check_server(slot: usize, server: &ServerPlan) -> Result<(), Wrong> {
    if server.unix_offset.unsigned_abs() > OFFSET_MAX {
        return Err(format!("server {slot}: unix_offset {} µs is more than 30 years", server.unix_offset));
    }
    if server.rate_ppm.abs() > RATE_PPM_MAX {
        return Err(format!("server {slot}: rate_ppm {} is beyond ±{RATE_PPM_MAX}", server.rate_ppm));
    }
    Ok(())
}

fn check_services(services: &ServiceProfile) -> Result<(), Wrong> {
    let chances = [
        ("message_lost_ppm", services.message_lost_ppm),
        ("message_doubled_ppm", services.message_doubled_ppm),
        ("publish_error_ppm", services.publish_error_ppm),
        ("subscribe_error_ppm", services.subscribe_error_ppm),
    ];
    chances.into_iter().try_for_each(|(name, ppm)| within(name, ppm, 0, 1_000_000))?;
    let latencies = [
        ("datastore_latency", services.datastore_latency),
        ("messaging_latency", services.messaging_latency),
        ("delivery_delay", services.delivery_delay),
        ("lateness", services.lateness),
    ];
    latencies.into_iter().try_for_each(|(name, latency)| check_latency(name, latency))?;
    within("request_timeout (µs)", services.request_timeout.0, TIMEOUT_MIN.0, SPAN_MAX.0)?;
    Ok(())
}

fn check_latency(name: &str, latency: Latency) -> Result<(), Wrong> {
    span(name, latency.max)?;
    if latency.min > latency.max {
        return Err(format!("{name}: min is above max"));
    }
    Ok(())
}

fn check_timeline(schedule: &Schedule) -> Result<(), Wrong> {
    let mut before = Span::ZERO;
    for (index, step) in schedule.timeline.iter().enumerate() {
        if step.at < before {
            return Err(format!("step {index} is earlier than the step before it"));
        }
        if step.at > schedule.length {
            return Err(format!("step {index} is later than the length of the schedule"));
        }
        before = step.at;
        check_action(&step.action, &schedule.servers, &schedule.players)
            .map_err(|wrong| format!("step {index}: {wrong}"))?;
    }
    Ok(())
}

fn check_action(action: &Action, servers: &[ServerPlan], players: &[PlayerPlan]) -> Result<(), Wrong> {
    match action {
        Action::Command { server, command } => {
            check_slot(*server, servers)?;
            check_command(*command, players)
        }
        Action::Crash { server } | Action::Restart { server } | Action::Close { server } => {
            check_slot(*server, servers)
        }
        Action::Freeze { server, span: long } | Action::Partition { server, span: long, .. } => {
            check_slot(*server, servers)?;
            span("span", *long)
        }
        Action::Outage { span: long, .. } => span("span", *long),
        Action::Mishap { server, fate, .. } => {
            check_slot(*server, servers)?;
            match fate {
                Fate::LateReply { span: late } | Fate::LateApply { span: late } => span("span", *late),
                _ => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

fn check_command(command: Command, players: &[PlayerPlan]) -> Result<(), Wrong> {
    let (first, second) = command.players();
    check_player(first, players)?;
    let Some(second) = second else { return Ok(()) };
    check_player(second, players)?;
    if first == second { Err(format!("player {} trades with themselves", first.0)) } else { Ok(()) }
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
    restarts.into_iter().try_for_each(|restarts| within("restarts of one server", restarts, 0, RESTARTS_MAX))
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
