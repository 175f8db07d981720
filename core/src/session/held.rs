//! The profile of a session that holds the lock, and what is known of its being stored.

use std::sync::Arc;

use serde_json::Value as Json;

use super::requester::Requester;
use crate::config::Config;
use crate::context::Context;
use crate::event::Event;
use crate::ids::Guid;
use crate::message::{self, QueuedMessage};
use crate::plan::{Acquisition, Decision, Kept};
use crate::record::{Escrow, GlobalUpdates, Profile};
use crate::sabotage::Sabotage;
use crate::time::{Due, Mono, Span};

/// The data, and what is known of its being stored.
#[derive(Debug)]
#[cfg_attr(feature = "explore", derive(Clone, Hash))]
pub(crate) struct Held {
    pub load_count: u64,
    /// How long a confirming call keeps this session live.
    pub lease: Span,
    /// Until when a session whose lock was taken without waiting for it may believe that it is live.
    pub stolen_until: Due,
    pub profile: Profile,
    pub last_saved: Arc<Json>,
    /// The number of the last write that was asked for.
    pub writes: u64,
    /// Messages in the record, oldest first.
    pub messages: Vec<QueuedMessage>,
    /// The index of the newest message that was read.
    last_message: u64,
    /// The index of the newest message that was announced.
    announced: u64,
    /// Gifts of this session.
    gifts: u64,
    /// Purchases that are in the data, and from which write on.
    purchases: Vec<(Arc<str>, u64)>,
    /// The number of the last write that is known to be stored.
    acknowledged: u64,
    /// A write of unknown outcome: its number and its data.
    unknown: Option<(u64, Arc<Json>)>,
}

impl Held {
    /// The lock was acquired no later than now.
    pub(super) fn new(acquisition: Acquisition, now: Mono, config: &Config) -> Held {
        let (lease, profile) = (acquisition.lease(), acquisition.profile);
        let stolen =
            profile.meta.stolen_lease.map_or(Span::ZERO, |lease| config.takeover_wait(Config::stated_lease(lease)));
        Held {
            load_count: profile.meta.session_load_count,
            lease,
            stolen_until: Due(now + stolen),
            last_saved: Arc::clone(&profile.data),
            profile,
            writes: 0,
            messages: Vec::new(),
            last_message: 0,
            announced: 0,
            gifts: 0,
            purchases: Vec::new(),
            acknowledged: 0,
            unknown: None,
        }
    }

    /// The end of the lease that a call which was started then confirms.
    pub(super) fn lease_end(&self, started: Mono, config: &Config) -> Mono {
        if config.breaks(Sabotage::NoLease) {
            return Mono(u64::MAX);
        }
        let changed = config.breaks(Sabotage::LeaseChangesAtOnce);
        started + if changed { self.lease.max(config.lease) } else { self.lease }
    }

    /// With no confirming call for this long, the session makes a check.
    pub(super) fn check_period(&self) -> Span {
        Span(self.lease.0 / 3)
    }

    /// If a check has not been answered after this time, the next one is made.
    pub(super) fn check_patience(&self) -> Span {
        Span(self.lease.0 / 9)
    }

    pub(super) fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    /// A write is known to be stored: the game learns it once.
    fn acknowledge(&mut self, write: u64, data: &Arc<Json>, requester: &Requester, context: &mut Context<'_>) {
        debug_assert!(write <= self.writes, "write {write} is stored, and only {} were asked for", self.writes);
        // A late answer to an older write: a newer one has said more.
        if write <= self.acknowledged {
            return;
        }
        self.acknowledged = write;
        self.last_saved = Arc::clone(data);
        self.unknown = None;
        let session = requester.id;
        context.emit(Event::AfterSave { session, write, data: Arc::clone(data) });
        for (receipt, _) in self
            .purchases
            .extract_if(.., |(_, needs)| *needs <= write || context.config.breaks(Sabotage::PurchaseStoredWithAnySave))
        {
            context.emit(Event::PurchaseStored { session, receipt });
        }
    }

    /// If this committed decision stored data, the game learns it.
    pub(super) fn acknowledge_decision(
        &mut self,
        decision: &Decision,
        requester: &Requester,
        context: &mut Context<'_>,
    ) {
        if let Decision::Save { write, data, .. } | Decision::Release { write, data, .. } = decision {
            self.acknowledge(*write, data, requester, context);
        }
    }

    /// As if everything that was asked for were stored: a deliberate mistake.
    pub(super) fn acknowledge_all(&mut self, requester: &Requester, context: &mut Context<'_>) {
        let data = Arc::clone(&self.profile.data);
        self.acknowledge(self.writes, &data, requester, context);
    }

    /// A write was answered with an error: it is looked up as soon as the record is seen again.
    pub(super) fn remember_unknown(&mut self, decision: Decision, requester: &Requester, context: &mut Context<'_>) {
        if context.config.breaks(Sabotage::UnknownIsAcknowledged) {
            return self.acknowledge_decision(&decision, requester, context);
        }
        if let Decision::Save { write, data, .. } | Decision::Release { write, data, .. } = decision {
            self.unknown = Some((write, data));
        }
    }

