//! What requests meet by chance, as what single requests meet at chosen moments.

use dupeproof_core::Span;
use dupeproof_sim::network::Network;
use dupeproof_sim::schedule::{Action, MemoryStoreProfile, RequestClass, RequestFaultRates, Schedule, Step};
use dupeproof_sim::{Event, Global, Observer, Subject};

use crate::case::try_case;

/// More of them say less than the rate.
const MOST: usize = 40;

/// The requests that met a fault until everything healed.
#[derive(Default)]
struct Met {
    steps: Vec<Step>,
    healed: bool,
}

impl Observer for Met {
    fn observe(&mut self, at: Global, event: &Event) {
        match event {
            Event::Healed => self.healed = true,
            Event::RequestFault { server, kind, fault, .. } if !self.healed => {
                // Right before the request comes in.
                let at = Span(at.0.saturating_sub(1));
                let (service, class) = (kind.service(), RequestClass::of(*kind));
                let action = Action::FailNext { server: server.slot, service, class, fault: *fault };
                self.steps.push(Step { at, action });
            }
            _ => {}
        }
    }
}

/// The schedule in which the same requests meet the same, and no others; `None` if nothing is left to chance in it, or too
/// many requests meet something.
pub(super) fn chosen(schedule: &Schedule, subject: &dyn Subject, network: Network) -> Option<Schedule> {
    let mut chosen = schedule.clone();
    chosen.services.faults = RequestFaultRates::default();
    chosen.services.memory_store.faults = MemoryStoreProfile::default().faults;
    if chosen == *schedule {
        return None;
    }
    let (_, met) = try_case(schedule, subject, network, Met::default).ok()?;
    if met.steps.len() > MOST {
        return None;
    }
    // Those of the timeline are among them.
    chosen.timeline.retain(|step| !matches!(step.action, Action::FailNext { .. }));
    chosen.timeline.extend(met.steps.into_iter().filter(|step| step.at <= schedule.length));
    chosen.timeline.sort_by_key(|step| step.at);
    Some(chosen)
}
