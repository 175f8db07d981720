//! When all have come and gone once more, no trade's coordinator is left that no player's record says anything of any
//! more: nobody will come for it again.
//!
//! One is nobody's fault: a write that makes a coordinator where there is none can be on its way until the trade is
//! over and its coordinator was made by another and removed. To the store there is none, as there was none before, and
//! to whoever wrote it the session is long over. Such a coordinator binds nobody, and holds nothing: who prepares writes
//! over a version that is there.

use dupeproof_core::Stored;
use dupeproof_sim::guest::TradeId;
use dupeproof_sim::request::RequestKind;
use dupeproof_sim::trace::{Event, ServerId};
use dupeproof_sim::{Global, Key, RequestId};

use super::lock_stuck::Stuck;
use super::{Breach, Fact};
use crate::ledger::Ledger;
use crate::ledger::contents::trade_of;

/// Watches the coordinators come and go.
#[derive(Clone, Debug, Default)]
pub struct Coordinators {
    /// Conditional writes that were asked for.
    asked: Vec<(ServerId, RequestId, Global)>,
    /// When each was removed, and those that stand.
    seen: Vec<Seen>,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    trade: TradeId,
    /// When the write was asked for that made it.
    asked: Option<Global>,
    removed: Option<Global>,
}

impl Coordinators {
    /// A request was made, or a write was applied.
    pub(super) fn observe(&mut self, at: Global, event: &Event) {
        match event {
            Event::Requested { server, id, kind: RequestKind::CompareAndSet, target: Some(target) }
                if trade_of(target).is_some() =>
            {
                self.asked.push((*server, *id, at));
            }
            Event::Committed { server, id, key, before, after, .. } => {
                let Some(trade) = trade_of(key) else { return };
                let request = self.asked.iter().rev().find(|asked| (asked.0, asked.1) == (*server, *id));
                let asked = request.map(|request| request.2);
                let seen = self.seen(trade);
                match (before, after) {
                    (_, None) => seen.removed = Some(at),
                    (None, Some(_)) => seen.asked = asked,
                    (Some(_), Some(_)) => {}
                }
            }
            _ => {}
        }
    }

    /// The run is over and this is stored. What an admin's removal took a side of is nobody's fault either.
    pub(super) fn judge(&mut self, at: Global, store: &[(Key, Stored)], ledger: &Ledger, breaches: &mut Vec<Breach>) {
        let taken = &ledger.admin().taken;
        let comes = |trade| store.iter().any(|(_, value)| ledger.contents(value).has_part_in(trade));
        for trade in store.iter().filter_map(|(key, _)| trade_of(key)) {
            let excused =
                taken.trades.contains(&trade) || taken.settled.contains(&trade) || self.seen(trade).is_stray();
            if !excused && !comes(trade) {
                let fact = Fact::LockStuck(Stuck::Coordinator { trade });
                breaches.push(Breach { at, player: None, lasted: None, servers: [None, None], fact });
            }
        }
    }

    fn seen(&mut self, trade: TradeId) -> &mut Seen {
        let place = self.seen.iter().position(|seen| seen.trade == trade).unwrap_or_else(|| {
            self.seen.push(Seen { trade, asked: None, removed: None });
            self.seen.len() - 1
        });
        &mut self.seen[place]
    }
}

impl Seen {
    /// The write that made it had been on its way since before another was removed.
    fn is_stray(self) -> bool {
        self.asked.zip(self.removed).is_some_and(|(asked, removed)| asked < removed)
    }
}
