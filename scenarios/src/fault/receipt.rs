//! Receipts of purchases.

use dupeproof_sim::schedule::Lifecycle;
use dupeproof_sim::trace::Event;

use super::evidence::Evidence;
use super::row::{Draws, FaultRow, Shows, Sign, Stream};

pub(super) const FAULTS: &[FaultRow] = &[FaultRow {
    name: "receipt_not_recorded",
    about: "the game answers PurchaseGranted, Roblox does not record it, and the receipt is delivered again",
    words: "a receipt that is not recorded",
    by_chance: true,
    evidence: Evidence::Documented,
    source: "class reference, MarketplaceService.ProcessReceipt: it \"might still fail to be recorded\"",
    // There are few receipts, and a lost record shows only if the player comes back.
    draws: &[Draws::setting(Stream::Shared, 14, |draw, schedule| {
        schedule.lifecycle.unrecorded_ppm = draw.pick(&[50_000, 200_000, 500_000]);
    })],
    take_out: |schedule| schedule.lifecycle.unrecorded_ppm = Lifecycle::default().unrecorded_ppm,
    probes: &[Sign {
        name: "receipt_not_recorded",
        about: "Receipts answered with granted, which was not recorded.",
        shows: Shows::Event(|event, _| matches!(event, Event::ReceiptNotRecorded { .. })),
    }],
    ..FaultRow::BLANK
}];
