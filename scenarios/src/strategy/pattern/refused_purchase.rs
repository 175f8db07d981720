//! [`Pattern::RefusedPurchase`](super::Pattern::RefusedPurchase).

use dupeproof_core::Span;
use dupeproof_sim::guest::Command;
use dupeproof_sim::id::{ReceiptId, ServiceName};
use dupeproof_sim::schedule::{Action, Step};

use super::{any_stay, stay_on, within};
use crate::between::Between;
use crate::fault::Draw;
use crate::strategy::itinerary::Stay;

/// A save is tried for a quarter of a minute, or a minute.
const OUTAGE: Between<Span> = Between { min: Span::secs(20), max: Span::secs(100) };

/// The first of its purchases: no market has as many.
const RECEIPT: u32 = 31_000;

/// A player stays through an outage, plays and buys, and leaves when it is over or some minutes later.
pub(super) fn plan(draw: &mut Draw, (_, _, length): (u16, u16, Span), stays: &[Stay], timeline: &mut Vec<Step>) {
    let Some(Stay { player, server, from, to }) = any_stay(draw, stays) else { return };
    stay_on(player, server, to, timeline);
    let mut push = within(length, timeline);
    let command = |command| Action::Command { server, command };
    let at = from + draw.span(Between { min: Span::secs(3), max: Span::secs(60) });
    let span = draw.span(OUTAGE);
    push(at, Action::Outage { service: ServiceName::DataStore, span });
    for number in 0..3 {
        let buys = draw.within(at, at + span);
        push(buys, Action::Purchase { player, receipt: ReceiptId(RECEIPT + number) });
        push(draw.within(at, at + span), command(Command::Edit(player)));
    }
    let leaves = at + span + draw.span(Between { min: Span::ZERO, max: Span::secs(120) });
    push(leaves.max(to), command(Command::Leave(player)));
}
