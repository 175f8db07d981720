//! What happens between profiles, and what admins do: trades, gifts, purchases, messages, steals, removals and
//! rollbacks.

use std::collections::BTreeMap;

use dupeproof_core::Span;
use dupeproof_sim::guest::Command;
use dupeproof_sim::id::{MessageId, PlayerId, ReceiptId, Slot, TradeId};
use dupeproof_sim::schedule::{Action, Step};

use super::itinerary::Stay;
use super::shape::Shape;
use crate::between::Between;
use crate::fault::Draw;

/// The players' stays, and what has been dealt so far.
struct Market<'a> {
    servers: u16,
    players: u16,
    length: Span,
    stays: &'a [Stay],
    /// Trades and gifts.
    trades: u32,
    receipts: u32,
    messages: u32,
    timeline: &'a mut Vec<Step>,
}

/// Appends one dealing.
type Deal<'a> = fn(&mut Market<'a>, &mut Draw);

/// Appends, in no order, the dealings of players who come and go like this.
pub(super) fn plan<'a>(
    draw: &mut Draw,
    shape: &Shape,
    (servers, players, length): (u16, u16, Span),
    stays: &'a [Stay],
    timeline: &'a mut Vec<Step>,
) {
    if stays.is_empty() {
        return;
    }
    let mut market = Market { servers, players, length, stays, trades: 0, receipts: 0, messages: 0, timeline };
    let dealings = &shape.workload;
    let kinds: [(u8, Deal<'a>); 8] = [
        (dealings.trades, Market::trade),
        (dealings.gifts, Market::gift),
        (dealings.purchases, Market::purchase),
        (dealings.messages, Market::message),
        (dealings.floods, Market::flood),
        (dealings.steals, Market::steal),
        (dealings.removals, Market::removal),
        (dealings.rollbacks, Market::rollback),
    ];
    for (percent, deal) in kinds {
        if draw.percent(percent) {
            for _ in 0..=draw.below(players) {
                deal(&mut market, draw);
            }
        }
    }
}

/// Each trade whose two sides meet on one server becomes a swap in memory, when the second side comes.
pub(super) fn in_memory(timeline: &mut Vec<Step>) {
    let mut first: BTreeMap<TradeId, (usize, Slot)> = BTreeMap::new();
    let mut replaced = Vec::new();
    for (place, step) in timeline.iter_mut().enumerate() {
        let Action::Command { server, command: Command::Trade { player, partner, trade } } = step.action else {
            continue;
        };
        match first.insert(trade, (place, server)) {
            Some((earlier, there)) if there == server => {
                step.action = Action::Command { server, command: Command::Swap(partner, player) };
                replaced.push(earlier);
            }
            _ => {}
        }
    }
    let mut place = 0;
    timeline.retain(|_| {
        place += 1;
        !replaced.contains(&(place - 1))
    });
}

impl Market<'_> {
    fn push(&mut self, at: Span, server: Slot, command: Command) {
        if at <= self.length {
            self.timeline.push(Step { at, action: Action::Command { server, command } });
        }
    }

    fn stay(&self, draw: &mut Draw) -> Stay {
        self.stays[draw.index(self.stays.len())]
    }

    /// A stay that pleases, if there is one.
    fn stay_that(&self, draw: &mut Draw, pleases: impl Fn(&Stay) -> bool) -> Option<Stay> {
        let first = draw.index(self.stays.len());
        self.stays[first..].iter().chain(&self.stays[..first]).copied().find(pleases)
    }

    fn other_player(&self, draw: &mut Draw, player: PlayerId) -> PlayerId {
        PlayerId((player.0 + 1 + draw.below(self.players - 1)) % self.players)
    }

    /// Who deals is sometimes gone a moment later.
    fn maybe_leaves(&mut self, draw: &mut Draw, at: Span, stay: Stay) {
        if draw.percent(20) {
            let soon = at + draw.span(Between { min: Span::ZERO, max: Span::secs(3) });
            self.push(soon, stay.server, Command::Leave(stay.player));
        }
    }

    /// Both sides come within seconds; or one comes when the other has about given up, or never.
    fn trade(&mut self, draw: &mut Draw) {
        let one = self.stay(draw);
        let together = draw.percent(50);
        let meets = |other: &Stay| {
            let here = !together || other.server == one.server;
            here && other.player != one.player && other.from < one.to && one.from < other.to
        };
        let Some(other) = self.stay_that(draw, meets) else { return };
        self.trades += 1;
        let trade = TradeId(self.trades);
        let at = draw.within(one.from.max(other.from), one.to.min(other.to));
        self.push(at, one.server, Command::Trade { player: one.player, partner: other.player, trade });
        self.maybe_leaves(draw, at, one);
        let later = match draw.below(10) {
            0 => return,
            1..3 => Between { min: Span::secs(20), max: Span::secs(50) },
            _ => Between { min: Span::ZERO, max: Span::secs(5) },
        };
        let at = at + draw.span(later);
        self.push(at, other.server, Command::Trade { player: other.player, partner: one.player, trade });
        self.maybe_leaves(draw, at, other);
    }

    fn gift(&mut self, draw: &mut Draw) {
        if self.players < 2 {
            return;
        }
        let giver = self.stay(draw);
        let to = self.other_player(draw, giver.player);
        self.trades += 1;
        let at = draw.within(giver.from, giver.to);
        self.push(at, giver.server, Command::Gift { from: giver.player, to, gift: TradeId(self.trades) });
        self.maybe_leaves(draw, at, giver);
    }

    /// A player buys something where they are; sometimes right before they turn up on another server too, so that the
    /// receipt is delivered there while the first has not answered.
    fn purchase(&mut self, draw: &mut Draw) {
        let twice = if draw.percent(40) { self.on_two_servers(draw) } else { None };
        let stay = twice.map_or_else(|| self.stay(draw), |(one, _)| one);
        let at = match twice {
            Some((one, other)) => {
                let soon = draw.span(Between { min: Span::ZERO, max: Span::secs(2) });
                Span(other.from.0.max(one.from.0).saturating_sub(soon.0))
            }
            None => draw.within(stay.from, stay.to),
        };
        self.receipts += 1;
        let (player, receipt) = (stay.player, ReceiptId(self.receipts));
        if at <= self.length {
            self.timeline.push(Step { at, action: Action::Purchase { player, receipt } });
        }
    }

    /// Two stays of one player on two servers at one time, if there are any.
    fn on_two_servers(&self, draw: &mut Draw) -> Option<(Stay, Stay)> {
        let twin = |one: &Stay| {
            let at_once = |other: &&Stay| {
                other.player == one.player && other.server != one.server && other.from < one.to && one.from < other.to
            };
            self.stays.iter().find(at_once)
        };
        let one = self.stay_that(draw, |stay| twin(stay).is_some())?;
        Some((one, *twin(&one)?))
    }

    fn message(&mut self, draw: &mut Draw) {
        let server = draw.below(self.servers);
        self.send(draw, &[server], 1);
    }

    fn flood(&mut self, draw: &mut Draw) {
        let servers = [draw.below(self.servers), draw.below(self.servers)];
        let messages = 5 + draw.below(26);
        self.send(draw, &servers, messages);
    }

    /// Messages to one player about the time of a stay of theirs: before, meanwhile or after.
    fn send(&mut self, draw: &mut Draw, servers: &[Slot], messages: u16) {
        let stay = self.stay(draw);
        let begin = draw.within(Span(stay.from.0.saturating_sub(10_000_000)), stay.to + Span::secs(10));
        for _ in 0..messages {
            self.messages += 1;
            let at = begin + draw.span(Between { min: Span::ZERO, max: Span::secs(5) });
            let command = Command::Send { to: stay.player, message: MessageId(self.messages) };
            self.push(at, draw.pick(servers), command);
        }
    }

    /// A player's session is taken by another server, where it is used for a while.
    fn steal(&mut self, draw: &mut Draw) {
        if self.servers < 2 {
            return;
        }
        let stay = self.stay(draw);
        let server = (stay.server + 1 + draw.below(self.servers - 1)) % self.servers;
        let at = draw.within(stay.from, stay.to);
        let leaves = at + draw.stay();
        self.push(at, server, Command::Steal(stay.player));
        self.push(draw.within(at, leaves), server, Command::Edit(stay.player));
        self.push(leaves, server, Command::Leave(stay.player));
    }

    fn removal(&mut self, draw: &mut Draw) {
        let stay = self.stay(draw);
        let at = draw.within(stay.from, stay.to + Span::secs(5));
        self.push(at, draw.below(self.servers), Command::Remove(stay.player));
    }

    fn rollback(&mut self, draw: &mut Draw) {
        let stay = self.stay(draw);
        let at = draw.within(stay.from, stay.to + Span::secs(5));
        self.push(at, draw.below(self.servers), Command::Rollback(stay.player));
    }
}
