//! The ways to make a schedule simpler, in the order they are tried. Each makes it strictly simpler or says so, so
//! that shrinking ends.

mod gap;
mod normal;
mod number;

use dupeproof_core::Span;
use dupeproof_sim::id::{PlayerId, Slot};
use dupeproof_sim::schedule::{Action, Lifecycle, Schedule, ServiceProfile, WorldClock};

use crate::belief;
use crate::factor::Factor;
use crate::fault::Evidence;
use crate::knob::Knob;

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
    believable,
    |schedule, index| chunk(schedule, index, 2),
    healthy,
    factor,
    |schedule, index| chunk(schedule, index, 4),
    |schedule, index| chunk(schedule, index, 8),
    |schedule, index| chunk(schedule, index, 16),
    |schedule, index| chunk(schedule, index, usize::MAX),
    server,
    merged_server,
    player,
    knob,
    clock,
    constant,
    items,
    length,
    gap::gap,
    normal::clocks,
    number::number,
    normal::slots,
    normal::seed,
];

/// The schedule with a change, if it is one.
fn changed(schedule: &Schedule, change: impl FnOnce(&mut Schedule)) -> Attempt {
    let mut simpler = Box::new(schedule.clone());
    change(&mut simpler);
    if *simpler == *schedule { Attempt::Skip } else { Attempt::Try(simpler) }
}

/// Without all that is less real than ordinary; than documented; and so on.
fn believable(schedule: &Schedule, index: usize) -> Attempt {
    let Some(most) = Evidence::ALL.get(index).filter(|most| **most < Evidence::NeverSeen) else {
        return Attempt::Over;
    };
    changed(schedule, |simpler| belief::keep_to(*most, simpler))
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

/// With every number of the world as it is by default, all at once.
fn healthy(schedule: &Schedule, index: usize) -> Attempt {
    if index > 0 {
        return Attempt::Over;
    }
    changed(schedule, |simpler| {
        simpler.services = ServiceProfile::default();
        simpler.clocks = WorldClock::default();
        simpler.lifecycle = Lifecycle::default();
    })
}

/// Without one thing that goes wrong, wherever it does.
fn factor(schedule: &Schedule, index: usize) -> Attempt {
    let Some(factor) = Factor::all().get(index) else { return Attempt::Over };
    changed(schedule, |simpler| factor.take_out(simpler))
}

/// Without one server and everything that happens on it.
fn server(schedule: &Schedule, index: usize) -> Attempt {
    let (Ok(gone), true) = (Slot::try_from(index), index < schedule.servers.len()) else { return Attempt::Over };
    if schedule.servers.len() == 1 {
        return Attempt::Over;
    }
    changed(schedule, |simpler| {
        simpler.servers.remove(index);
        simpler.timeline.retain(|step| !servers_of(step.action).contains(&Some(gone)));
        renumber(simpler, |slot| slot > gone);
    })
}

/// With one server's part played by the server before it.
fn merged_server(schedule: &Schedule, index: usize) -> Attempt {
    let (Ok(gone), true) = (Slot::try_from(index + 1), index + 1 < schedule.servers.len()) else {
        return Attempt::Over;
    };
    changed(schedule, |simpler| {
        simpler.servers.remove(index + 1);
        renumber(simpler, |slot| slot >= gone);
    })
}

/// Without one player and everything they do.
fn player(schedule: &Schedule, index: usize) -> Attempt {
    let (Ok(gone), true) = (u16::try_from(index), index < schedule.players.len()) else { return Attempt::Over };
    let gone = PlayerId(gone);
    changed(schedule, |simpler| {
        simpler.players.remove(index);
        simpler.timeline.retain(|step| !players_of(step.action).contains(&Some(gone)));
        for step in &mut simpler.timeline {
            for player in step.action.players_mut().into_iter().flatten() {
                if *player > gone {
                    player.0 -= 1;
                }
            }
        }
    })
}

/// With one number of the world as it is by default; the bounds of a span together.
fn knob(schedule: &Schedule, index: usize) -> Attempt {
    let Some(knob) = Knob::all().get(index) else { return Attempt::Over };
    if knob.of_server {
        return Attempt::Skip;
    }
    changed(schedule, |simpler| {
        knob.reset(simpler);
        if let Some(partner) = knob.partner() {
            partner.reset(simpler);
        }
    })
}

/// With one number of one server as it is by default.
fn clock(schedule: &Schedule, index: usize) -> Attempt {
    let servers = schedule.servers.len();
    let Some(knob) = Knob::all().iter().filter(|knob| knob.of_server).nth(index / servers) else {
        return Attempt::Over;
    };
    changed(schedule, |simpler| knob.set(simpler, index % servers, knob.default_value()))
}

/// With one constant as the subject has it.
fn constant(schedule: &Schedule, index: usize) -> Attempt {
    let Some(name) = schedule.constants.keys().nth(index) else { return Attempt::Over };
    changed(schedule, |simpler| simpler.constants.retain(|other, _| other != name))
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

/// Settling at the next full second after the last step; else soon after it.
fn length(schedule: &Schedule, index: usize) -> Attempt {
    let second = Span::secs(1).0;
    let last = schedule.timeline.last().map_or(Span::ZERO, |step| Span(step.at.0.div_ceil(second) * second));
    let shorter = match index {
        0 => last,
        1 => last + Span::secs(1),
        2 => last + Span::secs(60),
        _ => return Attempt::Over,
    };
    changed(schedule, |simpler| simpler.length = simpler.length.min(shorter))
}

/// Slots that are beyond move down by one.
fn renumber(schedule: &mut Schedule, beyond: impl Fn(Slot) -> bool) {
    for step in &mut schedule.timeline {
        for slot in step.action.servers_mut().into_iter().flatten().filter(|slot| beyond(**slot)) {
            *slot -= 1;
        }
    }
}

fn servers_of(mut action: Action) -> [Option<Slot>; 2] {
    action.servers_mut().map(|slot| slot.copied())
}

fn players_of(mut action: Action) -> [Option<PlayerId>; 2] {
    action.players_mut().map(|player| player.copied())
}
