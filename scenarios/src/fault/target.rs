//! Where faults may strike: mostly right where something else is going on.

use dupeproof_core::Span;
use dupeproof_sim::id::Slot;
use dupeproof_sim::schedule::{Action, Step};

use super::draw::Draw;
use super::fault_set::FaultSet;
use crate::between::Between;

/// A schedule that is being drawn, as faults see it.
pub(crate) struct Target<'a> {
    pub(crate) servers: u16,
    pub(crate) length: Span,
    /// The steps of the players.
    pub(crate) players: &'a [Step],
    /// What else goes wrong.
    pub(crate) faults: &'a FaultSet,
}

impl Target<'_> {
    /// A few times; larger worlds get more.
    pub(crate) fn several(&self, draw: &mut Draw, mut strike: impl FnMut(&mut Draw)) {
        for _ in 0..=draw.below(2 + self.servers / 2) {
            strike(draw);
        }
    }

    /// A moment and a server: a little before or after something that a player does there, or anywhere.
    pub(crate) fn pick(&self, draw: &mut Draw) -> (Span, Slot) {
        if self.players.is_empty() || draw.percent(15) {
            let at = draw.span(Between { min: Span::ZERO, max: self.length });
            return (at, draw.below(self.servers));
        }
        let step = &self.players[draw.index(self.players.len())];
        let Action::Command { server, .. } = step.action else { return (step.at, draw.below(self.servers)) };
        let reach = draw.pick(&[Span::millis(300), Span::secs(3), Span::secs(45)]);
        let after = draw.span(Between { min: Span::ZERO, max: reach });
        let at = if draw.percent(70) { step.at + after } else { Span(step.at.0.saturating_sub(after.0)) };
        (at, server)
    }

    /// Up to 400 ms before something that a player does; `None` where nobody does anything.
    pub(crate) fn before_a_step(&self, draw: &mut Draw) -> Option<(Span, Slot)> {
        if self.players.is_empty() {
            return None;
        }
        let step = &self.players[draw.index(self.players.len())];
        let Action::Command { server, .. } = step.action else { return Some((step.at, draw.below(self.servers))) };
        let before = draw.span(Between { min: Span(0), max: Span::millis(400) });
        Some((Span(step.at.0.saturating_sub(before.0)), server))
    }
}
