//! When and where `ProcessReceipt` is called.

use super::Director;
use super::task::Task;
use crate::clock::Global;
use crate::guest::Command;
use crate::id::{PlayerId, ReceiptId, ServerId};
use crate::trace::{Event, Trace};

impl Director {
    /// On one of the servers where the player is.
    pub(super) fn purchase(&mut self, at: Global, step: u32, player: PlayerId, receipt: ReceiptId) {
        let places: Vec<_> = self.places_of(player).collect();
        let place = self.scattering.below(u64::try_from(places.len()).expect("slots are numbered in 16 bits"));
        let slot = places[usize::try_from(place).expect("one of the places")];
        self.marketplace.sell(player, receipt);
        self.call_for_receipts(at, Some(step), self.current(slot), player);
    }

    /// All unresolved purchases of a player come, soon and in any order: when they buy something and when they join
    /// (class reference, `MarketplaceService.ProcessReceipt`, which calls the order non-deterministic).
    pub(super) fn call_for_receipts(&mut self, at: Global, step: Option<u32>, server: ServerId, player: PlayerId) {
        let receipts = self.marketplace.unresolved(player);
        let tasks: Vec<Task> = receipts.map(|receipt| Task::Deliver(server, player, receipt, step)).collect();
        if !tasks.is_empty() {
            self.scatter(at, self.lifecycle.receipt_delay, tasks);
        }
    }

    /// Only to a player who is still there (class reference: the user must be in the server).
    pub(super) fn deliver(
        &mut self,
        at: Global,
        server: ServerId,
        player: PlayerId,
        receipt: ReceiptId,
        step: Option<u32>,
        trace: &mut Trace<'_>,
    ) {
        let slot = &self.slots[usize::from(server.slot)];
        let there = slot.life == server.life && slot.players.contains(&player);
        if there && self.marketplace.is_unresolved(receipt) {
            self.act_out(at, step, server.slot, Command::Receipt { player, receipt }, trace);
        }
    }

    /// A server's guest answered `ProcessReceipt` with `PurchaseGranted`; also after the player has left.
    pub(super) fn granted(&mut self, at: Global, receipt: ReceiptId, trace: &mut Trace<'_>) {
        if !self.marketplace.granted(receipt) {
            trace.record(at, &Event::ReceiptNotRecorded { receipt });
        }
    }
}
