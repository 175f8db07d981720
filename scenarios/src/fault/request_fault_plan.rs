//! What happens to single requests: in the background, or to one request at a chosen moment.

use dupeproof_core::Span;
use dupeproof_sim::id::ServiceName;
use dupeproof_sim::schedule::{Action, RequestClass, RequestFaultRates, Step};

use super::draw::Draw;
use super::request::{READS, WRITES};
use super::{Fault, FaultSet, RequestRow, Target};
use crate::between::Between;

/// How a kind shows itself in one schedule.
#[derive(Clone, Copy)]
struct Manner {
    kind: &'static RequestRow,
    /// Of requests throughout.
    steady: bool,
    /// At chosen moments.
    armed: bool,
}

/// What happens to single requests in one schedule.
pub(crate) struct RequestFaultPlan(Vec<Manner>);

/// The kinds of fault that single requests meet.
fn kinds() -> impl Iterator<Item = (Fault, &'static RequestRow)> {
    Fault::ALL.iter().filter_map(|fault| Some((*fault, fault.request()?)))
}

impl RequestFaultPlan {
    /// Draws how each kind that exists shows itself.
    pub(crate) fn of(faults: &FaultSet, draw: &mut Draw) -> RequestFaultPlan {
        let manner = |(_, kind)| {
            let (steady, armed) = draw.pick(&[(true, false), (false, true), (true, true)]);
            Manner { kind, steady, armed }
        };
        RequestFaultPlan(kinds().filter(|(fault, _)| faults.has(*fault)).map(manner).collect())
    }

    /// What happens to requests to memory stores, throughout: one kind, or several.
    pub(super) fn of_memory_stores(draw: &mut Draw) -> RequestFaultPlan {
        let seen = || kinds().map(|(_, kind)| kind).filter(|kind| kind.in_memory_stores);
        let first = draw.index(seen().count());
        let drawn = |(place, _): &(usize, &RequestRow)| draw.percent(40) || *place == first;
        let manner = |(_, kind)| Manner { kind, steady: true, armed: false };
        RequestFaultPlan(seen().enumerate().filter(drawn).map(manner).collect())
    }

    /// The background: each kind on a set of classes of its own.
    pub(crate) fn steady(&self, draw: &mut Draw) -> RequestFaultRates {
        let mut faults = RequestFaultRates::default();
        for Manner { kind, .. } in self.0.iter().filter(|manner| manner.steady) {
            let some = draw.pick(&[kind.classes, &READS, &WRITES]);
            let ppm = draw.steady_ppm();
            for class in kind.classes.iter().filter(|class| some.contains(class)) {
                *faults.of_mut(*class).of_mut((kind.fault)(Span::ZERO)) = ppm;
            }
        }
        faults
    }

    /// One request at a chosen moment; armed right before something that makes requests.
    pub(crate) fn strike(&self, draw: &mut Draw, target: &Target<'_>, steps: &mut Vec<Step>) {
        let armed: Vec<&RequestRow> = self.0.iter().filter(|manner| manner.armed).map(|manner| manner.kind).collect();
        if armed.is_empty() {
            return;
        }
        for _ in 0..=draw.below(2 + target.servers / 2) {
            let kind = draw.pick(&armed);
            let Some((at, server)) = target.before_a_step(draw) else { return };
            let late = draw.pick(&[Span::secs(5), Span::secs(40), Span::secs(150)]);
            let fault = (kind.fault)(draw.span(Between { min: Span::millis(500), max: late }));
            // A read, or a write of whatever kind the subject makes.
            let some: &[RequestClass] = if draw.percent(33) { &READS[..1] } else { &WRITES };
            let met = |class: &&RequestClass| kind.classes.contains(class);
            steps.extend(some.iter().filter(met).map(|&class| Step {
                at,
                action: Action::FailNext { server, service: ServiceName::DataStore, class, fault },
            }));
        }
    }
}
