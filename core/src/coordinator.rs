//! The record that decides a trade: one compare-and-set makes it committed or aborted, once.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::config::Config;
use crate::ids::Key;
use crate::record::{CoordinatorId, Stored};
use crate::sabotage::Sabotage;

/// A trade's coordinator record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Coordinator {
    /// The two profiles.
    pub parties: [Key; 2],
    /// Which coordinator of the trade.
    pub id: CoordinatorId,
    /// What each side that has voted has put aside.
    pub gives: BTreeMap<Key, Arc<Json>>,
    pub decision: TradeDecision,
    /// The sides that have applied the decision.
    pub applied: Vec<Key>,
}

/// The state of a trade. Once committed or aborted, it never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "explore", derive(Hash))]
pub(crate) enum TradeDecision {
    Pending,
    Committed,
    Aborted,
}

/// What one side does to the coordinator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "explore", derive(Hash))]
pub(crate) enum TradeStep {
    /// My escrow is stored, and may still be taken back: there is to be a coordinator.
    Create,
    /// My escrow is bound: only the decision of this coordinator frees it.
    Vote,
    /// Reads the decision. While there is none, ask again later.
    Ask,
    /// Time is up: aborted, unless it is decided.
    Abort,
    /// My side of the decision is stored.
    MarkApplied,
    /// My side has taken its own back without a vote: a coordinator that it made, or makes late, is not to stay.
    Close,
}

/// One side of a trade.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "explore", derive(Hash))]
pub(crate) struct Side<'a> {
    pub own: &'a Key,
    pub partner: &'a Key,
    /// What it has put aside.
    pub gives: &'a Arc<Json>,
    /// The coordinator that its escrow is bound to; while it is not, the one that it would make.
    pub coordinator: &'a CoordinatorId,
}

/// What one side sees after its step.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "explore", derive(Hash))]
pub(crate) struct TradeStatus {
    /// For this side. A side that has applied the decision and comes again begins another trade under an old id: that
    /// one is aborted.
    pub decision: TradeDecision,
    /// The coordinator that was found or made.
    pub id: Option<CoordinatorId>,
    /// There is no record, or another than the side is bound to.
    pub absent: bool,
    /// This side has voted.
    pub voted: bool,
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
/// Only a side that has not voted makes the record, and it votes with another write, into a record that is there. So no
/// vote, however late, brings back a record that was removed: it needs the version that its side has read.
pub(crate) fn step(
    step: TradeStep,
    side: Side<'_>,
    current: Option<&Stored>,
    config: &Config,
) -> (Option<Stored>, TradeStatus) {
    let stored = match current {
        Some(Stored::Other(json)) => Coordinator::deserialize(&**json).ok(),
        _ => None,
    };
    // It was made after the one that this side is bound to was removed, or for a trade of others.
    if stored.as_ref().is_some_and(|stored| !stored.is_of(step, side, config)) {
        return (None, TradeStatus { absent: step != TradeStep::Create, ..TradeStatus::ABORTED });
    }
    let next = match &stored {
        Some(stored) => {
            let mut next = stored.clone();
            next.take(step, side, config);
            Some(next)
        }
        None => Coordinator::made_by(step, side, config),
    };
    debug_assert!(
        match (&stored, &next) {
            (Some(stored), Some(next)) => [TradeDecision::Pending, next.decision].contains(&stored.decision),
            _ => true,
        } || config.breaks(Sabotage::DecisionChanges)
            || config.breaks(Sabotage::VoteAfterAbortCounts),
        "{stored:?} was decided, and would be {next:?}"
    );
    let status = match &next {
        Some(next) => next.status(step, side, config),
        None => TradeStatus { absent: true, ..TradeStatus::ABORTED },
    };
    (next.filter(|next| stored.as_ref() != Some(next)).map(|next| next.to_stored()), status)
}

impl TradeStatus {
    /// Of a trade that is over for this side.
    const ABORTED: TradeStatus = TradeStatus {
        decision: TradeDecision::Aborted,
        id: None,
        absent: false,
        voted: false,
        receives: None,
        finished: false,
    };
}

impl Coordinator {
    /// What a step writes where there is no record.
    fn made_by(step: TradeStep, side: Side<'_>, config: &Config) -> Option<Coordinator> {
        let decision = match step {
            TradeStep::Create => TradeDecision::Pending,
            // A creation that is still on its way fails once the key has changed.
            TradeStep::Close => TradeDecision::Aborted,
            TradeStep::Vote if config.breaks(Sabotage::VoteMakesCoordinator) => TradeDecision::Pending,
            TradeStep::Vote | TradeStep::Ask | TradeStep::Abort | TradeStep::MarkApplied => return None,
        };
        let parties = [Arc::clone(side.own), Arc::clone(side.partner)];
        let id = side.coordinator.clone();
        let mut made = Coordinator { parties, id, gives: BTreeMap::new(), decision, applied: Vec::new() };
        if step == TradeStep::Vote {
            made.vote(side, config);
        }
        Some(made)
    }

