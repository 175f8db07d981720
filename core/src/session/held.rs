//! What a session that holds the lock has in its hands.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::config::Config;
use crate::event::Event;
use crate::ids::{Guid, SessionId};
use crate::io::Output;
use crate::mail::{self, Letter};
use crate::record::{Escrow, GlobalUpdates, Profile};
use crate::sabotage::Sabotage;

/// The data, and what is known of its being stored.
#[derive(Debug)]
pub(crate) struct Held {
    pub load_count: u64,
    pub profile: Profile,
    pub last_saved: Arc<Json>,
    /// The number of the last write that was asked for.
    pub writes: u64,
    /// Messages in the record, oldest first.
    pub letters: Vec<Letter>,
    /// The newest that was announced.
    last_letter: u64,
    /// Gifts of this session.
    gifts: u64,
    /// Purchases that are in the data, and from which write on.
    purchases: Vec<(Arc<str>, u64)>,
    /// The number of the last write that is known to be stored.
    acknowledged: u64,
    /// A write of unknown outcome.
    unknown: Option<(u64, Arc<Json>)>,
}

/// Receipts that a record remembers. Roblox delivers a receipt again at the next join or purchase at the latest, so
/// that those that matter are among the newest.
const RECEIPTS_MAX: usize = 100;

impl Held {
    pub(crate) fn new(profile: Profile) -> Held {
        Held {
            load_count: profile.meta.session_load_count,
            last_saved: Arc::clone(&profile.data),
            profile,
            writes: 0,
            letters: Vec::new(),
            last_letter: 0,
            gifts: 0,
            purchases: Vec::new(),
            acknowledged: 0,
            unknown: None,
        }
    }

    pub(crate) fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    /// A write is known to be stored: the game is told, once.
    pub(super) fn acknowledge(&mut self, id: SessionId, write: u64, data: &Arc<Json>, outputs: &mut VecDeque<Output>) {
        if write <= self.acknowledged {
            return;
        }
        self.acknowledged = write;
        self.last_saved = Arc::clone(data);
        self.unknown = None;
        outputs.push_back(Output::Event(Event::AfterSave { session: id, write, data: Arc::clone(data) }));
        for (receipt, _) in self.purchases.extract_if(.., |(_, needs)| *needs <= write) {
            outputs.push_back(Output::Event(Event::PurchaseStored { session: id, receipt }));
        }
    }

    /// As if everything that was asked for were stored.
    pub(super) fn acknowledge_all(&mut self, id: SessionId, outputs: &mut VecDeque<Output>) {
        let data = Arc::clone(&self.profile.data);
        self.acknowledge(id, self.writes, &data, outputs);
    }

    /// The last write may be stored, or may not.
    pub(super) fn remember_unknown(&mut self, write: u64, data: Arc<Json>) {
        self.unknown = Some((write, data));
    }

    /// The last write in the record may be the one of unknown outcome.
    pub(super) fn look_up(
        &mut self,
        id: SessionId,
        guid: &Guid,
        last: Option<&(Guid, u64)>,
        outputs: &mut VecDeque<Output>,
    ) {
        let (Some((write, data)), Some((writer, stored))) = (&self.unknown, last) else { return };
        if writer == guid && write <= stored {
            let (write, data) = (*write, Arc::clone(data));
            self.acknowledge(id, write, &data, outputs);
        }
    }

    /// The queue of the record was seen: what is new in it is announced.
    pub(super) fn read_mail(&mut self, id: SessionId, updates: &GlobalUpdates, outputs: &mut VecDeque<Output>) {
        for (index, message) in updates.entries.iter().filter_map(mail::entry) {
            if index > self.last_letter {
                self.last_letter = index;
                self.letters.push(Letter { index, message: Arc::new(message.clone()), processed: false });
                outputs.push_back(Output::Event(Event::Message { session: id, index }));
            }
        }
    }

    /// This queue was written: what has left it for good need not be remembered. A letter that is younger than the
    /// queue has not left it, whatever it shows.
    pub(super) fn forget_processed(&mut self, updates: &GlobalUpdates, config: &Config) {
        if config.breaks(Sabotage::SaveForgetsSeenMail) {
            self.letters.clear();
            self.last_letter = 0;
        }
        let queued = |index| updates.entries.iter().filter_map(mail::entry).any(|(queued, _)| queued == index);
        self.letters.retain(|letter| !letter.processed || letter.index > updates.last_index || queued(letter.index));
    }

    /// The queue as this session writes it: without what it has processed.
    pub(crate) fn remaining(&self, updates: &GlobalUpdates, config: &Config) -> GlobalUpdates {
        let processed = |index| {
            self.letters.iter().any(|letter| {
                letter.index == index && (letter.processed || config.breaks(Sabotage::RemovedBeforeProcessed))
            })
        };
        let drops_unseen = config.breaks(Sabotage::SaveDropsUnseenMail);
        if config.breaks(Sabotage::ProcessedNotRemoved) || (self.letters.is_empty() && !drops_unseen) {
            return updates.clone();
        }
        let seen = |index| index <= self.last_letter || !drops_unseen;
        let kept = |entry: &&Json| mail::entry(entry).is_none_or(|(index, _)| !processed(index) && seen(index));
        GlobalUpdates {
            last_index: updates.last_index,
            entries: updates.entries.iter().filter(kept).cloned().collect(),
        }
    }

    /// The coordinator knows that this trade is settled: the note of it is not written again.
    pub(super) fn forget_settled(&mut self, trade: &str) {
        if matches!(self.profile.meta.escrow.get(trade), Some(Escrow::Settled { .. })) {
            Arc::make_mut(&mut self.profile.meta.escrow).remove(trade);
        }
    }

    /// Whether a purchase is in the data, and if so, whether it is known to be stored.
    pub(crate) fn purchase(&self, receipt: &str) -> Option<bool> {
        let known = self.profile.meta.receipts.iter().any(|other| **other == *receipt);
        known.then(|| self.purchases.iter().all(|(other, _)| **other != *receipt))
    }

    /// A purchase is in the data from the next write on.
    pub(crate) fn buy(&mut self, receipt: &Arc<str>, keep_receipt: bool) {
        self.purchases.push((Arc::clone(receipt), self.writes + 1));
        if keep_receipt {
            let old = &self.profile.meta.receipts;
            let forgotten = (old.len() + 1).saturating_sub(RECEIPTS_MAX);
            self.profile.meta.receipts = old[forgotten..].iter().chain([receipt]).cloned().collect();
        }
    }

    /// The number of this profile's next gift: the load count makes numbers grow from session to session.
    pub(crate) fn next_gift(&mut self) -> u64 {
        self.gifts += 1;
        self.load_count << 32 | self.gifts
    }
}
