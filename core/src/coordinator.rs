//! The record that two sides of a trade decide by: one compare-and-set makes it committed or aborted, once.

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
    pub decision: Verdict,
    /// The sides that have applied the decision.
    pub applied: Vec<Key>,
}

/// What was decided. Once decided, never changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Verdict {
    Pending,
    Committed,
    Aborted,
}

/// What one side does to the coordinator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Move {
    /// My escrow is stored.
    Prepare,
    /// What is decided? While nothing is, look again later.
    Ask,
    /// Time is up: aborted, unless it is decided.
    Abort,
    /// My side of the decision is stored.
    MarkApplied,
}

/// What one side sees after its move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// For this side. One that has applied the decision and comes again begins another trade under an old id, which
    /// is aborted.
    pub verdict: Verdict,
    /// There was no record.
    pub absent: bool,
    /// What this side put aside is known to the coordinator.
    pub prepared: bool,
    /// What the other side put aside.
    pub receives: Option<Arc<Json>>,
    /// Whoever has a part in the decision has applied it: the record is of no use any more.
    pub finished: bool,
}

/// What the keys of coordinators begin with.
const PREFIX: &str = "Trade_";

/// The key of a trade's coordinator.
pub(crate) fn key_of(trade: &str) -> Key {
    format!("{PREFIX}{trade}").into()
}

/// Whether a key is kept for coordinators: a profile there, or a message to it, would be taken for one.
pub(crate) fn is_reserved(key: &str) -> bool {
    key.starts_with(PREFIX)
}

/// What to write for one side's move, and what that side sees after it.
///
/// Whoever prepares first only makes the record, and prepares in it with the next write. So a write that prepares
/// needs a version that was in the record while the session was live, and can never land once its side has seen the
/// record decided or gone, however late it is: not even when the record was removed and another is made.
pub(crate) fn step(
    step: Move,
    own: &Key,
    partner: &Key,
    gives: &Arc<Json>,
    current: Option<&Stored>,
    config: &Config,
) -> (Option<Stored>, Outcome) {
    let stored = match current {
        Some(Stored::Other(json)) => Coordinator::deserialize(&**json).ok(),
        _ => None,
    };
    let mut coordinator = stored.clone().unwrap_or_else(|| Coordinator {
        parties: [Arc::clone(own), Arc::clone(partner)],
        gives: BTreeMap::new(),
        decision: Verdict::Pending,
        applied: Vec::new(),
    });
    let again = coordinator.applied.contains(own) && step != Move::MarkApplied;
    match (step, coordinator.decision) {
        (Move::Prepare, Verdict::Pending) if stored.is_some() => coordinator.prepare(own, gives, config),
        (Move::Abort, Verdict::Pending) => coordinator.decision = Verdict::Aborted,
        (Move::Abort, Verdict::Committed) if config.breaks(Sabotage::DecisionChanges) => {
            coordinator.decision = Verdict::Aborted;
        }
        // One that is pending is not the one that was decided.
        (Move::MarkApplied, Verdict::Committed | Verdict::Aborted) if !coordinator.applied.contains(own) => {
            coordinator.applied.push(Arc::clone(own));
        }
        _ => {}
    }
    let outcome = Outcome {
        verdict: if again { Verdict::Aborted } else { coordinator.decision },
        absent: stored.is_none(),
        prepared: coordinator.gives.contains_key(own),
        receives: coordinator.gives.get(partner).cloned(),
        finished: coordinator.is_finished(config),
    };
    // Asking writes nothing; neither does a move that was made before.
    let changed =
        stored.as_ref() != Some(&coordinator) && (stored.is_some() || !matches!(step, Move::Ask | Move::MarkApplied));
    (changed.then(|| coordinator.to_stored()), outcome)
}

impl Coordinator {
    /// Commits if everybody is prepared; aborts if what is given is too much for one record.
    fn prepare(&mut self, own: &Key, gives: &Arc<Json>, config: &Config) {
        self.gives.insert(Arc::clone(own), Arc::clone(gives));
        if config.limits.check(&self.to_stored()).is_err() {
            self.gives.remove(own);
            self.decision = Verdict::Aborted;
            return;
        }
        let everybody = self.parties.iter().all(|party| self.gives.contains_key(party));
        if everybody || config.breaks(Sabotage::CommitWithOneSide) {
            self.decision = Verdict::Committed;
        }
    }

    /// A side that was not prepared has no part in an abort: should it still come, it finds no record, makes a new
    /// one, and is alone in it.
    fn is_finished(&self, config: &Config) -> bool {
        let has_applied = |party| self.applied.contains(party);
        match self.decision {
            _ if config.breaks(Sabotage::CoordinatorRemovedByFirst) => true,
            Verdict::Pending => false,
            Verdict::Aborted if !config.breaks(Sabotage::AbortWaitsForAll) => self.gives.keys().all(has_applied),
            Verdict::Committed | Verdict::Aborted => self.parties.iter().all(has_applied),
        }
    }

    fn to_stored(&self) -> Stored {
        Stored::Other(Arc::new(serde_json::to_value(self).unwrap_or_default()))
    }
}
