//! What is stored in a run, and how often something is in it.

use std::collections::BTreeMap;

use dupeproof_core::Stored;
use dupeproof_scenarios::history::contents::{Contents, given};
use dupeproof_sim::id::{ItemId, MessageId, ReceiptId};
use dupeproof_sim::record_layout::RecordLayout;

/// What is stored, by key.
pub(super) type Store<'a> = BTreeMap<&'a str, &'a Stored>;

fn contents<'a>(store: &Store<'a>) -> impl Iterator<Item = Contents<'a>> {
    store.values().map(|stored| Contents::new(stored, &RecordLayout::Record))
}

pub(super) fn places_of_item(store: &Store<'_>, item: ItemId) -> usize {
    let places = contents(store).flat_map(|contents| {
        let aside = contents.escrow().filter_map(|(_, escrow)| given(escrow));
        contents.items().chain(contents.gifts()).chain(aside)
    });
    places.filter(|other| *other == item).count()
}

pub(super) fn times_bought(store: &Store<'_>, receipt: ReceiptId) -> usize {
    contents(store).flat_map(Contents::bought).filter(|other| *other == receipt).count()
}

pub(super) fn times_there(store: &Store<'_>, message: MessageId) -> usize {
    let all = contents(store).flat_map(|contents| contents.handled().chain(contents.queued()));
    all.filter(|other| *other == message).count()
}

/// The coins of all players.
pub(super) fn coins(store: &Store<'_>) -> i64 {
    contents(store).filter_map(Contents::coins).sum()
}
