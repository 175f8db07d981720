//! [`Pattern::GivenUpStart`](super::Pattern::GivenUpStart).

use dupeproof_core::Span;
use dupeproof_sim::guest::Command;
use dupeproof_sim::id::ServiceName;
use dupeproof_sim::schedule::{Action, Direction, Step};

use super::{another, any_stay, within};
use crate::between::Between;
use crate::fault::Draw;
use crate::strategy::itinerary::Stay;

/// After a stay a player joins a server that lost the DataStore a moment ago, or loses it at that moment, leaves it, and is
/// at once on another.
pub(super) fn plan(draw: &mut Draw, (servers, _, length): (u16, u16, Span), stays: &[Stay], timeline: &mut Vec<Step>) {
    if servers < 2 {
        return;
    }
    let Some(Stay { player, server, to, .. }) = any_stay(draw, stays) else { return };
    let mut push = within(length, timeline);
    let command = |server, command| Action::Command { server, command };
    let after = |draw: &mut Draw, at: Span, least, most| {
        at + draw.span(Between { min: Span::millis(least), max: Span::millis(most) })
    };
    let tried = another(draw, server, servers);
    let comes = after(draw, to, 3_000, 15_000);
    let gives_up = after(draw, comes, 300, 12_000);
    let at = Span(after(draw, comes, 0, 2_000).0.saturating_sub(1_500_000));
    let healed = after(draw, gives_up, 100, 30_000);
    let direction = draw.pick(&[Direction::ToService, Direction::FromService, Direction::Both]);
    let service = ServiceName::DataStore;
    push(at, Action::Partition { server: tried, service, direction, span: Span(healed.0 - at.0) });
    push(comes, command(tried, Command::Join(player)));
    push(gives_up, command(tried, Command::Leave(player)));
    let elsewhere = another(draw, tried, servers);
    let joins = after(draw, gives_up, 50, 3_000);
    let goes = after(draw, joins, 60_000, 150_000);
    push(joins, command(elsewhere, Command::Join(player)));
    push(draw.within(joins, goes), command(elsewhere, Command::Edit(player)));
    push(goes, command(elsewhere, Command::Leave(player)));
}
