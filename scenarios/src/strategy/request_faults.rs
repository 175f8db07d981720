//! What befalls single requests: in the background, or one request at a chosen moment.

use dupeproof_core::Span;
use dupeproof_sim::schedule::{Action, RequestClass, RequestFault, RequestFaultRates, Step};

use super::draw::Draw;
use super::faults::Target;
use super::features::Features;
use super::shape::Between;
use crate::fault::{Fault, rate_mut};

/// The kinds of fault that befall single requests.
const KINDS: [Fault; 7] = [
    Fault::Refused,
    Fault::AppliedThenError,
    Fault::LostReply,
    Fault::LateReply,
    Fault::LateApply,
    Fault::AppliedTwice,
    Fault::NilRead,
];

/// How a kind shows itself in one schedule.
#[derive(Clone, Copy)]
struct Manner {
    kind: Fault,
    /// Of requests throughout.
    steady: bool,
    /// At chosen moments.
    armed: bool,
}

/// What befalls single requests in one schedule.
pub(super) struct RequestFaultPlan(Vec<Manner>);

impl RequestFaultPlan {
    /// Draws how each kind that exists shows itself.
    pub(super) fn of(features: &Features, draw: &mut Draw) -> RequestFaultPlan {
        let manner = |kind| {
            let (steady, armed) = draw.pick(&[(true, false), (false, true), (true, true)]);
            Manner { kind, steady, armed }
        };
        RequestFaultPlan(KINDS.into_iter().filter(|kind| features.has(*kind)).map(manner).collect())
    }

    /// What befalls requests to memory stores, throughout: one kind, or several. Those that nobody has seen there are left
    /// to whoever sets their knobs.
    pub(super) fn of_memory_stores(draw: &mut Draw) -> RequestFaultPlan {
        const COVERAGE: usize = 5;
        let first = draw.index(COVERAGE);
        let manner = |kind| Manner { kind, steady: true, armed: false };
        let drawn = |(place, _): &(usize, Fault)| draw.percent(40) || *place == first;
        RequestFaultPlan(
            KINDS.into_iter().take(COVERAGE).enumerate().filter(drawn).map(|(_, kind)| manner(kind)).collect(),
        )
    }

    /// The background: each kind on a set of legs of its own.
    pub(super) fn steady(&self, draw: &mut Draw) -> RequestFaultRates {
        let mut faults = RequestFaultRates::default();
        for Manner { kind, .. } in self.0.iter().filter(|manner| manner.steady) {
            let all = classes(*kind);
            let some = draw.pick(&[all, &READS, &WRITES]);
            let ppm = draw.steady_ppm();
            for class in all.iter().filter(|class| some.contains(class)) {
                if let Some(feature) = rate_mut(faults.of_mut(*class), *kind) {
                    *feature = ppm;
                }
            }
        }
        faults
    }

    /// One request at a chosen moment; armed right before something that makes requests.
    pub(super) fn strike(&self, draw: &mut Draw, target: &Target<'_>, faults: &mut Vec<Step>) {
        let armed: Vec<Fault> = self.0.iter().filter(|manner| manner.armed).map(|manner| manner.kind).collect();
        if armed.is_empty() {
            return;
        }
        for _ in 0..=draw.below(2 + target.servers / 2) {
            let kind = draw.pick(&armed);
            let Some((at, server)) = target.before_a_step(draw) else { return };
            let late = draw.pick(&[Span::secs(5), Span::secs(40), Span::secs(150)]);
            let fault = request_fault_of(kind, draw.span(Between { min: Span::millis(500), max: late }));
            // A read, or a write of whatever kind the subject makes.
            let some: &[RequestClass] = if draw.percent(33) {
                &READS[..1]
            } else {
                &[RequestClass::Write, RequestClass::Set, RequestClass::Remove]
            };
            let met = |class: &&RequestClass| classes(kind).contains(class);
            faults.extend(
                some.iter().filter(met).map(|&class| Step { at, action: Action::FailNext { server, class, fault } }),
            );
        }
    }
}

const READS: [RequestClass; 2] = [RequestClass::Read, RequestClass::List];
const WRITES: [RequestClass; 3] = [RequestClass::Write, RequestClass::Set, RequestClass::Remove];

/// The legs that a kind can befall.
fn classes(kind: Fault) -> &'static [RequestClass] {
    match kind {
        Fault::NilRead => &READS,
        Fault::AppliedTwice => &WRITES,
        _ => &RequestClass::ALL,
    }
}

fn request_fault_of(kind: Fault, span: Span) -> RequestFault {
    match kind {
        Fault::AppliedThenError => RequestFault::AppliedThenError,
        Fault::LostReply => RequestFault::LostReply,
        Fault::LateReply => RequestFault::LateReply { span },
        Fault::LateApply => RequestFault::LateApply { span },
        Fault::AppliedTwice => RequestFault::AppliedTwice { span },
        Fault::NilRead => RequestFault::NilRead,
        _ => RequestFault::Refused,
    }
}
