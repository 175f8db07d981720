//! [`Pattern::TroubledEnd`](super::Pattern::TroubledEnd).

use dupeproof_core::Span;
use dupeproof_sim::guest::Command;
use dupeproof_sim::id::ServiceName;
use dupeproof_sim::schedule::{Action, Direction, Step};

use super::{another, any_stay, within};
use crate::between::Between;
use crate::fault::Draw;
use crate::strategy::itinerary::Stay;

/// Longer than most locks last that nobody renews.
const CUT: Between<Span> = Between { min: Span::secs(40), max: Span::secs(160) };

/// A server loses the DataStore just before a player leaves it, who is soon on another, for long enough that it may take
/// the profile over.
pub(super) fn plan(draw: &mut Draw, (servers, _, length): (u16, u16, Span), stays: &[Stay], timeline: &mut Vec<Step>) {
    if servers < 2 {
        return;
    }
    let Some(Stay { player, server: holder, from, to }) = any_stay(draw, stays) else { return };
    let mut push = within(length, timeline);
    let command = |server, command| Action::Command { server, command };
    let at = from.max(Span(to.0.saturating_sub(draw.span(Between { min: Span::millis(50), max: Span::secs(5) }).0)));
    let span = draw.span(CUT);
    let direction = draw.pick(&[Direction::ToService, Direction::FromService, Direction::Both]);
    push(at, Action::Partition { server: holder, service: ServiceName::DataStore, direction, span });
    push(draw.within(at, to), command(holder, Command::Edit(player)));
    let waiter = another(draw, holder, servers);
    let comes = to + draw.span(Between { min: Span::millis(100), max: Span::secs(20) });
    let goes = comes.max(at + span) + draw.span(Between { min: Span::secs(20), max: Span::secs(90) });
    push(comes, command(waiter, Command::Join(player)));
    for _ in 0..3 {
        push(draw.within(comes, goes), command(waiter, Command::Edit(player)));
    }
    push(goes, command(waiter, Command::Leave(player)));
}
