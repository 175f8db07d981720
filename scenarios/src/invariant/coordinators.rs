//! When all have come and gone once more, no trade's coordinator is left that no player's record says anything of any
//! more: nobody will come for it again.

use dupeproof_core::Stored;
use dupeproof_sim::{Global, Key};

use super::lock_stuck::Stuck;
use crate::fact::Fact;
use crate::finding::Finding;
use crate::game_record::trade_of;
use crate::history::History;

/// The run is over and this is stored. What an admin's removal took a side of is nobody's fault.
pub(super) fn judge(at: Global, store: &[(Key, Stored)], history: &History, findings: &mut Vec<Finding>) {
    let taken = &history.admin().taken;
    let comes = |trade| store.iter().any(|(_, value)| history.contents(value).has_part_in(trade));
    for trade in store.iter().filter_map(|(key, _)| trade_of(key)) {
        let exempt = taken.trades.contains(&trade) || taken.settled.contains(&trade);
        if !exempt && !comes(trade) {
            let fact = Fact::LockStuck(Stuck::Coordinator { trade });
            findings.push(Finding { at, player: None, lasted: None, fact });
        }
    }
}
