//! How far trades get, and how many are aborted.

use dupeproof_sim::GuestEvent;
use dupeproof_sim::id::TradeId;
use dupeproof_sim::schedule::Action;
use dupeproof_sim::trace::Event;
use serde::{Deserialize, Serialize};

use crate::history::History;

/// What became of the trades of one run, or of many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trades {
    /// Trades for which a side put something aside, or was told a decision.
    pub asked: u64,
    /// Of these, trades that a side was told are committed.
    pub committed: u64,
    /// Of these, trades that a side was told are aborted.
    pub aborted: u64,
    /// Of these, trades of which no side was told anything: the escrow was never stored.
    pub open: u64,
    /// Trades that committed in runs in which nothing went wrong.
    pub healthy_committed: u64,
    /// Trades that were aborted in runs in which nothing went wrong: the other side never came.
    pub healthy_aborted: u64,
}

impl Trades {
    /// Adds other runs' trades.
    pub(super) fn add(&mut self, other: Trades) {
        self.asked += other.asked;
        self.committed += other.committed;
        self.aborted += other.aborted;
        self.open += other.open;
        self.healthy_committed += other.healthy_committed;
        self.healthy_aborted += other.healthy_aborted;
    }

    /// Of the trades that were decided in runs in which nothing went wrong, how many were aborted, in parts per million;
    /// `None` if there were none.
    pub fn healthy_aborted_ppm(&self) -> Option<u64> {
        (self.healthy_aborted * 1_000_000).checked_div(self.healthy_committed + self.healthy_aborted)
    }
}

/// Watches the trades of one run.
#[derive(Clone, Debug, Default)]
pub(super) struct TradeMeter {
    /// Whether each committed, if a side was told.
    trades: Vec<(TradeId, Option<bool>)>,
    /// Something went wrong.
    hindered: bool,
}

impl TradeMeter {
    /// A guest said something.
    pub(super) fn told(&mut self, event: &GuestEvent, history: &History) {
        match event {
            GuestEvent::ItemPutAside { trade, .. } if !history.is_gift(*trade) => drop(self.trade(*trade)),
            GuestEvent::TradeDecided { trade, committed, .. } => {
                let decided = self.trade(*trade);
                *decided = Some(decided.unwrap_or(false) || *committed);
            }
            _ => {}
        }
    }

    /// Something else happened.
    pub(super) fn observe(&mut self, event: &Event) {
        self.hindered |= matches!(
            event,
            Event::RequestFault { .. }
                | Event::Throttled { .. }
                | Event::ServerCrashed { .. }
                | Event::ServerKilled { .. }
                | Event::ServerFroze { .. }
                | Event::ServerLagged { .. }
                | Event::PartitionBegan { .. }
                | Event::OutageBegan { .. }
                | Event::Disconnected { .. }
                | Event::MessageLost { .. }
                | Event::MessageDoubled { .. }
                | Event::MessageDropped { .. }
                | Event::SubscribeHung { .. }
                | Event::Answered { error: Some(_), .. }
                | Event::Acted { action: Action::ClockStep { .. }, .. }
        );
    }

    /// What became of them.
    pub(super) fn trades(&self) -> Trades {
        let count = |decided: Option<bool>| self.trades.iter().map(|trade| u64::from(trade.1 == decided)).sum::<u64>();
        let (committed, aborted, open) = (count(Some(true)), count(Some(false)), count(None));
        let healthy = |number| if self.hindered { 0 } else { number };
        Trades {
            asked: committed + aborted + open,
            committed,
            aborted,
            open,
            healthy_committed: healthy(committed),
            healthy_aborted: healthy(aborted),
        }
    }

    fn trade(&mut self, trade: TradeId) -> &mut Option<bool> {
        let place = self.trades.iter().position(|(other, _)| *other == trade).unwrap_or_else(|| {
            self.trades.push((trade, None));
            self.trades.len() - 1
        });
        &mut self.trades[place].1
    }
}
