//! What is interesting about trades and gifts.

use dupeproof_core::Stored;
use dupeproof_sim::id::{PlayerId, ServerId, TradeId};

use crate::coverage::{Coverage, Milestone};
use crate::game_record::QueuedMessage;
use crate::history::{History, PutAside, SessionIndex};

/// A session was told what became of a trade.
pub(super) fn decided(
    trade: TradeId,
    committed: bool,
    index: SessionIndex,
    history: &History,
    coverage: &mut Coverage,
) {
    coverage.count(if committed { Milestone::TradeCommitted } else { Milestone::TradeAborted });
    let session = &history.sessions()[index];
    let of_trade = |aside: &&PutAside| aside.trade == trade;
    let mut own =
        history.put_aside().iter().filter(of_trade).filter(|aside| player_of(aside, history) == session.player);
    if own.next_back().is_some_and(|aside| aside.session != index) {
        coverage.count(Milestone::EscrowResumed);
    }
    // Of the two sides, one counts for the trade.
    let across = |aside: &PutAside| {
        let other = &history.sessions()[aside.session];
        session.player < other.player && other.id.server != session.id.server
    };
    if committed && history.put_aside().iter().filter(of_trade).any(across) {
        coverage.count(Milestone::TradeAcrossServers);
    }
}

/// Whether a write brought a gift that the giver's session on another server had put aside.
pub(super) fn resumes_gift(
    server: ServerId,
    before: Option<&Stored>,
    after: Option<&Stored>,
    history: &History,
) -> bool {
    let newest = |stored: &Stored| match stored {
        Stored::Record(record) => record.global_updates.last_index,
        Stored::Other(_) => 0,
    };
    let (Some(after), before) = (after, before.map_or(0, newest)) else { return false };
    if newest(after) <= before {
        return false;
    }
    let Some(QueuedMessage::Gift { gift, .. }) = history.contents(after).queue().next_back() else { return false };
    let mut asides = history.put_aside().iter().filter(|aside| aside.trade == gift);
    asides.next_back().is_some_and(|aside| history.sessions()[aside.session].id.server != server)
}

fn player_of(aside: &PutAside, history: &History) -> PlayerId {
    history.sessions()[aside.session].player
}
