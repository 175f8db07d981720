//! When everything has settled, a purchase that was answered with granted is in the player's data, and none is there
//! twice.

use dupeproof_core::Stored;
use dupeproof_sim::guest::{PlayerId, ReceiptId};
use dupeproof_sim::{Global, GuestEvent, Key};

use super::{Breach, Fact};
use crate::history::{History, player_of};

/// A purchase granted twice.
#[derive(Clone, Copy, Debug)]
pub struct Duplicated {
    receipt: ReceiptId,
    first: PlayerId,
    second: PlayerId,
}

impl Duplicated {
    pub(super) fn story(&self) -> String {
        let Duplicated { receipt, first, second } = self;
        if first == second {
            return format!("purchase {} is twice in Player_{}'s data", receipt.0, first.0);
        }
        format!("purchase {} is in Player_{}'s data and in Player_{}'s", receipt.0, first.0, second.0)
    }
}

/// A purchase that was paid for and is not there.
#[derive(Clone, Copy, Debug)]
pub struct Lost {
    receipt: ReceiptId,
}

impl Lost {
    pub(super) fn story(&self, key: &str) -> String {
        format!("purchase {} was answered with granted, and is not in the data of {key}", self.receipt.0)
    }
}

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
    pub(super) fn judge(&mut self, at: Global, store: &[(Key, Stored)], history: &History, breaches: &mut Vec<Breach>) {
        let mut bought: Vec<(ReceiptId, PlayerId)> = Vec::new();
        for (key, value) in store {
            let Some(player) = player_of(key) else { continue };
            bought.extend(history.contents(value).bought().map(|receipt| (receipt, player)));
        }
        bought.sort_unstable();
        let mut breach = |player, fact| {
            breaches.push(Breach { at, player: Some(player), lasted: None, servers: [None, None], fact });
        };
        let admin = history.admin();
        for same in bought.chunk_by(|one, other| one.0 == other.0) {
            if let &[(receipt, first), (_, second), ..] = same
                && !admin.restored.receipts.contains(&receipt)
            {
                breach(first, Fact::PurchaseDuplicated(Duplicated { receipt, first, second }));
            }
        }
        // Delivered on two servers at once, it may be answered on both.
        self.granted.sort_unstable();
        self.granted.dedup();
        for &(receipt, player) in &self.granted {
            if bought.binary_search(&(receipt, player)).is_err() && !admin.taken.receipts.contains(&receipt) {
                breach(player, Fact::PurchaseLost(Lost { receipt }));
            }
        }
    }
}
