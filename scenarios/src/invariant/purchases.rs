//! When everything has settled, a purchase that was answered with granted is in the player's data, and none is there
//! twice.

use dupeproof_core::Stored;
use dupeproof_sim::id::{PlayerId, ReceiptId};
use dupeproof_sim::{Global, GuestEvent, Key};
use serde::{Deserialize, Serialize};

use crate::fact::{Detail, Fact};
use crate::finding::Finding;
use crate::game_record::player_of;
use crate::history::History;

/// A purchase granted twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Duplicated {
    /// The purchase.
    pub receipt: ReceiptId,
    /// In whose data it is.
    pub first: PlayerId,
    /// In whose data it is, too; the same again if it is there twice.
    pub second: PlayerId,
}

impl Detail for Duplicated {}

/// A purchase that was paid for and is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lost {
    /// The purchase.
    pub receipt: ReceiptId,
    /// Who paid for it.
    pub player: PlayerId,
}

impl Detail for Lost {}

/// Knows what was answered with granted.
#[derive(Clone, Debug, Default)]
pub struct Purchases {
    granted: Vec<(ReceiptId, PlayerId)>,
}

impl Purchases {
    /// A guest said something that is about no session.
    pub(super) fn told(&mut self, event: &GuestEvent) {
        if let GuestEvent::PurchaseGranted { player, receipt } = event {
            self.granted.push((*receipt, *player));
        }
    }

    /// The run is over: this is stored.
    pub(super) fn judge(
        &mut self,
        at: Global,
        store: &[(Key, Stored)],
        history: &History,
        findings: &mut Vec<Finding>,
    ) {
        let mut bought: Vec<(ReceiptId, PlayerId)> = Vec::new();
        for (key, value) in store {
            let Some(player) = player_of(key) else { continue };
            bought.extend(history.contents(value).bought().map(|receipt| (receipt, player)));
        }
        bought.sort_unstable();
        let mut finding = |player, fact| {
            findings.push(Finding { at, player: Some(player), lasted: None, fact });
        };
        let admin = history.admin();
        for same in bought.chunk_by(|one, other| one.0 == other.0) {
            if let &[(receipt, first), (_, second), ..] = same
                && !admin.restored.receipts.contains(&receipt)
            {
                finding(first, Fact::PurchaseDuplicated(Duplicated { receipt, first, second }));
            }
        }
        // Delivered on two servers at once, it may be answered on both.
        self.granted.sort_unstable();
        self.granted.dedup();
        for &(receipt, player) in &self.granted {
            if bought.binary_search(&(receipt, player)).is_err() && !admin.taken.receipts.contains(&receipt) {
                finding(player, Fact::PurchaseLost(Lost { receipt, player }));
            }
        }
    }
}
