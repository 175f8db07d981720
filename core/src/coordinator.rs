//! The record that decides a trade: one compare-and-set makes it committed or aborted, once.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::config::Config;
use crate::ids::Key;
use crate::record::Stored;
use crate::sabotage::Sabotage;

/// A trade's coordinator record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Coordinator {
    /// The two profiles.
    pub parties: [Key; 2],
    /// What each side that is prepared has put aside.
    pub gives: BTreeMap<Key, Arc<Json>>,
    pub decision: TradeDecision,
    /// The sides that have applied the decision.
    pub applied: Vec<Key>,
}

/// The state of a trade. Once committed or aborted, it never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum TradeDecision {
    Pending,
    Committed,
    Aborted,
}

/// What one side does to the coordinator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TradeStep {
    /// My escrow is stored.
    Prepare,
    /// Reads the decision. While there is none, ask again later.
    Ask,
    /// Time is up: aborted, unless it is decided.
    Abort,
    /// My side of the decision is stored.
    MarkApplied,
}

/// What one side sees after its step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TradeStatus {
    /// For this side. A side that has applied the decision and comes again begins another trade under an old id: that
    /// one is aborted.
    pub decision: TradeDecision,
    /// There was no record.
    pub absent: bool,
    /// The coordinator has what this side put aside.
    pub prepared: bool,
    /// What the other side put aside.
    pub receives: Option<Arc<Json>>,
    /// Every side that has a part in the decision has applied it: the record is not needed any more.
    pub finished: bool,
}

/// The keys of coordinators begin with this.
const PREFIX: &str = "Trade_";

/// The key of a trade's coordinator.
pub(crate) fn key_of(trade: &str) -> Key {
    format!("{PREFIX}{trade}").into()
}

/// Whether a key is reserved for coordinators: a profile there, or a message to it, would be mistaken for one.
pub(crate) fn is_reserved(key: &str) -> bool {
    key.starts_with(PREFIX)
}

/// What to write for one side's step, and what that side sees after it.
///
/// The side that prepares first only makes the record, and prepares in it with its next write. So a write that prepares
/// needs a version that was in the record while the session was live. However late it is, it can never be applied once
/// its side has seen the record decided or gone, not even when the record was removed and another is made.
pub(crate) fn step(
    step: TradeStep,
    own: &Key,
    partner: &Key,
    gives: &Arc<Json>,
    current: Option<&Stored>,
    config: &Config,
) -> (Option<Stored>, TradeStatus) {
    let stored = match current {
        Some(Stored::Other(json)) => Coordinator::deserialize(&**json).ok(),
        _ => None,
    };
    let mut coordinator = stored.clone().unwrap_or_else(|| Coordinator {
        parties: [Arc::clone(own), Arc::clone(partner)],
        gives: BTreeMap::new(),
        decision: TradeDecision::Pending,
        applied: Vec::new(),
    });
    let again = coordinator.applied.contains(own) && step != TradeStep::MarkApplied;
    match (step, coordinator.decision) {
        (TradeStep::Prepare, TradeDecision::Pending) if stored.is_some() => coordinator.prepare(own, gives, config),
        // Also where there is no record: the other side then finds the abort instead of making a pending one.
        (TradeStep::Abort, TradeDecision::Pending) => coordinator.decision = TradeDecision::Aborted,
        (TradeStep::Abort, TradeDecision::Committed) if config.breaks(Sabotage::DecisionChanges) => {
            coordinator.decision = TradeDecision::Aborted;
        }
        // A pending record is not the one whose decision this side has applied.
        (TradeStep::MarkApplied, TradeDecision::Committed | TradeDecision::Aborted)
            if !coordinator.applied.contains(own) =>
        {
            coordinator.applied.push(Arc::clone(own));
        }
        _ => {}
    }
    debug_assert!(
        stored.as_ref().is_none_or(|stored| {
            [TradeDecision::Pending, coordinator.decision].contains(&stored.decision)
                || config.breaks(Sabotage::DecisionChanges)
        }),
        "{stored:?} was decided, and would be {coordinator:?}"
    );
    let status = TradeStatus {
        decision: if again { TradeDecision::Aborted } else { coordinator.decision },
        absent: stored.is_none(),
        prepared: coordinator.gives.contains_key(own),
        receives: coordinator.gives.get(partner).cloned(),
        finished: coordinator.is_finished(config),
    };
    // Asking writes nothing; neither does a step that was made before.
    let changed = stored.as_ref() != Some(&coordinator)
        && (stored.is_some() || !matches!(step, TradeStep::Ask | TradeStep::MarkApplied));
    (changed.then(|| coordinator.to_stored()), status)
}

impl Coordinator {
    /// Commits if both sides are prepared; aborts if what is given is too large for one record.
    fn prepare(&mut self, own: &Key, gives: &Arc<Json>, config: &Config) {
        self.gives.insert(Arc::clone(own), Arc::clone(gives));
        if config.limits.check(&self.to_stored()).is_err() {
            self.gives.remove(own);
            self.decision = TradeDecision::Aborted;
            return;
        }
        let both = self.parties.iter().all(|party| self.gives.contains_key(party));
        if both || config.breaks(Sabotage::CommitWithOneSide) {
            self.decision = TradeDecision::Committed;
        }
    }

    /// A side that was not prepared has no part in an abort: if it still comes, it finds no record, makes a new one, and
    /// is alone in it.
    fn is_finished(&self, config: &Config) -> bool {
        let has_applied = |party| self.applied.contains(party);
        match self.decision {
            _ if config.breaks(Sabotage::CoordinatorRemovedByFirst) => true,
            TradeDecision::Pending => false,
            TradeDecision::Aborted if !config.breaks(Sabotage::AbortWaitsForAll) => self.gives.keys().all(has_applied),
            TradeDecision::Committed | TradeDecision::Aborted => self.parties.iter().all(has_applied),
        }
    }

    fn to_stored(&self) -> Stored {
        Stored::Other(Arc::new(serde_json::to_value(self).unwrap_or_default()))
    }
}
