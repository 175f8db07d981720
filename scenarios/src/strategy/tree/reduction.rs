//! The ways to make a schedule simpler, in the order they are tried. Each makes it strictly simpler or says so, so
//! that shrinking ends.

use dupeproof_core::Span;
use dupeproof_sim::guest::PlayerId;
use dupeproof_sim::schedule::{Action, Fate, RequestFaults, Schedule, ServiceProfile, Slot};

/// What a pass makes of a schedule at an index.
pub(super) enum Attempt {
    /// This is simpler.
    Try(Box<Schedule>),
    /// Nothing to do here.
    Skip,
    /// There are no more indices.
    Over,
}

type Pass = fn(&Schedule, usize) -> Attempt;

/// Coarse before fine; what makes runs shorter before what makes them prettier.
pub(super) const PASSES: &[Pass] = &[
    |schedule, index| chunk(schedule, index, 2),
    healthy,
    |schedule, index| chunk(schedule, index, 4),
    |schedule, index| chunk(schedule, index, 8),
    |schedule, index| chunk(schedule, index, 16),
    |schedule, index| chunk(schedule, index, usize::MAX),
    server,
    merged_server,
    player,
    service,
    clock,
    items,
    length,
    span,
    earlier,
];

/// Every latency, chance and budget on its own.
const SERVICE_FIELDS: &[fn(&mut ServiceProfile)] = &[
    |services| services.faults = RequestFaults::default(),
    |services| services.message_lost_ppm = 0,
    |services| services.message_doubled_ppm = 0,
    |services| services.publish_error_ppm = 0,
    |services| services.subscribe_error_ppm = 0,
    |services| services.lateness = ServiceProfile::default().lateness,
    |services| services.datastore_latency = ServiceProfile::default().datastore_latency,
    |services| services.messaging_latency = ServiceProfile::default().messaging_latency,
    |services| services.delivery_delay = ServiceProfile::default().delivery_delay,
    |services| services.limits = ServiceProfile::default().limits,
    |services| services.request_timeout = ServiceProfile::default().request_timeout,
];

const SECOND: u64 = Span::secs(1).0;

/// The schedule with a change, if it is one.
fn changed(schedule: &Schedule, change: impl FnOnce(&mut Schedule)) -> Attempt {
    let mut simpler = Box::new(schedule.clone());
    change(&mut simpler);
    if *simpler == *schedule { Attempt::Skip } else { Attempt::Try(simpler) }
}

/// Without one of `parts` parts of the timeline.
fn chunk(schedule: &Schedule, index: usize, parts: usize) -> Attempt {
    let steps = schedule.timeline.len();
    let size = (steps / parts).max(1);
    let from = index.saturating_mul(size);
    if from >= steps {
        return Attempt::Over;
    }
    changed(schedule, |simpler| drop(simpler.timeline.drain(from..(from + size).min(steps))))
}

/// With healthy services, all at once.
fn healthy(schedule: &Schedule, index: usize) -> Attempt {
    if index > 0 {
        return Attempt::Over;
    }
    changed(schedule, |simpler| simpler.services = ServiceProfile::default())
}

/// Without one server and everything that happens on it.
fn server(schedule: &Schedule, index: usize) -> Attempt {
    let (Ok(gone), true) = (Slot::try_from(index), index < schedule.servers.len()) else { return Attempt::Over };
    if schedule.servers.len() == 1 {
        return Attempt::Over;
    }
    changed(schedule, |simpler| {
        simpler.servers.remove(index);
        simpler.timeline.retain(|step| server_of(&step.action) != Some(gone));
        for step in &mut simpler.timeline {
            if let Some(slot) = server_mut(&mut step.action).filter(|slot| **slot > gone) {
                *slot -= 1;
            }
        }
    })
}

/// With one server's part played by the server before it.
fn merged_server(schedule: &Schedule, index: usize) -> Attempt {
    let (Ok(gone), true) = (Slot::try_from(index + 1), index + 1 < schedule.servers.len()) else {
        return Attempt::Over;
    };
    changed(schedule, |simpler| {
        simpler.servers.remove(index + 1);
        for step in &mut simpler.timeline {
            if let Some(slot) = server_mut(&mut step.action).filter(|slot| **slot >= gone) {
                *slot -= 1;
            }
        }
    })
}

