//! When everything has settled, a purchase that was answered with granted is in the player's data, and none is there
//! twice.

use std::collections::BTreeSet;

use dupeproof_core::Stored;
use dupeproof_sim::id::{PlayerId, ReceiptId, ServerId};
use dupeproof_sim::trace::Event;
use dupeproof_sim::{Action, Global, GuestEvent, Key, Schedule};
use serde::{Deserialize, Serialize};

use super::false_ack;
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
#[derive(Clone, Debug)]
pub struct Purchases {
    granted: Vec<(ReceiptId, PlayerId)>,
    /// What was ever stored; `None` if nothing is bought, or nobody says where.
    stored: Option<BTreeSet<(ReceiptId, PlayerId)>>,
}

impl Purchases {
    /// Before a run of this schedule.
    pub(super) fn new(schedule: &Schedule) -> Purchases {
        let buys = schedule.timeline.iter().any(|step| matches!(step.action, Action::Purchase { .. }));
        Purchases { granted: Vec::new(), stored: buys.then(BTreeSet::new) }
    }

    /// Nobody says where a purchase is noted.
    pub(super) fn ignore_stored(&mut self) {
        self.stored = None;
    }

    /// A player's record was written.
    pub(super) fn commit(&mut self, player: PlayerId, event: &Event, history: &History) {
        if let (Some(stored), Event::Committed { after: Some(after), .. }) = (&mut self.stored, event) {
            stored.extend(history.contents(after).bought().map(|receipt| (receipt, player)));
        }
    }

    /// A guest said something that is about no session.
    pub(super) fn told(&mut self, at: Global, server: ServerId, event: &GuestEvent, findings: &mut Vec<Finding>) {
        if let GuestEvent::PurchaseGranted { player, receipt } = event {
            self.granted.push((*receipt, *player));
            if self.stored.as_ref().is_some_and(|stored| !stored.contains(&(*receipt, *player))) {
                false_ack::granted(at, server, (*player, *receipt), findings);
            }
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