    /// The record was seen: its last write may be the one of unknown outcome.
    pub(super) fn look_up(
        &mut self,
        last_write: Option<&(Guid, u64)>,
        requester: &Requester,
        context: &mut Context<'_>,
    ) {
        let (Some((write, data)), Some((writer, stored))) = (&self.unknown, last_write) else { return };
        let own = *writer == requester.guid || context.config.breaks(Sabotage::AnyWriterIsOwn);
        let as_new = write <= stored || context.config.breaks(Sabotage::OlderWriteIsThisOne);
        if own && as_new {
            let (write, data) = (*write, Arc::clone(data));
            self.acknowledge(write, &data, requester, context);
        }
    }

    /// The data could not be stored, and the profile is as it was stored before. It is not tried again before the next
    /// save that is asked for: only the game can make it storable.
    pub(super) fn refused(&mut self, kept: &Kept, last: bool, requester: &Requester, context: &mut Context<'_>) {
        self.look_up(kept.last_write.as_ref(), requester, context);
        if context.config.breaks(Sabotage::KeptIsAcknowledged) {
            let data = Arc::clone(&self.profile.data);
            self.acknowledge(kept.write, &data, requester, context);
        }
        let (session, key) = (requester.id, Arc::clone(&requester.key));
        context.emit(Event::SaveRefused { session, key, write: kept.write, why: kept.why, last });
    }

    /// The queue of the record was seen.
    pub(super) fn read_queue(&mut self, updates: &GlobalUpdates, config: &Config) {
        let again = config.breaks(Sabotage::LastMessageReadAgain);
        for (index, payload) in updates.entries.iter().filter_map(message::queued) {
            if index > self.last_message || (again && index == self.last_message) {
                self.last_message = index;
                self.messages.push(QueuedMessage { index, payload: Arc::new(payload.clone()), processed: false });
            }
        }
    }

    /// Announces each message once. The session is live: the game can process them.
    pub(super) fn announce_messages(&mut self, requester: &Requester, context: &mut Context<'_>) {
        let new = self.messages.iter().filter(|message| message.index > self.announced && !message.processed);
        for message in new {
            context.emit(Event::Message { session: requester.id, index: message.index });
        }
        self.announced = self.last_message;
    }

    /// The game may have been told of messages when it could not process them.
    pub(super) fn announce_messages_again(&mut self) {
        self.announced = 0;
    }

    /// This queue was written: what has left it for good need not be remembered. A message that is younger than the
    /// queue has not left it, although the queue does not show it.
    pub(super) fn forget_processed(&mut self, updates: &GlobalUpdates, config: &Config) {
        if config.breaks(Sabotage::SaveForgetsSeenMessages) {
            self.messages.clear();
            (self.last_message, self.announced) = (0, 0);
        }
        let queued = |index| updates.entries.iter().filter_map(message::queued).any(|(queued, _)| queued == index);
        self.messages.retain(|message| {
            !message.processed
                || (message.index > updates.last_index && !config.breaks(Sabotage::YoungMessagesForgotten))
                || queued(message.index)
        });
    }

    /// The queue as this session writes it: without what it has processed.
    pub(crate) fn remaining(&self, updates: &GlobalUpdates, config: &Config) -> GlobalUpdates {
        let waits = self.messages.iter().find(|message| !message.processed).map_or(u64::MAX, |message| message.index);
        let before = if config.breaks(Sabotage::ProcessedWaitsForOlder) { waits } else { u64::MAX };
        let processed = |index| {
            index < before
                && self.messages.iter().any(|message| {
                    message.index == index && (message.processed || config.breaks(Sabotage::RemovedBeforeProcessed))
                })
        };
        let drops_unseen = config.breaks(Sabotage::SaveDropsUnseenMessages);
        // Nothing to remove, which is nearly always so: the queue is shared instead of copied.
        if config.breaks(Sabotage::ProcessedNotRemoved) || (self.messages.is_empty() && !drops_unseen) {
            return updates.clone();
        }
        let seen = |index| index <= self.last_message || !drops_unseen;
        let kept = |entry: &&Json| message::queued(entry).is_none_or(|(index, _)| !processed(index) && seen(index));
        GlobalUpdates {
            last_index: if config.breaks(Sabotage::QueueCountsItself) {
                updates.entries.len() as u64
            } else {
                updates.last_index
            },
            entries: updates.entries.iter().filter(kept).cloned().collect(),
        }
    }

    /// The coordinator knows that this trade is settled: its note is not written again.
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
    pub(crate) fn buy(&mut self, receipt: &Arc<str>, config: &Config) {
        self.purchases.push((Arc::clone(receipt), self.writes + 1));
        let old = &self.profile.meta.receipts;
        let forgotten = (old.len() + 1).saturating_sub(config.max_receipts.max(1));
        let newest = config.breaks(Sabotage::NewestReceiptForgotten) && forgotten > 0;
        if !newest && !config.breaks(Sabotage::ReceiptNotKept) {
            self.profile.meta.receipts = old[forgotten..].iter().chain([receipt]).cloned().collect();
        }
    }

    /// The number of this profile's next gift: the load count makes numbers grow from session to session.
    pub(crate) fn next_gift(&mut self) -> u64 {
        self.gifts += 1;
        debug_assert!(self.gifts < 1 << 32, "a session's gifts have their numbers to themselves");
        self.load_count << 32 | self.gifts
    }
}