/// Without one player and everything they do.
fn player(schedule: &Schedule, index: usize) -> Attempt {
    let (Ok(gone), true) = (u16::try_from(index), index < schedule.players.len()) else { return Attempt::Over };
    let gone = PlayerId(gone);
    changed(schedule, |simpler| {
        simpler.players.remove(index);
        simpler.timeline.retain(|step| !players_of(&step.action).contains(&Some(gone)));
        for step in &mut simpler.timeline {
            for player in players_mut(&mut step.action).into_iter().flatten() {
                if *player > gone {
                    player.0 -= 1;
                }
            }
        }
    })
}

/// With one thing about the services as it is when they are healthy.
fn service(schedule: &Schedule, index: usize) -> Attempt {
    match SERVICE_FIELDS.get(index) {
        Some(calm) => changed(schedule, |simpler| calm(&mut simpler.services)),
        None => Attempt::Over,
    }
}

/// With one server's clock less wrong.
fn clock(schedule: &Schedule, index: usize) -> Attempt {
    if index >= schedule.servers.len() * 3 {
        return Attempt::Over;
    }
    changed(schedule, |simpler| {
        let server = &mut simpler.servers[index / 3];
        match index % 3 {
            0 => server.unix_offset = 0,
            1 => server.rate_ppm = 0,
            _ => server.timers_first = false,
        }
    })
}

/// With fewer items.
fn items(schedule: &Schedule, index: usize) -> Attempt {
    if index >= schedule.players.len() {
        return Attempt::Over;
    }
    changed(schedule, |simpler| {
        let items = &mut simpler.players[index].items;
        *items = items.map(|items| items / 2);
    })
}

/// Settling soon after the last step; then at it.
fn length(schedule: &Schedule, index: usize) -> Attempt {
    let last = schedule.timeline.last().map_or(Span::ZERO, |step| step.at);
    let shorter = match index {
        0 => last,
        1 => last + Span::secs(1),
        2 => last + Span::secs(60),
        _ => return Attempt::Over,
    };
    changed(schedule, |simpler| simpler.length = simpler.length.min(shorter))
}

/// With one span shorter: whole seconds, then half of it.
fn span(schedule: &Schedule, index: usize) -> Attempt {
    if index >= schedule.timeline.len() {
        return Attempt::Over;
    }
    changed(schedule, |simpler| {
        if let Some(span) = span_mut(&mut simpler.timeline[index].action) {
            *span = shorter(*span);
        }
    })
}

/// With one step, and all after it, earlier: at once, else at half the distance.
fn earlier(schedule: &Schedule, index: usize) -> Attempt {
    let step = index / 2;
    if step >= schedule.timeline.len() {
        return Attempt::Over;
    }
    let before = step.checked_sub(1).map_or(Span::ZERO, |before| schedule.timeline[before].at);
    let gap = Span(schedule.timeline[step].at.0 - before.0);
    let less = if index.is_multiple_of(2) { Span::ZERO } else { shorter(gap) };
    changed(schedule, |simpler| {
        let saved = gap.0 - less.0;
        for later in &mut simpler.timeline[step..] {
            later.at.0 -= saved;
        }
        simpler.length.0 -= saved;
    })
}

/// Whole seconds; of those, half. Below a second it stays.
fn shorter(span: Span) -> Span {
    match span.0 {
        0..=SECOND => span,
        long if !long.is_multiple_of(SECOND) => Span(long - long % SECOND),
        long => Span((long / SECOND / 2) * SECOND),
    }
}

fn server_of(action: &Action) -> Option<Slot> {
    server_mut(&mut action.clone()).copied()
}

fn server_mut(action: &mut Action) -> Option<&mut Slot> {
    match action {
        Action::Command { server, .. }
        | Action::Crash { server }
        | Action::Restart { server }
        | Action::Close { server }
        | Action::Freeze { server, .. }
        | Action::Partition { server, .. }
        | Action::Mishap { server, .. } => Some(server),
        Action::Disconnect { server, .. } | Action::ClockStep { server, .. } => Some(server),
        Action::Outage { .. } | Action::Move { .. } | Action::Purchase { .. } => None,
    }
}

fn players_of(action: &Action) -> [Option<PlayerId>; 2] {
    players_mut(&mut action.clone()).map(|player| player.copied())
}

fn players_mut(action: &mut Action) -> [Option<&mut PlayerId>; 2] {
    let Action::Command { command, .. } = action else { return [None, None] };
    let (player, other) = command.players_mut();
    [Some(player), other]
}

fn span_mut(action: &mut Action) -> Option<&mut Span> {
    match action {
        Action::Freeze { span, .. } | Action::Partition { span, .. } | Action::Outage { span, .. } => Some(span),
        Action::Mishap { fate: Fate::LateReply { span } | Fate::LateApply { span }, .. } => Some(span),
        _ => None,
    }
}
