//! Ways in which players come, stay and go that stays drawn one by one hardly ever bring about: stays of an hour, a leave and a
//! return within the first quarter second of a start, three servers that ask at once, and play that never pauses.
//!
//! Each is drawn from a stream of its own, and adds to what there is.

use dupeproof_core::Span;
use dupeproof_sim::guest::Command;
use dupeproof_sim::id::{PlayerId, Slot};
use dupeproof_sim::rng::Seed;
use dupeproof_sim::schedule::{Action, Step};

use super::itinerary::Stay;
use super::workload::Workload;
use crate::between::Between;
use crate::fault::Draw;

/// A lock that lasts for half an hour runs out within a stay like this. `player-data-purchasing` names no longest stay, and
/// players stay for hours.
const LONG: Between<Span> = Between { min: Span::secs(35 * 60), max: Span::secs(75 * 60) };

/// A start needs about so long in which nothing can be done but wait.
const START: Span = Span::millis(250);

/// How soon after a save its requests are under way.
const SAVING: Between<Span> = Between { min: Span::millis(20), max: Span::millis(400) };

/// Appends, in no order, what there is of each; says when the schedule ends.
pub(super) fn plan(
    seed: Seed,
    workload: &Workload,
    (servers, players, length): (u16, u16, Span),
    stays: &[Stay],
    timeline: &mut Vec<Step>,
) -> Span {
    let mut visits = Visits { timeline, servers, end: length };
    let mut draw = Draw::new(seed, "quick returns");
    if draw.percent(workload.quick_returns) && !stays.is_empty() {
        visits.quick_return(&mut draw, stays);
    }
    let mut draw = Draw::new(seed, "asks at once");
    if draw.percent(workload.asks_at_once) && servers >= 3 {
        visits.asks_at_once(&mut draw, players, length);
    }
    let mut draw = Draw::new(seed, "busy play");
    if draw.percent(workload.busy_play) && !stays.is_empty() {
        visits.busy_play(&mut draw, stays);
    }
    let mut draw = Draw::new(seed, "long stays");
    if draw.percent(workload.long_stays) {
        return visits.long_stay(&mut draw, players, length);
    }
    length
}

/// The timeline that they are added to.
struct Visits<'a> {
    timeline: &'a mut Vec<Step>,
    servers: u16,
    /// Nothing happens later.
    end: Span,
}

impl Visits<'_> {
    fn push(&mut self, at: Span, server: Slot, command: Command) {
        let step = Step { at, action: Action::Command { server, command } };
        self.timeline.extend((at <= self.end).then_some(step));
    }

    /// A player leaves while the start is under way, and comes back at once or after a moment: mostly to the same server,
    /// else to another while the first start still waits.
    fn quick_return(&mut self, draw: &mut Draw, stays: &[Stay]) {
        for _ in 0..=draw.below(2) {
            let Stay { player, server, from, to } = stays[draw.index(stays.len())];
            let left = from + draw.span(Between { min: Span::millis(1), max: START });
            let back = left + draw.span(Between { min: Span::ZERO, max: Span::millis(500) });
            let there = if draw.percent(75) { server } else { draw.below(self.servers) };
            self.push(left, server, Command::Leave(player));
            self.push(back, there, Command::Join(player));
            if there != server {
                self.push(draw.within(back, to.max(back + Span::secs(20))), there, Command::Leave(player));
            }
        }
    }

    /// A player is on three servers within two seconds, as by teleports that are tried again, and leaves them one by one.
    fn asks_at_once(&mut self, draw: &mut Draw, players: u16, length: Span) {
        let player = PlayerId(draw.below(players));
        let at = draw.span(Between { min: Span::ZERO, max: length });
        let first = draw.below(self.servers);
        for next in 0..3 {
            let server = (first + next) % self.servers;
            let from = at + draw.span(Between { min: Span::ZERO, max: Span::secs(2) });
            let to = from + draw.span(Between { min: Span::millis(500), max: Span::secs(90) });
            self.push(from, server, Command::Join(player));
            self.push(draw.within(from, to), server, Command::Edit(player));
            self.push(to, server, Command::Leave(player));
        }
    }

    /// A player whose data changes all the time, also while it is saved.
    fn busy_play(&mut self, draw: &mut Draw, stays: &[Stay]) {
        let Stay { player, server, from, to } = stays[draw.index(stays.len())];
        let pause = draw.pick(&[Span::millis(700), Span::secs(3), Span::secs(10)]);
        let mut at = from + pause;
        for _ in 0..60 {
            if at >= to {
                break;
            }
            self.push(at, server, Command::Edit(player));
            if draw.percent(10) {
                self.push(at, server, Command::Save(player));
                self.push(at + draw.span(SAVING), server, Command::Edit(player));
            }
            at = at + pause;
        }
    }

    /// When all else is over, a player stays for long enough that whatever is not renewed runs out, and plays on; towards the
    /// end, mostly, also elsewhere. Says when that is over.
    fn long_stay(&mut self, draw: &mut Draw, players: u16, length: Span) -> Span {
        let (player, server) = (PlayerId(draw.below(players)), draw.below(self.servers));
        let from = length + draw.span(Between { min: Span::secs(1), max: Span::secs(60) });
        let to = from + draw.span(LONG);
        self.end = to + Span::secs(60);
        self.push(from, server, Command::Join(player));
        for _ in 0..4 + draw.below(8) {
            self.push(draw.within(from, to), server, Command::Edit(player));
        }
        self.push(Span(to.0 - 1_000_000), server, Command::Edit(player));
        if draw.percent(70) && self.servers > 1 {
            let other = (server + 1 + draw.below(self.servers - 1)) % self.servers;
            let comes = Span(to.0.saturating_sub(draw.span(Between { min: Span::ZERO, max: Span::secs(20) }).0));
            let leaves = comes + draw.span(Between { min: Span::secs(30), max: Span::secs(120) });
            self.push(comes, other, Command::Join(player));
            self.push(leaves, other, Command::Leave(player));
        }
        self.push(to, server, Command::Leave(player));
        self.end
    }
}
