//! What is interesting about trades and gifts.

use dupeproof_core::Stored;
use dupeproof_sim::guest::{PlayerId, TradeId};
use dupeproof_sim::trace::ServerId;

use crate::ledger::{Ledger, Place, PutAside};
use crate::seen::{Counter, Seen};
use crate::subjects::game::Letter;

/// A session was told what became of a trade.
pub(super) fn decided(trade: TradeId, committed: bool, place: Place, ledger: &Ledger, seen: &mut Seen) {
    seen.count(if committed { Counter::TradeCommitted } else { Counter::TradeAborted });
    let session = &ledger.sessions()[place];
    let of_trade = |aside: &&PutAside| aside.trade == trade;
    let mut own = ledger.put_aside().iter().filter(of_trade).filter(|aside| player_of(aside, ledger) == session.player);
    if own.next_back().is_some_and(|aside| aside.session != place) {
        seen.count(Counter::EscrowResumed);
    }
    // Of the two sides, one counts for the trade.
    let across = |aside: &PutAside| {
        let other = &ledger.sessions()[aside.session];
        session.player < other.player && other.id.server != session.id.server
    };
    if committed && ledger.put_aside().iter().filter(of_trade).any(across) {
        seen.count(Counter::TradeAcrossServers);
    }
}

/// Whether a write brought a gift that the giver's session on another server had put aside.
pub(super) fn resumes_gift(server: ServerId, before: Option<&Stored>, after: Option<&Stored>, ledger: &Ledger) -> bool {
    let newest = |stored: &Stored| match stored {
        Stored::Record(record) => record.global_updates.last_index,
        Stored::Other(_) => 0,
    };
    let (Some(after), before) = (after, before.map_or(0, newest)) else { return false };
    if newest(after) <= before {
        return false;
    }
    let Some(Letter::Gift { gift, .. }) = ledger.contents(after).queue().next_back() else { return false };
    let mut asides = ledger.put_aside().iter().filter(|aside| aside.trade == gift);
    asides.next_back().is_some_and(|aside| ledger.sessions()[aside.session].id.server != server)
}

fn player_of(aside: &PutAside, ledger: &Ledger) -> PlayerId {
    ledger.sessions()[aside.session].player
}