    /// Whether a step of this side is meant for it.
    fn is_of(&self, step: TradeStep, side: Side<'_>, config: &Config) -> bool {
        let any = matches!(step, TradeStep::Create | TradeStep::Close) || config.breaks(Sabotage::AnyCoordinatorWillDo);
        let between = [side.own, side.partner].iter().all(|party| self.parties.contains(party));
        between && (any || self.id == *side.coordinator)
    }

    /// Makes a step in a record that is there.
    fn take(&mut self, step: TradeStep, side: Side<'_>, config: &Config) {
        let pending = self.decision == TradeDecision::Pending;
        match step {
            TradeStep::Vote if pending || config.breaks(Sabotage::VoteAfterAbortCounts) => self.vote(side, config),
            TradeStep::Abort | TradeStep::Close if pending => self.decision = TradeDecision::Aborted,
            TradeStep::Abort if config.breaks(Sabotage::DecisionChanges) => self.decision = TradeDecision::Aborted,
            _ => {}
        }
        // A pending record is not the one whose decision this side has applied.
        let applies = matches!(step, TradeStep::MarkApplied | TradeStep::Close);
        if applies && self.decision != TradeDecision::Pending && !self.applied.contains(side.own) {
            self.applied.push(Arc::clone(side.own));
        }
    }

    fn status(&self, step: TradeStep, side: Side<'_>, config: &Config) -> TradeStatus {
        let again = self.applied.contains(side.own) && !matches!(step, TradeStep::MarkApplied | TradeStep::Close);
        TradeStatus {
            decision: if again { TradeDecision::Aborted } else { self.decision },
            id: Some(self.id.clone()),
            absent: false,
            voted: self.gives.contains_key(side.own),
            receives: self.gives.get(side.partner).cloned(),
            finished: self.is_finished(config),
        }
    }

    /// Commits if both sides have voted; aborts if what is given is too large for one record.
    fn vote(&mut self, side: Side<'_>, config: &Config) {
        let voter = if config.breaks(Sabotage::VoteForPartner) { side.partner } else { side.own };
        self.gives.insert(Arc::clone(voter), Arc::clone(side.gives));
        if config.limits.check(&self.to_stored()).is_err() {
            self.gives.remove(side.own);
            self.decision = TradeDecision::Aborted;
            return;
        }
        let both = self.parties.iter().all(|party| self.gives.contains_key(party));
        if both || config.breaks(Sabotage::CommitWithOneSide) {
            self.decision = TradeDecision::Committed;
        }
    }

    /// A side that has not voted has no part in an abort: where it finds no record, it takes its own back.
    fn is_finished(&self, config: &Config) -> bool {
        let has_applied = |party| self.applied.contains(party);
        match self.decision {
            _ if config.breaks(Sabotage::CoordinatorRemovedByFirst) => true,
            _ if config.breaks(Sabotage::CoordinatorNeverRemoved) => false,
            TradeDecision::Pending => false,
            TradeDecision::Aborted if !config.breaks(Sabotage::AbortWaitsForAll) => self.gives.keys().all(has_applied),
            TradeDecision::Committed | TradeDecision::Aborted => self.parties.iter().all(has_applied),
        }
    }

    fn to_stored(&self) -> Stored {
        Stored::Other(Arc::new(serde_json::to_value(self).unwrap_or_default()))
    }
}
