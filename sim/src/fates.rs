//! What befalls each request to a service that keeps values: armed by the schedule, or drawn.

use std::collections::VecDeque;

use crate::rng::{Draw, Seed, Stream};
use crate::schedule::{Fate, FateOdds, Latency, Leg, RequestFaults, Schedule, Slot};

/// Decides.
pub(crate) struct Fates {
    seed: Seed,
    /// The name of the draws.
    stream: &'static str,
    faults: RequestFaults,
    lateness: Latency,
    /// Whether a draw can decide anything.
    drawn: bool,
    /// By slot; made when needed.
    draws: Vec<Option<Stream>>,
    /// First armed, first met.
    armed: VecDeque<(Slot, Leg, Fate)>,
}

impl Fates {
    /// Those of one service, with draws of its own.
    pub(crate) fn new(schedule: &Schedule, faults: RequestFaults, stream: &'static str) -> Fates {
        let lateness = schedule.services.lateness;
        let drawn = Leg::ALL.iter().any(|leg| chances(faults.of(*leg)).iter().any(|ppm| *ppm != 0));
        // One more for the probe server.
        let draws = vec![None; if drawn { schedule.servers.len() + 1 } else { 0 }];
        Fates { seed: Seed(schedule.seed), stream, faults, lateness, drawn, draws, armed: VecDeque::new() }
    }

    /// The next such request meets this.
    pub(crate) fn arm(&mut self, slot: Slot, leg: Leg, fate: Fate) {
        self.armed.push_back((slot, leg, fate));
    }

    /// From here everything goes its ordinary way.
    pub(crate) fn heal(&mut self) {
        self.drawn = false;
        self.armed.clear();
    }

    /// The next request's fate; `None` is the ordinary one.
    pub(crate) fn next(&mut self, slot: Slot, leg: Leg) -> Option<Fate> {
        // One draw for each request, needed or not, so that arming a fate does not move those of later requests.
        let draw = if self.drawn { self.draw(slot) } else { None };
        let armed = self.armed.iter().position(|(other, waits, _)| (*other, *waits) == (slot, leg));
        match armed {
            Some(place) => self.armed.remove(place).map(|(_, _, fate)| fate),
            None => self.drawn_fate(leg, draw?),
        }
    }

    fn draw(&mut self, slot: Slot) -> Option<Draw> {
        let (seed, name) = (self.seed, self.stream);
        let stream = self.draws.get_mut(usize::from(slot))?;
        Some(stream.get_or_insert_with(|| seed.stream(name, u32::from(slot))).draw())
    }

    fn drawn_fate(&self, leg: Leg, draw: Draw) -> Option<Fate> {
        let span = draw.span(self.lateness);
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
        for (ppm, fate) in chances(self.faults.of(leg)).into_iter().zip(fates) {
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
