//! MarketplaceService's books: what was bought, and which of it is resolved.

use std::collections::BTreeSet;

use crate::id::{PlayerId, ReceiptId};
use crate::rng::{Seed, Stream};
use crate::schedule::Schedule;

/// Knows which receipts `ProcessReceipt` is still called for. A receipt is resolved once a server answered with
/// `PurchaseGranted` and that was recorded, and not before: nothing else ends it, no time passing either (class
/// reference, `MarketplaceService.ProcessReceipt`).
pub struct Marketplace {
    /// Everything that was ever bought.
    known: BTreeSet<ReceiptId>,
    /// In order of purchase.
    unresolved: Vec<(PlayerId, ReceiptId)>,
    unrecorded_ppm: u32,
    draws: Stream,
}

impl Marketplace {
    /// Nothing bought yet.
    pub fn new(schedule: &Schedule) -> Marketplace {
        Marketplace {
            known: BTreeSet::new(),
            unresolved: Vec::new(),
            unrecorded_ppm: schedule.lifecycle.unrecorded_ppm,
            draws: Seed(schedule.seed).stream("receipts", 0),
        }
    }

    /// Whether this was ever bought.
    pub fn knows(&self, receipt: ReceiptId) -> bool {
        self.known.contains(&receipt)
    }

    /// A player buys something.
    pub fn sell(&mut self, player: PlayerId, receipt: ReceiptId) {
        if self.known.insert(receipt) {
            self.unresolved.push((player, receipt));
        }
    }

    /// Whether it was bought and is not resolved.
    pub fn is_unresolved(&self, receipt: ReceiptId) -> bool {
        self.unresolved.iter().any(|(_, other)| *other == receipt)
    }

    /// What a player has bought that is not resolved.
    pub fn unresolved(&self, player: PlayerId) -> impl Iterator<Item = ReceiptId> {
        self.unresolved.iter().filter(move |(buyer, _)| *buyer == player).map(|(_, receipt)| *receipt)
    }

    /// A server answers with `PurchaseGranted`. False if that is not recorded, and the receipt comes again.
    pub fn granted(&mut self, receipt: ReceiptId) -> bool {
        let Some(place) = self.unresolved.iter().position(|(_, other)| *other == receipt) else { return true };
        let recorded = !self.draws.chance(self.unrecorded_ppm);
        if recorded {
            self.unresolved.remove(place);
        }
        recorded
    }

    /// From here every answer is recorded.
    pub fn heal(&mut self) {
        self.unrecorded_ppm = 0;
    }
}
