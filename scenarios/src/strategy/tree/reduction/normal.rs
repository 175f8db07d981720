//! What has no meaning becomes what it is in other schedules: seeds, the order of servers, which of two clocks is wrong.

use dupeproof_sim::id::Slot;
use dupeproof_sim::schedule::Schedule;

use super::{Attempt, changed};

/// Seeds up to this are as good as any.
const SEEDS: u64 = 3;

/// With one of the first seeds.
pub(super) fn seed(schedule: &Schedule, index: usize) -> Attempt {
    match index as u64 + 1 {
        seed if seed <= SEEDS && schedule.seed > SEEDS => changed(schedule, |simpler| simpler.seed = seed),
        _ => Attempt::Over,
    }
}

/// With servers in the order in which something happens on them.
pub(super) fn slots(schedule: &Schedule, index: usize) -> Attempt {
    if index > 0 {
        return Attempt::Over;
    }
    let mut order: Vec<Slot> = Vec::with_capacity(schedule.servers.len());
    for step in &schedule.timeline {
        for slot in super::servers_of(step.action).into_iter().flatten() {
            if !order.contains(&slot) {
                order.push(slot);
            }
        }
    }
    let all = (0..).take(schedule.servers.len());
    let idle: Vec<Slot> = all.filter(|slot| !order.contains(slot)).collect();
    order.extend(idle);
    changed(schedule, |simpler| {
        simpler.servers = order.iter().map(|slot| schedule.servers[usize::from(*slot)].clone()).collect();
        for step in &mut simpler.timeline {
            for slot in step.action.servers_mut().into_iter().flatten() {
                let place = order.iter().position(|other| other == slot).expect("every slot is in the order");
                *slot = Slot::try_from(place).expect("there are as many as before");
            }
        }
    })
}

/// With all clocks set by as much as makes one of them right: so that fewer are wrong.
pub(super) fn clocks(schedule: &Schedule, index: usize) -> Attempt {
    let Some(server) = schedule.servers.get(index) else { return Attempt::Over };
    let by = server.unix_offset;
    let mut simpler = Box::new(schedule.clone());
    simpler.servers.iter_mut().for_each(|server| server.unix_offset -= by);
    simpler.clocks.backend_offset -= by;
    if wrong(&simpler) < wrong(schedule) { Attempt::Try(simpler) } else { Attempt::Skip }
}

/// How many clocks are wrong.
fn wrong(schedule: &Schedule) -> usize {
    let servers = schedule.servers.iter().filter(|server| server.unix_offset != 0).count();
    servers + usize::from(schedule.clocks.backend_offset != 0)
}
