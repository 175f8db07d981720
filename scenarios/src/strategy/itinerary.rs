//! What players do: they gather, come and go, edit, save and swap.

use dupeproof_core::Span;
use dupeproof_sim::guest::Command;
use dupeproof_sim::id::{PlayerId, Slot};
use dupeproof_sim::schedule::{Action, Step};

use super::shape::Shape;
use crate::between::Between;
use crate::fault::Draw;

/// One player on one server for a while.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stay {
    pub(super) player: PlayerId,
    pub(super) server: Slot,
    pub(super) from: Span,
    pub(super) to: Span,
}

/// Appends, in no order, what the players do; says who is where when.
pub(super) fn plan(
    draw: &mut Draw,
    shape: &Shape,
    (servers, players, length): (u16, u16, Span),
    timeline: &mut Vec<Step>,
) -> Vec<Stay> {
    let mut stays: Vec<Stay> = Vec::with_capacity(32);
    for _ in 0..shape.topology.gatherings.draw(draw) {
        let begin = draw.span(Between { min: Span::ZERO, max: Span(length.0 * 3 / 4) });
        // Half of the players are drawn to one server: somebody has to meet somebody.
        let hot = draw.below(servers);
        for player in 0..players {
            gather(draw, shape, (servers, hot), PlayerId(player), (begin, length), &mut stays);
        }
    }
    for stay in &stays {
        play(draw, *stay, timeline);
    }
    if draw.percent(shape.workload.swaps) {
        for _ in 0..draw.below(1 + 2 * players) {
            swap(draw, &stays, timeline);
        }
    }
    stays
}

/// One player's stays in one gathering.
fn gather(
    draw: &mut Draw,
    shape: &Shape,
    (servers, hot): (u16, Slot),
    player: PlayerId,
    (begin, length): (Span, Span),
    stays: &mut Vec<Stay>,
) {
    let mut from = begin + draw.span(Between { min: Span::ZERO, max: Span::secs(20) });
    let mut last = None;
    for _ in 0..shape.topology.stays.draw(draw) {
        if from >= length {
            return;
        }
        let server = match last {
            Some(last) if draw.percent(shape.workload.rejoins) => last,
            _ if draw.percent(50) => hot,
            _ => draw.below(servers),
        };
        let to = from + draw.stay();
        stays.push(Stay { player, server, from, to: Span(to.0.min(length.0)) });
        last = Some(server);
        from = draw.gap_after(to, shape.workload.two_devices);
    }
}

impl Draw {
    /// How long a player stays: moments, a while, or long enough for saves and leases to matter.
    pub(super) fn stay(&mut self) -> Span {
        let between = match self.below(20) {
            0..6 => Between { min: Span::millis(500), max: Span::secs(8) },
            6..16 => Between { min: Span::secs(8), max: Span::secs(60) },
            16..19 => Between { min: Span::secs(60), max: Span::secs(150) },
            _ => Between { min: Span::secs(150), max: Span::secs(400) },
        };
        self.span(between)
    }

    /// When the next stay begins: before this one is over (two devices, or a teleport whose arrival beats its
    /// departure), at once, soon, or later.
    fn gap_after(&mut self, to: Span, two_devices: u8) -> Span {
        if self.percent(two_devices) {
            let early = self.span(Between { min: Span::millis(1), max: Span::secs(10) });
            return Span(to.0.saturating_sub(early.0));
        }
        match self.below(16) {
            0..4 => to,
            4..11 => to + self.span(Between { min: Span::millis(1), max: Span::secs(5) }),
            11..14 => to + self.span(Between { min: Span::secs(5), max: Span::secs(60) }),
            _ => to + self.span(Between { min: Span::secs(60), max: Span::secs(180) }),
        }
    }

    pub(super) fn within(&mut self, from: Span, to: Span) -> Span {
        self.span(Between { min: from, max: Span(to.0.max(from.0)) })
    }
}

/// A stay's steps: it begins, things are changed and saved, it ends (or goes on until the settling).
fn play(draw: &mut Draw, stay: Stay, timeline: &mut Vec<Step>) {
    let Stay { player, server, from, to } = stay;
    let mut push = |at, command| timeline.push(Step { at, action: Action::Command { server, command } });
    push(from, Command::Join(player));
    for _ in 0..draw.below(3) {
        push(draw.within(from, to), Command::Edit(player));
    }
    if draw.percent(25) {
        push(draw.within(from, to), Command::Save(player));
    }
    if draw.percent(95) {
        push(to, Command::Leave(player));
    }
}

/// Two players who are on one server at one time swap; sometimes one of them saves right after.
fn swap(draw: &mut Draw, stays: &[Stay], timeline: &mut Vec<Step>) {
    if stays.is_empty() {
        return;
    }
    let one = stays[draw.index(stays.len())];
    let first = draw.index(stays.len());
    let meets = |other: &&Stay| {
        other.player != one.player && other.server == one.server && other.from < one.to && one.from < other.to
    };
    let Some(other) = stays[first..].iter().chain(&stays[..first]).find(meets) else { return };
    let from = one.from.max(other.from);
    let to = one.to.min(other.to);
    let at = draw.within(from, to);
    let server = one.server;
    let mut push = |at, command| timeline.push(Step { at, action: Action::Command { server, command } });
    push(at, Command::Swap(one.player, other.player));
    if draw.percent(30) {
        push(draw.within(at, to), Command::Save(one.player));
    }
}
