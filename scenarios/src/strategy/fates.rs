//! What befalls single requests: in the background, or one request at a chosen moment.

use dupeproof_core::Span;
use dupeproof_sim::schedule::{Action, Fate, Leg, RequestFaults, Step};

use super::draw::Draw;
use super::faults::Target;
use super::shape::Between;
use super::weather::Weather;
use crate::fault::{Fault, chance_mut};

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
pub(super) struct Fates(Vec<Manner>);

impl Fates {
    /// Draws how each kind that exists shows itself.
    pub(super) fn of(weather: &Weather, draw: &mut Draw) -> Fates {
        let manner = |kind| {
            let (steady, armed) = draw.pick(&[(true, false), (false, true), (true, true)]);
            Manner { kind, steady, armed }
        };
        Fates(KINDS.into_iter().filter(|kind| weather.has(*kind)).map(manner).collect())
    }

    /// What befalls requests to memory stores, throughout: one kind, or several. Those that nobody has seen there are left
    /// to whoever sets their knobs.
    pub(super) fn of_memory_stores(draw: &mut Draw) -> Fates {
        const SEEN: usize = 5;
        let first = draw.index(SEEN);
        let manner = |kind| Manner { kind, steady: true, armed: false };
        let drawn = |(place, _): &(usize, Fault)| draw.percent(40) || *place == first;
        Fates(KINDS.into_iter().take(SEEN).enumerate().filter(drawn).map(|(_, kind)| manner(kind)).collect())
    }

    /// The background: each kind on a set of legs of its own.
    pub(super) fn steady(&self, draw: &mut Draw) -> RequestFaults {
        let mut faults = RequestFaults::default();
        for Manner { kind, .. } in self.0.iter().filter(|manner| manner.steady) {
            let all = legs(*kind);
            let some = draw.pick(&[all, &READS, &WRITES]);
            let ppm = draw.steady_ppm();
            for leg in all.iter().filter(|leg| some.contains(leg)) {
                if let Some(chance) = chance_mut(faults.of_mut(*leg), *kind) {
                    *chance = ppm;
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
            let fate = fate_of(kind, draw.span(Between { min: Span::millis(500), max: late }));
            // A read, or a write of whatever kind the subject makes.
            let some: &[Leg] = if draw.percent(33) { &READS[..1] } else { &[Leg::Write, Leg::Set, Leg::Remove] };
            let met = |leg: &&Leg| legs(kind).contains(leg);
            faults
                .extend(some.iter().filter(met).map(|&leg| Step { at, action: Action::Mishap { server, leg, fate } }));
        }
    }
}

const READS: [Leg; 2] = [Leg::Read, Leg::List];
const WRITES: [Leg; 3] = [Leg::Write, Leg::Set, Leg::Remove];

/// The legs that a kind can befall.
fn legs(kind: Fault) -> &'static [Leg] {
    match kind {
        Fault::NilRead => &READS,
        Fault::AppliedTwice => &WRITES,
        _ => &Leg::ALL,
    }
}

fn fate_of(kind: Fault, span: Span) -> Fate {
    match kind {
        Fault::AppliedThenError => Fate::AppliedThenError,
        Fault::LostReply => Fate::LostReply,
        Fault::LateReply => Fate::LateReply { span },
        Fault::LateApply => Fate::LateApply { span },
        Fault::AppliedTwice => Fate::AppliedTwice { span },
        Fault::NilRead => Fate::NilRead,
        _ => Fate::Refused,
    }
}
