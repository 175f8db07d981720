//! The record that two sides of a trade decide by: one compare-and-set makes it committed or aborted, once.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::config::Config;
use crate::door::Key;
use crate::plan::{Decision, Plan, Transform};
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
    pub verdict: Verdict,
    /// What the other side put aside.
    pub receives: Option<Arc<Json>>,
    /// Both sides have applied the decision: the record is of no use any more.
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

/// The transform of one side's move.
pub(crate) fn step(
    step: Move,
    own: &Key,
    partner: &Key,
    gives: &Arc<Json>,
    current: Option<&Stored>,
    config: &Config,
) -> Transform {
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
    match (step, coordinator.decision) {
        (Move::Prepare, Verdict::Pending) => {
            coordinator.gives.insert(Arc::clone(own), Arc::clone(gives));
            let everybody = coordinator.parties.iter().all(|party| coordinator.gives.contains_key(party));
            if everybody || config.breaks(Sabotage::CommitWithOneSide) {
                coordinator.decision = Verdict::Committed;
            }
        }
        (Move::Abort, Verdict::Pending) => coordinator.decision = Verdict::Aborted,
        (Move::Abort, Verdict::Committed) if config.breaks(Sabotage::DecisionChanges) => {
            coordinator.decision = Verdict::Aborted;
        }
        (Move::MarkApplied, _) if stored.is_some() && !coordinator.applied.contains(own) => {
            coordinator.applied.push(Arc::clone(own));
        }
        _ => {}
    }
    let outcome = Outcome {
        verdict: coordinator.decision,
        receives: coordinator.gives.get(partner).cloned(),
        finished: coordinator.parties.iter().all(|party| coordinator.applied.contains(party))
            || config.breaks(Sabotage::CoordinatorRemovedByFirst),
    };
    // Asking writes nothing; neither does a move that was made before.
    let changed =
        stored.as_ref() != Some(&coordinator) && (stored.is_some() || !matches!(step, Move::Ask | Move::MarkApplied));
    let json = changed.then(|| serde_json::to_value(&coordinator)).and_then(Result::ok);
    let write = json.map(|json| Stored::Other(Arc::new(json)));
    Transform { write, plan: Plan(Decision::Coordinated(outcome)) }
}
