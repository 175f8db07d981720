//! What befalls each request: armed by the schedule, or drawn.

use std::collections::VecDeque;

use crate::rng::{Draw, Seed, Stream};
use crate::schedule::{Fate, FateOdds, Leg, Schedule, ServiceProfile, Slot};

/// Decides.
pub(super) struct Fates {
    seed: Seed,
    services: ServiceProfile,
    /// Whether a draw can decide anything.
    drawn: bool,
    /// By slot; made when needed.
    draws: Vec<Option<Stream>>,
    /// First armed, first met.
    armed: VecDeque<(Slot, Leg, Fate)>,
}

impl Fates {
    pub(super) fn new(schedule: &Schedule) -> Fates {
        let services = schedule.services.clone();
        let drawn = Leg::ALL.iter().any(|leg| chances(services.faults.of(*leg)).iter().any(|ppm| *ppm != 0));
        // One more for the probe server.
        let draws = vec![None; if drawn { schedule.servers.len() + 1 } else { 0 }];
        Fates { seed: Seed(schedule.seed), services, drawn, draws, armed: VecDeque::new() }
    }

    /// The next such request meets this.
    pub(super) fn arm(&mut self, slot: Slot, leg: Leg, fate: Fate) {
        self.armed.push_back((slot, leg, fate));
    }

    /// From here everything goes its ordinary way.
    pub(super) fn heal(&mut self) {
        self.drawn = false;
        self.armed.clear();
    }

    /// The next request's fate; `None` is the ordinary one.
    pub(super) fn next(&mut self, slot: Slot, leg: Leg) -> Option<Fate> {
        // One draw for each request, needed or not, so that arming a fate does not move those of later requests.
        let draw = if self.drawn { self.draw(slot) } else { None };
        let armed = self.armed.iter().position(|(other, waits, _)| (*other, *waits) == (slot, leg));
        match armed {
            Some(place) => self.armed.remove(place).map(|(_, _, fate)| fate),
            None => self.drawn_fate(leg, draw?),
        }
    }

    fn draw(&mut self, slot: Slot) -> Option<Draw> {
        let seed = self.seed;
        let stream = self.draws.get_mut(usize::from(slot))?;
        Some(stream.get_or_insert_with(|| seed.stream("fate", u32::from(slot))).draw())
    }

    fn drawn_fate(&self, leg: Leg, draw: Draw) -> Option<Fate> {
        let span = draw.span(self.services.lateness);
        let mut point = draw.millionth();
        let fates = [
            Fate::Refused,
            Fate::AppliedThenError,
            Fate::LostReply,
            Fate::LateReply { span },
            Fate::LateApply { span },
            Fate::AppliedTwice { span },
            Fate::NilRead,
        ];
        for (ppm, fate) in chances(self.services.faults.of(leg)).into_iter().zip(fates) {
            match point.checked_sub(ppm) {
                Some(rest) => point = rest,
                None => return Some(fate),
            }
        }
        None
    }
}

/// In parts per million, in the order of [`Fate`].
fn chances(odds: &FateOdds) -> [u32; 7] {
    [
        odds.refused_ppm,
        odds.applied_then_error_ppm,
        odds.lost_reply_ppm,
        odds.late_reply_ppm,
        odds.late_apply_ppm,
        odds.applied_twice_ppm,
        odds.nil_read_ppm,
    ]
}
