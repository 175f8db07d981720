//! [`Pattern::SlowClose`](super::Pattern::SlowClose).

use dupeproof_core::Span;
use dupeproof_sim::guest::Command;
use dupeproof_sim::id::ServiceName;
use dupeproof_sim::schedule::{Action, RequestClass, RequestFault, Step};

use super::within;
use crate::between::Between;
use crate::fault::Draw;
use crate::strategy::itinerary::Stay;

/// How late the answers are: a server has 30 s, enough for two in a row and not for four.
const LATE: Between<Span> = Between { min: Span::secs(6), max: Span::secs(13) };

/// The server where most players are at once closes while they are there, with what they have just done still to be saved,
/// and comes back when it must be gone.
pub(super) fn plan(draw: &mut Draw, (_, _, length): (u16, u16, Span), stays: &[Stay], timeline: &mut Vec<Step>) {
    let crowd = |stay: &Stay| {
        let at = stay.from + ARRIVED;
        stays.iter().filter(|other| other.server == stay.server && other.from <= at && at < other.to).count()
    };
    let Some(&Stay { server, from, .. }) = stays.iter().max_by_key(|stay| crowd(stay)) else { return };
    let mut push = within(length, timeline);
    let at = from + ARRIVED;
    let there = stays.iter().filter(|stay| stay.server == server && stay.from <= at && at < stay.to);
    let closes = at + draw.span(Between { min: Span::millis(100), max: Span::secs(2) });
    for stay in there {
        let fault = RequestFault::LateReply { span: draw.span(LATE) };
        push(closes, Action::FailNext { server, service: ServiceName::DataStore, class: RequestClass::Write, fault });
        push(draw.within(at, closes), Action::Command { server, command: Command::Edit(stay.player) });
    }
    push(closes, Action::Close { server });
    push(closes + Span::secs(31), Action::Restart { server });
}

/// After so long a start is over, mostly.
const ARRIVED: Span = Span::secs(3);
